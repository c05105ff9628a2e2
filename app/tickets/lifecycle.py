"""Tickets as higher slices find, hold and move them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from app import withdrawal
from app.kernel.ids import transferred_ticket
from app.kernel.principal import Principal
from app.kernel.units import Area
from app.platform.db import Reader, Tx
from app.tickets import store
from app.tickets.rules import Arrival, Ticket, TicketState


async def find(reader: Reader, ids: Sequence[str]) -> dict[str, Ticket]:
    """Tickets by id; unknown ones are left out."""
    return await store.find_tickets(reader, ids) if ids else {}


async def lock(tx: Tx, ids: Sequence[str]) -> dict[str, Ticket]:
    """Tickets by id, held until this transaction ends; unknown ones are left out."""
    return await store.lock_tickets(tx, ids) if ids else {}


async def of_households(reader: Reader, households: Sequence[str]) -> dict[str, Ticket]:
    """The original ticket of each household, or the one it came with; by household."""
    return await store.find_originals(reader, households) if households else {}


async def list_originals(
    reader: Reader, principal: Principal, after_household: str, limit: int
) -> list[Ticket]:
    """Original tickets that concern the principal, in order of household, behind one."""
    return await store.list_originals(reader, principal, after_household, limit)


async def set_state(tx: Tx, ids: Sequence[str], state: TicketState) -> None:
    """Move tickets that this transaction holds to a state, in two statements for any number.

    Their applications follow: the city is final in every state but `issued`, and some states are
    beyond a hold. Writes no record: the command that moves them does.
    """
    if not ids:
        return
    applications = await store.set_states(tx, ids, state)
    assert len(applications) == len(set(ids)), "every ticket was held, so it exists"
    await withdrawal.follow_tickets(
        tx,
        [application for application in applications if application is not None],
        city_fixed=state is not TicketState.ISSUED,
        beyond_hold=state.is_beyond_hold,
    )


async def leave(tx: Tx, ticket: Ticket) -> Ticket:
    """End a locked ticket as `transferred`. Posts no entry: the transfer does."""
    await set_state(tx, [ticket.id], TicketState.TRANSFERRED)
    return replace(ticket, state=TicketState.TRANSFERRED)


async def arrive(tx: Tx, ticket: Ticket, to: str, area: Area) -> Ticket:
    """`<id>/<to>` stands handed in at `to`, where the ticket of a province of this node has left.

    `area` is the converted one, above zero. Posts no entry: the transfer does.
    """
    arrived = replace(
        ticket,
        id=transferred_ticket(ticket.id, to),
        province=to,
        area=area,
        state=TicketState.HANDED_IN,
    )
    await store.insert_ticket(tx, arrived)
    return arrived


async def arrive_from_node(tx: Tx, ticket: Ticket, arrival: Arrival) -> None:
    """A ticket of another node stands here, handed in, with what came with it.

    Everything it names but its own province is a reference to its home's. Posts no entry.
    """
    await store.insert_arrival(tx, arrival)
    await store.insert_ticket(tx, ticket)


async def arrivals(reader: Reader, found: Iterable[Ticket]) -> dict[str, Arrival]:
    """What came with those of the tickets that came from other nodes, by ticket."""
    came = {ticket.id: ticket.arrival for ticket in found if ticket.arrival is not None}
    known = await store.find_arrivals(reader, sorted(came.values())) if came else {}
    return {id_: known[transfer] for id_, transfer in came.items()}
