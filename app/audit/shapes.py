"""The forms of single fields. A field without a form has no place in a record.

A check answers whether a value is well formed; what the value should be is decided elsewhere.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from app.kernel.calendar import wire

Check = Callable[[Any], bool]

INT_MAX = 2**53 - 1
KEY_BYTES = 32

_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,17})\.[0-9]{2}", re.ASCII)
_BALANCE = re.compile(r"-?(0|[1-9][0-9]{0,39})\.[0-9]{2}", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_TICKET = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}(/[A-Za-z0-9][A-Za-z0-9._-]{0,63})?", re.ASCII
)
_REGION = re.compile(r"[1-9][0-9]{5}", re.ASCII)
_HEX32 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ACCOUNT = re.compile(r"[a-z_]+:[0-9]{6}:[A-Za-z0-9._:/-]{1,200}", re.ASCII)
_LINE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,200}")
_VKEY = re.compile(r"[^\s+]{1,200}\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{1,200}", re.ASCII)
_TYPE = re.compile(r"[a-z]{1,16}(\.[a-z_]{1,24}){1,2}", re.ASCII)
_MATTER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", re.ASCII)
_CODE = re.compile(r"[a-z][a-z0-9-]{0,63}", re.ASCII)
NOTE_MAX = 65_535
SEED_MAX = 10_000


def amount(value: Any) -> bool:
    """A decimal string with two places, zero or more."""
    return type(value) is str and _AMOUNT.fullmatch(value) is not None


def balance(value: Any) -> bool:
    """A decimal string with two places, which may be below zero."""
    return type(value) is str and _BALANCE.fullmatch(value) is not None


def count(value: Any) -> bool:
    """A whole number of zero or more."""
    return type(value) is int and 0 <= value <= INT_MAX


def flag(value: Any) -> bool:
    """True or false."""
    return type(value) is bool


def name(value: Any) -> bool:
    """A public id."""
    return type(value) is str and _ID.fullmatch(value) is not None


def ticket(value: Any) -> bool:
    """A ticket's id, which may carry the province that it came to."""
    return type(value) is str and _TICKET.fullmatch(value) is not None


def region(value: Any) -> bool:
    """A region code."""
    return type(value) is str and _REGION.fullmatch(value) is not None


def digest(value: Any) -> bool:
    """Thirty-two bytes in hex: a SHA-256 or a salt."""
    return type(value) is str and _HEX32.fullmatch(value) is not None


def account(value: Any) -> bool:
    """A ledger account's code."""
    return type(value) is str and _ACCOUNT.fullmatch(value) is not None


def line(value: Any) -> bool:
    """One line of text that a person chose, such as a document's number."""
    return type(value) is str and _LINE.fullmatch(value) is not None


def seed(value: Any) -> bool:
    """A draw's seed: any text that a database takes."""
    return type(value) is str and 0 < len(value) <= SEED_MAX and "\x00" not in value


def message_type(value: Any) -> bool:
    """The type of a message between nodes."""
    return type(value) is str and _TYPE.fullmatch(value) is not None


def matter(value: Any) -> bool:
    """What a message between nodes is about."""
    return type(value) is str and _MATTER.fullmatch(value) is not None


def vkey(value: Any) -> bool:
    """A verifier key."""
    return type(value) is str and _VKEY.fullmatch(value) is not None


def code(value: Any) -> bool:
    """The code of a refusal."""
    return type(value) is str and _CODE.fullmatch(value) is not None


def key32(value: Any) -> bool:
    """Thirty-two bytes in standard base64."""
    return base64(value) and len(b64decode(value)) == KEY_BYTES


def base64(value: Any) -> bool:
    """Some bytes in standard base64."""
    try:
        return type(value) is str and b64encode(b64decode(value, validate=True)).decode() == value
    except ValueError:
        return False


def nothing(value: Any) -> bool:
    """Null."""
    return value is None


def note(value: Any) -> bool:
    """The text of a signed note."""
    return type(value) is str and 0 < len(value) <= NOTE_MAX


def day(value: Any) -> bool:
    """A calendar day such as 2026-01-31."""
    try:
        return type(value) is str and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def instant(value: Any) -> bool:
    """An instant as people write it: RFC 3339 in +08:00."""
    try:
        return type(value) is str and wire(instant_of(value)) == value
    except ValueError:
        return False


def any_offset(value: Any) -> bool:
    """An instant with some offset."""
    try:
        return type(value) is str and instant_of(value).tzinfo is not None
    except ValueError:
        return False


@lru_cache(maxsize=4096)
def instant_of(text: str) -> datetime:
    """The instant that a text names."""
    return datetime.fromisoformat(text)


def hundredths_of(text: str) -> int:
    """`"1234.50"` as 123450; the form has been checked."""
    return int(text[:-3] + text[-2:])


def one_of(*words: str) -> Check:
    """One of these words."""
    among = frozenset(words)
    return lambda value: type(value) is str and value in among


def maybe(check: Check) -> Check:
    """The same, or null."""
    return lambda value: value is None or check(value)


def rows(*checks: Check) -> Check:
    """A list of rows with these columns."""
    return lambda value: (
        type(value) is list
        and all(
            type(row) is list
            and len(row) == len(checks)
            and all(check(cell) for check, cell in zip(checks, row, strict=True))
            for row in value
        )
    )


def closed(**fields: Check) -> Check:
    """A map with exactly these fields."""
    return lambda value: (
        type(value) is dict
        and value.keys() == fields.keys()
        and all(check(value[name]) for name, check in fields.items())
    )
