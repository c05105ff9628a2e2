"""Auctions of tickets in lots: notice, registration, bids, freeze, close, default.

A lot lives from its notice to its close, takes bids while it is open, and is then sold or unsold;
a sold lot is paid or, at the end of the payment term, in default. A deposit is held on an account
of its own, so there is no registration without its deposit and no deposit without a registration.
Every decision about a lot is made under the lock of its row, at an instant read after it.

Nobody can read a sealed price before the close: not by HTTP, and not in the records, where a
salted commitment stands until the close opens it.
"""

from app.auction.current import CLOSE_JOB, DEFAULT_JOB, release_what_is_due
from app.auction.explain import EXPLAINERS
from app.auction.routes import router
from app.auction.rules import Lot, LotParty, LotState
from app.auction.store import find_lot
from app.auction.store import tickets_of as split_policies
from app.auction.take_payment import take_payment

__all__ = [
    "CLOSE_JOB",
    "DEFAULT_JOB",
    "EXPLAINERS",
    "Lot",
    "LotParty",
    "LotState",
    "find_lot",
    "release_what_is_due",
    "router",
    "split_policies",
    "take_payment",
]
