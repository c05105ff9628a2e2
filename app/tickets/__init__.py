"""Tickets: reclaimed land is accepted, becomes a ticket, and the ticket is handed in.

The story of one ticket
-----------------------
1. `accept_reclamation`: the county accepts reclaimed land of an approved application. The
   collective's homestead land falls, the county's cropland or ecological land rises (R89, R96).
2. `issue`: the accepted area becomes a ticket (R90). From that instant the household has a housing
   account.
3. `hand_in`: once a city of the same province has approved, the ticket goes to the exchange (R118).

From there auction, settlement and transfers move it by `set_state`, `leave` and `arrive`, under its
row lock. A ticket that came from another province is named `<id>/<province>`; the one issued at
home is the household's original, and there is one of each household. One that came from another
node (`arrive_from_node`) has no original here, and keeps what its home has sent as `Arrival`.

Land becomes quota by ledger entries alone: 0.01 m² of homestead is 0.01 m² accepted, is 0.01 m² of
ticket.
"""

from app.tickets.lifecycle import (
    arrivals,
    arrive,
    arrive_from_node,
    find,
    leave,
    list_originals,
    lock,
    of_households,
    set_state,
)
from app.tickets.routes import router
from app.tickets.rules import Arrival, Ticket, TicketState, ticket_account

__all__ = [
    "Arrival",
    "Ticket",
    "TicketState",
    "arrivals",
    "arrive",
    "arrive_from_node",
    "find",
    "leave",
    "list_originals",
    "lock",
    "of_households",
    "router",
    "set_state",
    "ticket_account",
]
