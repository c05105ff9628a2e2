"""Which cosignatures make a checkpoint trustworthy: policy files of c2sp.org/tlog-policy.

A policy names logs, witnesses, groups of witnesses of which k must have signed, and the quorum.
Names are the policy's own; keys decide.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from app.transparency.checkpoints import Checkpoint, parse_checkpoint
from app.transparency.fields import FormatError, TrustError
from app.transparency.notes import (
    COSIGNATURE,
    KeyFormatError,
    SignatureError,
    Verified,
    Verifier,
    parse_note,
    parse_vkey,
    verified,
    vkey,
)

NONE = "none"
_THRESHOLD = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class PolicyError(FormatError):
    """The text is not a policy file; the message names the line."""


class QuorumError(TrustError):
    """Too few of the witnesses that the policy asks for have cosigned, or it knows no such log."""


@dataclass(frozen=True, slots=True)
class Log:
    """A log that the policy accepts."""

    verifier: Verifier
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness, by the name that the policy gives it."""

    name: str
    verifier: Verifier
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Counts as having signed when `threshold` of its members have."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WitnessPolicy:
    """Logs, witnesses, groups in order of definition, and the name of the quorum (or `none`)."""

    logs: tuple[Log, ...] = ()
    witnesses: tuple[Witness, ...] = ()
    groups: tuple[Group, ...] = ()
    quorum: str = NONE

    @property
    def verifiers(self) -> list[Verifier]:
        """The witnesses' keys."""
        return [witness.verifier for witness in self.witnesses]

    def cosigners(self, found: Iterable[Verified]) -> set[str]:
        """Give the policy's names of the witnesses among verified signatures."""
        signed = {(one.name, one.id) for one in found}
        return {w.name for w in self.witnesses if (w.verifier.name, w.verifier.id) in signed}

    def satisfied_by(self, names: Collection[str]) -> bool:
        """Say whether these witnesses, by the policy's names, make up the quorum."""
        if self.quorum == NONE:
            return True
        signed = {witness.name for witness in self.witnesses} & set(names)
        for group in self.groups:
            if len(signed.intersection(group.members)) >= group.threshold:
                signed.add(group.name)
        return self.quorum in signed

    def check(self, note_text: str, log: Verifier | None = None) -> Checkpoint:
        """Read a checkpoint signed by a log of the policy (or by `log`) and by the quorum.

        Raises `NoteError`, `CheckpointError`, `SignatureError`, and `QuorumError` when the policy
        lists logs and this is none of them, or when cosignatures are missing.
        """
        note = parse_note(note_text)
        checkpoint = parse_checkpoint(note.text)
        listed = [one.verifier for one in self.logs]
        if log is not None and listed and log not in listed:
            raise QuorumError(f"the policy does not accept the log {log.name}")
        logs = [v for v in ([log] if log else listed) if v.name == checkpoint.origin]
        if not logs:
            raise QuorumError(f"a checkpoint of {checkpoint.origin!r} is not asked for here")
        found = verified(note, [*logs, *self.verifiers])
        signed = {(one.name, one.id) for one in found}
        if not any((v.name, v.id) in signed for v in logs):
            raise SignatureError(f"the checkpoint is not signed by {checkpoint.origin}")
        names = self.cosigners(found)
        if not self.satisfied_by(names):
            seen = ", ".join(sorted(names)) or "no witness"
            raise QuorumError(f"the quorum {self.quorum} is not met: cosigned by {seen}")
        return checkpoint

    def text(self) -> str:
        """Give the policy as a file."""
        lines = [" ".join(filter(None, ("log", vkey(o.verifier), o.url))) for o in self.logs]
        lines += [
            " ".join(filter(None, ("witness", w.name, vkey(w.verifier), w.url)))
            for w in self.witnesses
        ]
        lines += [f"group {g.name} {g.threshold} {' '.join(g.members)}" for g in self.groups]
        return "".join(f"{line}\n" for line in (*lines, f"quorum {self.quorum}"))


class _Reader:
    """What the lines read so far have defined."""

    def __init__(self) -> None:
        self.logs: list[Log] = []
        self.witnesses: list[Witness] = []
        self.groups: list[Group] = []
        self.quorum: str | None = None
        self.free: dict[str, bool] = {}
        """Defined names, and whether each may still become a member of a group."""

    def line(self, text: str) -> None:
        if _CONTROL.search(text):
            raise PolicyError("control characters")
        words = [word for word in re.split(r"[ \t]+", text) if word]
        if not words or words[0].startswith("#"):
            return
        match words:
            case ["log", key, *url] if len(url) <= 1:
                self.logs.append(Log(self.key(key, self.logs), *url))
            case ["witness", name, key, *url] if len(url) <= 1:
                verifier = self.key(key, self.witnesses)
                self.define(name)
                self.witnesses.append(Witness(name, verifier, *url))
            case ["group", name, threshold, *members] if members:
                self.groups.append(self.group(name, threshold, members))
                self.define(name)
            case ["quorum", name]:
                if self.quorum is not None:
                    raise PolicyError("there is a quorum already")
                if name != NONE and name not in self.free:
                    raise PolicyError(f"{name} is not defined above")
                self.quorum = name
            case _:
                raise PolicyError("not a line of a policy")

    def key(self, text: str, others: list[Log] | list[Witness]) -> Verifier:
        try:
            verifier = parse_vkey(text)
        except KeyFormatError as error:
            raise PolicyError(str(error)) from error
        if (verifier.type == COSIGNATURE) != (others is self.witnesses):
            raise PolicyError("witnesses have keys of type 0x04, logs of another")
        if any(other.verifier.public == verifier.public for other in others):
            raise PolicyError("this key stands above already")
        return verifier

    def define(self, name: str) -> None:
        if name == NONE or name in self.free:
            raise PolicyError(f"the name {name} is taken")
        self.free[name] = True

    def group(self, name: str, threshold: str, members: list[str]) -> Group:
        for member in members:
            if not self.free.get(member):
                raise PolicyError(f"{member} is not defined above, or is a member already")
            self.free[member] = False
        k = {"all": len(members), "any": 1}.get(threshold, 0)
        if not k and _THRESHOLD.fullmatch(threshold):
            k = int(threshold)
        if not 1 <= k <= len(members):
            raise PolicyError(f"{threshold} of {len(members)} members is not a threshold")
        return Group(name, k, tuple(members))


def parse_policy(text: str) -> WitnessPolicy:
    """Read a policy file. Raises `PolicyError` that names the line."""
    reader = _Reader()
    for at, line in enumerate(text.split("\n"), 1):
        try:
            reader.line(line)
        except PolicyError as error:
            raise PolicyError(f"line {at}: {error}") from error
    if reader.quorum is None:
        raise PolicyError("there is no quorum line")
    return WitnessPolicy(
        tuple(reader.logs), tuple(reader.witnesses), tuple(reader.groups), reader.quorum
    )
