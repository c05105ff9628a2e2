"""Lists: a stable order, an opaque cursor, never an offset."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

from app.kernel.refusal import CommonRefusal, Rejected

T = TypeVar("T")
LIMIT_MAX = 200
BIGINT_MAX = 2**63 - 1

Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="How many at the most.")]
Cursor = Annotated[
    str | None, Query(max_length=400, description="`next` of the page before; opaque.")
]


CURSOR = "query/cursor"
"""Where a problem says that a cursor is at fault."""


class Page(BaseModel, Generic[T]):
    """One page of a list; `next` is null on the last."""

    items: list[T]
    next: str | None = Field(default=None, examples=[None])


def after(cursor: str | None) -> str:
    """The key that the wanted page begins behind; the empty text sorts before every key."""
    if cursor is None:
        return ""
    try:
        key = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise Rejected(CommonRefusal.INVALID_REQUEST, CURSOR) from None
    if "\x00" in key:
        raise Rejected(CommonRefusal.INVALID_REQUEST, CURSOR)
    return key


def after_number(cursor: str | None, first: int = 0, most: int = BIGINT_MAX) -> int:
    """The number that the wanted page begins behind, for lists in order of one; else `first`."""
    key = after(cursor)
    if key and not (key.isascii() and key.isdigit() and int(key) <= most):
        raise Rejected(CommonRefusal.INVALID_REQUEST, CURSOR)
    return int(key) if key else first


def page(rows: Sequence[T], limit: int, key: Callable[[T], str]) -> Page[T]:
    """Cut `limit` from rows that were read one beyond the limit."""
    more = len(rows) > limit
    items = list(rows[:limit])
    following = base64.urlsafe_b64encode(key(items[-1]).encode()).decode() if more else None
    return Page(items=items, next=following)
