"""Reads the logs that a round is about, verifies them, and names each node's position.

As long as a round waits for a node, its log is asked for again and again, each by a task of its
own; a node that is away or slow holds up none but its own part. How a log is read and verified:
`nodes.read_on`.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

import httpx
import structlog

from app import nodes
from app.platform.db import Database, Tx
from app.platform.settings import Settings
from app.reconciliation import store, store_mirror
from app.reconciliation.answer_round import ASKED, MATTER
from app.reconciliation.open_round import own_log
from app.reconciliation.rules import PartState
from app.reconciliation.rules_mirror import Effects, add_all
from app.reconciliation.store import Part
from app.reconciliation.take_answers import answer_oneself
from app.transparency.edge import Edge

log = structlog.get_logger()

PAUSE = 10
"""How many polls to wait after a log could not be read."""


@dataclass(frozen=True, slots=True)
class Grown:
    """A log as far as it was read and verified, for a part of a round."""

    part: Part
    old: int
    edge: Edge
    effects: Effects


async def follow(db: Database, http: httpx.AsyncClient, part: Part) -> None:
    """Read on in the log of a part that waits, and ask its node. Faults are kept with the part."""
    try:
        grown = await _read_on(db, http, part)
    except nodes.LogFaultError as error:
        log.warning("log-not-mirrored", node=part.node, fault=error.code)
        if part.fault != error.code:
            await db.transact(_fail, replace(part, fault=error.code))
        raise
    await db.transact(_name, grown)


async def _read_on(db: Database, http: httpx.AsyncClient, part: Part) -> Grown:
    async with db.read() as reader:
        own = await own_log(reader) == part.node
        peers = {peer.name: peer for peer in await nodes.peers(reader)}
        edge = (await store_mirror.find_mirrored(reader, part.node)).edge
    if not own and part.node not in peers:
        raise nodes.LogFaultError(nodes.UNREACHABLE)
    source: nodes.Source = nodes.OwnLog(db) if own else nodes.PeerLog(http, peers[part.node])
    old, effects = edge.size, Effects()
    await nodes.read_on(source, edge, partial(add_all, effects))
    return Grown(part, old, edge, effects)


async def _fail(tx: Tx, part: Part) -> None:
    await store.hold_rounds(tx)
    if await _still_waits(tx, part) is not None:
        await store.put_part(tx, part)


async def _still_waits(tx: Tx, part: Part) -> store.Round | None:
    round_ = await store.open_round(tx)
    if round_ is None or round_.number != part.round:
        return None
    for standing in await store.list_parts(tx, [round_.number]):
        if standing.node == part.node and standing.state is PartState.WAITING:
            return round_
    return None


async def _name(tx: Tx, grown: Grown) -> None:
    """Take what was read into the mirror, and ask the node for its totals at that position."""
    await store.hold_rounds(tx)
    round_ = await _still_waits(tx, grown.part)
    if round_ is None:
        return
    node, edge = grown.part.node, grown.edge
    if not await store_mirror.grow(tx, node, grown.old, edge, grown.effects):
        return
    part = replace(grown.part, size=edge.size, state=PartState.ASKED, fault=None)
    mail: list[nodes.Message] = []
    if node == await own_log(tx):
        await answer_oneself(tx, round_, part, mail)
    else:
        await store.put_part(tx, part)
        mail.append(
            nodes.Message(
                to=node,
                type=ASKED,
                transfer=f"{MATTER}{round_.number}",
                revision=1,
                body={"size": edge.size, "ministry_size": round_.size},
            )
        )
    await nodes.send(tx, mail)


@dataclass(slots=True)
class Followers:
    """Reads the logs that open rounds wait for, each in a task of its own.

    A log that could not be read is asked for again after `pause`, and no other waits for that.
    """

    db: Database
    http: httpx.AsyncClient
    pause: timedelta
    _reading: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)

    async def read_on(self) -> list["asyncio.Task[None]"]:
        """Begin with what nobody reads of what the open round waits for; answers with all tasks."""
        async with self.db.read() as reader:
            round_ = await store.open_round(reader)
            parts = [] if round_ is None else await store.list_parts(reader, [round_.number])
        self._reading = {node: task for node, task in self._reading.items() if not task.done()}
        for part in parts:
            if part.state is PartState.WAITING and part.node not in self._reading:
                self._reading[part.node] = asyncio.create_task(self._read(part))
        return list(self._reading.values())

    async def _read(self, part: Part) -> None:
        try:
            await follow(self.db, self.http, part)
        except Exception as error:  # noqa: BLE001 - the database may be away for a while
            if not isinstance(error, nodes.LogFaultError):
                log.warning("mirror-failed", error=type(error).__name__)
            await asyncio.sleep(self.pause.total_seconds())

    async def end(self) -> None:
        """Let go of what is being read."""
        for task in self._reading.values():
            task.cancel()
        await asyncio.gather(*self._reading.values(), return_exceptions=True)


async def _follow_forever(followers: Followers, poll: timedelta) -> None:
    try:
        while True:
            try:
                await followers.read_on()
            except Exception as error:  # noqa: BLE001 - the database may be away for a while
                log.warning("mirrors-unavailable", error=type(error).__name__)
            await asyncio.sleep(poll.total_seconds())
    finally:
        await followers.end()


@asynccontextmanager
async def running(db: Database, settings: Settings) -> AsyncIterator[None]:
    """Follow the logs of open rounds for the length of the block."""
    poll = max(timedelta(milliseconds=settings.link_poll_milliseconds), nodes.READ_PACE)
    async with httpx.AsyncClient(timeout=nodes.READ_TIMEOUT.total_seconds()) as http:
        task = asyncio.create_task(_follow_forever(Followers(db, http, poll * PAUSE), poll))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
