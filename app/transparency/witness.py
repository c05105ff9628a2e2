"""What a witness signs: of each log it knows one history, and nothing else.

Pure. A log sends a checkpoint with the proof that it continues the last one cosigned here; the
answer is a decision to cosign or a refusal under the status that the protocol gives it
(c2sp.org/tlog-witness v1.0.0). Whoever calls keeps what is decided before anybody is answered.
"""

from dataclasses import dataclass
from enum import Enum

from app.transparency.checkpoints import Checkpoint, parse_checkpoint
from app.transparency.fields import TrustError
from app.transparency.merkle import Digest, ProofError, sha256, verify_consistency
from app.transparency.notes import (
    COSIGNATURE,
    Note,
    SignatureError,
    Verifier,
    parse_note,
    verified,
)
from app.transparency.proofs import parse_add_checkpoint
from app.transparency.suites import SM2_TYPE, sm3

BODY_BYTES_MAX = 96 * 1024
"""A note of 64 KiB, 63 hashes and room to spare."""
SIZE_TYPE = "text/x.tlog.size"


class Fault(Enum):
    """Why a checkpoint is not cosigned, with the protocol's status."""

    MALFORMED = (400, "malformed request")
    SIZES = (400, "the old size is above the size of the checkpoint")
    BAD_SIGNATURE = (403, "not signed by the key known for this origin")
    UNKNOWN_ORIGIN = (404, "this witness does not know the origin")
    STALE = (409, "the old size is not that of the last checkpoint cosigned here")
    EMPTY_ROOT = (422, "an empty tree has another root")
    FORK = (422, "another root was cosigned at this size")
    UNPROVEN = (422, "the consistency proof does not verify")

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        self.text = text


EVIDENCE = {Fault.FORK: "fork", Fault.UNPROVEN: "unproven"}
"""Kinds of evidence by the fault they are evidence of."""


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A log as this witness knows it. `root` is None until a first checkpoint is cosigned."""

    origin: str
    log: Verifier
    size: int = 0
    root: bytes | None = None
    root_there: bytes | None = None
    """The root cosigned at the very size that is being asked about, if there is one."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A well-formed request: the size that the log believes to be our last, the proof, the note."""

    old: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class Cosign:
    """To be cosigned: the note with the log's own signature and no others."""

    checkpoint: Checkpoint
    note: Note


@dataclass(frozen=True, slots=True)
class Evidence:
    """A checkpoint that the log has signed and that was not cosigned."""

    fault: Fault
    checkpoint: Checkpoint
    note: Note
    held_size: int


@dataclass(frozen=True, slots=True)
class WitnessRefusal:
    """Not cosigned. `size` is our last size, told to a log that names another."""

    fault: Fault
    size: int | None = None
    evidence: Evidence | None = None

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.fault.status

    @property
    def body(self) -> str:
        """The text of the answer."""
        return f"{self.fault.text}\n" if self.size is None else f"{self.size}\n"


def may_sign_logs(key: Verifier) -> bool:
    """Whether the key is of a type that logs sign with; witnesses have one of their own."""
    return key.type != COSIGNATURE


def digest_of(log: Verifier) -> Digest:
    """The digest of a log's tree: the key that signs it says which (trees are never mixed)."""
    return sm3 if log.type == SM2_TYPE else sha256


def read(body: bytes) -> Submission | WitnessRefusal:
    """Read the body of an add-checkpoint request."""
    try:
        request = parse_add_checkpoint(body.decode())
        note = parse_note(request.checkpoint)
        checkpoint = parse_checkpoint(note.text)
    except (UnicodeDecodeError, TrustError):
        return WitnessRefusal(Fault.MALFORMED)
    return Submission(request.old, tuple(request.hashes), note, checkpoint)


def decide(state: Witnessed | None, asked: Submission) -> Cosign | WitnessRefusal:
    """Judge a submission against what was cosigned before, in the protocol's order."""
    if state is None or state.origin != asked.checkpoint.origin:
        return WitnessRefusal(Fault.UNKNOWN_ORIGIN)
    note = _by_the_log(asked.note, state.log)
    if note is None:
        return WitnessRefusal(Fault.BAD_SIGNATURE)

    fault = _fault(state, asked)
    # Two roots signed for one size prove a fork whatever else is wrong with the request.
    forked = state.root_there is not None and state.root_there != asked.checkpoint.root
    proves = Fault.FORK if forked else fault
    evidence = None
    if proves in EVIDENCE:
        evidence = Evidence(proves, asked.checkpoint, note, state.size)
    if fault is None:
        return Cosign(asked.checkpoint, note)
    return WitnessRefusal(fault, state.size if fault is Fault.STALE else None, evidence)


def _by_the_log(note: Note, log: Verifier) -> Note | None:
    """The note with the log's signature alone; None where it is missing or wrong."""
    try:
        signers = verified(note, [log])
    except SignatureError:
        return None
    if not signers:
        return None
    own = tuple(s for s in note.signatures if (s.name, s.id) == (log.name, log.id))
    # One line: a note may repeat the log's signature as often as its size allows.
    return Note(note.text, own[:1])


def _fault(state: Witnessed, asked: Submission) -> Fault | None:
    checkpoint = asked.checkpoint
    if asked.old > checkpoint.size:
        return Fault.SIZES
    if asked.old != state.size:
        return Fault.STALE
    if checkpoint.size == 0 and checkpoint.root != digest_of(state.log)(b""):
        return Fault.EMPTY_ROOT
    if state.root_there is not None and state.root_there != checkpoint.root:
        return Fault.FORK
    return None if _continues(state, asked) else Fault.UNPROVEN


def _continues(state: Witnessed, asked: Submission) -> bool:
    """Whether the proof shows that the checkpoint only adds to the tree cosigned last."""
    if asked.old == 0 or state.root is None:
        # Every tree continues the empty one, and no proof says so.
        return not asked.proof
    roots = (state.root, asked.checkpoint.root)
    digest = digest_of(state.log)
    try:
        verify_consistency(asked.old, asked.checkpoint.size, *roots, asked.proof, digest)
    except ProofError:
        return False
    return True
