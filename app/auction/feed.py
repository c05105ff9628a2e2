"""What happens to lots, told to everybody who watches them, by one reader for the whole process.

Commands announce nothing: it would cost every bid, and a watcher that lost its connection would
still have to ask. So one task reads the records of the watched lots a few times a second, in one
snapshot, and hands what is new to all. Record numbers rise along a lot, since whatever is written
about it is written under its row lock; reading on behind the last one misses nothing.

A newcomer is admitted by the next reading, so what it is shown is never older than its request.
Nobody waits for a slow watcher: when its queue is full it is let go, and it comes back with the
number of the last event that it has. While nobody watches nothing is read.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from app.auction import rules, rules_feed, schemas, store, store_feed
from app.kernel.calendar import wire
from app.platform.db import Database

log = structlog.get_logger()

POLL = timedelta(milliseconds=100)
PAUSE_AFTER_FAILURE = timedelta(seconds=1)
BEAT = timedelta(seconds=5)
QUEUE = 256
"""Events that may wait for one watcher before it is let go."""

HELLO = b"retry: 1000\n\n"
"""How long a browser waits, in milliseconds, before it comes again."""


@dataclass(eq=False, slots=True)
class Watcher:
    """Somebody who watches a lot and has its events up to number `after`, or none yet."""

    lot: str
    after: int | None
    queue: asyncio.Queue[bytes | None]

    async def next(self) -> bytes | None:
        """The bytes to be sent next; None: there will be no more."""
        return await self.queue.get()

    def give(self, chunk: bytes) -> bool:
        """Queue bytes for it; False: it is too slow, and its queue ends here."""
        if self.queue.full():
            self.end()
            return False
        self.queue.put_nowait(chunk)
        return True

    def end(self) -> None:
        """Let it go; what waited for it is dropped."""
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


@dataclass(slots=True)
class Channel:
    """A watched lot: its events so far as they are sent, and who watches."""

    lot: rules.Lot
    story: rules_feed.Story = field(default_factory=rules_feed.Story)
    events: list[bytes] = field(default_factory=list)
    watchers: set[Watcher] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one snapshot of the database says: new records, and the lots that they are of."""

    now: datetime
    news: list[rules_feed.Happening]
    lots: Mapping[str, rules.Lot]


class Feed:
    """The watchers of a process. Used from one event loop; closed for good at the end."""

    def __init__(self, db: Database, *, queue: int = QUEUE) -> None:
        self._db = db
        self._queue = queue
        self._channels: dict[str, Channel] = {}
        self._joining: list[Watcher] = []
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def watchers(self) -> int:
        """How many are told what happens, or wait to be."""
        return len(self._joining) + sum(len(c.watchers) for c in self._channels.values())

    def join(self, lot: str, after: int | None) -> Watcher:
        """Watch a lot that exists, from behind event `after`. `leave` must follow."""
        watcher = Watcher(lot, after, asyncio.Queue(self._queue))
        if self._closed:
            watcher.end()
            return watcher
        self._joining.append(watcher)
        self._wake.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        return watcher

    def leave(self, watcher: Watcher) -> None:
        """Stop watching; doing so twice is once."""
        watcher.end()
        if watcher in self._joining:
            self._joining.remove(watcher)
        channel = self._channels.get(watcher.lot)
        if channel is not None:
            channel.watchers.discard(watcher)

    async def close(self) -> None:
        """Let every watcher go, so that it comes back to another process."""
        self._closed = True
        for watcher in [*self._joining, *(w for c in self._channels.values() for w in c.watchers)]:
            self.leave(watcher)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        beat_at = loop.time() + BEAT.total_seconds()
        while self._channels or self._joining:
            self._wake.clear()
            try:
                # What joins while this is read may know more than it shows: it waits.
                joining = tuple(self._joining)
                reading = await self._read({watcher.lot for watcher in joining})
                self._publish(reading)
                self._admit(joining, reading.now)
                if loop.time() >= beat_at:
                    beat_at = loop.time() + BEAT.total_seconds()
                    self._beat(reading.now)
                pause = POLL
            except Exception as error:  # noqa: BLE001 - the database may be away for a while
                log.warning("feed-unavailable", error=type(error).__name__)
                pause = PAUSE_AFTER_FAILURE
            self._channels = {id_: c for id_, c in self._channels.items() if c.watchers}
            await self._rest(pause)
        self._task = None

    async def _rest(self, pause: timedelta) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), pause.total_seconds())
        except TimeoutError:
            return

    async def _read(self, joining: set[str]) -> Reading:
        behind = {id_: channel.story.record for id_, channel in self._channels.items()}
        fresh = joining - behind.keys()
        async with self._db.read() as reader:
            news = await store_feed.happenings(reader, behind | dict.fromkeys(fresh, 0))
            lots = await store.find_lots(reader, sorted(fresh | {one.lot for one in news}))
            return Reading(await reader.now(), news, lots)

    def _publish(self, reading: Reading) -> None:
        for id_, lot in reading.lots.items():
            self._channels.setdefault(id_, Channel(lot)).lot = lot
        for happening in reading.news:
            channel = self._channels[happening.lot]
            channel.story, events = rules_feed.tell(channel.story, happening)
            for event in events:
                chunk = rules_feed.encode(event.kind, event.document(), event.seq)
                channel.events.append(chunk)
                self._tell(channel, chunk, event.seq)

    def _tell(self, channel: Channel, chunk: bytes, seq: int | None = None) -> None:
        for watcher in tuple(channel.watchers):
            # Another node may have told it already what this one has just read.
            known = seq is not None and watcher.after is not None and seq <= watcher.after
            if not known and not watcher.give(chunk):
                channel.watchers.discard(watcher)

    def _admit(self, joining: Sequence[Watcher], now: datetime) -> None:
        for watcher in joining:
            if watcher not in self._joining:  # it has left meanwhile
                continue
            self._joining.remove(watcher)
            channel = self._channels[watcher.lot]
            seq, after = channel.story.seq, watcher.after
            # Without an id where something is still to be replayed: whoever is cut off between
            # the two comes back for all of it.
            snapshot = rules_feed.encode(
                "snapshot", _snapshot(channel, now), seq if after is None else None
            )
            missed = [] if after is None else channel.events[after:]
            watcher.give(HELLO + snapshot + b"".join(missed))
            channel.watchers.add(watcher)

    def _beat(self, now: datetime) -> None:
        for channel in self._channels.values():
            beat = {"seq": channel.story.seq, "server_time": wire(now)}
            self._tell(channel, rules_feed.encode("beat", beat))


def _snapshot(channel: Channel, now: datetime) -> dict[str, Any]:
    return {
        "seq": channel.story.seq,
        "server_time": wire(now),
        "lot": schemas.LotOut.of(channel.lot, now).model_dump(mode="json"),
    }
