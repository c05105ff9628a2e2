"""Messages and their answers as texts of C2SP signed notes. Pure, and strict in both directions.

A message is `lqx-msg/1`, an answer `lqx-ack/1`, each with one line of canonical JSON (RFC 8785)
below it and the signature of a key named `<node>/msg`. The hash of either is that of its text: so
a signature line that somebody adds changes nothing, and a new key may sign an old text again.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.nodes.rules import (
    MISSING_MAX,
    REVISION_MAX,
    SEQUENCE_MAX,
    TRANSFER_PATTERN,
    TYPE_PATTERN,
    is_name,
)
from app.transparency.fields import FormatError
from app.transparency.notes import NOTE_BYTES_MAX, Note, parse_note

MESSAGE = "lqx-msg/1"
ANSWER = "lqx-ack/1"
SIGNATURE_ROOM = 1024
"""What is kept free in a note for its signature lines."""
DEPTH_MAX = 8

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_TYPE = re.compile(TYPE_PATTERN, re.ASCII)
_TRANSFER = re.compile(TRANSFER_PATTERN, re.ASCII)
_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


class EnvelopeError(FormatError):
    """The text is not a message, or not an answer; it says what is wrong."""


def text_hash(text: str) -> str:
    """The SHA-256 in hex of a note's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def spell(instant: datetime) -> str:
    """UTC with microseconds: one instant has one spelling."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A message under way. `leaf` is the RFC 6962 leaf hash, in hex, of the entry it rests on."""

    sender: str
    to: str
    seq: int
    type: str
    transfer: str
    revision: int
    sent_at: datetime
    body: Mapping[str, Any]
    leaf: str | None = None

    def text(self) -> str:
        """The text that is signed. Raises `EnvelopeError` where no node would accept it."""
        members = {
            "body": self.body,
            "from": self.sender,
            "leaf": self.leaf,
            "revision": self.revision,
            "sent_at": spell(self.sent_at),
            "seq": self.seq,
            "to": self.to,
            "transfer": self.transfer,
            "type": self.type,
        }
        text = _text(MESSAGE, members)
        if len(text.encode()) > NOTE_BYTES_MAX - SIGNATURE_ROOM:
            raise EnvelopeError(f"a message of {len(text.encode())} bytes is too long for a note")
        parse_envelope(text)
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of the message with this hash and number; signed by who received it.

    `missing` are numbers of the same link that have not come. `refused` is the code of a refusal,
    None where the message was taken.
    """

    sender: str
    to: str
    seq: int
    hash: str
    at: datetime
    missing: tuple[int, ...] = ()
    refused: str | None = None

    def text(self) -> str:
        """The text that is signed."""
        members = {
            "at": spell(self.at),
            "from": self.sender,
            "hash": self.hash,
            "missing": list(self.missing),
            "refused": self.refused,
            "seq": self.seq,
            "to": self.to,
        }
        return _text(ANSWER, members)


def parse_envelope(text: str) -> Envelope:
    """Read the text of a message. Raises `EnvelopeError`; `parse_envelope(x).text() == x`."""
    read = _Members(text, MESSAGE)
    envelope = Envelope(
        sender=read.take("from", is_name),
        to=read.take("to", is_name),
        seq=read.take("seq", lambda v: _whole(v, 1, SEQUENCE_MAX)),
        type=read.take("type", _matches(_TYPE)),
        transfer=read.take("transfer", _matches(_TRANSFER)),
        revision=read.take("revision", lambda v: _whole(v, 0, REVISION_MAX)),
        sent_at=read.instant("sent_at"),
        body=read.take("body", lambda v: type(v) is dict and _plain(v, 0)),
        leaf=read.take("leaf", lambda v: v is None or _matches(_HASH)(v)),
    )
    read.end()
    return envelope


def parse_answer(text: str) -> Answer:
    """Read the text of an answer. Raises `EnvelopeError`; `parse_answer(x).text() == x`."""
    read = _Members(text, ANSWER)
    answer = Answer(
        sender=read.take("from", is_name),
        to=read.take("to", is_name),
        seq=read.take("seq", lambda v: _whole(v, 1, SEQUENCE_MAX)),
        hash=read.take("hash", _matches(_HASH)),
        at=read.instant("at"),
        missing=tuple(read.take("missing", _rising)),
        refused=read.take("refused", lambda v: v is None or _matches(_CODE)(v)),
    )
    read.end()
    return answer


def open_note(text: str) -> Note:
    """Read a signed note; what is no note is an `EnvelopeError`."""
    try:
        return parse_note(text)
    except FormatError as error:
        raise EnvelopeError(str(error)) from error


class _Members:
    """The members of one line of canonical JSON below a first line that names its form."""

    def __init__(self, text: str, form: str) -> None:
        first, gap, line = text.partition("\n")
        if first != form or not gap:
            raise EnvelopeError(f"not of the form {form}")
        try:
            members = json.loads(line)
            spelt = _text(form, members) if type(members) is dict else ""
        except (ValueError, RecursionError) as error:
            raise EnvelopeError("not JSON") from error
        if spelt != text:
            raise EnvelopeError("not in canonical form")
        self.members: dict[str, Any] = members

    def take(self, name: str, check: Callable[[Any], bool]) -> Any:
        if name not in self.members:
            raise EnvelopeError(f"there is no {name}")
        value = self.members.pop(name)
        if not check(value):
            raise EnvelopeError(f"its {name} is malformed")
        return value

    def instant(self, name: str) -> datetime:
        try:
            return datetime.fromisoformat(self.take(name, _matches(_AT)))
        except ValueError as error:
            raise EnvelopeError(f"its {name} is malformed") from error

    def end(self) -> None:
        if self.members:
            raise EnvelopeError(f"it has {len(self.members)} members more than it may")


def _text(form: str, members: Mapping[str, Any]) -> str:
    try:
        line = json.dumps(
            members, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
        line.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise EnvelopeError("it cannot be written as JSON") from error
    return f"{form}\n{line}\n"


def _matches(form: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: type(value) is str and form.fullmatch(value) is not None


def _whole(value: Any, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def _rising(value: Any) -> bool:
    return (
        type(value) is list
        and len(value) <= MISSING_MAX
        and all(_whole(one, 1, SEQUENCE_MAX) for one in value)
        and value == sorted(set(value))
    )


def _plain(value: Any, depth: int) -> bool:
    """Whether it is made of texts, whole numbers, truth values, nothing, lists and maps."""
    if depth > DEPTH_MAX:
        return False
    if type(value) is dict:
        # Names beyond ASCII would sort in another order in UTF-16, as RFC 8785 has it.
        return all(name.isascii() and _plain(member, depth + 1) for name, member in value.items())
    if type(value) is list:
        return all(_plain(member, depth + 1) for member in value)
    if value is None or type(value) in {str, bool}:
        return True
    return _whole(value, -SEQUENCE_MAX, SEQUENCE_MAX)
