"""The command behind `POST /v1/regions`: a province, or a county whose land opens in the ledger."""

from app import ledger
from app.identity import read, rules, store
from app.kernel.refusal import CommonRefusal, Rejected
from app.ledger.rules import AccountKind, AccountRef, Draft, EntryKind, move
from app.platform.db import Tx


async def register_region(tx: Tx, command: rules.RegisterRegion) -> rules.Region:
    """Register a region. A county needs its province first, and a zone; a province has neither."""
    region = rules.Region(command.code, command.name, command.zone)
    if not region.is_province:
        await read.require_province(tx, region.province, "code")
    if not tx.by.concerns(region.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "code")
    if region.is_province != (region.zone is None):
        raise Rejected(CommonRefusal.INVALID_REQUEST, "zone")
    stocks = (command.cropland, command.construction, command.ecological)
    if region.is_province and any(stocks):
        raise Rejected(CommonRefusal.INVALID_REQUEST, "cropland_m2")
    if await read.find_region(tx, command.code) is not None:
        raise Rejected(CommonRefusal.ID_TAKEN, "code")

    await store.insert_region(tx, region)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="region.registered",
                province=region.province,
                subject=region.code,
                body={"zone": None if region.zone is None else region.zone.value},
            )
        ],
    )
    if any(stocks):
        await ledger.post(tx, [_opening(command, region.province)])
    return region


def _opening(command: rules.RegisterRegion, province: str) -> Draft:
    def account(kind: AccountKind) -> AccountRef:
        return AccountRef(kind, command.code, province)

    land = account(AccountKind.LAND_OPENING)
    farmland = account(AccountKind.FARMLAND_OPENING)
    return Draft(
        kind=EntryKind.OPENING_STOCK,
        key=f"opening:region:{command.code}",
        province=province,
        subject=command.code,
        moves=move(land, account(AccountKind.CONSTRUCTION), command.construction)
        + move(farmland, account(AccountKind.CROPLAND), command.cropland)
        + move(farmland, account(AccountKind.ECOLOGICAL), command.ecological),
    )
