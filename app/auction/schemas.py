"""The wire of auctions."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from app.auction import rules, rules_notice
from app.auction.schemas_seal import Custodians, OpeningDays, Threshold, custody
from app.kernel.units import Fen
from app.platform.wire import (
    AmountOut,
    Id,
    In,
    InstantIn,
    InstantOut,
    Money,
    Out,
    PositiveMoney,
    RegionRef,
    TicketId,
)

TICKETS_MAX = 20_000
SEALING = (
    "Sealed lots only. `none`, the default: the node keeps prices and shows them to nobody."
    " `lqx-seal/1`: bids are encrypted to custodians."
)
Seed = Annotated[str, Field(min_length=1, max_length=10_000, pattern=r"^[^\x00]+$")]


def _each_once(tickets: list[str]) -> list[str]:
    if len(set(tickets)) != len(tickets):
        raise PydanticCustomError("tickets", "name each ticket once")
    return tickets


class OfferIn(In):
    """The terms of an auction that its notice says."""

    start_price_cny: PositiveMoney
    reserve_price_cny: Money | None = None
    increment_cny: Money | None = None
    deposit_cny: Money
    opens_at: InstantIn
    closes_at: InstantIn
    draw_seed: Seed | None = None
    custodians: Custodians | None = None
    threshold: Threshold | None = None
    opening_days: OpeningDays | None = None


class LotIn(OfferIn):
    """Tickets to be auctioned together. An ascending lot needs an increment above zero."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "l1",
                    "province": "500000",
                    "tickets": ["t1"],
                    "mode": "ascending",
                    "start_price_cny": "54000.00",
                    "reserve_price_cny": "60000.00",
                    "increment_cny": "1000.00",
                    "deposit_cny": "10000.00",
                    "opens_at": "2026-04-13T09:00:00+08:00",
                    "closes_at": "2026-04-13T10:00:00+08:00",
                }
            ]
        }
    )

    id: Id
    province: RegionRef
    tickets: Annotated[list[TicketId], Field(max_length=TICKETS_MAX), AfterValidator(_each_once)]
    mode: Annotated[rules.Mode, Field(strict=False)]
    sealing: rules.Sealing | None = Field(default=None, strict=False, description=SEALING)

    def command(self) -> rules_notice.ListLot:
        """The command this body asks for."""
        return rules_notice.ListLot(
            id=self.id,
            province=self.province,
            tickets=tuple(self.tickets),
            mode=self.mode,
            start_price=Fen(self.start_price_cny),
            reserve_price=None if self.reserve_price_cny is None else Fen(self.reserve_price_cny),
            increment=None if self.increment_cny is None else Fen(self.increment_cny),
            deposit=Fen(self.deposit_cny),
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            draw_seed=self.draw_seed,
            sealing=self.sealing,
            custody=custody(self.custodians, self.threshold, self.opening_days),
        )


class NoticeIn(OfferIn):
    """Other terms for a lot whose bidding has not opened: every term anew, null where none."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "lot": "l1",
                    "start_price_cny": "50000.00",
                    "increment_cny": "1000.00",
                    "deposit_cny": "10000.00",
                    "opens_at": "2026-05-13T09:00:00+08:00",
                    "closes_at": "2026-05-13T10:00:00+08:00",
                }
            ]
        }
    )

    lot: Id

    def command(self) -> rules_notice.NewNotice:
        """The command this body asks for."""
        return rules_notice.NewNotice(
            lot=self.lot,
            start_price=Fen(self.start_price_cny),
            reserve_price=None if self.reserve_price_cny is None else Fen(self.reserve_price_cny),
            increment=None if self.increment_cny is None else Fen(self.increment_cny),
            deposit=Fen(self.deposit_cny),
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            draw_seed=self.draw_seed,
            custody=custody(self.custodians, self.threshold, self.opening_days),
        )


class NoticeOut(Out):
    """The present notice of a lot. `hash` is the SHA-256 of the canonical JSON of `terms`."""

    lot: str = Field(examples=["l1"])
    number: int = Field(examples=[1], description="1 is the listing; each later notice adds one.")
    hash: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    at: InstantOut
    terms: dict[str, Any] = Field(examples=[{"lot": "l1", "start_price_cny": "54000.00"}])

    @classmethod
    def of(cls, notice: rules_notice.Notice) -> "NoticeOut":
        """Show a notice."""
        return cls(
            lot=notice.lot,
            number=notice.number,
            hash=notice.hash,
            at=notice.at,
            terms=json.loads(notice.terms),
        )


class LotOut(Out):
    """A lot. The current price is shown while it is ascending; a sealed one shows no price.

    `winner` and `price_cny` are null until the lot is sold; the reserve price until there is a
    result. A lot with custodians is `closed` until its bids are opened, at `opening_due_at` at the
    latest.
    """

    id: str = Field(examples=["l1"])
    province: str = Field(examples=["500000"])
    mode: rules.Mode
    sealing: rules.Sealing | None = Field(examples=[None])
    state: str = Field(examples=["open"])
    area_m2: AmountOut
    start_price_cny: AmountOut
    reserve_price_cny: AmountOut | None
    increment_cny: AmountOut | None
    deposit_cny: AmountOut
    opens_at: InstantOut
    closes_at: InstantOut
    freeze_reason: str | None = Field(
        examples=[None], description="Why it is frozen, where the exchange said so."
    )
    extension_seconds: int = Field(examples=[300])
    draw_seed: str | None = Field(examples=[None])
    policy: str = Field(examples=["500000.2026"])
    notice_hash: str | None = Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
        description="Names the notice that the lot follows; the log holds its terms.",
    )
    current_price_cny: AmountOut | None
    permitted_price_cny: AmountOut | None
    winner: str | None = Field(examples=["b1"])
    price_cny: AmountOut | None
    payment_due_at: InstantOut | None
    opening_due_at: InstantOut | None
    server_time: InstantOut

    @classmethod
    def of(cls, lot: rules.Lot, now: datetime) -> "LotOut":
        """Show a lot as it may be seen at an instant."""
        over = lot.is_over
        ascending = lot.mode is rules.Mode.ASCENDING
        return cls(
            id=lot.id,
            province=lot.province,
            mode=lot.mode,
            sealing=lot.sealing,
            state=lot.shown_state(now),
            area_m2=lot.area,
            start_price_cny=lot.start_price,
            reserve_price_cny=lot.reserve_price if over else None,
            increment_cny=lot.increment,
            deposit_cny=lot.deposit,
            opens_at=lot.opens_at,
            closes_at=lot.closes_at,
            freeze_reason=lot.freeze_reason,
            extension_seconds=int(lot.terms.extension.total_seconds()),
            draw_seed=lot.draw_seed,
            policy=lot.terms.policy,
            notice_hash=lot.notice_hash,
            current_price_cny=lot.leading_price if ascending else None,
            permitted_price_cny=rules.permitted_price(lot) if ascending and not over else None,
            winner=lot.winner,
            price_cny=lot.price,
            payment_due_at=lot.payment_due_at,
            opening_due_at=lot.opening_due_at,
            server_time=now,
        )


class RegistrationIn(In):
    """A bidder that takes part in an auction."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"lot": "l1", "bidder": "b1"}]})

    lot: Id
    bidder: Id
    bid_key: Annotated[str, Field(max_length=400)] | None = Field(
        default=None,
        description="For lots with custodians: the Ed25519 verifier key `bidder/lot+id+key` (C2SP"
        " signed note) of the notes that will carry the sealed bids.",
    )

    def command(self) -> rules.Register:
        """The command this body asks for."""
        return rules.Register(self.lot, self.bidder, self.bid_key)


class RegistrationOut(Out):
    """A registration: the deposit is held, and a paddle is drawn.

    Until the close the log and the public bids name the paddle alone, and only its bidder knows
    whose it is. The log holds the SHA-256 of the salt and `bidder:paddle`.
    """

    lot: str = Field(examples=["l1"])
    bidder: str = Field(examples=["b1"])
    paddle: int = Field(examples=[482913])
    paddle_salt: str = Field(examples=["5e" * 32], description="32 bytes in hex.")
    bid_key: str | None = Field(examples=[None])

    @classmethod
    def of(cls, registration: rules.Registration) -> "RegistrationOut":
        """Show a registration to its bidder."""
        return cls(
            lot=registration.lot,
            bidder=registration.bidder,
            paddle=registration.paddle,
            paddle_salt=registration.paddle_salt.hex(),
            bid_key=registration.bid_key,
        )


class BidIn(In):
    """A bid for the whole lot."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"lot": "l1", "bidder": "b1", "price_cny": "54000.00"}]}
    )

    lot: Id
    bidder: Id
    price_cny: PositiveMoney

    def command(self) -> rules.PlaceBid:
        """The command this body asks for."""
        return rules.PlaceBid(self.lot, self.bidder, Fen(self.price_cny))


class BidOut(Out):
    """An accepted bid, and when the lot closes after it.

    `price_cny` is null for a sealed bid until the close, even to who placed it: answers are kept
    for repetition, and a sealed price is kept nowhere but with the bid.
    """

    lot: str = Field(examples=["l1"])
    number: int | None = Field(
        examples=[1], description="Counts the lot's bids; hidden while they are sealed."
    )
    paddle: int | None = Field(examples=[482913])
    bidder: str | None = Field(examples=["b1"], description="Masked until the close.")
    price_cny: AmountOut | None
    at: InstantOut
    closes_at: InstantOut | None = None
    by: Literal["maximum"] | None = Field(
        default=None,
        examples=[None],
        description="`maximum`: the exchange made it for a bidder who had left a maximum.",
    )

    @classmethod
    def of(cls, placed: tuple[rules.Bid, rules.Lot]) -> "BidOut":
        """Show a bid to who placed it."""
        bid, lot = placed
        return cls(
            lot=bid.lot,
            number=None if lot.mode is rules.Mode.SEALED else bid.number,
            paddle=bid.paddle,
            bidder=bid.bidder,
            price_cny=None if lot.mode is rules.Mode.SEALED else bid.price,
            at=bid.at,
            closes_at=lot.closes_at,
        )

    @classmethod
    def public(cls, bid: rules.Bid, *, masked: bool) -> "BidOut":
        """Show a bid to everybody."""
        return cls(
            lot=bid.lot,
            number=bid.number,
            paddle=bid.paddle,
            bidder=None if masked else bid.bidder,
            price_cny=bid.price,
            at=bid.at,
            by="maximum" if bid.by_maximum else None,
        )
