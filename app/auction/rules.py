"""Pure rules of the auction: a lot, a command and an instant in, a decision out.

Bids are judged as a list against one state, each seeing what the ones before it left; a single
bid is the list of one. What a bidder may know is decided elsewhere: these rules see every price.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from app.kernel.calendar import days
from app.kernel.principal import Stake
from app.kernel.refusal import Refusal
from app.kernel.units import Area, Fen
from app.policy.rules import Parameters, SealedTie
from app.tickets.rules import Ticket, TicketState


class AuctionRefusal(Refusal):
    """Refusals of listing, registration, bidding, freezing."""

    NOTICE_TOO_SHORT = (
        "notice-too-short",
        "公告期不足。请把开始时间推迟到公告期满之后。",
        "The notice would be too short. Let the bidding open after the full notice period.",
    )
    TICKET_NOT_AVAILABLE = (
        "ticket-not-available",
        "所列复垦票中有未交至本交易中心或已在其他标的中的。请只列可用的票。",
        "A ticket is not handed in at this exchange, or none is named. List available tickets.",
    )
    START_PRICE_BELOW_COSTS = (
        "start-price-below-costs",
        "起始价按面积分摊后不足以覆盖某张票的复垦与融资费用。请提高起始价。",
        "The start price would not cover the costs of each ticket. Raise it.",
    )
    CLOSED = (
        "closed",
        "该标的已截止。",
        "The lot has closed; nothing more can be done on it.",
    )
    ALREADY_REGISTERED = (
        "already-registered",
        "该竞买人已报名此标的,无需再次报名。",
        "This bidder is registered for the lot already; it may bid once the lot is open.",
    )
    INSUFFICIENT_FUNDS = (
        "insufficient-funds",
        "可用资金不足。请先向托管账户汇入资金。",
        "The free cash does not suffice. Transfer money to the escrow account first.",
    )
    NOT_REGISTERED = (
        "not-registered",
        "该竞买人尚未报名。请先报名并缴纳保证金。",
        "This bidder is not registered for the lot. Register first.",
    )
    FROZEN = (
        "frozen",
        "该标的暂停竞价。恢复后截止时间会顺延,请稍后再报价。",
        "The lot is frozen. Bid after it is resumed; its close will move by the time lost.",
    )
    NOT_OPEN = (
        "not-open",
        "竞价尚未开始。请在开始时间之后报价。",
        "Bidding has not opened yet. Bid from the opening time on.",
    )
    ALREADY_LEADING = (
        "already-leading",
        "您目前领先,无需提高自己的报价。",
        "You lead already; there is no need to outbid yourself.",
    )
    BID_BELOW_START = (
        "bid-below-start",
        "报价低于起始价。请按起始价或更高价报价。",
        "The bid is below the start price. Bid the start price or more.",
    )
    BID_BELOW_INCREMENT = (
        "bid-below-increment",
        "报价低于当前价加加价幅度。请提高报价。",
        "The bid is below the current price plus one increment. Bid more.",
    )
    NOT_WINNER = (
        "not-winner",
        "只有竞得人可以付款。请核对标的和竞买人。",
        "Only the winner may pay for the lot. Check the lot and the bidder.",
    )
    WRONG_STATE = (
        "wrong-state",
        "标的当前状态不允许此操作。请先查询标的的最新状态。",
        "The lot's present state does not allow this. Read its state first.",
    )


class Mode(StrEnum):
    """How bids are taken."""

    ASCENDING = "ascending"
    SEALED = "sealed"


class LotState(StrEnum):
    """`LIVE` is stored from listing to close; people see it as `listed`, then `open`."""

    LIVE = "live"
    FROZEN = "frozen"
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

    @classmethod
    def of(cls, policy: str, parameters: Parameters) -> "Terms":
        """Take the terms out of a policy version."""
        return cls(
            policy=policy,
            extension=timedelta(seconds=parameters.extension_seconds),
            min_bidders=parameters.min_bidders,
            sealed_tie=parameters.sealed_tie,
            payment_term=days(parameters.payment_days),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """A bundle of tickets at auction. Prices in fen, area in 0.01 m²."""

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
    state: LotState = LotState.LIVE
    frozen_at: datetime | None = None
    leader: str | None = None
    leading_price: Fen | None = None
    bids: int = 0
    winner: str | None = None
    price: Fen | None = None
    payment_due_at: datetime | None = None

    @property
    def stake(self) -> Stake:
        """Whom it concerns: the exchange of its province."""
        return Stake(province=self.province)

    @property
    def is_over(self) -> bool:
        """Whether its close has been done: from then on names and prices are public (R124)."""
        return self.state not in {LotState.LIVE, LotState.FROZEN}

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
class ListLot:
    """Bundle tickets into a lot and give notice of its auction (R118, R120)."""

    id: str
    province: str
    tickets: tuple[str, ...]
    mode: Mode
    start_price: Fen
    reserve_price: Fen | None
    increment: Fen | None
    deposit: Fen
    opens_at: datetime
    closes_at: datetime
    draw_seed: str | None


@dataclass(frozen=True, slots=True)
class LotParty:
    """A lot and a bidder: what registration and payment name."""

    lot: str
    bidder: str


@dataclass(frozen=True, slots=True)
class PlaceBid:
    """A bid in fen for the whole lot."""

    lot: str
    bidder: str
    price: Fen


@dataclass(frozen=True, slots=True)
class Bid:
    """An accepted bid; `number` counts the lot's bids in order of acceptance, from 1."""

    lot: str
    bidder: str
    price: Fen
    at: datetime
    number: int


def decide_shape(
    command: ListLot, tie: SealedTie, notice: timedelta, now: datetime
) -> AuctionRefusal | str | None:
    """The checks of a notice before its tickets (R121); a text names a field that is malformed."""
    if command.opens_at < now + notice:
        return AuctionRefusal.NOTICE_TOO_SHORT
    if command.closes_at <= command.opens_at:
        return "closes_at"
    if command.mode is Mode.ASCENDING and not command.increment:
        return "increment_cny"
    if command.mode is Mode.SEALED and tie is SealedTie.DRAW and command.draw_seed is None:
        return "draw_seed"
    return None


def decide_bundle(command: ListLot, tickets: Sequence[Ticket]) -> AuctionRefusal | Area:
    """Whether these tickets may be sold together from this price on; answers with their area.

    Each ticket's share of the start price must cover its reclamation and financing costs, compared
    without rounding, so that a settlement never has a negative net (R133).
    """
    available = tickets and all(
        t.state is TicketState.HANDED_IN and t.province == command.province for t in tickets
    )
    if not available:
        return AuctionRefusal.TICKET_NOT_AVAILABLE
    total = sum(t.area for t in tickets)
    if any(command.start_price * t.area < t.costs * total for t in tickets):
        return AuctionRefusal.START_PRICE_BELOW_COSTS
    return Area(total)


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
        verdicts.append(Bid(bid.lot, bid.bidder, bid.price, now, lot.bids))
    return lot, verdicts


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


def decide_freeze(lot: Lot, now: datetime) -> AuctionRefusal | Lot:
    """Only an open lot can be frozen."""
    if not lot.is_open(now):
        return AuctionRefusal.WRONG_STATE
    return replace(lot, state=LotState.FROZEN, frozen_at=now)


def decide_resume(lot: Lot, now: datetime) -> AuctionRefusal | Lot:
    """The close moves by the time lost; an ascending lot has a whole countdown left at least."""
    if lot.state is not LotState.FROZEN or lot.frozen_at is None:
        return AuctionRefusal.WRONG_STATE
    closes_at = lot.closes_at + (now - lot.frozen_at)
    if lot.mode is Mode.ASCENDING:
        closes_at = max(closes_at, now + lot.terms.extension)
    return replace(lot, state=LotState.LIVE, frozen_at=None, closes_at=closes_at)
