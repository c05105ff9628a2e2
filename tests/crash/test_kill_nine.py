"""A node is killed at random moments: what it acknowledged stands, once, and nothing else does."""

import asyncio
import itertools
import random
import statistics
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import text

from app import ledger
from app.kernel.units import hundredths
from tests.crash.desk import Client, Desk, assert_holdings, effects_of, holdings
from tests.nodes import Node
from tests.story import DEPOSIT, INCREMENT, PRICE, VILLAGERS_SHARE, Request, Story, a_market, each

KILLS, SEED = 50, 20261121
LOTS, OPEN_LOTS = 100, 8
WINNERS = [f"p{n}" for n in range(8)]
RIVALS = [f"q{n}" for n in range(4)]
NEWCOMERS = [f"r{n}" for n in range(40)]


async def auctions(market, now):
    """A hundred lots sold and not yet paid, and some open until tomorrow."""
    begins, ends = now - timedelta(hours=3), now - timedelta(hours=1)
    households = [f"h{n}" for n in range(LOTS + OPEN_LOTS)]
    case = a_market(begins, households, [*WINNERS, *RIVALS, *NEWCOMERS])
    story = await Story.begin(market, case)
    tickets = await story.hand_in(households)

    async def sell(n):
        lot, winner = f"l{n}", WINNERS[n % len(WINNERS)]
        await story.list_lot(lot, [tickets[n]], begins, ends)
        await story.must("register", lot=lot, bidder=winner)
        await story.must("bid", lot=lot, bidder=winner, price_cny=PRICE)

    async def open_lot(n):
        lot = f"open{n}"
        await story.list_lot(lot, [tickets[LOTS + n]], ends, now + timedelta(days=1))
        await story.register([lot], RIVALS)

    await each(sell(n) for n in range(LOTS))
    await story.clock(ends)
    await each(open_lot(n) for n in range(OPEN_LOTS))
    await story.credentials("bidder", NEWCOMERS)
    await story.market.token("supervisor", "000000")
    return story


def payments(lots):
    for n in lots:
        yield Request("pay", {"lot": f"l{n}", "bidder": WINNERS[n % len(WINNERS)]})


def bids(lot, bidders):
    """Each outbids the other by one increment, for ever."""
    for n, bidder in enumerate(itertools.cycle(bidders)):
        price = f"{int(PRICE[:-3]) + n * int(INCREMENT[:-3])}.00"
        yield Request("bid", {"lot": lot, "bidder": bidder, "price_cny": price})


def registrations():
    for n, bidder in itertools.product(range(OPEN_LOTS), NEWCOMERS):
        yield Request("register", {"lot": f"open{n}", "bidder": bidder})


def money(rng):
    for n in itertools.count():
        amount = f"{rng.randint(1, 5000)}.{rng.randint(0, 99):02}"
        bidder = rng.choice([*WINNERS, *RIVALS, *NEWCOMERS])
        body = {"id": f"bank.{n}", "bidder": bidder, "amount_cny": amount}
        yield Request("hand_in_money", body)


def impossible():
    """What must be refused whenever it is asked."""
    for n in itertools.count():
        yield Request("pay", {"lot": f"l{n % LOTS}", "bidder": RIVALS[0]})
        yield Request("register", {"lot": "open0", "bidder": RIVALS[0]})


def clients(story, desk, rng):
    sources = (
        payments(range(0, LOTS, 2)),
        payments(range(1, LOTS, 2)),
        bids("open0", RIVALS[:2]),
        bids("open1", RIVALS[2:]),
        registrations(),
        money(rng),
        impossible(),
    )
    return [Client(story, desk, source, rng) for source in sources]


async def assert_sound(db):
    async with db.read() as reader:
        found = await ledger.verify(reader)
    assert found.findings == []


async def assert_replays(story, desk, rng):
    """An acknowledged request asked again is answered as it was."""
    for key in rng.sample(sorted(desk.acknowledged), min(3, len(desk.acknowledged))):
        request, body = desk.acknowledged[key]
        answer = await story.send(request)
        assert answer.headers.get("Idempotency-Replayed") == "true"
        assert answer.text == body


def assert_effects(desk, stands, pending=()):
    """Each acknowledged effect stands once; more stands only of requests not answered yet."""
    lost = desk.effects() - stands
    doubled = stands - desk.effects() - Desk({r.key: (r, "") for r in pending}).effects()
    assert not lost, lost
    assert not doubled, doubled
    return lost.total(), doubled.total()


async def live_and_die(node, desk, everyone, rng):
    """Everybody is busy when the node is killed: at once, or some answers later."""
    at_work = [asyncio.create_task(client.run()) for client in everyone]
    answers = len(desk.acknowledged) + rng.choice((0, rng.randint(1, 20)))
    for _ in range(1000):
        if len(desk.acknowledged) >= answers:
            break
        await asyncio.sleep(0.001)
    await asyncio.sleep(rng.uniform(0.002, 0.04))
    node.kill()
    await asyncio.gather(*at_work)


@pytest.mark.timeout(900)
async def test_what_a_killed_node_acknowledged_stands_once(
    market, real_db, now, dsn, tmp_path, tell
):
    rng, desk = random.Random(SEED), Desk()
    told = await auctions(market, now)
    had, stood, starts = await holdings(told), await effects_of(real_db), []
    async with Node(tmp_path, dsn) as node:
        story = told.through(node.http)
        everyone = clients(story, desk, rng)
        for kill in range(1, KILLS + 1):
            starts.append(await node.start())
            pending = [c.pending for c in everyone if c.pending is not None]
            assert_effects(desk, await effects_of(real_db) - stood, pending)
            assert_holdings(had, await holdings(story), desk, pending)
            await assert_replays(story, desk, rng)
            if kill % 10 == 0:
                await assert_sound(real_db)
            await live_and_die(node, desk, everyone, rng)

        starts.append(await node.start())
        await asyncio.gather(*(client.settle() for client in everyone))
        lost, doubled = assert_effects(desk, await effects_of(real_db) - stood)
        assert_holdings(had, await holdings(story), desk, [])
        await assert_settled_once(story, desk)
    await assert_sound(real_db)
    assert node.faults() == []
    assert set(desk.refused) <= {"wrong-state", "not-winner", "already-registered"}
    done = Counter(request.do for request, _ in desk.acknowledged.values())
    tell(
        f"kill -9: {KILLS} kills, {desk.sent} requests sent,"
        f" {len(desk.acknowledged)} acknowledged ({done['pay']} payments, {done['bid']} bids,"
        f" {done['register']} registrations, {done['hand_in_money']} deposits),"
        f" {desk.replayed} of them by the answer kept, {desk.in_progress} told to wait,"
        f" {desk.refused.total()} refused; lost {lost}, doubled {doubled};"
        f" restart of a loaded program: median {statistics.median(starts):.2f} s,"
        f" max {max(starts):.2f} s"
    )


async def assert_settled_once(story, desk):
    paid = {r.body["lot"]: r.body["bidder"] for r, _ in desk.acknowledged.values() if r.do == "pay"}
    assert paid, "lots were paid"
    certificates = await story.market.list("/v1/certificates")
    assert [(c["lot"], c["bidder"]) for c in certificates] == sorted(paid.items())
    for account in await story.market.list("/v1/housing-accounts"):
        sold = f"l{account['household'][1:]}" in paid
        assert account["balance_cny"] == (VILLAGERS_SHARE if sold else "0.00")


@pytest.mark.timeout(200)
async def test_lots_that_fell_due_while_the_node_was_dead_are_closed_once(
    market, real_db, now, dsn, tmp_path, tell
):
    lots = [f"l{n:02}" for n in range(40)]
    households = [f"h{n:02}" for n in range(40)]
    bidders = ["b1", "b2", "b3"]
    opens = now - timedelta(hours=3)
    story = await Story.begin(market, a_market(opens, households, bidders))
    tickets = await story.hand_in(households)
    closes = opens + timedelta(hours=1)
    await each(
        story.list_lot(lot, [ticket], opens, closes)
        for lot, ticket in zip(lots, tickets, strict=True)
    )
    await story.register(lots, bidders)
    await each(story.must("bid", lot=lot, bidder="b1", price_cny=PRICE) for lot in lots)

    closed_at_kill = []
    async with Node(tmp_path, dsn) as node:
        while len(closed_at_kill) < 4:
            await node.start()
            await closing(real_db, 8 * (len(closed_at_kill) + 1))
            node.kill()
            closed_at_kill.append(await closed(real_db))
        assert closed_at_kill[0] < len(lots), "it died in the middle"
        await node.start()
        await closing(real_db, len(lots))
        held = await holdings(story.through(node.http))
        shown = await story.through(node.http).market.list("/v1/lots")
    assert node.faults() == []

    assert await closings(real_db) == Counter(
        {("lot.closed", lot): 1 for lot in lots}
        | {("entry.deposit_release", lot): 2 for lot in lots}
    )
    assert held["b1"][1] == len(lots) * hundredths(DEPOSIT)
    assert held["b2"] == held["b3"] == (100_000_000, 0, 0)
    assert {(lot["state"], lot["winner"], lot["price_cny"]) for lot in shown} == {
        ("sold", "b1", PRICE)
    }
    await assert_sound(real_db)
    tell(
        f"kill -9 while closing: {len(lots)} lots due, killed after {closed_at_kill} were"
        f" closed; each closed once, {2 * len(lots)} deposits released once"
    )


async def closings(db):
    """How often each lot was closed, and deposits for it were released."""
    async with db.read() as reader:
        rows = await reader.run(
            text("SELECT kind, subject FROM record WHERE kind IN ('lot.closed', :release)"),
            {"release": "entry.deposit_release"},
        )
        return Counter((row.kind, row.subject) for row in rows)


async def closing(db, wanted):
    """Wait until so many lots are closed."""
    found = 0
    while found < wanted:
        found = await closed(db)
        await asyncio.sleep(0.001)


async def closed(db):
    async with db.read() as reader:
        count = await reader.run(text("SELECT count(*) FROM lot WHERE state <> 'live'"))
        return count.scalar_one()
