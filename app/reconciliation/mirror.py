"""Reads the logs that a round is about, verifies them, and names each node's position.

As long as a round waits for a node, its log is asked for again and again, each by a task of its
own; a node that is away or slow holds up none but its own part. What is read counts once it gives
the root of a checkpoint that the log's key and the witnesses of this node's own policy have signed.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol

import httpx
import structlog

from app import nodes, transparency
from app.platform.asking import ask
from app.platform.db import Database, Tx
from app.platform.settings import Settings
from app.reconciliation import store, store_mirror
from app.reconciliation.answer_round import ASKED, MATTER
from app.reconciliation.open_round import own_log
from app.reconciliation.rules import PartState
from app.reconciliation.rules_mirror import Edge, Effects, add_all
from app.reconciliation.store import Part
from app.reconciliation.take_answers import answer_oneself
from app.transparency.checkpoints import Checkpoint, open_checkpoint
from app.transparency.fields import TrustError
from app.transparency.notes import parse_vkey
from app.transparency.quorum import parse_policy
from app.transparency.tiles import ENTRY_BYTES_MAX, TILE_WIDTH, decode_entries, entries_path

log = structlog.get_logger()

TIMEOUT = timedelta(seconds=10)
"""For each step of the line."""
FILE_TIMEOUT = timedelta(minutes=2)
FILE_BYTES_MAX = TILE_WIDTH * (2 + ENTRY_BYTES_MAX)
"""A bundle of entries, each as long as the form allows."""
PAUSE = 10
"""How many polls to wait after a log could not be read."""
UNREACHABLE, INVALID = "log-unreachable", "log-invalid"
SHRUNK, OTHER = "log-shrunk", "log-differs"


class LogFaultError(Exception):
    """A log cannot be read, or is not the one that is mirrored; carries the fault's code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Source(Protocol):
    """Where a log is read from."""

    async def checkpoint(self) -> Checkpoint:
        """The newest published checkpoint, verified; raises `LogFaultError`."""

    async def bundle(self, first: int, end: int) -> list[bytes]:
        """Entries of one bundle of the log; raises `LogFaultError`."""


@dataclass(frozen=True, slots=True)
class OwnLog:
    """The log of this node, from its database: its tree is held against its own checkpoint."""

    db: Database

    async def checkpoint(self) -> Checkpoint:
        """The newest published checkpoint."""
        async with self.db.read() as reader:
            shown = await transparency.shown_checkpoint(reader)
        if shown is None:
            raise LogFaultError(UNREACHABLE)
        return shown

    async def bundle(self, first: int, end: int) -> list[bytes]:
        """Entries from one index on and below another."""
        async with self.db.read() as reader:
            return await transparency.read_entries(reader, first, end)


@dataclass(frozen=True, slots=True)
class PeerLog:
    """The log of another node, over HTTP as C2SP tlog-tiles."""

    http: httpx.AsyncClient
    peer: nodes.Peer

    async def checkpoint(self) -> Checkpoint:
        """The newest checkpoint, with the log's signature and the witnesses that we ask for."""
        note = (await self._read("checkpoint")).decode("utf-8", "replace")
        key = parse_vkey(self.peer.log)
        try:
            if self.peer.policy is None:
                return open_checkpoint(note, key).checkpoint
            return parse_policy(self.peer.policy).check(note, key)
        except TrustError as error:
            raise LogFaultError(INVALID) from error

    async def bundle(self, first: int, end: int) -> list[bytes]:
        """Entries of the bundle that begins at or before `first`."""
        number, skip = divmod(first, TILE_WIDTH)
        data = await self._read(entries_path(number, end - number * TILE_WIDTH))
        try:
            return decode_entries(data)[skip:]
        except TrustError as error:
            raise LogFaultError(INVALID) from error

    async def _read(self, path: str) -> bytes:
        base = self.peer.log_url.rstrip("/")
        base = base if base.endswith("/log") else f"{base}/log"
        url = f"{base}/{path}"
        try:
            status, content = await ask(
                self.http, "GET", url, most=FILE_BYTES_MAX, within=FILE_TIMEOUT
            )
        except httpx.HTTPError as error:
            raise LogFaultError(UNREACHABLE) from error
        if status != httpx.codes.OK:
            raise LogFaultError(UNREACHABLE)
        return content


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
    except LogFaultError as error:
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
        raise LogFaultError(UNREACHABLE)
    source: Source = OwnLog(db) if own else PeerLog(http, peers[part.node])
    checkpoint = await source.checkpoint()
    old, effects = edge.size, Effects()
    if checkpoint.size < old:
        raise LogFaultError(SHRUNK)
    while edge.size < checkpoint.size:
        end = min((edge.size // TILE_WIDTH + 1) * TILE_WIDTH, checkpoint.size)
        entries = (await source.bundle(edge.size, end))[: end - edge.size]
        if len(entries) != end - edge.size:
            raise LogFaultError(INVALID)
        try:
            add_all(effects, edge, entries)
        except ValueError as error:
            raise LogFaultError(INVALID) from error
    if edge.root() != checkpoint.root:
        raise LogFaultError(OTHER)
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
            if not isinstance(error, LogFaultError):
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
    poll = timedelta(milliseconds=settings.link_poll_milliseconds)
    async with httpx.AsyncClient(timeout=TIMEOUT.total_seconds()) as http:
        task = asyncio.create_task(_follow_forever(Followers(db, http, poll * PAUSE), poll))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
