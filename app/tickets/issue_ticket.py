"""The command behind `POST /v1/tickets`: the county issues the ticket (R89, R90, R190).

- while no hold stands on it, and once;
- after acceptance;
- for forest and grass only where the policy of the application gives quota.

The household's housing account exists from then on, empty.
"""

from app import ledger, policy, withdrawal
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import decimal
from app.ledger.rules import Draft, EntryKind, move
from app.platform.db import Tx
from app.tickets import rules, store
from app.withdrawal import Application


async def issue_ticket(tx: Tx, command: rules.IssueTicket) -> rules.Ticket:
    """Issue a ticket of the accepted area."""
    application = await withdrawal.lock(tx, command.application)
    if application is None or not tx.by.concerns(application.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "application")
    version = await policy.find_version(tx, application.policy)

    ticket = rules.decide_issue(
        command,
        application,
        await store.find_acceptance(tx, application.id),
        await tx.now(),
        is_issued=await store.has_ticket(tx, application.id),
        ecological_quota=version.parameters.ecological_quota,
    )
    if isinstance(ticket, rules.TicketRefusal):
        raise Rejected(ticket)
    if await store.find_tickets(tx, [ticket.id]):
        raise Rejected(CommonRefusal.ID_TAKEN, "id")

    await store.insert_ticket(tx, ticket)
    await ledger.post(tx, [_draft(ticket, application)])
    return ticket


def _draft(ticket: rules.Ticket, application: Application) -> Draft:
    return Draft(
        kind=EntryKind.ISSUE,
        key=f"issue:{ticket.id}",
        province=ticket.province,
        subject=ticket.id,
        policy=application.policy,
        moves=move(rules.accepted_account(application), rules.ticket_account(ticket), ticket.area),
        facts={
            "application": application.id,
            "household": application.household,
            "area_m2": decimal(ticket.area),
            "reclamation_cost_cny": decimal(ticket.reclamation_cost),
            "financing_cost_cny": decimal(ticket.financing_cost),
        },
    )
