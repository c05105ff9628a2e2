"""A leaf of the log as a record: its bytes, its form, and nothing of its meaning.

Every record is canonical JSON (RFC 8785 for the values allowed here), of a known kind, with
exactly the fields of that kind. A leaf that is not is named and not judged further.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.audit.schemas import ENTRIES, NOTES, Shape
from app.audit.shapes import account

_AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z", re.ASCII)
_PROVINCE = re.compile(r"[0-9]{6}", re.ASCII)
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,128}", re.ASCII)
_KEY = re.compile(r"[a-z][a-z-]*:[A-Za-z0-9._:/-]{1,400}", re.ASCII)
_AMOUNT = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
_BALANCE = re.compile(r"0|-?[1-9][0-9]{0,18}", re.ASCII)
COLUMNS = 5
VERSION = 1

COMMON = frozenset({"v", "kind", "province", "subject", "actor", "at", "policy"})
NOTE_FIELDS = COMMON | {"body"}
ENTRY_FIELDS = COMMON | {"key", "facts", "postings"}

NO_ACTOR = frozenset(
    {
        "bid.placed",
        "bid.refused",
        "maximum.set",
        "commit",
        "bid.key_published",
        "custodian.probed",
    }
)
"""Kinds whose author is not named: else it could be told whose bids are whose."""

Posting = tuple[str, str, int, int, int]
"""Source, target, amount, and the balances of both afterwards; all in hundredths."""

_Fields = Sequence[tuple[str, Any]]


class FormError(Exception):
    """A leaf is not a record. Carries what was expected and what stands."""

    def __init__(self, expected: str, stands: object) -> None:
        super().__init__(expected)
        self.expected = expected
        self.stands = stands


@dataclass(slots=True)
class Record:
    """A well-formed record. `body` are the facts of an entry, `key` is None for a note."""

    index: int
    kind: str
    province: str
    subject: str
    actor: str | None
    at: datetime
    policy: str | None
    body: dict[str, Any]
    key: str | None = None
    postings: Sequence[Posting] = ()


def _compiled(shapes: Mapping[str, Sequence[Shape]]) -> dict[str, dict[frozenset[str], _Fields]]:
    return {
        kind: {frozenset(shape): tuple(shape.items()) for shape in variants}
        for kind, variants in shapes.items()
    }


_NOTES = _compiled(NOTES)
_ENTRIES = _compiled(ENTRIES)
KINDS = frozenset(NOTES) | frozenset(ENTRIES)
"""Every kind of record that may stand in a log."""


# Made once: a new encoder for every record would cost as much as the encoding.
_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)
_DECODER = json.JSONDecoder()


def canonical(value: Mapping[str, Any]) -> bytes:
    """RFC 8785 bytes of an object with ASCII keys, texts, whole numbers, lists and maps."""
    return _ENCODER.encode(value).encode()


def read_record(index: int, leaf: bytes) -> Record:
    """The record in a leaf; raises `FormError`."""
    try:
        raw = _DECODER.decode(leaf.decode())
        same = type(raw) is dict and canonical(raw) == leaf
    except (ValueError, RecursionError):
        same = False
    if not same:
        raise FormError("one JSON object in canonical bytes", leaf[:200])
    is_entry = "postings" in raw
    if raw.keys() != (ENTRY_FIELDS if is_entry else NOTE_FIELDS):
        raise FormError("the fields of an entry or of a note", sorted(raw))
    kind = raw["kind"]
    variants = (_ENTRIES if is_entry else _NOTES).get(kind) if type(kind) is str else None
    if variants is None:
        raise FormError("a known kind", kind)
    record = _head(index, raw)
    body = raw["facts" if is_entry else "body"]
    _check_body(kind, body, variants)
    record.body = body
    if is_entry:
        record.key = raw["key"]
        if type(record.key) is not str or _KEY.fullmatch(record.key) is None:
            raise FormError("a key", record.key)
        record.postings = _postings(raw["postings"])
    return record


def _by_maximum(raw: dict[str, Any]) -> bool:
    """Whether it is a bid that the node made for somebody, in its own name."""
    return raw["kind"] == "bid.placed" and type(raw.get("body")) is dict and "by" in raw["body"]


def _head(index: int, raw: dict[str, Any]) -> Record:
    actor, at, policy = raw["actor"], raw["at"], raw["policy"]
    province, subject, kind = raw["province"], raw["subject"], raw["kind"]
    if raw["v"] != VERSION or type(raw["v"]) is not int:
        raise FormError(f"version {VERSION}", raw["v"])
    if type(province) is not str or _PROVINCE.fullmatch(province) is None:
        raise FormError("a province's code", province)
    if type(subject) is not str or _REFERENCE.fullmatch(subject) is None:
        raise FormError("a public id as subject", subject)
    if kind in NO_ACTOR and not _by_maximum(raw):
        if actor is not None:
            raise FormError("no actor", actor)
    elif type(actor) is not str or _REFERENCE.fullmatch(actor) is None:
        raise FormError("an actor", actor)
    if policy is not None and (type(policy) is not str or _REFERENCE.fullmatch(policy) is None):
        raise FormError("a policy version's id or null", policy)
    try:
        if type(at) is not str or _AT.fullmatch(at) is None:
            raise FormError("an instant in UTC with microseconds", at)
        instant = datetime.fromisoformat(at)
    except ValueError:
        raise FormError("an instant in UTC with microseconds", at) from None
    return Record(index, kind, province, subject, actor, instant, policy, {})


def _check_body(kind: str, body: Any, variants: Mapping[frozenset[str], _Fields]) -> None:
    fields = variants.get(frozenset(body)) if type(body) is dict else None
    if fields is None:
        wanted = " or ".join(", ".join(sorted(names)) or "no fields" for names in variants)
        raise FormError(wanted, sorted(body) if type(body) is dict else body)
    for name, check in fields:
        if not check(body[name]):
            raise FormError(f"a well-formed `{name}` of {kind}", body[name])


def _postings(raw: Any) -> list[Posting]:
    if type(raw) is not list or not raw:
        raise FormError("at least one posting", raw)
    return [_posting(row) for row in raw]


def _posting(row: Any) -> Posting:
    if (
        type(row) is not list
        or len(row) != COLUMNS
        or not account(row[0])
        or not account(row[1])
        or type(row[2]) is not str
        or _AMOUNT.fullmatch(row[2]) is None
        or type(row[3]) is not str
        or _BALANCE.fullmatch(row[3]) is None
        or type(row[4]) is not str
        or _BALANCE.fullmatch(row[4]) is None
    ):
        raise FormError("source, target, amount and both balances after it", row)
    return row[0], row[1], int(row[2]), int(row[3]), int(row[4])
