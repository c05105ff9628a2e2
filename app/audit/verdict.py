"""The whole audit of a mirrored log: signatures, tree, continuation, and every record."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.audit.mirror import Mirror
from app.audit.report import Report
from app.audit.stream import audit_records
from app.audit.tree import HASH_BYTES, Tile, Tree
from app.transparency.checkpoints import Checkpoint, open_checkpoint
from app.transparency.fields import TrustError
from app.transparency.notes import Verifier
from app.transparency.quorum import WitnessPolicy

FAULTS_KEPT = 20


@dataclass(slots=True)
class Verdict:
    """What an audit came to. `faults` concern the log as a whole, the report its records."""

    checkpoint: Checkpoint
    witnesses: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    continues: bool = True
    """Whether the tree is the one that was signed, now and whenever the mirror looked."""
    report: Report = field(default_factory=Report)

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not self.faults and self.report.clean


def audit_mirror(mirror: Mirror, key: Verifier, policy: WitnessPolicy | None = None) -> Verdict:
    """Audit the log in a mirror. Raises `MirrorError`, or `TrustError` for a bad signature.

    One pass over the entries feeds the tree and the rules alike.
    """
    note = mirror.checkpoint()
    opened = open_checkpoint(note, key, () if policy is None else policy.verifiers)
    verdict = Verdict(opened.checkpoint, sorted({one.name for one in opened.cosignatures}))
    if policy is not None:
        try:
            policy.check(note, key)
        except TrustError as error:
            verdict.faults.append(str(error))
    hashing = _Hashing(mirror, verdict, mirror.earlier(key))
    size = opened.checkpoint.size
    verdict.report = audit_records(hashing.through(mirror.entries(size)))
    hashing.finish()
    return verdict


class _Hashing:
    """Hashes entries on their way to the rules, and compares roots and tiles as they pass."""

    def __init__(self, mirror: Mirror, verdict: Verdict, earlier: dict[int, set[bytes]]) -> None:
        self.mirror = mirror
        self.verdict = verdict
        self.tree = Tree(self.check_tile)
        self.expected = earlier
        current = verdict.checkpoint
        self.expected.setdefault(current.size, set()).add(current.root)

    def through(self, entries: Iterator[bytes]) -> Iterator[bytes]:
        """Pass each entry on, hashed."""
        tree, expected = self.tree, self.expected
        for entry in entries:
            tree.append(entry)
            if tree.size in expected:
                self.check_root()
            yield entry

    def check_root(self) -> None:
        """Compare the tree at this size with every checkpoint that was signed of it."""
        root, size = self.tree.root(), self.tree.size
        for signed in self.expected[size]:
            if signed != root:
                self.verdict.continues = False
                self.fault(
                    f"the log signed the root {signed.hex()} at {size} records;"
                    f" its records give {root.hex()}"
                )

    def check_tile(self, tile: Tile) -> None:
        """Compare a tile as it was served with the one that the entries give."""
        width = len(tile.data) // HASH_BYTES
        served = self.mirror.tile(tile.level, tile.number, width)
        if served is not None and served != tile.data:
            self.fault(f"the tile {tile.level}/{tile.number} is not the one its entries give")

    def finish(self) -> None:
        """Check what stands at the right edge, and that no checkpoint was of a longer log."""
        if self.tree.size == 0 and 0 in self.expected:
            self.check_root()
        for tile in self.tree.open_tiles():
            self.check_tile(tile)
        longest = max(self.expected)
        if longest > self.tree.size:
            self.verdict.continues = False
            self.fault(f"the log signed {longest} records, and now shows {self.tree.size}")

    def fault(self, text: str) -> None:
        """Keep a fault, up to a few."""
        if len(self.verdict.faults) < FAULTS_KEPT:
            self.verdict.faults.append(text)
