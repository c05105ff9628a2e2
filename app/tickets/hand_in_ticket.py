"""The command behind `POST /v1/hand-ins`: the ticket goes to the exchange (R109, R118).

- no hold stands on its application;
- it is `issued`;
- the city that approved last lies in the ticket's own province.
"""

from dataclasses import replace

from app import ledger, withdrawal
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import decimal
from app.platform.db import Tx
from app.tickets import lifecycle, rules


async def hand_in_ticket(tx: Tx, ticket: str) -> rules.Ticket:
    """Hand a ticket in at the exchange of its province; its city is final from now on."""
    found = (await lifecycle.lock(tx, [ticket])).get(ticket)
    if found is None or not tx.by.concerns(found.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "ticket")
    # Held, so that no later approval replaces the city between this look and the commit.
    application = await withdrawal.lock(tx, found.application)
    assert application is not None, "a ticket keeps its application"

    refusal = rules.decide_hand_in(found, application)
    if refusal is not None:
        raise Rejected(refusal)

    await lifecycle.set_state(tx, [found.id], rules.TicketState.HANDED_IN)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="ticket.handed_in",
                province=found.province,
                subject=found.id,
                policy=application.policy,
                body={
                    "application": application.id,
                    "city": application.city,
                    "area_m2": decimal(found.area),
                },
            )
        ],
    )
    return replace(found, state=rules.TicketState.HANDED_IN)
