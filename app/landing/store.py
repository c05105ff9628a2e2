"""Every SQL statement of landing."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from app.kernel.units import Area, Fen
from app.landing.rules import Plot, Sale
from app.platform.db import Reader, Tx

_PLOTS = """
    SELECT id, lot, bidder, county, area, collective, winner, new_land_fee_fen,
           reclamation_fee_fen, ticket_cost_fen, offset_fen, resale_fen, policy
    FROM plot
"""


def _plot(row: Row[Any]) -> Plot:
    sale = None
    if row.winner is not None:
        sale = Sale(
            winner=row.winner,
            new_land_fee=Fen(row.new_land_fee_fen),
            reclamation_fee=Fen(row.reclamation_fee_fen),
            ticket_cost=Fen(row.ticket_cost_fen),
            offset=Fen(row.offset_fen),
            resale=Fen(row.resale_fen),
            policy=row.policy,
        )
    return Plot(row.id, row.lot, row.bidder, row.county, Area(row.area), row.collective, sale)


async def find_plot(reader: Reader, id_: str) -> Plot | None:
    """A plot."""
    row = (await reader.run(text(_PLOTS + " WHERE id = :id"), {"id": id_})).one_or_none()
    return None if row is None else _plot(row)


async def lock_plot(tx: Tx, id_: str) -> Plot | None:
    """A plot, held until this transaction ends."""
    row = (await tx.run(text(_PLOTS + " WHERE id = :id FOR UPDATE"), {"id": id_})).one_or_none()
    return None if row is None else _plot(row)


async def list_plots(reader: Reader, after: str, limit: int) -> list[Plot]:
    """Plots in order of id."""
    rows = await reader.run(
        text(_PLOTS + " WHERE id > :after ORDER BY id LIMIT :limit"),
        {"after": after, "limit": limit},
    )
    return [_plot(row) for row in rows]


async def reserved_area(tx: Tx, lot: str) -> Area:
    """The area of the lot's plots that are selected and not yet sold."""
    found = await tx.run(
        text("""
            SELECT coalesce(sum(area), 0)::bigint FROM plot WHERE lot = :lot AND winner IS NULL
        """),
        {"lot": lot},
    )
    return Area(found.scalar_one())


async def insert_plot(tx: Tx, plot: Plot, at: datetime) -> None:
    """Add a selected plot."""
    await tx.run(
        text("""
            INSERT INTO plot (id, lot, bidder, county, province, area, collective, selected_at)
            VALUES (:id, :lot, :bidder, :county, :province, :area, :collective, :at)
        """),
        {
            "id": plot.id,
            "lot": plot.lot,
            "bidder": plot.bidder,
            "county": plot.county,
            "province": plot.province,
            "area": plot.area,
            "collective": plot.collective,
            "at": at,
        },
    )


async def mark_sold(tx: Tx, plot: str, sale: Sale, at: datetime) -> None:
    """Keep the result of a plot's sale, and the policy version its offset follows."""
    await tx.run(
        text("""
            UPDATE plot SET winner = :winner, new_land_fee_fen = :new_land_fee,
                reclamation_fee_fen = :reclamation_fee, ticket_cost_fen = :ticket_cost,
                offset_fen = :offset, resale_fen = :resale, policy = :policy, sold_at = :at
            WHERE id = :id
        """),
        {
            "id": plot,
            "winner": sale.winner,
            "new_land_fee": sale.new_land_fee,
            "reclamation_fee": sale.reclamation_fee,
            "ticket_cost": sale.ticket_cost,
            "offset": sale.offset,
            "resale": sale.resale,
            "policy": sale.policy,
            "at": at,
        },
    )
