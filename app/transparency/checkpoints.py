"""Checkpoints (c2sp.org/tlog-checkpoint v1.0.0): what a log commits itself to, as a note's text.

Three lines: the origin that names the log, its size and its root. Lines that may follow mean
nothing to us and are kept as they are, because signatures cover them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from app.transparency.fields import FormatError, encode64, hash64, number
from app.transparency.notes import (
    Note,
    SignatureError,
    Verified,
    Verifier,
    parse_note,
    verified,
)

_LINES = 3


class CheckpointError(FormatError):
    """The text is not a checkpoint, or not one of the log that was asked for."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log `origin` had `size` leaves with this root."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        """Give the text that is signed."""
        lines = (self.origin, str(self.size), encode64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a note's text as a checkpoint; what it gives back `text()` spells the same again."""
    lines = text.split("\n")
    if lines.pop() != "" or len(lines) < _LINES or not all(lines):
        raise CheckpointError("a checkpoint has three or more lines, none empty, each ended")
    origin, size, root, *extensions = lines
    return Checkpoint(
        origin,
        number(size, "the tree size", CheckpointError),
        hash64(root, "the root", CheckpointError),
        tuple(extensions),
    )


class Opened(NamedTuple):
    """A checkpoint whose log signature holds, its note, and the witnesses that cosigned it."""

    checkpoint: Checkpoint
    note: Note
    cosignatures: list[Verified]


def open_checkpoint(note_text: str, log: Verifier, witnesses: Iterable[Verifier] = ()) -> Opened:
    """Read a checkpoint signed by the log, and check the cosignatures of the witnesses given.

    Raises `NoteError` or `CheckpointError` for malformed texts and another log's checkpoint,
    `SignatureError` when the log's signature is missing or any given key's is wrong. How many
    cosignatures suffice is a `WitnessPolicy`'s to say.
    """
    note = parse_note(note_text)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != log.name:
        raise CheckpointError(f"the checkpoint is of {checkpoint.origin!r}, not of {log.name!r}")
    found = verified(note, [log, *witnesses])
    others = [one for one in found if (one.name, one.id) != (log.name, log.id)]
    if len(others) == len(found):
        raise SignatureError(f"the checkpoint is not signed by {log.name}")
    return Opened(checkpoint, note, others)
