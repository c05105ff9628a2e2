"""The command behind `POST /v1/transfer-approvals`: the ministry approves (R183-R188).

- the transfer exists, and the sender is the ministry;
- the receiving province has accepted it;
- a coefficient between the two provinces is in force today, and gives an area above zero.

A transfer between nodes is decided here where this is the ministry's; its two provinces apply the
decision in their own books.
"""

from dataclasses import replace

from app import accounts, ledger, policy, tickets
from app.kernel.calendar import local_date
from app.kernel.refusal import CommonRefusal, Refusal, Rejected
from app.platform.db import Tx
from app.transfers import answer_crossing, rules, store
from app.transfers.conversion import Conversion
from app.transfers.rules_wire import Rate


async def approve_transfer(tx: Tx, command: rules.ApproveTransfer) -> rules.Transfer:
    """Convert the ticket's area, and move ticket and housing account to the receiving province."""
    between_nodes = await answer_crossing.find_to_decide(tx, command.transfer)
    if between_nodes is not None:
        return await answer_crossing.approve(tx, between_nodes, command.document)
    found = await store.lock_transfer(tx, command.transfer)
    if found is None or not tx.by.concerns(rules.MINISTRY_STAKE):
        raise Rejected(CommonRefusal.NOT_FOUND, "transfer")
    ticket = (await tickets.lock(tx, [found.ticket]))[found.ticket]
    today = local_date(await tx.now())
    in_force = await policy.coefficient_in_force(tx, found.home, found.receiver, today)
    decision = rules.decide_approval(found, in_force)
    if isinstance(decision, Refusal):
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
    left = await tickets.leave(tx, ticket)
    arrived = await tickets.arrive(tx, left, approved.receiver, received)
    conversion = Conversion(
        transfer=approved.id,
        home=approved.home,
        receiver=approved.receiver,
        ticket=ticket.id,
        new_ticket=arrived.id,
        coefficient=coefficient.id,
        rate=Rate(coefficient.yield_out, coefficient.yield_in, coefficient.document),
        sent=approved.sent,
        received=received,
    )
    await ledger.post(tx, [conversion.leaves(), conversion.arrives()])
    balance = await accounts.move_account(
        tx, ticket.household, approved.receiver, cause=approved.id
    )
    await ledger.record(tx, [conversion.approval(balance)])
    return approved
