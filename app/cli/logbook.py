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


@dataclass(slots=True)
class Logbook:
    """A log as it stands at one checkpoint, whose signatures the caller has checked."""

    fetch: Fetch
    checkpoint: Checkpoint
    note: str
    blocks: list[bytes] = field(init=False)
    _bundles: dict[int, list[bytes]] = field(init=False, default_factory=dict)

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
            self._bundles[full] = self._fetched(full, rest)
            last = [self._leaf_root(full, rest)]
        if root_of([*self.blocks, *last]) != self.checkpoint.root:
            raise ProofError("the log serves other entries than its checkpoint signs for")

    def bundle(self, n: int) -> list[bytes]:
        """The entries of block `n`, checked. Raises `ProofError`."""
        if n not in self._bundles:
            self._bundles[n] = self._fetched(n, TILE_WIDTH)
            if self._leaf_root(n, TILE_WIDTH) != self.blocks[n]:
                del self._bundles[n]
                raise ProofError(f"the entries of block {n} are not those of the tree")
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
            self.bundle(full)
            last = [self._leaf_root(full, rest)]
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

    def _leaf_root(self, n: int, width: int) -> bytes:
        return root_of([leaf_hash(entry) for entry in self._bundles[n][:width]])

    def _node(self, level: int, n: int) -> bytes:
        if level >= _LEVELS:
            width = 1 << (level - _LEVELS)
            return root_of(self.blocks[n * width : (n + 1) * width])
        start, width = (n << level), 1 << level
        block = start // TILE_WIDTH
        within = start - block * TILE_WIDTH
        return root_of([leaf_hash(e) for e in self.bundle(block)[within : within + width]])
