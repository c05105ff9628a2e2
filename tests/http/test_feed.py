"""The live feed: every event of a lot, in order, once, whatever happens to the connection."""

import asyncio
import time
from datetime import timedelta

import httpx
import pytest

from app.auction import Feed
from app.cli.replay import first_credential
from app.cli.serving import served
from app.kernel.calendar import wire
from app.platform.clock import EPOCH
from app.platform.db import open_database
from app.replay import Market
from tests.conftest import START
from tests.http.support import assert_problem
from tests.nodes import Node
from tests.story import INCREMENT, POLICY, Story, a_market
from tests.watching import Watch

HOUSEHOLDS = ["h0", "h1"]
BIDDERS = ["b0", "b1", "b2"]
OPENS, CLOSES = START + timedelta(hours=1), START + timedelta(hours=2)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def town(dsn, settings):
    """A served node whose clock stands still, with two tickets handed in."""
    async with (
        served(settings, dsn) as (address, db),
        httpx.AsyncClient(base_url=address, timeout=60) as http,
    ):
        case = a_market(START, HOUSEHOLDS, BIDDERS)
        case.policies["500000"] = POLICY | {"extension_seconds": 300}
        story = await Story.begin(Market(http, await first_credential(db)), case)
        await story.hand_in(HOUSEHOLDS)
        yield address, story


async def open_lot(story, lot="l1", ticket="t.h0", **terms):
    await story.list_lot(lot, [ticket], OPENS, CLOSES, **terms)
    await story.register([lot], BIDDERS)
    await story.clock(OPENS)


async def bid(story, bidder, price, lot="l1"):
    return await story.must("bid", lot=lot, bidder=bidder, price_cny=price)


async def end(*watches):
    await asyncio.gather(*(watch.cut() for watch in watches))


def named(events):
    return [(event.name, event.id) for event in events]


async def test_a_watcher_is_told_everything_from_the_snapshot_to_the_result(town):
    address, story = town
    await open_lot(story)
    watch = await Watch.open(address, "l1")
    assert (watch.status, watch.headers["content-type"]) == (
        200,
        "text/event-stream; charset=utf-8",
    )
    assert (watch.headers["cache-control"], watch.headers["x-accel-buffering"]) == (
        "no-store",
        "no",
    )
    snapshot = await watch.next()
    shown = (await story.market.http.get("/v1/lots/l1")).json()
    assert (snapshot.name, snapshot.id, snapshot.data["seq"]) == ("snapshot", 1, 1)
    assert snapshot.data["lot"] == shown
    assert snapshot.data["server_time"] == wire(OPENS)

    placed = await bid(story, "b0", "20000.00")
    await story.must("freeze", lot="l1")
    await story.clock(OPENS + MINUTE)
    await story.must("resume", lot="l1")
    await story.clock(CLOSES)
    await bid(story, "b1", "20100.00")
    await story.clock(CLOSES + timedelta(hours=1))
    events = await watch.until("closed")
    assert named(events) == [
        ("bid", 2),
        ("frozen", 3),
        ("resumed", 4),
        ("bid", 5),
        ("extended", 6),
        ("closed", 7),
    ]
    first = {"seq": 2, "lot": "l1", "by": None}
    first |= {k: placed[k] for k in ("at", "number", "paddle", "price_cny", "closes_at")}
    assert events[0].data == first
    lot = (await story.market.http.get("/v1/lots/l1")).json()
    closed = events[-1].data
    for name in ("state", "winner", "price_cny", "payment_due_at"):
        assert closed[name] == lot[name], name
    assert (closed["state"], closed["winner"]) == ("sold", "b1")
    assert events[4].data["closes_at"] == lot["closes_at"]

    await story.must("pay", lot="l1", bidder="b1")
    assert named([await watch.next()]) == [("paid", 8)]
    await end(watch)


async def test_after_a_cut_nothing_is_missed_and_nothing_told_twice(town):
    address, story = town
    await open_lot(story)
    watch = await Watch.open(address, "l1")
    await watch.next()
    await bid(story, "b0", "20000.00")
    last = await watch.next()
    await watch.cut()
    for n in range(1, 6):
        await bid(story, BIDDERS[n % 2], f"20{n}00.00")
    again = await Watch.open(address, "l1", last_event_id=last.id)
    by_query = await Watch.open(address, "l1", after=last.id)
    stale_address = await Watch.open(address, "l1", after=1, last_event_id=last.id)
    for watch in (again, by_query, stale_address):
        snapshot = await watch.next()
        # Without an id: cut off here, a browser still asks from where it was.
        assert (snapshot.name, snapshot.id, snapshot.data["seq"]) == ("snapshot", None, 7)
        events = [await watch.next() for _ in range(5)]
        assert named(events) == [("bid", n) for n in range(3, 8)]
    await bid(story, "b2", "20900.00")
    for watch in (again, by_query, stale_address):
        assert named([await watch.next()]) == [("bid", 8)]
    await end(again, by_query, stale_address)


async def test_who_has_more_than_the_node_is_told_nothing_twice(town):
    address, story = town
    await open_lot(story)
    watch = await Watch.open(address, "l1", after=3)
    assert (await watch.next()).data["seq"] == 1
    for n in range(4):
        await bid(story, BIDDERS[n % 2], f"20{n}00.00")
    assert named([await watch.next(), await watch.next()]) == [("bid", 4), ("bid", 5)]
    await end(watch)


async def test_a_sealed_lot_tells_of_no_bid_before_its_close(town):
    address, story = town
    await open_lot(story, mode="sealed", increment_cny=None)
    watch = await Watch.open(address, "l1")
    snapshot = await watch.next()
    for bidder, price in (("b0", "20000.00"), ("b1", "30000.07"), ("b0", "25000.00")):
        await bid(story, bidder, price)
    assert (await story.ask("bid", lot="l1", bidder="b2", price_cny="0.01")).status_code == 201
    await story.must("freeze", lot="l1")
    assert named([await watch.next()]) == [("frozen", 2)]
    other = await Watch.open(address, "l1")
    later = await other.next()
    known = {"seq": 2, "server_time": snapshot.data["server_time"]}
    assert later.data["lot"] == snapshot.data["lot"] | {"state": "frozen"}
    assert later.data == later.data | known
    await story.must("resume", lot="l1")
    await story.clock(CLOSES)
    events = await watch.until("opened")
    assert named(events) == [("resumed", 3), ("closed", 4), ("opened", 5)]
    assert events[1].data["price_cny"] == "30000.07"
    opened = sorted(b["price_cny"] for b in events[2].data["bids"])
    assert opened == ["0.01", "25000.00", "30000.07"]
    await end(watch, other)


async def test_every_new_notice_is_told(town):
    address, story = town
    await story.list_lot("l1", ["t.h0"], OPENS, CLOSES)
    watch = await Watch.open(address, "l1")
    await watch.next()
    body = {
        "lot": "l1",
        "start_price_cny": "21000.00",
        "increment_cny": INCREMENT,
        "deposit_cny": "1000.00",
        "opens_at": (OPENS + MINUTE).isoformat(),
        "closes_at": (CLOSES + MINUTE).isoformat(),
    }
    await story.market.send("exchange", "500000", "/v1/notices", body)
    notice = await watch.next()
    assert (notice.name, notice.id, notice.data["number"]) == ("notice", 2, 2)
    lot = (await story.market.http.get("/v1/lots/l1")).json()
    told = {"hash": lot["notice_hash"], "opens_at": lot["opens_at"], "closes_at": lot["closes_at"]}
    assert notice.data == notice.data | told
    await end(watch)


async def test_two_processes_tell_the_same_under_the_same_numbers(town, dsn, tmp_path):
    address, story = town
    await open_lot(story)
    node = Node(tmp_path, dsn, clock="simulated", require_durable="false")
    async with node:
        await node.start()
        here = await Watch.open(address, "l1")
        there = await Watch.open(str(node.http.base_url), "l1")
        assert (await here.next()).data == (await there.next()).data
        other = story.through(node.http)
        for n in range(6):
            await bid((story, other)[n % 2], BIDDERS[n % 2], f"20{n}00.00")
        told = [[await watch.next() for _ in range(6)] for watch in (here, there)]
        assert told[0] == told[1]
        await here.cut()
        moved = await Watch.open(str(node.http.base_url), "l1", last_event_id=told[0][2].id)
        await moved.next()
        assert [await moved.next() for _ in range(3)] == told[1][3:]
        await end(there, moved)
        assert node.faults() == []


async def test_a_heartbeat_says_the_time_and_how_far_the_lot_is(town):
    address, story = town
    await open_lot(story)
    watch = await Watch.open(address, "l1")
    await watch.next()
    begun = time.monotonic()
    beats = [await watch.next(beats=True) for _ in range(2)]
    assert 9 < time.monotonic() - begun < 12
    for beat in beats:
        assert (beat.name, beat.id, beat.data["seq"]) == ("beat", None, 1)
        assert beat.data["server_time"] == "2026-01-05T10:00:00+08:00"
    await end(watch)


async def test_a_node_that_ends_lets_its_watchers_go_at_once(town, dsn, tmp_path):
    _, story = town
    await open_lot(story)
    node = Node(tmp_path, dsn, clock="simulated", require_durable="false")
    async with node:
        await node.start()
        watch = await Watch.open(str(node.http.base_url), "l1")
        assert (await watch.next()).name == "snapshot"
        begun = time.monotonic()
    assert time.monotonic() - begun < 5
    assert await watch.next(beats=True) is None, "the stream ends in order"
    assert node.faults() == []
    await watch.cut()


async def test_a_slow_watcher_is_let_go_and_replays_later(town, dsn, settings):
    _, story = town
    await open_lot(story)
    db = open_database(settings, dsn)
    feed = Feed(db, queue=3)
    slow, quick = feed.join("l1", None), feed.join("l1", None)
    assert b"event: snapshot" in await quick.next()
    told = []
    for n in range(5):
        await bid(story, BIDDERS[n % 2], f"20{n}00.00")
        told.append(await quick.next())
    assert [b"event: bid" in chunk for chunk in told] == [True] * 5
    assert feed.watchers == 1
    assert await slow.next() is None, "what waited for it is dropped"
    feed.leave(slow)
    again = feed.join("l1", 1)
    snapshot, *missed = (await again.next()).split(b"\n\nid: ")
    assert b"snapshot" in snapshot
    assert [int(chunk.split(b"\n")[0]) for chunk in missed] == [2, 3, 4, 5, 6]
    await feed.close()
    assert (await again.next(), await quick.next()) == (None, None)
    assert await feed.join("l1", None).next() is None, "it is closed for good"
    await db.close()


class Counted:
    """A database that counts how often it is read."""

    def __init__(self, db):
        self.db, self.reads = db, 0

    def read(self):
        self.reads += 1
        return self.db.read()


async def test_however_many_watch_one_reads_and_nobody_when_nobody_watches(town, dsn, settings):
    _, story = town
    await open_lot(story)
    db = open_database(settings, dsn)
    counted = Counted(db)
    feed = Feed(counted)
    watchers = [feed.join("l1", None) for _ in range(50)]
    await asyncio.gather(*(watcher.next() for watcher in watchers))
    await asyncio.sleep(1)
    assert 5 <= counted.reads <= 15
    for watcher in watchers:
        feed.leave(watcher)
    assert feed.watchers == 0
    await asyncio.sleep(0.3)
    reads = counted.reads
    await asyncio.sleep(0.5)
    assert counted.reads == reads
    assert b"snapshot" in await feed.join("l1", None).next(), "it begins again"
    await feed.close()
    await db.close()


async def test_what_cannot_be_watched_is_a_problem(town):
    _, story = town
    http = story.market.http
    assert_problem(await http.get("/v1/lots/l9/feed"), 404, "not-found")
    await story.list_lot("l1", ["t.h0"], OPENS, CLOSES)
    for headers, query in (({"Last-Event-ID": "x"}, {}), ({}, {"after": "-1"})):
        answer = await http.get("/v1/lots/l1/feed", headers=headers, params=query)
        assert_problem(answer, 422, "invalid-request")


async def test_the_time_is_told_to_the_microsecond(town):
    _, story = town
    answer = await story.market.http.get("/v1/time")
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    microseconds = (START - EPOCH) // timedelta(microseconds=1)
    assert told == {"server_time": wire(START), "microseconds": microseconds}
