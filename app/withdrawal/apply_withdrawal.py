"""The command behind `POST /v1/applications`: a household applies to give up its homestead.

- its county lies in a sending zone;
- it has no application that is open or ended in accepted land;
- every co-owner consents;
- the outline, where the bureau gives one, is that of such an area on ground that is free.

Two at once: the unique index lets one in, and the other runs again and sees it.
"""

from dataclasses import replace

from app import identity, ledger, policy
from app.kernel.calendar import wire
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import decimal
from app.platform.db import Tx
from app.withdrawal import rules, store, store_parcel
from app.withdrawal.claim_ground import claim_ground


async def apply_withdrawal(tx: Tx, command: rules.Apply) -> rules.Application:
    """Open an application under the policy in force now in the household's province."""
    household = await identity.require_household(tx, command.household)
    if not tx.by.concerns(household.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "household")
    county = await identity.require_region(tx, household.county, "household")
    now = await tx.now()

    application = rules.decide_application(
        command,
        household,
        county.zone,
        await policy.in_force(tx, household.province, now),
        now,
        is_barred=await store.is_barred(tx, household.id),
    )
    if isinstance(application, rules.WithdrawalRefusal):
        raise Rejected(application)
    if command.outline is not None:
        parcel = await claim_ground(tx, command.outline, application.area)
        application = replace(application, parcel=parcel)
    if await store.find(tx, command.id) is not None:
        raise Rejected(CommonRefusal.ID_TAKEN, "id")

    await store.insert_application(tx, application, command.co_owners)
    if application.parcel is not None:
        await store_parcel.insert_parcel(tx, application.id, application.parcel, now)
    await ledger.record(tx, [_note(application)])
    return application


def _note(application: rules.Application) -> ledger.Note:
    floor = application.floor_area
    return ledger.Note(
        kind="application.applied",
        province=application.province,
        subject=application.id,
        policy=application.policy,
        body={
            "household": application.household,
            "collective": application.collective,
            "area_m2": decimal(application.area),
            "floor_m2": None if floor is None else decimal(floor),
            "lawful_m2": decimal(application.lawful_area),
            "co_owners": application.co_owners,
            "cooling_off_ends_at": wire(application.cooling_off_ends_at),
            **({} if application.parcel is None else {"parcel": application.parcel.hash}),
        },
    )
