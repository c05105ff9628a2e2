"""A household of another province whose account comes to one of this node (R185).

Its village and county are public references of its home. What says who they are stays in this
slice's tables; the salts are those of the home's log, so the commitments there open here too.
"""

from dataclasses import dataclass

from app.identity import read, store
from app.identity.rules import Collective, Household, Region, Zone
from app.kernel.ids import foreign_province, province_of
from app.kernel.refusal import CommonRefusal, Rejected
from app.nodes import hosts
from app.platform.db import Reader, Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """A household and its village as their home knows them, under the names they have among nodes.

    `zone` is of its county.
    """

    household: Household
    collective: Collective
    zone: Zone


async def take_in(tx: Tx, guest: Guest) -> None:
    """Keep a guest; its regions and its village are added where nobody has named them yet."""
    county = guest.collective.county
    for region in (
        Region(province_of(county), province_of(county), None),
        Region(county, county, guest.zone),
    ):
        if await read.find_region(tx, region.code) is None:
            await store.insert_region(tx, region)
    if await read.find_collective(tx, guest.collective.id) is None:
        await store.insert_collective(tx, guest.collective, is_guest=True)
    await store.insert_household(tx, guest.household, is_guest=True)


async def refuse_foreign_name(reader: Reader, id_: str) -> None:
    """An id behind the code of a province of another node is that province's to give."""
    province = foreign_province(id_)
    if province is not None and not await hosts(reader, province_of(province)):
        raise Rejected(CommonRefusal.ID_TAKEN, "id")
