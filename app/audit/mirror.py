"""A log on this machine: the C2SP tlog-tiles of a node, and every checkpoint seen of it.

    vkey                the log's verifier key
    checkpoint          the latest checkpoint that was audited
    checkpoints/<size>  all of them: what the log may never contradict
    tile/entries/…      the entries, 256 to a bundle
    tile/<L>/…          the hashes above them
    incoming/…          what a download has brought and no audit has accepted yet

A download takes only what is missing, so it can be broken off and begun again. What it brings
counts once its tree continues every checkpoint kept here: a log that forgot or rewrote something
does not get in.
"""

import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import httpx

from app.transparency.checkpoints import open_checkpoint
from app.transparency.fields import TrustError
from app.transparency.notes import Verifier, parse_vkey
from app.transparency.tiles import TILE_WIDTH, decode_entries, entries_path, tile_path

INCOMING = "incoming"
REFUSED = "refused"
ATTEMPTS = 4
TIMEOUT_SECONDS = 30
FILE_MAX = 32 * 1024 * 1024


class MirrorError(Exception):
    """The log cannot be read, or is not the one that the mirror holds."""


class Source(Protocol):
    """Where a log is read from: files by the paths of tlog-tiles."""

    def read(self, path: str) -> bytes:
        """The bytes of a file; raises `MirrorError`."""

    def close(self) -> None:
        """Nothing more will be read."""


class Folder:
    """A mirrored folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, path: str) -> bytes:
        """The bytes of a file; raises `MirrorError`."""
        try:
            return (self.root / path).read_bytes()
        except OSError as error:
            raise MirrorError(f"{self.root / path}: {error.strerror}") from None

    def close(self) -> None:
        """Nothing is held open."""


class Node:
    """A node that serves its log over HTTP, below `/log`."""

    def __init__(self, url: str, client: httpx.Client | None = None) -> None:
        base = url.rstrip("/")
        self._base = base if base.endswith("/log") else f"{base}/log"
        self._client = client or httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False)

    def read(self, path: str) -> bytes:
        """The bytes of a file, asked for again when the line fails; raises `MirrorError`."""
        address = f"{self._base}/{path}"
        for attempt in range(ATTEMPTS):
            try:
                answer = self._client.get(address)
            except httpx.TransportError as error:
                if attempt == ATTEMPTS - 1:
                    raise MirrorError(f"{address}: {error}") from None
                time.sleep(attempt)
                continue
            if answer.status_code == httpx.codes.OK and len(answer.content) <= FILE_MAX:
                return answer.content
            if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR or attempt == ATTEMPTS - 1:
                raise MirrorError(f"{address}: answered with {answer.status_code}")
            time.sleep(attempt)
        raise MirrorError(f"{address}: no answer")

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


def source_of(place: str) -> Source:
    """A node by its address, or a folder."""
    return Node(place) if place.startswith(("http://", "https://")) else Folder(Path(place))


class Mirror:
    """A folder with a log in it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    # ----------------------------------------------------------------------------- what is kept

    def key(self, pinned: str | None) -> Verifier:
        """The log's key: the one that is given, else the one that the mirror has kept."""
        text = pinned if pinned is not None else _text(Folder(self.root).read("vkey"), "vkey")
        try:
            return parse_vkey(text.strip())
        except TrustError as error:
            raise MirrorError(f"the log's key: {error}") from None

    def checkpoint(self) -> str:
        """The checkpoint to be audited: the incoming one, else the latest that was accepted."""
        incoming = self.root / INCOMING / "checkpoint"
        path = incoming if incoming.exists() else self.root / "checkpoint"
        return _text(Folder(path.parent).read(path.name), "the checkpoint")

    def earlier(self, key: Verifier) -> dict[int, set[bytes]]:
        """The roots that this log has signed before, by size."""
        kept = sorted((self.root / "checkpoints").glob("*"))
        latest = self.root / "checkpoint"
        roots: dict[int, set[bytes]] = {}
        for path in [*kept, latest] if latest.exists() else kept:
            note = _text(path.read_bytes(), str(path))
            try:
                opened = open_checkpoint(note, key)
            except TrustError as error:
                raise MirrorError(f"{path}: {error}") from None
            roots.setdefault(opened.checkpoint.size, set()).add(opened.checkpoint.root)
        return roots

    def entries(self, size: int) -> Iterator[bytes]:
        """The first entries of the log, in order; raises `MirrorError` where one is missing."""
        for number in range(-(-size // TILE_WIDTH)):
            width = min(TILE_WIDTH, size - number * TILE_WIDTH)
            data = self._find([entries_path(number, w) for w in _widths(width)])
            if data is None:
                raise MirrorError(f"{self.root}: {entries_path(number, width)} is missing")
            try:
                entries = decode_entries(data)
            except TrustError as error:
                raise MirrorError(f"{entries_path(number, width)}: {error}") from None
            if len(entries) < width:
                raise MirrorError(f"{entries_path(number, width)} holds {len(entries)} entries")
            yield from itertools.islice(entries, width)

    def tile(self, level: int, number: int, width: int) -> bytes | None:
        """A hash tile as it was served, if there is one."""
        return self._find([tile_path(level, number, width)])

    def _find(self, paths: list[str]) -> bytes | None:
        for path in paths:
            for place in (self.root / path, self.root / INCOMING / path):
                if place.is_file():
                    return place.read_bytes()
        return None

    # ----------------------------------------------------------------------------- what comes in

    def fetch(self, source: Source, pinned: str | None) -> None:
        """Download the log's latest checkpoint and what is missing below it.

        Raises `MirrorError` where its signature does not hold, or it is shorter than the mirror.
        """
        known = (self.root / "vkey").exists()
        if not known:
            self._keep("vkey", source.read("vkey"))
        key = self.key(pinned)
        note = _text(source.read("checkpoint"), "the checkpoint")
        try:
            checkpoint = open_checkpoint(note, key).checkpoint
        except TrustError as error:
            raise MirrorError(f"the checkpoint that is served: {error}") from None
        longest = max(self.earlier(key), default=0)
        if checkpoint.size < longest:
            raise MirrorError(
                f"the log has {checkpoint.size} records, and had {longest}: it was rolled back."
                f" The earlier checkpoint is kept in {self.root}."
            )
        for path in _paths(checkpoint.size):
            if self._find([path]) is None:
                self._keep(f"{INCOMING}/{path}", source.read(path))
        self._keep(f"{INCOMING}/checkpoint", note.encode())

    def accept(self, size: int) -> None:
        """Take what came in as part of the mirror."""
        incoming = self.root / INCOMING
        if not (incoming / "checkpoint").exists():
            return
        note = (incoming / "checkpoint").read_bytes()
        for path in sorted(incoming.rglob("*")):
            if path.is_file() and path.name != "checkpoint":
                target = self.root / path.relative_to(incoming)
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
        self._keep(f"checkpoints/{size}", note)
        self._keep("checkpoint", note)
        (incoming / "checkpoint").unlink()

    def refuse(self, size: int) -> Path:
        """Put aside, as evidence, what does not continue this log."""
        incoming = self.root / INCOMING
        for number in itertools.count():
            aside = self.root / REFUSED / f"{size}.{number}"
            if not aside.exists():
                aside.parent.mkdir(parents=True, exist_ok=True)
                return incoming.rename(aside)
        raise AssertionError("numbers do not end")

    def _keep(self, path: str, data: bytes) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: a download that is broken off leaves no half file behind.
        part = target.with_name(f"{target.name}.{os.getpid()}.part")
        part.write_bytes(data)
        part.replace(target)


def _widths(width: int) -> list[int]:
    """A bundle as wide as asked for, or a wider one from later."""
    return [width] if width == TILE_WIDTH else [width, TILE_WIDTH]


def _paths(size: int) -> Iterator[str]:
    for number in range(-(-size // TILE_WIDTH)):
        yield entries_path(number, min(TILE_WIDTH, size - number * TILE_WIDTH))
    level, hashes = 0, size
    while hashes:
        for number in range(-(-hashes // TILE_WIDTH)):
            yield tile_path(level, number, min(TILE_WIDTH, hashes - number * TILE_WIDTH))
        level, hashes = level + 1, hashes // TILE_WIDTH


def _text(data: bytes, what: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise MirrorError(f"{what} is not text") from None
