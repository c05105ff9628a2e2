"""The wire of auctions."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from app.auction import rules
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
Seed = Annotated[str, Field(min_length=1, max_length=10_000, pattern=r"^[^\x00]+$")]


def _each_once(tickets: list[str]) -> list[str]:
    if len(set(tickets)) != len(tickets):
        raise PydanticCustomError("tickets", "name each ticket once")
    return tickets


class LotIn(In):
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
    start_price_cny: PositiveMoney
    reserve_price_cny: Money | None = None
    increment_cny: Money | None = None
    deposit_cny: Money
    opens_at: InstantIn
    closes_at: InstantIn
    draw_seed: Seed | None = None

    def command(self) -> rules.ListLot:
        """The command this body asks for."""
        return rules.ListLot(
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
        )


class LotOut(Out):
    """A lot. The current price is shown while it is ascending; a sealed one shows no price.

    `winner` and `price_cny` are null until the lot is sold; the reserve price until it has closed.
    """

    id: str = Field(examples=["l1"])
    province: str = Field(examples=["500000"])
    mode: rules.Mode
    state: str = Field(examples=["open"])
    area_m2: AmountOut
    start_price_cny: AmountOut
    reserve_price_cny: AmountOut | None
    increment_cny: AmountOut | None
    deposit_cny: AmountOut
    opens_at: InstantOut
    closes_at: InstantOut
    extension_seconds: int = Field(examples=[300])
    draw_seed: str | None = Field(examples=[None])
    policy: str = Field(examples=["500000.2026"])
    current_price_cny: AmountOut | None
    permitted_price_cny: AmountOut | None
    winner: str | None = Field(examples=["b1"])
    price_cny: AmountOut | None
    payment_due_at: InstantOut | None
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
            state=lot.shown_state(now),
            area_m2=lot.area,
            start_price_cny=lot.start_price,
            reserve_price_cny=lot.reserve_price if over else None,
            increment_cny=lot.increment,
            deposit_cny=lot.deposit,
            opens_at=lot.opens_at,
            closes_at=lot.closes_at,
            extension_seconds=int(lot.terms.extension.total_seconds()),
            draw_seed=lot.draw_seed,
            policy=lot.terms.policy,
            current_price_cny=lot.leading_price if ascending else None,
            permitted_price_cny=rules.permitted_price(lot) if ascending and not over else None,
            winner=lot.winner,
            price_cny=lot.price,
            payment_due_at=lot.payment_due_at,
            server_time=now,
        )


class LotPartyIn(In):
    """A lot and a bidder."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"lot": "l1", "bidder": "b1"}]})

    lot: Id
    bidder: Id

    def command(self) -> rules.LotParty:
        """The command this body asks for."""
        return rules.LotParty(self.lot, self.bidder)


class RegistrationOut(Out):
    """A registration: the deposit is held."""

    lot: str = Field(examples=["l1"])
    bidder: str = Field(examples=["b1"])

    @classmethod
    def of(cls, registration: rules.LotParty) -> "RegistrationOut":
        """Show a registration."""
        return cls(lot=registration.lot, bidder=registration.bidder)


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
    bidder: str | None = Field(examples=["b1"], description="Masked until the close.")
    price_cny: AmountOut | None
    at: InstantOut
    closes_at: InstantOut | None = None

    @classmethod
    def of(cls, placed: tuple[rules.Bid, rules.Lot]) -> "BidOut":
        """Show a bid to who placed it."""
        bid, lot = placed
        return cls(
            lot=bid.lot,
            number=None if lot.mode is rules.Mode.SEALED else bid.number,
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
            bidder=None if masked else bid.bidder,
            price_cny=bid.price,
            at=bid.at,
        )


class LotRefIn(In):
    """A lot."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"lot": "l1"}]})

    lot: Id
