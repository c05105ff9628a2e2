"""The SQL of parcels, with their front door for higher slices."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from app.kernel.units import Area
from app.platform.db import Reader, Tx
from app.withdrawal.rules_parcel import Box, Claim, Parcel, Ring

_LOCK = text("SELECT lock_ground(:west, :south, :east, :north)")
_CLAIMS = text("""
    SELECT p.application, a.county, p.ring, p.ring_area
    FROM parcel p JOIN application a ON a.id = p.application
    WHERE int8range(p.west, p.east, '[]') && int8range(:west, :east, '[]')
        AND int8range(p.south, p.north, '[]') && int8range(:south, :north, '[]')
        AND a.state NOT IN ('revoked', 'rejected')
    ORDER BY p.application
""")
_INSERT = text("""
    INSERT INTO parcel (application, ring, ring_area, ring_hash, given_at)
    VALUES (:application, CAST(:ring AS bigint[]), :area, :hash, :at)
""")
_FIND = text("SELECT application, ring, ring_area FROM parcel WHERE application = ANY(:ids)")


def flat(ring: Ring) -> list[int]:
    """A ring as the database keeps it: longitude and latitude by turns."""
    return [part for point in ring for part in point]


def parcel_of(ring: Sequence[int], area: int) -> Parcel:
    """A parcel out of its row."""
    return Parcel(tuple(zip(ring[::2], ring[1::2], strict=True)), Area(area))


def _sides(box: Box) -> dict[str, int]:
    return dict(zip(("west", "south", "east", "north"), box, strict=True))


async def lock_ground(tx: Tx, box: Box) -> None:
    """Hold the ground around a box until this transaction ends."""
    await tx.run(_LOCK, _sides(box))


async def list_claims(tx: Tx, box: Box) -> list[Claim]:
    """Parcels near a box whose applications have not ended, in order of application."""
    rows = await tx.run(_CLAIMS, _sides(box))
    return [Claim(r.application, r.county, parcel_of(r.ring, r.ring_area)) for r in rows]


async def insert_parcel(tx: Tx, application: str, parcel: Parcel, at: datetime) -> None:
    """Add the parcel of an application."""
    await tx.run(
        _INSERT,
        {
            "application": application,
            "ring": flat(parcel.ring),
            "area": parcel.area,
            "hash": parcel.hash,
            "at": at,
        },
    )


async def parcels_of(reader: Reader, applications: Sequence[str]) -> dict[str, Parcel]:
    """The parcels of applications that have one. Whether they may be shown, the caller knows."""
    if not applications:
        return {}
    rows = await reader.run(_FIND, {"ids": list(applications)})
    return {row.application: parcel_of(row.ring, row.ring_area) for row in rows}
