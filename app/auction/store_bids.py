"""The SQL of registrations and bids."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text

from app.auction.rules import Bid, Registration
from app.kernel.units import Fen
from app.platform.db import Reader, Tx

_BIDS = """
    SELECT b.lot, b.bidder, b.price_fen, b.at, b.number, b.by_maximum, r.paddle
    FROM bid b JOIN registration r ON (r.lot, r.bidder) = (b.lot, b.bidder)
"""
_REGISTRATIONS = "SELECT lot, bidder, at, paddle, paddle_salt, bid_key FROM registration"


def _bid(row: Row[Any]) -> Bid:
    return Bid(
        row.lot, row.bidder, Fen(row.price_fen), row.at, row.number, row.paddle, row.by_maximum
    )


def _registration(row: Row[Any]) -> Registration:
    return Registration(
        row.lot, row.bidder, row.at, row.paddle, bytes(row.paddle_salt), row.bid_key
    )


async def registered(reader: Reader, lot: str) -> list[Registration]:
    """Who is registered for the lot, in order of bidder."""
    rows = await reader.run(
        text(_REGISTRATIONS + " WHERE lot = :lot ORDER BY bidder"), {"lot": lot}
    )
    return [_registration(row) for row in rows]


async def find_registration(reader: Reader, lot: str, bidder: str) -> Registration | None:
    """The registration of a bidder for a lot."""
    row = (
        await reader.run(
            text(_REGISTRATIONS + " WHERE lot = :lot AND bidder = :bidder"),
            {"lot": lot, "bidder": bidder},
        )
    ).one_or_none()
    return None if row is None else _registration(row)


async def list_registrations(
    reader: Reader, bidder: str, after: str, limit: int
) -> list[Registration]:
    """A bidder's registrations in order of lot."""
    rows = await reader.run(
        text(_REGISTRATIONS + " WHERE bidder = :bidder AND lot > :after ORDER BY lot LIMIT :limit"),
        {"bidder": bidder, "after": after, "limit": limit},
    )
    return [_registration(row) for row in rows]


async def has_registrations(reader: Reader, lot: str) -> bool:
    """Whether anybody is registered for the lot."""
    found = await reader.run(
        text("SELECT EXISTS (SELECT FROM registration WHERE lot = :lot)"), {"lot": lot}
    )
    return bool(found.scalar_one())


async def insert_registration(tx: Tx, registration: Registration) -> None:
    """Register a bidder for a lot."""
    await tx.run(
        text("""
            INSERT INTO registration (lot, bidder, at, paddle, paddle_salt, bid_key)
            VALUES (:lot, :bidder, :at, :paddle, :salt, :bid_key)
        """),
        {
            "lot": registration.lot,
            "bidder": registration.bidder,
            "at": registration.at,
            "paddle": registration.paddle,
            "salt": registration.paddle_salt,
            "bid_key": registration.bid_key,
        },
    )


async def insert_bids(
    tx: Tx, bids: Sequence[Bid], salts: Sequence[bytes] | None, sealed: Sequence[str] | None = None
) -> None:
    """Append bids, each with the salt of its commitment or the hash of its sealed message."""
    await tx.run(
        text("""
            INSERT INTO bid (lot, bidder, price_fen, at, number, salt, sealed, by_maximum)
            SELECT * FROM unnest(CAST(:lots AS text[]), CAST(:bidders AS text[]),
                CAST(:prices AS bigint[]), CAST(:ats AS timestamptz[]), CAST(:numbers AS int[]),
                CAST(:salts AS bytea[]), CAST(:sealed AS text[]), CAST(:by_maximum AS boolean[]))
        """),
        {
            "lots": [bid.lot for bid in bids],
            "bidders": [bid.bidder for bid in bids],
            "prices": [bid.price for bid in bids],
            "ats": [bid.at for bid in bids],
            "numbers": [bid.number for bid in bids],
            "salts": [None] * len(bids) if salts is None else list(salts),
            "sealed": [None] * len(bids) if sealed is None else list(sealed),
            "by_maximum": [bid.by_maximum for bid in bids],
        },
    )


async def last_bids(reader: Reader, lot: str) -> list[tuple[Bid, bytes]]:
    """The last bid of each bidder, with the salt of its commitment."""
    rows = await reader.run(
        text("""
            SELECT DISTINCT ON (b.bidder) b.lot, b.bidder, b.price_fen, b.at, b.number, b.salt,
                b.by_maximum, r.paddle
            FROM bid b JOIN registration r ON (r.lot, r.bidder) = (b.lot, b.bidder)
            WHERE b.lot = :lot ORDER BY b.bidder, b.number DESC
        """),
        {"lot": lot},
    )
    return [(_bid(row), bytes(row.salt)) for row in rows]


async def list_bids(reader: Reader, lot: str, after: int, limit: int) -> list[Bid]:
    """Bids of a lot in order of acceptance."""
    rows = await reader.run(
        text(_BIDS + " WHERE b.lot = :lot AND b.number > :after ORDER BY b.number LIMIT :limit"),
        {"lot": lot, "after": after, "limit": limit},
    )
    return [_bid(row) for row in rows]
