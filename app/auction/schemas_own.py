"""The wire of what a bidder alone is shown of a lot."""

from typing import Literal

from pydantic import ConfigDict, Field

from app.auction import rules, rules_maximum, store_feed
from app.kernel.units import Fen, hundredths
from app.platform.wire import AmountOut, Id, In, InstantOut, Out, PositiveMoney


class AttemptOut(Out):
    """A bid of the caller's own, taken or refused.

    While bids are sealed a taken one shows neither number nor price, as in its own answer.
    """

    lot: str = Field(examples=["l1"])
    outcome: Literal["taken", "refused"]
    code: str | None = Field(examples=[None], description="Why it was refused.")
    number: int | None = Field(examples=[1])
    price_cny: AmountOut | None
    at: InstantOut
    by: Literal["maximum"] | None = Field(
        examples=[None], description="`maximum`: the exchange bid for the caller."
    )
    receipt: str | None = Field(
        examples=["5f0c6a1e9d7b4c3a8e2f1b0d9c8a7e6f"],
        description="`GET /v1/receipts/{id}` gives the receipt again.",
    )

    @classmethod
    def of(cls, lot: rules.Lot, attempt: store_feed.Attempt) -> "AttemptOut":
        """Show an attempt to who made it."""
        body, refused = attempt.body, attempt.kind == "bid.refused"
        said = body.get("price_cny")
        price = hundredths(said) if said is not None else attempt.price
        return cls(
            lot=lot.id,
            outcome="refused" if refused else "taken",
            code=body.get("code"),
            number=attempt.number if lot.shows_bids else None,
            price_cny=price if lot.shows_bids else None,
            at=attempt.at,
            by=body.get("by"),
            receipt=attempt.receipt,
        )


class MaximumIn(In):
    """The most that the exchange may bid for a bidder on an ascending lot; null withdraws it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"lot": "l1", "bidder": "b1", "maximum_cny": "60000.00"}]}
    )

    lot: Id
    bidder: Id
    maximum_cny: PositiveMoney | None = None

    def command(self) -> rules_maximum.SetMaximum:
        """The command this body asks for."""
        limit = None if self.maximum_cny is None else Fen(self.maximum_cny)
        return rules_maximum.SetMaximum(self.lot, self.bidder, limit)


class SettingOut(Out):
    """A maximum was set or withdrawn. The amount is left out: answers are kept for repetition.

    `commitment`, which the record shows, is the SHA-256 of the salt and `paddle:amount`, with the
    amount as it was sent, or `none`.
    """

    lot: str = Field(examples=["l1"])
    bidder: str = Field(examples=["b1"])
    stands: bool = Field(examples=[True], description="False: none stands any more.")
    leads: bool = Field(examples=[True], description="Whether the bidder led right afterwards.")
    current_price_cny: AmountOut | None
    closes_at: InstantOut
    at: InstantOut
    paddle: int = Field(examples=[482913])
    salt: str = Field(examples=["5e" * 32], description="32 bytes in hex.")
    commitment: str = Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    )

    @classmethod
    def of(cls, done: tuple[rules_maximum.Setting, rules.Lot]) -> "SettingOut":
        """Answer the bidder who set it."""
        setting, lot = done
        return cls(
            lot=setting.lot,
            bidder=setting.bidder,
            stands=setting.limit is not None,
            leads=lot.leader == setting.bidder,
            current_price_cny=lot.leading_price,
            closes_at=lot.closes_at,
            at=setting.at,
            paddle=setting.paddle,
            salt=setting.salt.hex(),
            commitment=setting.commitment,
        )


class MaximumOut(Out):
    """A maximum that stands, as its bidder alone is shown it."""

    lot: str = Field(examples=["l1"])
    bidder: str = Field(examples=["b1"])
    maximum_cny: AmountOut
    at: InstantOut
    paddle: int = Field(examples=[482913])
    salt: str = Field(examples=["5e" * 32])
    commitment: str = Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    )

    @classmethod
    def of(cls, setting: rules_maximum.Setting) -> "MaximumOut":
        """Show a maximum that stands."""
        assert setting.limit is not None, "a withdrawn maximum does not stand"
        return cls(
            lot=setting.lot,
            bidder=setting.bidder,
            maximum_cny=setting.limit,
            at=setting.at,
            paddle=setting.paddle,
            salt=setting.salt.hex(),
            commitment=setting.commitment,
        )
