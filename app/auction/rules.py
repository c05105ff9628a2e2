"""Pure rules of the auction: a lot, a command and an instant in, a decision out.

Bids are judged as a list against one state, each seeing what the ones before it left; a single
bid is the list of one. What a bidder may know is decided elsewhere: these rules see every price.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from app.auction.refusals import AuctionRefusal
from app.kernel.calendar import days
from app.kernel.principal import Stake
from app.kernel.units import Area, Fen
from app.policy.rules import Parameters, SealedTie

__all__ = [
    "AuctionRefusal",
    "Bid",
    "Lot",
    "LotParty",
    "LotState",
    "Mode",
    "Pause",
    "PlaceBid",
    "Register",
    "Registration",
    "Sealing",
    "Terms",
    "decide_freeze",
    "decide_payment",
    "decide_registration",
    "decide_resume",
    "judge_bids",
    "permitted_price",
    "take_bid",
]


class Mode(StrEnum):
    """How bids are taken."""

    ASCENDING = "ascending"
    SEALED = "sealed"


class Sealing(StrEnum):
    """How a sealed lot keeps its prices: by access alone, or encrypted to custodians."""

    NONE = "none"
    CUSTODIANS = "lqx-seal/1"


class LotState(StrEnum):
    """`LIVE` is stored from listing to close; people see it as `listed`, then `open`.

    `CLOSED` lies between the close of a lot with custodians and the opening of its bids.
    """

    LIVE = "live"
    FROZEN = "frozen"
    CLOSED = "closed"
    SOLD = "sold"
    UNSOLD = "unsold"
    PAID = "paid"
    DEFAULTED = "defaulted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The policy a lot follows from its notice on, whatever the province decides later."""

    policy: str
    extension: timedelta
    min_bidders: int
    sealed_tie: SealedTie
    payment_term: timedelta
    notice_term: timedelta = timedelta()

    @classmethod
    def of(cls, policy: str, parameters: Parameters) -> "Terms":
        """Take the terms out of a policy version."""
        return cls(
            policy=policy,
            extension=timedelta(seconds=parameters.extension_seconds),
            min_bidders=parameters.min_bidders,
            sealed_tie=parameters.sealed_tie,
            payment_term=days(parameters.payment_days),
            notice_term=days(parameters.auction_notice_days),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """A bundle of tickets at auction. Prices in fen, area in 0.01 m².

    `notice` counts its notices and `notice_hash` is the SHA-256 of the terms of the present one;
    both are None for a lot that was listed before notices were hashed.
    """

    id: str
    province: str
    mode: Mode
    area: Area
    start_price: Fen
    reserve_price: Fen | None
    increment: Fen | None
    deposit: Fen
    opens_at: datetime
    closes_at: datetime
    draw_seed: str | None
    terms: Terms
    sealing: Sealing | None = None
    threshold: int | None = None
    opening_term: timedelta | None = None
    reserve_salt: bytes | None = None
    notice: int | None = None
    notice_hash: str | None = None
    state: LotState = LotState.LIVE
    frozen_at: datetime | None = None
    freeze_reason: str | None = None
    leader: str | None = None
    leading_price: Fen | None = None
    bids: int = 0
    winner: str | None = None
    price: Fen | None = None
    payment_due_at: datetime | None = None
    opening_due_at: datetime | None = None
    decided_at: datetime | None = None

    @property
    def stake(self) -> Stake:
        """Whom it concerns: the exchange of its province."""
        return Stake(province=self.province)

    @property
    def is_over(self) -> bool:
        """Whether it has a result: from then on names and prices are public (R124)."""
        return self.state not in {LotState.LIVE, LotState.FROZEN, LotState.CLOSED}

    @property
    def has_custodians(self) -> bool:
        """Whether its bids are encrypted to custodians, so that not even the node can read them."""
        return self.sealing is Sealing.CUSTODIANS

    @property
    def shows_bids(self) -> bool:
        """Whether anybody may see its bids; nobody reads a sealed price before the close."""
        return self.is_over or self.mode is Mode.ASCENDING

    def is_open(self, now: datetime) -> bool:
        """Whether bids are taken at this instant: the opening included, the close excluded."""
        return self.state is LotState.LIVE and self.opens_at <= now < self.closes_at

    def has_closed(self, now: datetime) -> bool:
        """Whether the close has come, done or still to be done."""
        if self.state is LotState.LIVE:
            return now >= self.closes_at
        return self.state is not LotState.FROZEN

    def shown_state(self, now: datetime) -> str:
        """The state as people see it."""
        if self.state is LotState.LIVE:
            return "listed" if now < self.opens_at else "open"
        return self.state.value


@dataclass(frozen=True, slots=True)
class LotParty:
    """A lot and a bidder: what a payment names."""

    lot: str
    bidder: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Freeze or resume a lot; the reason is read by everybody."""

    lot: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """Take part in an auction; `bid_key` is the verifier key of sealed bids (C2SP vkey)."""

    lot: str
    bidder: str
    bid_key: str | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """A bidder in an auction. Until the close nobody else knows that the paddle is its."""

    lot: str
    bidder: str
    at: datetime
    paddle: int
    paddle_salt: bytes
    bid_key: str | None = None


@dataclass(frozen=True, slots=True)
class PlaceBid:
    """A bid in fen for the whole lot."""

    lot: str
    bidder: str
    price: Fen


@dataclass(frozen=True, slots=True)
class Bid:
    """An accepted bid; `number` counts the lot's bids in order of acceptance, from 1.

    `by_maximum`: the exchange made it for its bidder, who had left a maximum.
    """

    lot: str
    bidder: str
    price: Fen
    at: datetime
    number: int
    paddle: int | None = None
    by_maximum: bool = False


def decide_registration(
    lot: Lot, free_cash: Fen, now: datetime, *, registered: bool
) -> AuctionRefusal | None:
    """Registration is open from listing to close, also while frozen; the deposit is held (R122)."""
    if lot.has_closed(now):
        return AuctionRefusal.CLOSED
    if registered:
        return AuctionRefusal.ALREADY_REGISTERED
    if free_cash < lot.deposit:
        return AuctionRefusal.INSUFFICIENT_FUNDS
    return None


def judge_bids(
    lot: Lot, bids: Sequence[PlaceBid], registered: Collection[str], now: datetime
) -> tuple[Lot, list[AuctionRefusal | Bid]]:
    """Judge bids that arrive at one instant, in order; answers with the lot after them (R123)."""
    verdicts: list[AuctionRefusal | Bid] = []
    for bid in bids:
        refusal = _refuse_bid(lot, bid, registered, now)
        if refusal is not None:
            verdicts.append(refusal)
            continue
        lot, taken = take_bid(lot, bid, now)
        verdicts.append(taken)
    return lot, verdicts


def take_bid(lot: Lot, bid: PlaceBid, now: datetime) -> tuple[Lot, Bid]:
    """A lawful bid, and the lot after it."""
    lot = replace(lot, bids=lot.bids + 1)
    if lot.mode is Mode.ASCENDING:
        # Less than the countdown left: everybody gets a whole countdown to answer.
        late = lot.closes_at - now < lot.terms.extension
        lot = replace(
            lot,
            leader=bid.bidder,
            leading_price=bid.price,
            closes_at=now + lot.terms.extension if late else lot.closes_at,
        )
    return lot, Bid(bid.lot, bid.bidder, bid.price, now, lot.bids)


def _refuse_bid(  # noqa: PLR0911 - one guard per line, in order of precedence
    lot: Lot, bid: PlaceBid, registered: Collection[str], now: datetime
) -> AuctionRefusal | None:
    if bid.bidder not in registered:
        return AuctionRefusal.NOT_REGISTERED
    if lot.state is LotState.FROZEN:
        return AuctionRefusal.FROZEN
    if now < lot.opens_at:
        return AuctionRefusal.NOT_OPEN
    if not lot.is_open(now):
        return AuctionRefusal.CLOSED
    if lot.mode is Mode.SEALED:
        return None
    if lot.leader == bid.bidder:
        return AuctionRefusal.ALREADY_LEADING
    if lot.leading_price is None:
        return AuctionRefusal.BID_BELOW_START if bid.price < lot.start_price else None
    return AuctionRefusal.BID_BELOW_INCREMENT if bid.price < permitted_price(lot) else None


def permitted_price(lot: Lot) -> Fen:
    """The least price that the next bid of an ascending lot may have."""
    if lot.leading_price is None:
        return lot.start_price
    return Fen(lot.leading_price + (lot.increment or 0))


def decide_payment(lot: Lot, bidder: str, free_cash: Fen) -> AuctionRefusal | Lot:
    """The winner pays from its deposit and free cash while the lot is sold and not in default."""
    if lot.state is not LotState.SOLD or lot.price is None:
        return AuctionRefusal.WRONG_STATE
    if lot.winner != bidder:
        return AuctionRefusal.NOT_WINNER
    if lot.deposit + free_cash < lot.price:
        return AuctionRefusal.INSUFFICIENT_FUNDS
    return replace(lot, state=LotState.PAID)


def decide_freeze(lot: Lot, now: datetime, reason: str | None = None) -> AuctionRefusal | Lot:
    """Only an open lot can be frozen; the reason, where one is given, is public while it is."""
    if not lot.is_open(now):
        return AuctionRefusal.WRONG_STATE
    return replace(lot, state=LotState.FROZEN, frozen_at=now, freeze_reason=reason)


def decide_resume(lot: Lot, now: datetime) -> AuctionRefusal | Lot:
    """The close moves by the time lost; an ascending lot has a whole countdown left at least."""
    if lot.state is not LotState.FROZEN or lot.frozen_at is None:
        return AuctionRefusal.WRONG_STATE
    closes_at = lot.closes_at + (now - lot.frozen_at)
    if lot.mode is Mode.ASCENDING:
        closes_at = max(closes_at, now + lot.terms.extension)
    return replace(
        lot, state=LotState.LIVE, frozen_at=None, freeze_reason=None, closes_at=closes_at
    )
