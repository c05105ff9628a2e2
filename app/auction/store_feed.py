"""The SQL of what watchers and bidders are told of a lot's records."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from app.auction.rules_feed import KINDS, Happening
from app.platform.db import Reader

_RECORDS = text("""
    SELECT w.lot, r.id, r.kind, r.at, r.body
    FROM unnest(CAST(:lots AS text[]), CAST(:behind AS bigint[])) AS w (lot, behind)
    CROSS JOIN LATERAL (
        SELECT id, kind, at, body FROM record
        WHERE kind = ANY(:kinds) AND subject COLLATE "C" = w.lot AND id > w.behind
    ) r
    ORDER BY r.id
""")

# Of lots with custodians a query sees nothing before the result, its own bids included.
_OWN = text("""
    SELECT r.id, r.kind, r.at, r.body, b.number, b.price_fen, c.id AS receipt
    FROM (
        SELECT id, kind, subject, at, body FROM record
        WHERE kind IN ('bid.placed', 'bid.refused') AND subject COLLATE "C" = :lot
            AND CAST(convert_from(body, 'UTF8') AS jsonb) -> 'body' -> 'paddle'
                = to_jsonb(CAST(:paddle AS int))
        UNION ALL
        SELECT t.id, t.kind, t.subject, t.at, t.body
        FROM sealed_bid s JOIN record t ON t.id = s.record
        WHERE s.lot = :lot AND s.bidder = :bidder
    ) r
    LEFT JOIN receipt c ON c.record_id = r.id
    LEFT JOIN bid b ON b.lot = :lot AND CASE r.kind
        WHEN 'bid.placed' THEN b.number = CAST(
            CAST(convert_from(r.body, 'UTF8') AS jsonb) -> 'body' ->> 'number' AS int)
        WHEN 'commit' THEN b.sealed = r.subject END
    WHERE r.id > :after ORDER BY r.id LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A bid that somebody made, taken or refused, with the id of its receipt. Price in fen."""

    record: int
    kind: str
    at: datetime
    body: Mapping[str, Any]
    number: int | None
    price: int | None
    receipt: str | None


async def happenings(reader: Reader, behind: Mapping[str, int]) -> list[Happening]:
    """The public records of lots, each from behind a record's number, in their order."""
    rows = await reader.run(
        _RECORDS,
        {"lots": list(behind), "behind": list(behind.values()), "kinds": list(KINDS)},
    )
    return [
        Happening(row.lot, row.id, row.kind, row.at, json.loads(bytes(row.body))["body"])
        for row in rows
    ]


async def attempts(  # noqa: PLR0913, PLR0917 - a page of one party's rows has these
    reader: Reader, lot: str, bidder: str, paddle: int, after: int, limit: int
) -> list[Attempt]:
    """What a bidder tried on a lot, in order, from behind record `after`."""
    rows = await reader.run(
        _OWN,
        {"lot": lot, "bidder": bidder, "paddle": paddle, "after": after, "limit": limit},
    )
    return [
        Attempt(
            row.id,
            row.kind,
            row.at,
            json.loads(bytes(row.body))["body"],
            row.number,
            row.price_fen,
            row.receipt,
        )
        for row in rows
    ]
