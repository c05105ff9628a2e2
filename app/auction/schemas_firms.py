"""The wire of firms' bid limits and two-person bids."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from app.auction import rules, rules_firms, rules_seal
from app.auction.approve_bid import Approved
from app.auction.schemas import BidOut
from app.auction.schemas_own import SettingOut
from app.auction.schemas_seal import EXAMPLE_HASH, NOTE_MAX, SealedBidOut
from app.kernel.units import Fen
from app.platform.wire import AmountOut, Id, In, InstantOut, Money, Out, PositiveMoney

PERSON = Field(examples=["p-17"], description="A person's pseudonym.")
NOBODY = Field(examples=[None], description="A person's pseudonym; null while it waits.")


class LimitIn(In):
    """The price above which one person of the firm may not bid alone; null removes the limit."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": "limit-1", "limit_cny": "60000.00"}]}
    )

    id: Id
    limit_cny: Money | None = None

    def command(self) -> rules_firms.SetLimit:
        """The command this body asks for."""
        amount = None if self.limit_cny is None else Fen(self.limit_cny)
        return rules_firms.SetLimit(self.id, amount)


class LimitRefIn(In):
    """A change of the limit that waits."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"limit": "limit-1"}]})

    limit: Id


class LimitChangeOut(Out):
    """A change of the limit. The amount is left out: answers are kept for repetition.

    `commitment`, which the record of a limit in force shows, is the SHA-256 of the salt and
    `firm:number:amount`, with the amount as it was sent, or `none`.
    """

    id: str = Field(examples=["limit-1"])
    state: rules_firms.LimitState
    number: int | None = Field(
        examples=[1], description="Counts the firm's limits as they were set."
    )
    proposed_by: str = PERSON
    proposed_at: InstantOut
    decided_by: str | None = NOBODY
    decided_at: InstantOut | None
    salt: str = Field(examples=["5e" * 32], description="32 bytes in hex.")
    commitment: str | None = Field(examples=[EXAMPLE_HASH])

    @classmethod
    def of(cls, limit: rules_firms.Limit) -> "LimitChangeOut":
        """Answer who changed or decided it."""
        return cls(**_of_limit(limit))


class LimitOut(LimitChangeOut):
    """A limit as its firm alone is shown it; an amount of null means that there is none."""

    limit_cny: AmountOut | None
    own: bool = Field(examples=[False], description="Whether the caller proposed it.")

    @classmethod
    def shown(cls, limit: rules_firms.Limit, person: str) -> "LimitOut":
        """Show it to a person of the firm."""
        own = limit.proposed_by == person
        return cls(**_of_limit(limit), limit_cny=limit.amount, own=own)


def _of_limit(limit: rules_firms.Limit) -> dict[str, Any]:
    return {
        "id": limit.id,
        "state": limit.state,
        "number": limit.number,
        "proposed_by": limit.proposed_by,
        "proposed_at": limit.proposed_at,
        "decided_by": limit.decided_by,
        "decided_at": limit.decided_at,
        "salt": limit.salt.hex(),
        "commitment": limit.commitment,
    }


class LimitsOut(Out):
    """The firm's limit: the one in force, and the change that waits for a second person."""

    in_force: LimitOut | None
    waiting: LimitOut | None


class ProposalIn(In):
    """A bid proposed to the firm's other persons: a price, or the signed note of a sealed bid."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"id": "proposal-1", "lot": "l1", "kind": "bid", "price_cny": "61000.00"}]
        }
    )

    id: Id
    lot: Id
    kind: Annotated[rules_firms.ProposalKind, Field(strict=False)]
    price_cny: PositiveMoney | None = Field(
        default=None, description="Of `bid` and `maximum` alone."
    )
    note: Annotated[str, Field(max_length=NOTE_MAX)] | None = Field(
        default=None, description="Of `sealed` alone: as `POST /v1/sealed-bids` takes it."
    )

    def command(self) -> rules_firms.ProposeBid:
        """The command this body asks for."""
        price = None if self.price_cny is None else Fen(self.price_cny)
        return rules_firms.ProposeBid(self.id, self.lot, self.kind, price, self.note)


class ProposalRefIn(In):
    """A proposal of the caller's own firm."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"proposal": "proposal-1"}]})

    proposal: Id


class ProposedOut(Out):
    """A proposal. The amount is left out: answers are kept for repetition."""

    id: str = Field(examples=["proposal-1"])
    lot: str = Field(examples=["l1"])
    kind: rules_firms.ProposalKind
    state: rules_firms.ProposalState
    proposed_by: str = PERSON
    proposed_at: InstantOut
    decided_by: str | None = NOBODY
    decided_at: InstantOut | None

    @classmethod
    def of(cls, proposal: rules_firms.Proposal) -> "ProposedOut":
        """Answer who proposed or withdrew it."""
        return cls(**_of_proposal(proposal))


class ProposalOut(ProposedOut):
    """A proposal as its firm alone is shown it.

    `lapsed`: the lot closed before anybody approved it. What became a sealed bid shows no price
    until the close. `commit` is the SHA-256 of the sealed message in `note`, whose price nobody
    here can read.
    """

    price_cny: AmountOut | None
    commit: str | None = Field(examples=[None])
    note: str | None = Field(examples=[None])
    own: bool = Field(examples=[False], description="Whether the caller proposed it.")

    @classmethod
    def shown(
        cls,
        proposal: rules_firms.Proposal,
        lots: Mapping[str, rules.Lot],
        person: str,
        now: datetime,
    ) -> "ProposalOut":
        """Show it to a person of the firm."""
        lot = lots[proposal.lot]
        envelope = None if proposal.note is None else rules_seal.read_envelope(proposal.note)
        said = _of_proposal(proposal) | {"state": rules_firms.shown_state(proposal, lot, now)}
        return cls(
            **said,
            price_cny=proposal.price if rules_firms.shows_price(proposal, lot) else None,
            commit=None if envelope is None else envelope.hash,
            note=proposal.note,
            own=proposal.proposed_by == person,
        )


def _of_proposal(proposal: rules_firms.Proposal) -> dict[str, Any]:
    return {
        "id": proposal.id,
        "lot": proposal.lot,
        "kind": proposal.kind,
        "state": proposal.state,
        "proposed_by": proposal.proposed_by,
        "proposed_at": proposal.proposed_at,
        "decided_by": proposal.decided_by,
        "decided_at": proposal.decided_at,
    }


class ApprovalOut(Out):
    """What an approved proposal became: one of bid, maximum and sealed bid, as if it were sent."""

    proposal: str = Field(examples=["proposal-1"])
    bid: BidOut | None
    maximum: SettingOut | None
    sealed_bid: SealedBidOut | None

    @classmethod
    def of(cls, approved: Approved) -> "ApprovalOut":
        """Answer who approved it."""
        bid, maximum, sealed = approved.bid, approved.maximum, approved.sealed
        return cls(
            proposal=approved.proposal.id,
            bid=None if bid is None else BidOut.of(bid),
            maximum=None if maximum is None else SettingOut.of(maximum),
            sealed_bid=None if sealed is None else SealedBidOut.of(sealed),
        )
