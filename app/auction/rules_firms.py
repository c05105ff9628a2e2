"""Pure rules of firms: which of their bids need a second person, and who may be that person.

A firm may set a bid limit. A price above it is bid only when one person of the firm has proposed it
and another one approves it; so is every price that nobody here can read. A limit is set, raised and
removed by two, and lowered by one, since that only binds them more.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.auction.refusals import AuctionRefusal
from app.auction.rules import Lot, Mode, permitted_price
from app.kernel.units import Fen, decimal

NOTHING = "none"
"""What stands in a commitment for a limit that was removed."""


class ProposalKind(StrEnum):
    """What becomes of a proposal that is approved."""

    BID = "bid"
    MAXIMUM = "maximum"
    SEALED = "sealed"


class ProposalState(StrEnum):
    """`LAPSED` is shown and not stored: the lot has closed over an open proposal."""

    OPEN = "open"
    PLACED = "placed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class LimitState(StrEnum):
    """Of the limits that are `SET` the one with the highest number is in force."""

    WAITING = "waiting"
    SET = "set"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class SetLimit:
    """Change the limit of one's own firm, in fen; None removes it."""

    id: str
    amount: Fen | None


@dataclass(frozen=True, slots=True)
class ProposeBid:
    """Propose a bid to one's own firm: a price in fen, or the signed note of a sealed one."""

    id: str
    lot: str
    kind: ProposalKind
    price: Fen | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A bid limit of a firm, or a change that waits. `number` counts those set, from 1."""

    firm: str
    id: str
    amount: Fen | None
    lowers: bool
    proposed_by: str
    proposed_at: datetime
    salt: bytes
    state: LimitState = LimitState.WAITING
    number: int | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None

    @property
    def is_undecided(self) -> bool:
        """Whether it still waits for a second person."""
        return self.state is LimitState.WAITING

    @property
    def commitment(self) -> str | None:
        """What its record says of it: SHA-256 over salt, firm, number, amount."""
        if self.number is None:
            return None
        amount = NOTHING if self.amount is None else decimal(self.amount)
        said = f"{self.firm}:{self.number}:{amount}"
        return hashlib.sha256(self.salt + said.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A bid that one person of a firm has proposed to the others."""

    firm: str
    id: str
    lot: str
    kind: ProposalKind
    price: Fen | None
    note: str | None
    proposed_by: str
    proposed_at: datetime
    state: ProposalState = ProposalState.OPEN
    decided_by: str | None = None
    decided_at: datetime | None = None

    @property
    def is_undecided(self) -> bool:
        """Whether it still waits for a second person."""
        return self.state is ProposalState.OPEN


def needs_second(limit: Fen | None, price: Fen | None) -> bool:
    """Whether one person may not bid this alone; None is a price that nobody here can read."""
    return limit is not None and (price is None or price > limit)


def decide_limit(wanted: Fen | None, in_force: Fen | None) -> AuctionRefusal | bool:
    """Whether a change is in force at once, which only a lower limit is; or a refusal."""
    if wanted == in_force:
        return AuctionRefusal.LIMIT_UNCHANGED
    return wanted is not None and in_force is not None and wanted < in_force


def decide_proposal(  # noqa: PLR0911 - one guard per line, in order of precedence
    lot: Lot, command: ProposeBid, firm: str, now: datetime, *, registered: bool
) -> AuctionRefusal | None:
    """Whether a proposal is kept; not if it is too low already, since prices only rise.

    Whether the bid is lawful is decided when it is approved, and not before.
    """
    if command.kind is ProposalKind.MAXIMUM and lot.mode is not Mode.ASCENDING:
        return AuctionRefusal.MAXIMUM_NOT_USED
    if command.kind is ProposalKind.SEALED and not lot.has_custodians:
        return AuctionRefusal.SEALING_NOT_USED
    if command.kind is not ProposalKind.SEALED and lot.has_custodians:
        return AuctionRefusal.SEALING_REQUIRED
    if not registered:
        return AuctionRefusal.NOT_REGISTERED
    if lot.has_closed(now):
        return AuctionRefusal.CLOSED
    if command.price is None or lot.mode is not Mode.ASCENDING:
        return None
    if command.price < _least(lot, command.kind, firm):
        unbid = lot.leading_price is None
        return AuctionRefusal.BID_BELOW_START if unbid else AuctionRefusal.BID_BELOW_INCREMENT
    return None


def _least(lot: Lot, kind: ProposalKind, firm: str) -> Fen:
    """The least price that can ever be taken; the leader's own maximum may be what it bid."""
    if kind is ProposalKind.MAXIMUM and lot.leader == firm and lot.leading_price is not None:
        return lot.leading_price
    return permitted_price(lot)


def malformed(command: ProposeBid) -> str | None:
    """The field at fault: a sealed proposal has a note, any other one a price, none both."""
    sealed = command.kind is ProposalKind.SEALED
    if (command.price is None) != sealed:
        return "price_cny"
    return "note" if (command.note is not None) != sealed else None


def decide_approval(
    waiting: Proposal | Limit, person: str, *, proposer_acts: bool
) -> AuctionRefusal | None:
    """A second person approves, once, while the first one still acts for the firm."""
    if not waiting.is_undecided:
        return AuctionRefusal.PROPOSAL_DECIDED
    if waiting.proposed_by == person:
        return AuctionRefusal.SAME_PERSON
    return None if proposer_acts else AuctionRefusal.PROPOSER_GONE


def decide_withdrawal(waiting: Proposal | Limit) -> AuctionRefusal | None:
    """Anybody of the firm withdraws what waits: who proposed it, and who declines it."""
    return None if waiting.is_undecided else AuctionRefusal.PROPOSAL_DECIDED


def shown_state(proposal: Proposal, lot: Lot, now: datetime) -> ProposalState:
    """The state as the firm sees it."""
    lapsed = proposal.is_undecided and lot.has_closed(now)
    return ProposalState.LAPSED if lapsed else proposal.state


def shows_price(proposal: Proposal, lot: Lot) -> bool:
    """Whether the firm is still shown the amount; a sealed bid shows none between bid and close."""
    return proposal.state is not ProposalState.PLACED or lot.shows_bids
