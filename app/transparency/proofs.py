"""Proofs as texts: `.tlog-proof` (c2sp.org/tlog-proof) and add-checkpoint bodies (tlog-witness).

Both carry the hashes of an RFC 6962 proof, one per line, and a checkpoint's note verbatim. A
`.tlog-proof` needs nothing else than the entry and the keys one trusts: no server, no account.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.transparency.checkpoints import Checkpoint, parse_checkpoint
from app.transparency.fields import FormatError, decode64, encode64, hash64, number
from app.transparency.merkle import Digest, ProofError, leaf_hash, sha256, verify_inclusion
from app.transparency.notes import Verifier, parse_note
from app.transparency.quorum import WitnessPolicy

HEADER = "c2sp.org/tlog-proof@v1"
HASHES_MAX = 63


@dataclass(frozen=True, slots=True)
class TlogProof:
    """An entry's index, its inclusion proof (leaf to root), a checkpoint's note, opaque extra.

    Nothing vouches for `extra`.
    """

    index: int
    hashes: Sequence[bytes]
    checkpoint: str
    extra: bytes | None = None

    def encode(self) -> str:
        """Give the text of a `.tlog-proof` file."""
        extra = [] if self.extra is None else [f"extra {encode64(self.extra)}"]
        return _encode([HEADER, *extra, f"index {self.index}"], self.hashes, self.checkpoint)

    def verify(
        self,
        entry: bytes,
        log: Verifier,
        policy: WitnessPolicy | None = None,
        digest: Digest = sha256,
    ) -> Checkpoint:
        """Check that the entry is in the log at `index`, and give the checkpoint that says so.

        Without a policy no witness is asked for. Raises a `TrustError`: `ProofError` when the
        entry is not there, else what `WitnessPolicy.check` raises.
        """
        checkpoint = (policy or WitnessPolicy()).check(self.checkpoint, log)
        verify_inclusion(
            leaf_hash(entry, digest),
            self.index,
            checkpoint.size,
            self.hashes,
            checkpoint.root,
            digest,
        )
        return checkpoint


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """What a log asks a witness: old size, consistency proof, the new checkpoint's note."""

    old: int
    hashes: Sequence[bytes]
    checkpoint: str

    def encode(self) -> str:
        """Give the text of the request's body."""
        return _encode([f"old {self.old}"], self.hashes, self.checkpoint)


def parse_proof(text: str) -> TlogProof:
    """Read a `.tlog-proof`; its parts are well-formed then, but not yet checked.

    Raises `ProofError`. `parse_proof(x).encode() == x`.
    """
    lines, checkpoint = _parts(text)
    if lines[:1] != [HEADER]:
        raise ProofError(f"the first line is not {HEADER}")
    at = 1
    extra = None
    if len(lines) > at and lines[at].startswith("extra "):
        extra = decode64(lines[at].removeprefix("extra "), "the extra data", ProofError)
        at += 1
    index = _field("index", lines[at:])
    return TlogProof(index, _hashes(lines[at + 1 :]), checkpoint, extra)


def parse_add_checkpoint(text: str) -> AddCheckpoint:
    """Read an add-checkpoint body; it is well-formed then, but not yet checked.

    Raises `ProofError`. `parse_add_checkpoint(x).encode() == x`.
    """
    lines, checkpoint = _parts(text)
    return AddCheckpoint(_field("old", lines), _hashes(lines[1:]), checkpoint)


def _encode(head: Sequence[str], hashes: Sequence[bytes], checkpoint: str) -> str:
    lines = (*head, *map(encode64, hashes))
    return "".join(f"{line}\n" for line in lines) + "\n" + checkpoint


def _parts(text: str) -> tuple[list[str], str]:
    """Give the lines above the first empty one, and the checkpoint below it."""
    head, gap, checkpoint = text.partition("\n\n")
    if not gap:
        raise ProofError("there is no empty line with a checkpoint below")
    try:
        parse_checkpoint(parse_note(checkpoint).text)
    except FormatError as error:
        raise ProofError(f"the checkpoint is malformed: {error}") from error
    return head.split("\n"), checkpoint


def _field(name: str, lines: Sequence[str]) -> int:
    if not lines or not lines[0].startswith(f"{name} "):
        raise ProofError(f"the line with the {name} is missing")
    return number(lines[0].removeprefix(f"{name} "), f"the {name}", ProofError)


def _hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    if len(lines) > HASHES_MAX:
        raise ProofError(f"the proof has {len(lines)} hashes, more than {HASHES_MAX}")
    return tuple(hash64(line, "a hash of the proof", ProofError) for line in lines)
