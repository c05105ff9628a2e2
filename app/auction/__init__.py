"""Auctions of tickets in lots: notice, registration, bids, freeze, close, default.

A lot lives from its notice to its close, takes bids while it is open, and is then sold or unsold;
a sold lot is paid or, at the end of the payment term, in default. A deposit is held on an account
of its own, so there is no registration without its deposit and no deposit without a registration.
Every decision about a lot is made under the lock of its row, at an instant read after it. A bidder
may leave a maximum (`set_maximum`), up to which the exchange bids for it (`bid_for_holders`), and
everybody may watch a lot live (`feed`). A firm may set itself a limit (`set_limit`), above which
one person proposes a bid (`propose_bid`) and another one makes it (`approve_bid`).

Nobody has to trust the exchange in this. A notice freezes the terms by their hash (`give_notice`).
Bidders appear in the log by paddle until the close, and what was refused stands there too
(`place_bid`). Nobody can read a sealed price before the close: not by HTTP, and not in the records,
where a salted commitment stands until the close opens it. Where the notice names custodians not
even the node can: bids come encrypted (`place_sealed_bid`), and after the close the custodians
publish the keys that open them for everybody (`publish_key`, `current.open_lot`).
"""

from app.auction.current import (
    CLOSE_JOB,
    DEFAULT_JOB,
    MAXIMUM_JOB,
    OPEN_JOB,
    release_what_is_due,
)
from app.auction.explain import EXPLAINERS
from app.auction.feed import Feed
from app.auction.routes import router
from app.auction.routes_feed import router as feed_router
from app.auction.routes_firms import router as firms_router
from app.auction.routes_own import router as own_router
from app.auction.routes_seal import router as sealed_router
from app.auction.rules import Lot, LotParty, LotState
from app.auction.store import find_lot
from app.auction.store import tickets_of as split_policies
from app.auction.store_bids import find_registration
from app.auction.take_payment import take_payment

__all__ = [
    "CLOSE_JOB",
    "DEFAULT_JOB",
    "EXPLAINERS",
    "MAXIMUM_JOB",
    "OPEN_JOB",
    "Feed",
    "Lot",
    "LotParty",
    "LotState",
    "feed_router",
    "find_lot",
    "find_registration",
    "firms_router",
    "own_router",
    "release_what_is_due",
    "router",
    "sealed_router",
    "split_policies",
    "take_payment",
]
