"""The SQL of maximum bids. Rows are appended; of each bidder's the last one stands."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from app.auction.rules_maximum import Maximum, Setting
from app.kernel.units import Fen
from app.platform.db import Reader, Tx
from app.platform.jobs import Due

_OF_LOT = text("""
    SELECT DISTINCT ON (m.bidder) m.lot, m.bidder, r.paddle, m.limit_fen, m.at, m.number, m.since,
        m.salt
    FROM maximum_bid m JOIN registration r ON (r.lot, r.bidder) = (m.lot, m.bidder)
    WHERE m.lot = :lot ORDER BY m.bidder, m.number DESC
""")
_OF_BIDDER = text("""
    SELECT * FROM (
        SELECT DISTINCT ON (m.lot) m.lot, m.bidder, r.paddle, m.limit_fen, m.at, m.number, m.since,
            m.salt
        FROM maximum_bid m JOIN registration r ON (r.lot, r.bidder) = (m.lot, m.bidder)
        WHERE m.bidder = :bidder AND m.lot > :after ORDER BY m.lot, m.number DESC
    ) AS last
    WHERE limit_fen IS NOT NULL ORDER BY lot LIMIT :limit
""")


def _setting(row: Row[Any]) -> Setting:
    return Setting(
        lot=row.lot,
        bidder=row.bidder,
        paddle=row.paddle,
        limit=None if row.limit_fen is None else Fen(row.limit_fen),
        at=row.at,
        number=row.number,
        since=row.since,
        salt=bytes(row.salt),
    )


async def settings_of(tx: Tx, lot: str) -> list[Setting]:
    """The last setting of each bidder of a lot; withdrawn ones are among them."""
    rows = await tx.run(_OF_LOT, {"lot": lot})
    return [_setting(row) for row in rows]


def standing(settings: list[Setting]) -> list[Maximum]:
    """Those that were not withdrawn."""
    return [Maximum(s.bidder, s.limit, s.since) for s in settings if s.limit is not None]


async def list_own(reader: Reader, bidder: str, after: str, limit: int) -> list[Setting]:
    """A bidder's own maxima that stand, in order of lot."""
    rows = await reader.run(_OF_BIDDER, {"bidder": bidder, "after": after, "limit": limit})
    return [_setting(row) for row in rows]


async def insert_setting(tx: Tx, setting: Setting) -> None:
    """Write that a maximum was set or withdrawn."""
    await tx.run(
        text("""
            INSERT INTO maximum_bid (lot, number, bidder, limit_fen, since, at, salt)
            VALUES (:lot, :number, :bidder, :limit, :since, :at, :salt)
        """),
        {
            "lot": setting.lot,
            "number": setting.number,
            "bidder": setting.bidder,
            "limit": setting.limit,
            "since": setting.since,
            "at": setting.at,
            "salt": setting.salt,
        },
    )


async def due_openings(reader: Reader, until: datetime, limit: int) -> list[Due]:
    """Lots without a bid whose bidding has opened, and for which a maximum waits."""
    rows = await reader.run(
        text("""
            SELECT id, opens_at AS at FROM lot
            WHERE state = 'live' AND mode = 'ascending' AND leader IS NULL AND opens_at <= :until
                AND maximum_waits(id, start_price_fen)
            ORDER BY opens_at, id LIMIT :limit
        """),
        {"until": until, "limit": limit},
    )
    return [Due(row.at, row.id) for row in rows]
