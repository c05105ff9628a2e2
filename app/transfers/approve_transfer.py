"""The command behind `POST /v1/transfer-approvals`: the ministry approves (R183-R188).

- the transfer exists, and the sender is the ministry;
- the receiving province has accepted it;
- a coefficient between the two provinces is in force today, and gives an area above zero.
"""

from dataclasses import replace

from app import accounts, ledger, policy, tickets
from app.kernel.calendar import local_date
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import Area, decimal
from app.ledger.rules import Draft, EntryKind, Note, move
from app.platform.db import Tx
from app.transfers import rules, store


async def approve_transfer(tx: Tx, transfer: str) -> rules.Transfer:
    """Convert the ticket's area, and move ticket and housing account to the receiving province."""
    found = await store.lock_transfer(tx, transfer)
    if found is None or not tx.by.concerns(rules.MINISTRY_STAKE):
        raise Rejected(CommonRefusal.NOT_FOUND, "transfer")
    ticket = (await tickets.lock(tx, [found.ticket]))[found.ticket]
    today = local_date(await tx.now())
    in_force = await policy.coefficient_in_force(tx, found.home, found.receiver, today)
    decision = rules.decide_approval(found, in_force)
    if isinstance(decision, rules.TransferRefusal):
        raise Rejected(decision)

    coefficient, received = decision
    approved = replace(
        found,
        state=rules.TransferState.APPROVED,
        received=received,
        coefficient=coefficient.id,
    )
    await store.update_transfer(tx, approved)
    await store.add_route(tx, approved.home, approved.receiver)
    arrived = await tickets.transfer(tx, ticket, approved.receiver, received)
    await ledger.post(tx, _drafts(approved, ticket, arrived, coefficient, received))
    balance = await accounts.move_account(
        tx, ticket.household, approved.receiver, cause=approved.id
    )
    await ledger.record(
        tx,
        [
            Note(
                kind="transfer.approved",
                province=approved.home,
                subject=approved.id,
                body={
                    "ticket": ticket.id,
                    "to": approved.receiver,
                    "new_ticket": arrived.id,
                    "coefficient": coefficient.id,
                    "sent_m2": decimal(approved.sent),
                    "received_m2": decimal(received),
                    "balance_moved_cny": decimal(balance),
                },
            )
        ],
    )
    return approved


def _drafts(
    transfer: rules.Transfer,
    ticket: tickets.Ticket,
    arrived: tickets.Ticket,
    coefficient: policy.Coefficient,
    received: Area,
) -> list[Draft]:
    """One entry in each province's books: m leaves the one, n arrives in the other."""
    home, receiver = transfer.home, transfer.receiver
    facts = {
        "ticket": ticket.id,
        "new_ticket": arrived.id,
        "coefficient": coefficient.id,
        "document": coefficient.document,
        "yield_out": coefficient.yield_out,
        "yield_in": coefficient.yield_in,
        "sent_m2": decimal(transfer.sent),
        "received_m2": decimal(received),
    }
    return [
        Draft(
            kind=EntryKind.CONVERSION_OUT,
            key=f"conversion-out:{transfer.id}",
            province=home,
            subject=transfer.id,
            moves=move(
                tickets.ticket_account(ticket),
                rules.conversion_account(receiver, home),
                transfer.sent,
            ),
            facts=facts,
        ),
        Draft(
            kind=EntryKind.CONVERSION_IN,
            key=f"conversion-in:{transfer.id}",
            province=receiver,
            subject=transfer.id,
            moves=move(
                rules.conversion_account(home, receiver),
                tickets.ticket_account(arrived),
                received,
            ),
            facts=facts,
        ),
    ]
