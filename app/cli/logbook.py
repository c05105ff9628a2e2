"""Reads a published log and believes nothing: what is returned hangs on a signed root.

All block roots (256 leaves each) are fetched and must give the root of the checkpoint; then each
bundle of entries must give its block's root. So a server can leave nothing out and put nothing in,
and whether the log continues an older checkpoint is seen by computing that one's root again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from app.transparency.checkpoints import Checkpoint
from app.transparency.fields import HASH_BYTES
from app.transparency.merkle import ProofError, inclusion_proof, leaf_hash, root_of
from app.transparency.proofs import TlogProof
from app.transparency.tiles import TILE_WIDTH, decode_entries, entries_path, tile_path

Fetch = Callable[[str], bytes]
"""The bytes of a file of the log by its path, such as `tile/0/000`."""

_LEVELS = 8
BUNDLES_KEPT = 64
"""Read again when they are asked for again: a log of millions does not stay in memory."""


@dataclass(slots=True)
class Logbook:
    """A log as it stands at one checkpoint, whose signatures the caller has checked."""

    fetch: Fetch
    checkpoint: Checkpoint
    note: str
    blocks: list[bytes] = field(init=False)
    _bundles: dict[int, list[bytes]] = field(init=False, default_factory=dict)
    _edge: list[bytes] = field(init=False, default_factory=list)
    """The entries behind the last full block."""

    def __post_init__(self) -> None:
        """Raises `ProofError` when what is served does not give the root of the checkpoint."""
        full, rest = divmod(self.checkpoint.size, TILE_WIDTH)
        self.blocks = []
        for n, start in enumerate(range(0, full, TILE_WIDTH)):
            width = min(TILE_WIDTH, full - start)
            tile = self.fetch(tile_path(1, n, width))
            if len(tile) != width * HASH_BYTES:
                raise ProofError(f"tile 1/{n} has {len(tile)} bytes")
            self.blocks += [tile[i : i + HASH_BYTES] for i in range(0, len(tile), HASH_BYTES)]
        last = []
        if rest:
            self._edge = self._fetched(full, rest)
            last = [_root(self._edge)]
        if root_of([*self.blocks, *last]) != self.checkpoint.root:
            raise ProofError("the log serves other entries than its checkpoint signs for")

    def bundle(self, n: int) -> list[bytes]:
        """The entries of block `n`, checked. Raises `ProofError`."""
        if n == len(self.blocks):
            return self._edge
        if n not in self._bundles:
            entries = self._fetched(n, TILE_WIDTH)
            if _root(entries) != self.blocks[n]:
                raise ProofError(f"the entries of block {n} are not those of the tree")
            while len(self._bundles) >= BUNDLES_KEPT:
                del self._bundles[next(iter(self._bundles))]
            self._bundles[n] = entries
        return self._bundles[n]

    def backwards(self, before: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Entries with their indexes from the newest, or from below `before`, to the first."""
        at = self.checkpoint.size if before is None else before
        while at > 0:
            n = (at - 1) // TILE_WIDTH
            entries = self.bundle(n)
            for index in range(at - 1, n * TILE_WIDTH - 1, -1):
                yield index, entries[index - n * TILE_WIDTH]
            at = n * TILE_WIDTH

    def root_at(self, size: int) -> bytes:
        """The root that the log had at an earlier size."""
        if size > self.checkpoint.size:
            raise ProofError(f"the log has {self.checkpoint.size} entries, fewer than {size}")
        full, rest = divmod(size, TILE_WIDTH)
        last = []
        if rest:
            last = [_root(self.bundle(full)[:rest])]
        return root_of([*self.blocks[:full], *last])

    def proof(self, index: int) -> TlogProof:
        """The proof of one entry, made here from what was checked."""
        hashes = inclusion_proof(index, self.checkpoint.size, self._node)
        return TlogProof(index, hashes, self.note)

    def _fetched(self, n: int, width: int) -> list[bytes]:
        entries = decode_entries(self.fetch(entries_path(n, width)))
        if len(entries) != width:
            raise ProofError(f"the bundle of block {n} has {len(entries)} entries, not {width}")
        return entries

    def _node(self, level: int, n: int) -> bytes:
        if level >= _LEVELS:
            width = 1 << (level - _LEVELS)
            return root_of(self.blocks[n * width : (n + 1) * width])
        start, width = (n << level), 1 << level
        block = start // TILE_WIDTH
        within = start - block * TILE_WIDTH
        return _root(self.bundle(block)[within : within + width])


def _root(entries: list[bytes]) -> bytes:
    return root_of([leaf_hash(entry) for entry in entries])
