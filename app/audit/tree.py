"""The tree of the log, hashed again from its entries; no hash that is served is believed.

RFC 6962: a leaf is SHA-256 of 0x00 and the entry, a node of 0x01 and its two halves. Tiles that
lie beside the entries are compared with what the entries give.
"""

import hashlib
from collections.abc import Callable
from typing import NamedTuple

TILE_WIDTH = 256
TILE_BITS = 8
HASH_BYTES = 32
EMPTY = hashlib.sha256(b"").digest()


class Tile(NamedTuple):
    """A hash tile of the log: level, number, and the bytes of its hashes side by side."""

    level: int
    number: int
    data: bytes


class Tree:
    """Takes entry after entry, and knows the root at every size it passes.

    `on_tile` is told each complete tile as soon as its last hash is known.
    """

    def __init__(self, on_tile: Callable[[Tile], None] | None = None) -> None:
        self.size = 0
        # One hash per set bit of the size: the roots of the complete subtrees, largest first.
        self._peaks: list[bytes] = []
        self._tiles: list[bytearray] = []
        self._counts: list[int] = []
        self._on_tile = on_tile

    def append(self, entry: bytes) -> None:
        """Add the next entry."""
        node = hashlib.sha256(b"\x00" + entry).digest()
        if self._on_tile is not None:
            self._keep(0, node)
        peaks, rest, level = self._peaks, self.size, 0
        while rest & 1:
            node = hashlib.sha256(b"\x01" + peaks.pop() + node).digest()
            rest >>= 1
            level += 1
            if self._on_tile is not None and level % TILE_BITS == 0:
                self._keep(level // TILE_BITS, node)
        peaks.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The root over all entries so far."""
        if not self._peaks:
            return EMPTY
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = hashlib.sha256(b"\x01" + peak + root).digest()
        return root

    def open_tiles(self) -> list[Tile]:
        """The tiles at the right edge that are not complete, as far as they go."""
        return [
            Tile(level, self._counts[level], bytes(data))
            for level, data in enumerate(self._tiles)
            if data
        ]

    def _keep(self, level: int, node: bytes) -> None:
        if level == len(self._tiles):
            self._tiles.append(bytearray())
            self._counts.append(0)
        data = self._tiles[level]
        data += node
        if len(data) == TILE_WIDTH * HASH_BYTES:
            assert self._on_tile is not None, "tiles are kept for somebody who asks for them"
            self._on_tile(Tile(level, self._counts[level], bytes(data)))
            self._counts[level] += 1
            data.clear()
