"""The command behind `POST /v1/acceptances`: reclaimed land is accepted (R89-R92, R96).

- the county has approved the application;
- no more than its lawful area, and than the collective's homestead land.
"""

from app import ledger, withdrawal
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import decimal
from app.ledger.rules import AccountKind, AccountRef, Draft, EntryKind, move
from app.platform.db import Tx
from app.tickets import rules, store
from app.withdrawal import Application, ApplicationState


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

    acceptance = rules.decide_acceptance(
        command, application, held[_homestead(application)], await tx.now()
    )
    if isinstance(acceptance, rules.TicketRefusal):
        raise Rejected(acceptance)

    await store.insert_acceptance(tx, acceptance)
    await withdrawal.set_state(tx, application.id, ApplicationState.ACCEPTED)
    await ledger.post(tx, [draft])
    return acceptance


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
