"""The command behind `POST /v1/transfers`: the holder asks to take the ticket to another province.

- the ticket and the receiving province exist;
- the ticket is issued, and not handed in or locked, and no hold stands on its application;
- a city of the receiving province, another than the home province, has approved (R181).

The approval of a city of another node's province is given here, where the application lies: the
city holds a credential of this node. What follows then is in `propose_crossing`.
"""

from dataclasses import replace

from app import identity, ledger, tickets, withdrawal
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import decimal
from app.platform.db import Tx
from app.tickets.rules import TicketState
from app.transfers import rules, store
from app.transfers.propose_crossing import propose, way_to


async def request_outflow(tx: Tx, command: rules.RequestOutflow) -> rules.Transfer:
    """Lock the ticket at its home province until the transfer is approved or rejected."""
    ticket = (await tickets.lock(tx, [command.ticket])).get(command.ticket)
    if ticket is None or not tx.by.concerns(rules.outflow_stake(ticket)):
        raise Rejected(CommonRefusal.NOT_FOUND, "ticket")
    await identity.require_province(tx, command.to, "to")
    # Held, so that no later approval replaces the city between this look and the commit.
    application = await withdrawal.lock(tx, ticket.application)
    assert application is not None, "a ticket keeps its application"
    now = await tx.now()

    transfer = rules.decide_outflow(
        ticket, application.city, command, is_held=application.hold is not None
    )
    if isinstance(transfer, rules.TransferRefusal):
        raise Rejected(transfer)
    way = await way_to(tx, command.to)
    if await store.find_transfer(tx, command.id) is not None:
        raise Rejected(CommonRefusal.ID_TAKEN, "id")

    transfer = replace(transfer, crosses=way is not None)
    await store.insert_transfer(tx, transfer, now)
    await tickets.set_state(tx, [ticket.id], TicketState.LOCKED)
    if way is not None:
        await propose(tx, way, transfer, ticket, application)
        return transfer
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="transfer.requested",
                province=transfer.home,
                subject=transfer.id,
                body={
                    "ticket": transfer.ticket,
                    "to": transfer.receiver,
                    "city": application.city,
                    "area_m2": decimal(transfer.sent),
                },
            )
        ],
    )
    return transfer
