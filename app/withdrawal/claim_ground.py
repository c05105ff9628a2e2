"""A parcel's ground is looked at and held: of two outlines that overlap, one application's stands.

The ground around an outline is locked until the transaction ends, before anything is looked at; so
the second of two sees the first. The database refuses an overlap once more by itself.
"""

from collections.abc import Sequence

from app.kernel.principal import Role
from app.kernel.refusal import Rejected
from app.kernel.units import Area, decimal
from app.platform.db import Tx
from app.withdrawal import rules_parcel, schemas_parcel, store_parcel
from app.withdrawal.rules_parcel import Parcel, ParcelRefusal, Point

FIELD = "parcel"


async def claim_ground(tx: Tx, positions: Sequence[Point], registered: Area) -> Parcel:
    """The outline as it can be kept, its ground held; `registered` is the homestead's area."""
    if tx.by.role is Role.VILLAGER:
        raise Rejected(ParcelRefusal.BY_BUREAU, FIELD)
    parcel = rules_parcel.decide_outline(positions)
    if isinstance(parcel, ParcelRefusal):
        raise Rejected(parcel, FIELD)
    if not rules_parcel.fits(parcel.area, registered):
        raise Rejected(
            ParcelRefusal.AREA_DIFFERS,
            FIELD,
            about={
                "outline_m2": decimal(parcel.area),
                "registered_m2": decimal(registered),
                "tolerance_m2": decimal(rules_parcel.tolerance(registered)),
            },
        )

    await store_parcel.lock_ground(tx, parcel.box)
    other = rules_parcel.first_overlapped(parcel, await store_parcel.list_claims(tx, parcel.box))
    if other is not None:
        raise Rejected(
            ParcelRefusal.OVERLAPS,
            FIELD,
            about={
                "application": other.application,
                "county": other.county,
                "parcel": schemas_parcel.ParcelOut.of(other.parcel).model_dump(mode="json"),
            },
        )
    return parcel
