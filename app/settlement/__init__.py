"""A paid lot becomes costs repaid, shares credited and a certificate given, in one transaction.

The story of one fen: `pay_lot` takes the price into escrow (`auction.take_payment`), shares it
among the tickets by area, repays each ticket's costs to its county, splits the net by the policy
that the lot's notice named, and credits the villager's part to the housing account. For a ticket
from another province the villager is credited here, and the rest becomes due to its home, which
is told by a message where it is another node's.
"""

from app.settlement.explain import EXPLAINERS
from app.settlement.read import certificate_account, lock_certificate
from app.settlement.routes import router
from app.settlement.rules import Sale, TicketShare, home_draft
from app.settlement.store import Certificate, find_certificate, use_certificate
from app.settlement.tell_homes import TYPE as OBLIGATION

__all__ = [
    "EXPLAINERS",
    "OBLIGATION",
    "Certificate",
    "Sale",
    "TicketShare",
    "certificate_account",
    "find_certificate",
    "home_draft",
    "lock_certificate",
    "router",
    "use_certificate",
]
