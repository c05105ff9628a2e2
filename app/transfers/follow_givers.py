"""At the ministry's node: what givers propose is looked up in their own logs, which it follows.

The story of one look
---------------------
1. A proposal waits: the log of its giver is read on at once, up to its newest checkpoint. All logs
   are read on now and then, so that what waits is never far ahead.
2. What was read and verified is taken in by one transaction; of two readers the second one yields.
3. Every pending proposal of that giver that is new, or of whose ticket the log says something else
   now, is looked up (`rules_held.Look`), each in a transaction of its own: the machine keeps what
   was seen, or ends the transfer by decision.

A log that cannot be read holds up the transfers of its own node and no others: each is read by a
task of its own. Whoever approves waits here for a moment, so that hardly anybody meets a refusal.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import httpx
import structlog

from app import nodes
from app.platform.db import Database, Tx
from app.platform.settings import Settings
from app.transfers import crossing, store_crossing, store_held
from app.transfers.parties import parties_here
from app.transfers.rules_held import Tickets, add_all
from app.transfers.rules_messages import Propose, Side
from app.transfers.rules_protocol import MINISTRY, Looked
from app.transparency.edge import Edge

log = structlog.get_logger()

CALM = timedelta(seconds=30)
"""How often a log is read on although nothing waits for it."""
PAUSE = 10
"""How many polls to wait after a log could not be read."""
PATIENCE = timedelta(seconds=8)
"""How long an approval waits for the giver's log."""
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class _Grown:
    """A log as far as it was read and verified."""

    log: str
    old: int
    edge: Edge
    tickets: Tickets


@dataclass(slots=True)
class Givers:
    """Whose logs this process reads."""

    db: Database
    poll: timedelta
    _http: httpx.AsyncClient | None = None
    _reading: "dict[str, asyncio.Task[None]]" = field(default_factory=dict)
    _calm_until: dict[str, int] = field(default_factory=dict)
    _pause_until: dict[str, int] = field(default_factory=dict)

    async def run(self) -> None:
        """For ever; ends by being cancelled."""
        while True:
            try:
                await self._look_around()
            except Exception as error:  # noqa: BLE001 - the database may be away for a while
                log.warning("givers-unavailable", error=type(error).__name__)
            await asyncio.sleep(self.poll.total_seconds())

    async def close(self) -> None:
        """End what is being read."""
        for task in self._reading.values():
            task.cancel()
        await asyncio.gather(*self._reading.values(), return_exceptions=True)
        if self._http is not None:
            await self._http.aclose()

    async def settle(self, transfer: str) -> None:
        """Read on for a transfer that is to be approved, and wait for it, but not for long."""
        until = _milliseconds() + PATIENCE // _MILLISECOND
        # A reading that is under way may have begun before the lock was published: so twice.
        for _ in range(2):
            async with self.db.read() as reader:
                unread = (await store_held.list_unread(reader, transfer)).get(transfer)
            left = until - _milliseconds()
            if unread is None or left <= 0:
                return
            patience = (left * _MILLISECOND).total_seconds()
            await asyncio.wait({self._read(unread.log)}, timeout=patience)

    async def _look_around(self) -> None:
        async with self.db.read() as reader:
            if MINISTRY not in await parties_here(reader):
                return
            waiting = {one.log for one in (await store_held.list_unread(reader)).values()}
            names = {peer.name for peer in await nodes.peers(reader)}
        now = _milliseconds()
        for name in names:
            calm = now < self._calm_until.get(name, now)
            if now >= self._pause_until.get(name, now) and (name in waiting or not calm):
                self._read(name)

    def _read(self, name: str) -> "asyncio.Task[None]":
        """Read on in the log of a node, once at a time."""
        task = self._reading.get(name)
        if task is None or task.done():
            task = self._reading[name] = asyncio.create_task(self._read_in_peace(name))
        return task

    async def _read_in_peace(self, name: str) -> None:
        """Nothing that happens there ends what else is done here."""
        try:
            await self.follow(name)
        except Exception as error:  # noqa: BLE001 - the database may be away for a while
            # A fault of the log was told, and stands beside it.
            if not isinstance(error, nodes.LogFaultError):
                log.warning("giver-not-followed", node=name, error=type(error).__name__)
            self._pause_until[name] = _milliseconds() + PAUSE * self.poll // _MILLISECOND
        self._calm_until[name] = _milliseconds() + CALM // _MILLISECOND

    async def follow(self, name: str) -> None:
        """Read on in the log of a node, and look up what it has proposed.

        Raises `LogFaultError`; the fault stands beside the log until it is read again.
        """
        try:
            grown = await self._read_on(name)
        except nodes.LogFaultError as error:
            await self.db.transact(_fail, (name, error.code))
            raise
        await self.db.transact(_grow, grown)
        async with self.db.read() as reader:
            changed = await store_held.list_changed(reader, name)
        for transfer in changed:
            await self.db.transact(_look, (name, transfer))

    async def _read_on(self, name: str) -> _Grown:
        async with self.db.read() as reader:
            peers = {peer.name: peer for peer in await nodes.peers(reader)}
            edge = await store_held.find_edge(reader, name)
        if name not in peers:
            raise nodes.LogFaultError(nodes.UNREACHABLE)
        if self._http is None:
            timeout = nodes.READ_TIMEOUT.total_seconds()
            self._http = httpx.AsyncClient(timeout=timeout)
        old, tickets = edge.size, Tickets()
        source = nodes.PeerLog(self._http, peers[name])
        await nodes.read_on(source, edge, partial(add_all, tickets))
        return _Grown(name, old, edge, tickets)


async def _grow(tx: Tx, grown: _Grown) -> None:
    await store_held.grow(tx, grown.log, grown.old, grown.edge, grown.tickets)


async def _fail(tx: Tx, failed: tuple[str, str]) -> None:
    name, fault = failed
    if await store_held.fail(tx, name, fault):
        log.warning("giver-log-unread", node=name, fault=fault)


async def _look(tx: Tx, about: tuple[str, str]) -> None:
    """Look a proposal up in the log of its giver; what was seen there before needs no word."""
    name, transfer = about
    held = await store_crossing.lock(tx, Side.MINISTRY, transfer)
    if held is None or held.terms is None or held.decision is not None:
        return
    leaf = await nodes.proven_at(tx, name, Propose.type, transfer)
    seen = None if leaf is None else await store_held.look(tx, name, held.terms, leaf)
    if seen is None or (held.look is not None and seen.holds(held.terms)):
        return
    if not seen.holds(held.terms):
        log.warning(
            "ticket-not-held",
            transfer=transfer,
            node=name,
            lock_leaf=seen.leaf,
            log_size=seen.size,
            held=seen.held,
            claims=len(seen.claims),
        )
    await crossing.advance(tx, Side.MINISTRY, transfer, Looked(seen))


@asynccontextmanager
async def running(givers: Givers) -> AsyncIterator[None]:
    """Follow the logs of givers for the length of the block."""
    task = asyncio.create_task(givers.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await givers.close()


def _milliseconds() -> int:
    """A steady clock that knows no date."""
    return time.monotonic_ns() // 1_000_000


def givers_of(db: Database, settings: Settings) -> Givers:
    """Those of a node; nothing is read yet."""
    poll = timedelta(milliseconds=settings.link_poll_milliseconds)
    return Givers(db, max(poll, nodes.READ_PACE))
