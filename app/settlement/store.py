"""Every SQL statement of settlement: the certificates."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text

from app import ledger
from app.kernel.units import Area, Fen
from app.ledger.rules import AccountKind, AccountRef
from app.platform.db import Reader, Tx

_CERTIFICATES = """
    SELECT lot, bidder, province, area, cost_fen, remaining_cost_fen FROM certificate
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The winner's right to the area of a lot; `remaining` falls as plots are sold (R173)."""

    lot: str
    bidder: str
    province: str
    area: Area
    remaining: Area
    cost: Fen
    remaining_cost: Fen


def account(lot: str, bidder: str, province: str) -> AccountRef:
    """Where the ledger keeps the remaining area of a certificate."""
    return AccountRef(AccountKind.CERTIFICATE, f"{lot}:{bidder}", province)


async def _certificates(reader: Reader, rows: list[Row[Any]]) -> list[Certificate]:
    refs = {row.lot: account(row.lot, row.bidder, row.province) for row in rows}
    held = await ledger.balances(reader, refs.values())
    return [
        Certificate(
            lot=row.lot,
            bidder=row.bidder,
            province=row.province,
            area=row.area,
            remaining=Area(held[refs[row.lot]]),
            cost=row.cost_fen,
            remaining_cost=row.remaining_cost_fen,
        )
        for row in rows
    ]


async def find_certificate(reader: Reader, lot: str, *, lock: bool = False) -> Certificate | None:
    """The certificate of a lot; None until it is paid."""
    statement = _CERTIFICATES + " WHERE lot = :lot" + (" FOR UPDATE" if lock else "")
    rows = (await reader.run(text(statement), {"lot": lot})).all()
    return (await _certificates(reader, list(rows)))[0] if rows else None


async def list_certificates(reader: Reader, after: str, limit: int) -> list[Certificate]:
    """Certificates in order of lot."""
    rows = await reader.run(
        text(_CERTIFICATES + " WHERE lot > :after ORDER BY lot LIMIT :limit"),
        {"after": after, "limit": limit},
    )
    return await _certificates(reader, list(rows.all()))


async def insert_certificate(tx: Tx, certificate: Certificate) -> None:
    """Add the certificate of a paid lot."""
    await tx.run(
        text("""
            INSERT INTO certificate (lot, bidder, province, area, cost_fen, remaining_cost_fen)
            VALUES (:lot, :bidder, :province, :area, :cost, :cost)
        """),
        {
            "lot": certificate.lot,
            "bidder": certificate.bidder,
            "province": certificate.province,
            "area": certificate.area,
            "cost": certificate.cost,
        },
    )


async def use_certificate(tx: Tx, lot: str, cost: Fen) -> None:
    """Lower the remaining cost by what a plot took of it."""
    await tx.run(
        text("""
            UPDATE certificate SET remaining_cost_fen = remaining_cost_fen - :cost WHERE lot = :lot
        """),
        {"lot": lot, "cost": cost},
    )
