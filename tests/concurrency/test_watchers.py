"""Hundreds watch one lot of a real node through an extension and the close: all are told all."""

import asyncio
import time
from datetime import datetime, timedelta

from app.kernel.units import decimal, hundredths
from app.platform.db import open_database
from app.platform.settings import Settings
from tests.nodes import Node
from tests.story import HERE, INCREMENT, POLICY, PRICE, Story, a_market, each
from tests.watching import Watch

WATCHERS, AT_ONCE = 500, 50
BIDDERS = ["b0", "b1"]
EXTENSION, BIDS = 6, 40
OPEN = timedelta(seconds=40)
BETWEEN_BIDS = 0.25


async def follow(watch):
    """Every event up to the close, each with the time at which it came here."""
    events = []
    while not events or events[-1][0].name != "closed":
        event = await watch.next()
        assert event is not None, f"let go after {len(events)} events"
        events.append((event, time.time()))
    await watch.cut()
    return events


async def fight(story, closes):
    """Two bidders outbid each other, the last of them when less than the countdown is left."""
    async with asyncio.timeout(2 * OPEN.total_seconds()):
        first = closes - timedelta(seconds=BIDS * BETWEEN_BIDS * 3 / 4 + EXTENSION)
        await asyncio.sleep(first.timestamp() - time.time())
        for n in range(BIDS):
            price = decimal(hundredths(PRICE) + n * hundredths(INCREMENT))
            await story.must("bid", lot="l1", bidder=BIDDERS[n % 2], price_cny=price)
            await asyncio.sleep(BETWEEN_BIDS)


def late(events):
    """Seconds from each bid's instant at the database to its arrival here."""
    return [
        came - datetime.fromisoformat(event.data["at"]).timestamp()
        for event, came in events
        if event.name == "bid"
    ]


async def test_each_of_500_watchers_has_every_event_in_order_once(market, dsn, tmp_path, tell):
    db = open_database(Settings(pool_size=2), dsn)
    async with db.read() as reader:
        now = (await reader.now()).replace(microsecond=0)
    await db.close()
    case = a_market(now - timedelta(hours=1), ["h0"], BIDDERS)
    case.policies[HERE] = POLICY | {"extension_seconds": EXTENSION}
    story = await Story.begin(market, case)
    await story.hand_in(["h0"])
    await story.credentials("bidder", BIDDERS)
    async with Node(tmp_path, dsn, require_durable="false") as node:
        await node.start()
        opens = datetime.fromtimestamp(int(time.time()) + 2, tz=now.tzinfo)
        closes = opens + OPEN
        here = story.through(node.http)
        await here.list_lot("l1", ["t.h0"], opens, closes)
        await here.register(["l1"], BIDDERS)
        address = str(node.http.base_url)
        begun = time.monotonic()
        watches = await each((Watch.open(address, "l1") for _ in range(WATCHERS)), AT_ONCE)
        joined = time.monotonic() - begun
        *seen, _ = await asyncio.gather(*map(follow, watches), fight(here, closes))
        lot = (await node.http.get("/v1/lots/l1")).json()
        bids = await here.market.list("/v1/lots/l1/bids")
        assert node.faults() == []

    last = len(bids)
    for events in seen:
        (snapshot, _), *told = events
        assert snapshot.name == "snapshot"
        ids = [event.id for event, _ in told]
        assert ids == list(range(snapshot.data["seq"] + 1, snapshot.data["seq"] + len(ids) + 1))
        assert [e.data for e, _ in told] == [e.data for e, _ in seen[0][1:]]
    told = [event for event, _ in seen[0][1:]]
    assert [e.data["number"] for e in told if e.name == "bid"] == list(range(1, BIDS + 1))
    assert last == BIDS
    extended = [e for e in told if e.name == "extended"]
    assert extended, "the last bids came in the countdown"
    assert extended[-1].data["closes_at"] == lot["closes_at"]
    assert told[-1].data["winner"] == lot["winner"] == BIDDERS[(BIDS - 1) % 2]

    delays = sorted(seconds for events in seen for seconds in late(events))
    assert delays[0] > 0
    closed = [came - datetime.fromisoformat(lot["closes_at"]).timestamp() for *_, (_, came) in seen]
    tell(
        f"{WATCHERS} watchers joined in {joined:.1f} s; {len(told)} events each, in order, once;"
        f" a bid is told after {delays[len(delays) // 2] * 1000:.0f} ms (p50),"
        f" {delays[len(delays) * 99 // 100] * 1000:.0f} ms (p99), {delays[-1] * 1000:.0f} ms (all);"
        f" the close to all {max(closed):.2f} s after its time"
    )
    assert delays[len(delays) // 2] < 2, "also on a machine that is busy with other things"
