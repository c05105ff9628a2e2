"""Writes a published log as a folder, as a mirror of `/log` holds it, and checks such a folder.

What a folder holds: `checkpoint`, `vkey`, `policy`, `tile/…`; and what people keep of it:
`proof/NAME` with `proof/NAME.entry` (a `.tlog-proof` and the entry it is of), `consistency/NAME`
(add-checkpoint bodies) and `remembered/NAME` (checkpoints seen earlier).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.transparency.checkpoints import Checkpoint
from app.transparency.merkle import (
    ProofError,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_at,
    sha256,
    verify_consistency,
)
from app.transparency.notes import (
    CosignatureSigner,
    Ed25519Signer,
    Signer,
    Verifier,
    parse_vkey,
    sign,
    vkey,
)
from app.transparency.proofs import AddCheckpoint, TlogProof, parse_add_checkpoint, parse_proof
from app.transparency.quorum import (
    Group,
    Log,
    Witness,
    WitnessPolicy,
    parse_policy,
)
from app.transparency.tiles import (
    TILE_WIDTH,
    Appender,
    TileNodes,
    decode_entries,
    encode_entries,
    entries_path,
    tile_path,
)

ORIGIN = "market.example/log"


@dataclass(frozen=True)
class Keys:
    """Who signs: the log, and two witnesses of which both are needed."""

    log: Signer = field(default_factory=lambda: Ed25519Signer(ORIGIN, sha256(b"log")))
    witnesses: tuple[CosignatureSigner, ...] = field(
        default_factory=lambda: tuple(
            CosignatureSigner(f"witness.example/{name}", sha256(name.encode())) for name in "ab"
        )
    )

    @property
    def policy(self):
        names = tuple(f"w{i}" for i in range(len(self.witnesses)))
        witnesses = [Witness(n, Verifier.of(w)) for n, w in zip(names, self.witnesses, strict=True)]
        logs = (Log(Verifier.of(self.log)),)
        if not names:
            return WitnessPolicy(logs)
        return WitnessPolicy(logs, tuple(witnesses), (Group("q", len(names), names),), "q")


@dataclass
class Published:
    """A log in memory, from which any part of its folder can be made."""

    entries: Sequence[bytes]
    keys: Keys = field(default_factory=Keys)
    origin: str = ORIGIN
    time: int = 1_800_000_000

    def __post_init__(self):
        appender = Appender(0, {})
        for entry in self.entries:
            appender.append(leaf_hash(entry))
        self.tiles = appender.changed()
        self.node = TileNodes(self.tiles).node

    def note(self, size, *, text=None):
        """The checkpoint at a size, signed and cosigned; `text` replaces what is signed."""
        text = text or Checkpoint(self.origin, size, root_at(size, self.node)).text()
        note = sign(text, self.keys.log)
        lines = [w.cosign(text, self.time) for w in self.keys.witnesses]
        return note.with_signatures(*lines).encode()

    def proof(self, index, size):
        hashes = inclusion_proof(index, size, self.node)
        return TlogProof(index, hashes, self.note(size)).encode()

    def growth(self, old, new):
        hashes = consistency_proof(old, new, self.node)
        return AddCheckpoint(old, hashes, self.note(new)).encode()

    def write(self, folder: Path, *, checkpoint=None):
        """The log itself: checkpoint, key, policy, tiles, bundles."""
        size = len(self.entries)
        write(folder / "checkpoint", checkpoint or self.note(size))
        write(folder / "vkey", vkey(self.keys.log) + "\n")
        write(folder / "policy", self.keys.policy.text())
        for (level, n), data in self.tiles.items():
            write(folder / tile_path(level, n, len(data) // 32), data)
        for start in range(0, size, TILE_WIDTH):
            bundle = self.entries[start : start + TILE_WIDTH]
            write(folder / entries_path(start // TILE_WIDTH, len(bundle)), encode_entries(bundle))

    def keep(self, folder: Path, indexes: Iterable[int] = (), seen: Iterable[int] = ()):
        """What people keep: receipts with their entries, earlier checkpoints, proofs of growth."""
        size = len(self.entries)
        for index in indexes:
            write(folder / "proof" / str(index), self.proof(index, size))
            write(folder / "proof" / f"{index}.entry", self.entries[index])
        for old in seen:
            write(folder / "remembered" / str(old), self.note(old))
            write(folder / "consistency" / str(old), self.growth(old, size))


def write(path: Path, data: str | bytes):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)


def check(folder: Path):
    """Check a whole folder with the project's own functions; raises what disagrees."""
    log = parse_vkey(text(folder / "vkey").removesuffix("\n"))
    policy = parse_policy(text(folder / "policy"))
    newest = policy.check(text(folder / "checkpoint"), log)
    appender = rebuild(folder, newest.size)
    if appender.root() != newest.root:
        raise ProofError(f"the entries do not hash to the root of {newest.size}")
    tiles = appender.changed()
    for (level, n), data in tiles.items():
        if read(folder / tile_path(level, n, len(data) // 32)) != data:
            raise ProofError(f"tile {n} of level {level} is not what its entries hash to")
    node = TileNodes(tiles).node
    for path in kept(folder / "remembered"):
        seen = policy.check(text(path), log)
        if seen.size > newest.size:
            raise ProofError(f"{seen.size} entries were seen, {newest.size} are left")
        if root_at(seen.size, node) != seen.root:
            raise ProofError(f"the first {seen.size} entries are not those that were seen")
    check_kept(folder, log, policy, node)


def check_kept(folder, log, policy, node):
    """Receipts, and proofs of growth against the roots of the rebuilt tree."""
    for path in kept(folder / "proof"):
        if path.suffix != ".entry":
            entry = read(path.with_name(f"{path.name}.entry"))
            parse_proof(text(path)).verify(entry, log, policy)
    for path in kept(folder / "consistency"):
        body = parse_add_checkpoint(text(path))
        tree = policy.check(body.checkpoint, log)
        old_root = root_at(body.old, node)
        verify_consistency(body.old, tree.size, old_root, tree.root, body.hashes)


def rebuild(folder, size):
    appender = Appender(0, {})
    for start in range(0, size, TILE_WIDTH):
        width = min(TILE_WIDTH, size - start)
        entries = decode_entries(read(folder / entries_path(start // TILE_WIDTH, width)))
        if len(entries) != width:
            raise ProofError(f"the bundle at {start} holds {len(entries)} entries")
        for entry in entries:
            appender.append(leaf_hash(entry))
    return appender


def kept(folder):
    return sorted(folder.iterdir()) if folder.exists() else []


def read(path):
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ProofError(f"{path.name} is missing") from error


def text(path):
    return read(path).decode()
