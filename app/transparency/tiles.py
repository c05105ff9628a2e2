"""The files of a published log (c2sp.org/tlog-tiles): paths, hash tiles and bundles of entries.

A tile of level L holds up to 256 hashes side by side, each the root of 256**L leaves, and only
complete ones: so a tile only ever grows at its end. `Appender` grows a log from its rightmost
tiles alone; `TileNodes` answers the subtree hashes that proofs are made of.
"""

import re
from collections.abc import Mapping, Sequence

from app.transparency.fields import HASH_BYTES, SIZE_MAX, FormatError
from app.transparency.merkle import (
    Digest,
    Hash,
    ProofError,
    empty_root,
    root_of,
    sha256,
)

TILE_WIDTH = 256
TILE_LEVELS = 8
"""Levels of the binary tree that one tile spans: 2**8 = 256."""
LEVEL_MAX = 63
ENTRY_BYTES_MAX = 65_535

TileKey = tuple[int, int]
"""(L, N): level and index of a tile within its level."""

_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<n>(?:x[0-9]{3}/)*[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


def tile_path(level: int, n: int, width: int) -> str:
    """Give the path of a hash tile, such as `tile/0/x001/x234/067.p/5`."""
    if not 0 <= level <= LEVEL_MAX:
        raise FormatError(f"there is no tile level {level}")
    return f"tile/{level}/{_number_path(n)}{_suffix(width)}"


def entries_path(n: int, width: int) -> str:
    """Give the path of a bundle of entries, such as `tile/entries/x001/000`."""
    return f"tile/entries/{_number_path(n)}{_suffix(width)}"


def parse_tile_path(path: str) -> tuple[int | None, int, int]:
    """Read (level, n, width) from a canonical path; the level of an entry bundle is None."""
    match = _PATH.fullmatch(path)
    if match is None or match["n"].startswith("x000"):
        raise FormatError(f"not the path of a tile: {path[:80]!r}")
    level = None if match["level"] == "entries" else int(match["level"])
    n = int(match["n"].replace("x", "").replace("/", ""))
    width = int(match["width"] or TILE_WIDTH)
    if (level or 0) > LEVEL_MAX or n > SIZE_MAX or (match["width"] and width >= TILE_WIDTH):
        raise FormatError(f"not the path of a tile: {path[:80]!r}")
    return level, n, width


def _number_path(n: int) -> str:
    if not 0 <= n <= SIZE_MAX:
        raise FormatError(f"there is no tile {n}")
    digits = str(n)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    return "/".join(["x" + part for part in parts[:-1]] + parts[-1:])


def _suffix(width: int) -> str:
    if not 1 <= width <= TILE_WIDTH:
        raise FormatError(f"a tile is 1 to {TILE_WIDTH} wide, not {width}")
    return "" if width == TILE_WIDTH else f".p/{width}"


def encode_entries(entries: Sequence[bytes]) -> bytes:
    """Give a bundle: each entry after its length in two big-endian bytes."""
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > ENTRY_BYTES_MAX:
            raise FormatError(f"an entry of {len(entry)} bytes is longer than {ENTRY_BYTES_MAX}")
        parts += (len(entry).to_bytes(2, "big"), entry)
    return b"".join(parts)


def decode_entries(data: bytes) -> list[bytes]:
    """Read the entries of a bundle, at most 256; bytes that are not one are refused."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if end > len(data) or at + 2 > len(data):
            raise FormatError(f"the bundle ends within its entry {len(entries)}")
        entries.append(data[at + 2 : end])
        at = end
    if len(entries) > TILE_WIDTH:
        raise FormatError(f"the bundle holds {len(entries)} entries, more than {TILE_WIDTH}")
    return entries


def tiles_for(level: int, n: int) -> TileKey:
    """Give the (L, N) of the stored tile that holds or spans the subtree (level, n)."""
    tile_level, within = divmod(level, TILE_LEVELS)
    return tile_level, (n << within) // TILE_WIDTH


def right_tiles(size: int) -> list[TileKey]:
    """Give the (L, N) of the partial tiles at the right edge of a log of `size` leaves."""
    return [
        (level, (size >> TILE_LEVELS * level) // TILE_WIDTH)
        for level in range(-(-size.bit_length() // TILE_LEVELS))
        if (size >> TILE_LEVELS * level) % TILE_WIDTH
    ]


class TileNodes:
    """Subtree hashes out of tiles; its `node` is the `Node` that proofs are made from.

    Tiles are whole bytes by (L, N). A missing or too short tile is a `ProofError`.
    """

    def __init__(self, tiles: Mapping[TileKey, bytes], digest: Digest = sha256) -> None:
        self._tiles = tiles
        self._digest = digest

    def node(self, level: int, n: int) -> Hash:
        """Give the hash of the complete subtree of 2**level leaves at n·2**level."""
        key = tiles_for(level, n)
        tile = self._tiles.get(key)
        width = 1 << level % TILE_LEVELS
        start = n * width % TILE_WIDTH
        if tile is None or len(tile) < (start + width) * HASH_BYTES:
            raise ProofError(f"tile {key[1]} of level {key[0]} is missing or too short")
        piece = tile[start * HASH_BYTES : (start + width) * HASH_BYTES]
        return root_of(_hashes(piece), self._digest)


def _hashes(tile: bytes) -> list[Hash]:
    return [tile[i : i + HASH_BYTES] for i in range(0, len(tile), HASH_BYTES)]


class Appender:
    """Grows a log of `size` leaves, given the bytes of its `right_tiles(size)`.

    Nothing is hashed until a tile is full or the root is asked for, so an append costs next to
    nothing. Whoever stores the tiles compares `root()` with the stored root before appending.
    """

    def __init__(self, size: int, right: Mapping[TileKey, bytes], digest: Digest = sha256) -> None:
        self._digest = digest
        self._full: dict[TileKey, bytes] = {}
        # Per level: the hashes of the tile that is being filled, and its index within the level.
        self._rows: list[list[Hash]] = [[]]
        self._at = [size // TILE_WIDTH]
        for level, n in right_tiles(size):
            self._reach(level, size)
            tile = right.get((level, n), b"")
            width = (size >> TILE_LEVELS * level) % TILE_WIDTH
            if len(tile) != width * HASH_BYTES:
                raise ProofError(
                    f"tile {n} of level {level} holds {len(tile)} bytes; a log of {size} needs "
                    f"{width} hashes of {HASH_BYTES} there"
                )
            self._rows[level].extend(_hashes(tile))
        self._reach(len(self._rows), size)
        self._before = [(n, len(row)) for n, row in zip(self._at, self._rows, strict=True)]
        self._leaves = self._rows[0]

    def _reach(self, level: int, size: int) -> None:
        while len(self._rows) <= level:
            self._at.append(size >> TILE_LEVELS * (len(self._rows) + 1))
            self._rows.append([])

    @property
    def size(self) -> int:
        """Leaves so far."""
        return self._at[0] * TILE_WIDTH + len(self._leaves)

    def append(self, leaf: Hash) -> None:
        """Add a leaf hash at the end."""
        self._leaves.append(leaf)
        if len(self._leaves) == TILE_WIDTH:
            self._fill()

    def _fill(self) -> None:
        """Put away every tile that is full; its root goes into the level above."""
        level = 0
        while len(self._rows[level]) == TILE_WIDTH:
            row = self._rows[level]
            if level + 1 == len(self._rows):
                self._rows.append([])
                self._at.append(0)
                self._before.append((0, 0))
            self._full[level, self._at[level]] = b"".join(row)
            self._rows[level + 1].append(root_of(row, self._digest))
            self._at[level] += 1
            row.clear()
            level += 1

    def root(self) -> Hash:
        """Give the root of the tree so far."""
        found: list[Hash] = []
        for row in self._rows:
            # What lies to the right of a level's complete hashes counts as one more, last piece.
            pieces = row + found
            found = [root_of(pieces, self._digest)] if pieces else []
        return found[0] if found else empty_root(self._digest)

    def changed(self) -> dict[TileKey, bytes]:
        """Give every tile that is new or has grown, as its whole bytes so far."""
        grown = {
            (level, n): b"".join(row)
            for level, (n, row) in enumerate(zip(self._at, self._rows, strict=True))
            if row and (n, len(row)) != self._before[level]
        }
        return self._full | grown
