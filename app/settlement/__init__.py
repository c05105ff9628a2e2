"""A paid lot becomes costs repaid, shares credited and a certificate given, in one transaction.

The story of one fen: `pay_lot` takes the price into escrow (`auction.take_payment`), shares it
among the tickets by area, repays each ticket's costs to its county, splits the net by the policy
that the lot's notice named, and credits the villager's part to the housing account. For a ticket
from another province the villager is credited here, and the rest becomes due to its home.
"""

from app.settlement.explain import EXPLAINERS
from app.settlement.read import certificate_account, lock_certificate
from app.settlement.routes import router
from app.settlement.store import Certificate, find_certificate, use_certificate

__all__ = [
    "EXPLAINERS",
    "Certificate",
    "certificate_account",
    "find_certificate",
    "lock_certificate",
    "router",
    "use_certificate",
]
