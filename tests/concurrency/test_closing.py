"""Two processes close the same lots on real time while bidders still bid: each closes once."""

import asyncio
import json
from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from app import ledger
from app.kernel.units import decimal, hundredths
from app.platform.db import open_database
from app.platform.settings import Settings
from tests.concurrency.conftest import code_of
from tests.nodes import Node
from tests.story import DEPOSIT, INCREMENT, PRICE, Story, a_market, each

LOTS = [f"l{n:02}" for n in range(30)]
HOUSEHOLDS = [f"h{n:02}" for n in range(30)]
BIDDERS = [f"b{n}" for n in range(4)]
CASH = "1000000.00"
OPENS_IN, SECONDS_OPEN = timedelta(seconds=12), 20
"""Several times what listing, and then registering, take on a machine that does other things."""
RACE_BEGINS = timedelta(seconds=1)


@pytest.fixture
async def real_db(dsn):
    """The database on real time, for what the API does not show."""
    db = open_database(Settings(pool_size=2), dsn)
    yield db
    await db.close()


async def real_now(db):
    async with db.read() as reader:
        return await reader.now()


async def bid_until_closed(story, lot, taken):
    """Two bidders outbid each other until the close; how many bids came too late."""
    price, late = hundredths(PRICE), 0
    rivals = BIDDERS[:2] if LOTS.index(lot) % 2 else BIDDERS[2:]
    while late < len(rivals):
        bidder = rivals[len(taken[lot]) % 2]
        body = {"lot": lot, "bidder": bidder, "price_cny": decimal(price)}
        answer = await story.ask("bid", **body)
        code = code_of(answer)
        assert code in {"accepted", "closed"}, answer.text
        if code == "closed":
            late += 1
            continue
        taken[lot].append(answer.json())
        price += hundredths(INCREMENT)
    return late


async def closings(db):
    """How often each lot was closed and each deposit released."""
    async with db.read() as reader:
        rows = await reader.run(
            text("""
                SELECT kind, subject, body FROM record
                WHERE kind IN ('lot.closed', 'entry.deposit_release')
            """)
        )
        found = [(row.kind, row.subject, json.loads(row.body)) for row in rows]
    closed = Counter(lot for kind, lot, _ in found if kind == "lot.closed")
    released = Counter(body["key"] for kind, _, body in found if kind != "lot.closed")
    return closed, released


async def test_two_nodes_close_each_lot_once_while_bidders_still_bid(
    market, dsn, real_db, tmp_path, tell
):
    settings = {"require_durable": "false"}
    began = (await real_now(real_db)).replace(microsecond=0) - timedelta(hours=1)
    told = await Story.begin(market, a_market(began, HOUSEHOLDS, BIDDERS, CASH))
    tickets = await told.hand_in(HOUSEHOLDS)
    await told.credentials("bidder", BIDDERS)
    async with Node(tmp_path, dsn, **settings) as one, Node(tmp_path, dsn, **settings) as two:
        await asyncio.gather(one.start(), two.start())
        left, right = told.through(one.http), told.through(two.http)
        opens = (await real_now(real_db)).replace(microsecond=0) + OPENS_IN
        closes = opens + timedelta(seconds=SECONDS_OPEN)
        lots = list(zip(LOTS, tickets, strict=True))
        await each(left.list_lot(lot, [ticket], opens, closes) for lot, ticket in lots)
        await right.register(LOTS, BIDDERS)

        wait = closes - RACE_BEGINS - await real_now(real_db)
        assert wait > timedelta(0), "this machine is too slow for the time that the lots are open"
        await asyncio.sleep(wait.total_seconds())
        taken = {lot: [] for lot in LOTS}
        late = await asyncio.gather(
            *(bid_until_closed((left, right)[n % 2], lot, taken) for n, lot in enumerate(LOTS))
        )
        shown = []
        while not shown or {lot["state"] for lot in shown} & {"listed", "open"}:
            shown = await left.market.list("/v1/lots")
        done = await real_now(real_db)
        published = {lot: await left.market.list(f"/v1/lots/{lot}/bids") for lot in LOTS}
        held = {b["id"]: b for b in await left.market.list("/v1/bidders")}
    assert one.faults() + two.faults() == []

    for lot in shown:
        bids = taken[lot["id"]]
        assert [(b["number"], b["bidder"], b["price_cny"]) for b in published[lot["id"]]] == [
            (b["number"], b["bidder"], b["price_cny"]) for b in bids
        ]
        assert all(datetime.fromisoformat(bid["at"]) < closes for bid in bids)
        assert datetime.fromisoformat(lot["closes_at"]) == closes
        last = bids[-1] if bids else {"bidder": None, "price_cny": None}
        assert (lot["winner"], lot["price_cny"]) == (last["bidder"], last["price_cny"])
    winners = {lot["id"]: lot["winner"] for lot in shown}
    assert_deposits(winners, held, *await closings(real_db))
    async with real_db.read() as reader:
        assert (await ledger.verify(reader)).findings == []
    tell(
        f"two nodes, {len(LOTS)} lots closing in one second: each closed once,"
        f" {sum(map(len, taken.values()))} bids accepted before the close, {sum(late)} refused"
        f" after it; all closed {(done - closes).total_seconds():.2f} s after their time"
    )


def assert_deposits(winners, held, closed, released):
    """Each lot closed once; each deposit released once, but the winner's."""
    assert closed == dict.fromkeys(LOTS, 1)
    assert released == {
        f"deposit-resolved:{lot}:{bidder}": 1
        for lot in LOTS
        for bidder in BIDDERS
        if bidder != winners[lot]
    }
    won = Counter(winners.values())
    for bidder in BIDDERS:
        deposits = won[bidder] * hundredths(DEPOSIT)
        assert held[bidder]["held_cny"] == decimal(deposits)
        assert held[bidder]["cash_cny"] == decimal(hundredths(CASH) - deposits)
