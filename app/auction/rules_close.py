"""Pure rules of the close: who wins, and what becomes of the lot."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from app.auction.rules import Bid, Lot, LotState, Mode
from app.kernel.units import Fen
from app.policy.rules import SealedTie


@dataclass(frozen=True, slots=True)
class Result:
    """What a close came to: the winner and the price, or neither."""

    winner: str | None
    price: Fen | None
    valid_bidders: int


def decide_close(lot: Lot, bids: Iterable[Bid]) -> Result:
    """Who wins (R123). A bidder's last bid counts; below the start price it is void.

    Too few bidders with a valid bid, or a best bid below the reserve: unsold.
    """
    last: dict[str, Bid] = {}
    for bid in sorted(bids, key=lambda b: b.number):
        last[bid.bidder] = bid
    valid = [bid for bid in last.values() if bid.price >= lot.start_price]
    if not valid or len(valid) < lot.terms.min_bidders:
        return Result(None, None, len(valid))
    best = max(bid.price for bid in valid)
    if lot.reserve_price is not None and best < lot.reserve_price:
        return Result(None, None, len(valid))
    tied = [bid for bid in valid if bid.price == best]
    if lot.mode is Mode.SEALED and lot.terms.sealed_tie is SealedTie.DRAW:
        winner = min(tied, key=lambda bid: draw(lot.draw_seed or "", bid.bidder))
    else:
        # Bids have one order, that of the lot's row lock, and their numbers follow it.
        winner = min(tied, key=lambda bid: bid.number)
    return Result(winner.bidder, best, len(valid))


def draw(seed: str, bidder: str) -> str:
    """The lot drawn by a bidder: the smallest hex digest wins, and anyone can compute it."""
    return hashlib.sha256(f"{seed}:{bidder}".encode()).hexdigest()


def apply_result(lot: Lot, result: Result, now: datetime) -> Lot:
    """The lot after its result; the payment term counts from that instant."""
    lot = replace(lot, decided_at=now)
    if result.winner is None:
        return replace(lot, state=LotState.UNSOLD)
    return replace(
        lot,
        state=LotState.SOLD,
        winner=result.winner,
        price=result.price,
        payment_due_at=now + lot.terms.payment_term,
    )


def seal_off(lot: Lot) -> Lot:
    """A lot with custodians after its close: no more bids, and its custodians' time runs."""
    assert lot.opening_term is not None, "a lot with custodians gives them time"
    return replace(lot, state=LotState.CLOSED, opening_due_at=lot.closes_at + lot.opening_term)
