"""Pure rules of maximum bids: the exchange bids for whoever left one, just what is needed.

A holder's bids are ordinary bids, at lawful prices and never above its maximum. Among holders the
highest maximum leads, of equal ones the earliest, at one increment above the next highest; if its
own maximum is less than that, at its maximum.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.auction.refusals import AuctionRefusal
from app.auction.rules import Bid, Lot, LotState, Mode, PlaceBid, permitted_price, take_bid
from app.kernel.units import Fen, decimal

NOTHING = "none"
"""What stands in a commitment for a maximum that was withdrawn."""


@dataclass(frozen=True, slots=True)
class SetMaximum:
    """Leave a maximum in fen for a lot, another one, or none any more."""

    lot: str
    bidder: str
    limit: Fen | None


@dataclass(frozen=True, slots=True)
class Maximum:
    """A maximum that stands; of equal ones the one with the lower `since` is the earlier."""

    bidder: str
    limit: Fen
    since: int


@dataclass(frozen=True, slots=True)
class Setting:
    """How a maximum was set or withdrawn. `number` counts those of the lot from 1."""

    lot: str
    bidder: str
    paddle: int
    limit: Fen | None
    at: datetime
    number: int
    since: int
    salt: bytes

    @property
    def commitment(self) -> str:
        """What its record says of it: SHA-256 over salt, paddle, amount."""
        amount = NOTHING if self.limit is None else decimal(self.limit)
        return hashlib.sha256(self.salt + f"{self.paddle}:{amount}".encode()).hexdigest()


def decide_maximum(  # noqa: PLR0911 - one guard per line, in order of precedence
    lot: Lot, command: SetMaximum, own: Maximum | None, now: datetime, *, registered: bool
) -> AuctionRefusal | None:
    """Whether a maximum is taken: from registration to the close, unless it is too low to act.

    The leader's covers what the leader has bid; who does not lead names at least the permitted
    price. It may be withdrawn at any time, but bids that were made by it stay.
    """
    if lot.mode is not Mode.ASCENDING:
        return AuctionRefusal.MAXIMUM_NOT_USED
    if not registered:
        return AuctionRefusal.NOT_REGISTERED
    if lot.state is LotState.FROZEN:
        return AuctionRefusal.FROZEN
    if lot.has_closed(now):
        return AuctionRefusal.CLOSED
    if command.limit is None:
        return AuctionRefusal.NO_MAXIMUM if own is None else None
    if lot.leader == command.bidder:
        below = lot.leading_price is not None and command.limit < lot.leading_price
        return AuctionRefusal.MAXIMUM_BELOW_BID if below else None
    if command.limit >= permitted_price(lot):
        return None
    unbid = lot.leading_price is None
    return AuctionRefusal.BID_BELOW_START if unbid else AuctionRefusal.BID_BELOW_INCREMENT


def needed_bids(lot: Lot, maxima: Sequence[Maximum]) -> list[PlaceBid]:
    """What the exchange bids now for the holders, in order; nothing when nothing is needed.

    The best two settle it. The lower one bids as far as it may without shutting the higher one
    out; other holders, who matter only when bidding opens, bid once where there is room below.
    """
    least, step = permitted_price(lot), lot.increment or 0
    able = [m for m in maxima if m.bidder != lot.leader and m.limit >= least]
    if not able:
        return []
    ranked = sorted([*able, *_leader(lot, maxima)], key=lambda m: (-m.limit, m.since))
    best, *others = ranked
    if not others:
        return [PlaceBid(lot.id, best.bidder, least)]
    rival = others[0]
    final = min(rival.limit + step, best.limit)
    # The rival's own last word, if an increment still fits between it and the final price.
    last_word = min(rival.limit, final - step)
    answers = rival.bidder != lot.leader and last_word >= least
    room = (last_word if answers else final) - step

    bids: list[PlaceBid] = []
    for holder in reversed(others[1:]):
        if holder.bidder != lot.leader and least <= min(holder.limit, room):
            bids.append(PlaceBid(lot.id, holder.bidder, least))
            least = Fen(least + step)
    if answers:
        bids.append(PlaceBid(lot.id, rival.bidder, Fen(last_word)))
    return [*bids, PlaceBid(lot.id, best.bidder, Fen(final))]


def _leader(lot: Lot, maxima: Sequence[Maximum]) -> list[Maximum]:
    """The leader as one who holds at least what it has bid."""
    if lot.leader is None or lot.leading_price is None:
        return []
    own = next((m for m in maxima if m.bidder == lot.leader), None)
    if own is None or own.limit < lot.leading_price:
        return [Maximum(lot.leader, lot.leading_price, 0)]
    return [own]


def bid_for_holders(
    lot: Lot, maxima: Sequence[Maximum], now: datetime
) -> tuple[Lot, list[tuple[Lot, Bid]]]:
    """Make the bids that are needed; answers with the lot, and each bid with the lot after it."""
    made: list[tuple[Lot, Bid]] = []
    if lot.mode is Mode.ASCENDING and lot.is_open(now):
        for needed in needed_bids(lot, maxima):
            lot, bid = take_bid(lot, needed, now)
            made.append((lot, bid))
    return lot, made
