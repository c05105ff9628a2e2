"""Reads on in the log of a node, and believes nothing that its checkpoint does not cover.

What is read counts once it gives the root of a checkpoint that the log's key and the witnesses of
this node's own policy have signed. Whoever follows a log keeps its `Edge`, and says what entries
mean.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import httpx

from app import transparency
from app.nodes.rules import Peer
from app.platform.asking import ask
from app.platform.db import Database
from app.transparency.checkpoints import Checkpoint, open_checkpoint
from app.transparency.edge import Edge
from app.transparency.fields import TrustError
from app.transparency.notes import parse_vkey
from app.transparency.quorum import parse_policy
from app.transparency.tiles import ENTRY_BYTES_MAX, TILE_WIDTH, decode_entries, entries_path

READ_PACE = timedelta(milliseconds=200)
"""No log is looked for more often, however often letters are."""
READ_TIMEOUT = timedelta(seconds=10)
"""For each step of the line."""
FILE_TIMEOUT = timedelta(minutes=2)
FILE_BYTES_MAX = TILE_WIDTH * (2 + ENTRY_BYTES_MAX)
"""A bundle of entries, each as long as the form allows."""
UNREACHABLE, INVALID = "log-unreachable", "log-invalid"
SHRUNK, OTHER = "log-shrunk", "log-differs"

Take = Callable[[int, Sequence[bytes]], None]
"""Takes the entries from an index on; raises `ValueError` where they cannot be followed."""


class LogFaultError(Exception):
    """A log cannot be read, or is not the one that was followed; carries the fault's code."""

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
    peer: Peer

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
        try:
            status, content = await ask(
                self.http, "GET", f"{base}/{path}", most=FILE_BYTES_MAX, within=FILE_TIMEOUT
            )
        except httpx.HTTPError as error:
            raise LogFaultError(UNREACHABLE) from error
        if status != httpx.codes.OK:
            raise LogFaultError(UNREACHABLE)
        return content


async def read_on(source: Source, edge: Edge, take: Take) -> Checkpoint:
    """Grow the edge up to the newest checkpoint of a log; `take` gets the entries in their order.

    Raises `LogFaultError`; then nothing of what was taken may be kept.
    """
    checkpoint = await source.checkpoint()
    if checkpoint.size < edge.size:
        raise LogFaultError(SHRUNK)
    while edge.size < checkpoint.size:
        end = min((edge.size // TILE_WIDTH + 1) * TILE_WIDTH, checkpoint.size)
        entries = (await source.bundle(edge.size, end))[: end - edge.size]
        if len(entries) != end - edge.size:
            raise LogFaultError(INVALID)
        try:
            take(edge.size, entries)
        except ValueError as error:
            raise LogFaultError(INVALID) from error
        for entry in entries:
            edge.append(entry)
    if edge.root() != checkpoint.root:
        raise LogFaultError(OTHER)
    return checkpoint
