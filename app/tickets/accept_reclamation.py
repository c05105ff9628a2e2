"""The command behind `POST /v1/acceptances`: reclaimed land is accepted (R89-R92, R96).

- no hold stands on it;
- the county has approved the application, and another person has filed it;
- no more than its lawful area, and than the collective's homestead land;
- an outline, where one is given, is the application's first, of its area, on ground that is free.
"""

from dataclasses import replace

from app import ledger, withdrawal
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import decimal
from app.ledger.rules import AccountKind, AccountRef, Draft, EntryKind, move
from app.platform.db import Tx
from app.tickets import rules, store
from app.withdrawal import Application, ApplicationState, Parcel, ParcelRefusal


async def accept_reclamation(tx: Tx, command: rules.AcceptReclamation) -> rules.Acceptance:
    """Accept land: homestead becomes accepted land, and farmland or ecological land is made."""
    application = await withdrawal.lock(tx, command.application)
    if application is None or not tx.by.concerns(application.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "application")
    draft = _draft(command, application)
    # All accounts of the entry at once, in the ledger's order: holding the homestead alone while
    # waiting for the rest could deadlock with another entry.
    held = await ledger.lock_balances(
        tx, [ref for posting in draft.moves for ref in (posting.source, posting.target)]
    )

    filed_by = await ledger.actors(tx, application.id, ("application.applied",))
    acceptance = rules.decide_acceptance(
        command,
        application,
        held[_homestead(application)],
        await tx.now(),
        same_person=tx.actor in filed_by,
    )
    if isinstance(acceptance, rules.TicketRefusal):
        raise Rejected(acceptance)
    parcel = await _parcel(tx, command, application)

    await store.insert_acceptance(tx, acceptance)
    if parcel is not None:
        await withdrawal.insert_parcel(tx, application.id, parcel, acceptance.accepted_at)
        draft = replace(draft, facts={**draft.facts, "parcel": parcel.hash})
    await withdrawal.set_state(tx, application.id, ApplicationState.ACCEPTED)
    await ledger.post(tx, [draft])
    return acceptance


async def _parcel(
    tx: Tx, command: rules.AcceptReclamation, application: Application
) -> Parcel | None:
    if command.outline is None:
        return None
    if application.parcel is not None:
        raise Rejected(ParcelRefusal.KNOWN, "parcel")
    return await withdrawal.claim_ground(tx, command.outline, application.area)


def _homestead(application: Application) -> AccountRef:
    return AccountRef(AccountKind.HOMESTEAD, application.collective, application.province)


def _draft(command: rules.AcceptReclamation, application: Application) -> Draft:
    made = AccountKind.ECOLOGICAL if command.to.is_ecological else AccountKind.CROPLAND
    return Draft(
        kind=EntryKind.RECLAMATION,
        key=f"acceptance:{application.id}",
        province=application.province,
        subject=application.id,
        policy=application.policy,
        moves=move(_homestead(application), rules.accepted_account(application), command.accepted)
        + move(
            AccountRef(AccountKind.FARMLAND_MADE, application.county, application.province),
            AccountRef(made, application.county, application.province),
            command.accepted,
        ),
        facts={
            "accepted_m2": decimal(command.accepted),
            "lawful_m2": decimal(application.lawful_area),
            "to": command.to.value,
            "reclamation_cost_cny": decimal(command.reclamation_cost),
            "financing_cost_cny": decimal(command.financing_cost),
        },
    )
