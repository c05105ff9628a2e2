"""Tickets as higher slices find, hold and move them."""

from collections.abc import Sequence
from dataclasses import replace

from app import withdrawal
from app.kernel.ids import transferred_ticket
from app.kernel.principal import Principal
from app.kernel.units import Area
from app.platform.db import Reader, Tx
from app.tickets import store
from app.tickets.rules import Ticket, TicketState


async def find(reader: Reader, ids: Sequence[str]) -> dict[str, Ticket]:
    """Tickets by id; unknown ones are left out."""
    return await store.find_tickets(reader, ids) if ids else {}


async def lock(tx: Tx, ids: Sequence[str]) -> dict[str, Ticket]:
    """Tickets by id, held until this transaction ends; unknown ones are left out."""
    return await store.lock_tickets(tx, ids) if ids else {}


async def of_households(reader: Reader, households: Sequence[str]) -> dict[str, Ticket]:
    """The original ticket of each household, whatever its state; by household."""
    return await store.find_originals(reader, households) if households else {}


async def list_originals(
    reader: Reader, principal: Principal, after_household: str, limit: int
) -> list[Ticket]:
    """Original tickets that concern the principal, in order of household, behind one."""
    return await store.list_originals(reader, principal, after_household, limit)


async def set_state(tx: Tx, ids: Sequence[str], state: TicketState) -> None:
    """Move tickets that this transaction holds to a state, in two statements for any number.

    Their cities are final in every state but `issued`. Writes no record: the command that moves
    them does.
    """
    if not ids:
        return
    applications = await store.set_states(tx, ids, state)
    assert len(applications) == len(set(ids)), "every ticket was held, so it exists"
    await withdrawal.fix_city(tx, applications, fixed=state is not TicketState.ISSUED)


async def transfer(tx: Tx, ticket: Ticket, to: str, area: Area) -> Ticket:
    """End a locked ticket as `transferred`; `<id>/<to>` stands handed in at `to` in its place.

    `area` is the converted one, above zero. Posts no entry: the transfer does.
    """
    await set_state(tx, [ticket.id], TicketState.TRANSFERRED)
    arrived = replace(
        ticket,
        id=transferred_ticket(ticket.id, to),
        province=to,
        area=area,
        state=TicketState.HANDED_IN,
    )
    await store.insert_ticket(tx, arrived)
    return arrived
