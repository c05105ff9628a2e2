"""Pure rules of requests to redeem: who asks, who decides, until when, and that they are two.

A request moves nothing (R144). It is judged at once, so that nobody waits a week for a no that is
sure today, and once more by the command itself when it is approved.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.accounts.rules_outcome import Redeem
from app.kernel.calendar import days
from app.kernel.principal import Stake
from app.kernel.refusal import Refusal
from app.ledger.rules import canonical

DECISION_DAYS = 7
"""Within how many days a request should be decided. No source names a term: the trade's own."""

SALT_BYTES = 32


class RedemptionKind(StrEnum):
    """Which command a request asks for."""

    AFFORDABLE_PURCHASE = "affordable_purchase"
    AFFORDABLE_RESALE = "affordable_resale"
    PUBLIC_RENTAL = "public_rental"
    PUBLIC_PURCHASE = "public_purchase"
    REFUND = "refund"
    COMMERCIAL_PURCHASE = "commercial_purchase"
    MORTGAGE_OFFSET = "mortgage_offset"
    CASH_WITHDRAWAL = "cash_withdrawal"


EFFECTS = {
    RedemptionKind.PUBLIC_RENTAL: "rental.begun",
    RedemptionKind.REFUND: "account.refunded",
    RedemptionKind.CASH_WITHDRAWAL: "account.withdrawn",
}
"""The record by which the approved command is known; of all others it is a contract."""


class RedemptionState(StrEnum):
    """What became of a request. An open one that is overdue stays open."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class RefusalReason(StrEnum):
    """Why the fund centre refuses what the rules would allow. There is no other reason."""

    PAPERS_MISSING = "papers_missing"
    TERMS_DIFFER = "terms_differ"
    FACTS_UNCONFIRMED = "facts_unconfirmed"
    PAYEE_UNCONFIRMED = "payee_unconfirmed"
    HOUSEHOLD_UNWILLING = "household_unwilling"


class RedemptionRefusal(Refusal):
    """Refusals of requests, beside those of the commands that they ask for."""

    ALREADY_REQUESTED = (
        "already-requested",
        "该户同类兑付申请尚未办结。请等待决定,或先撤回原申请。",
        "The household has an open request of this kind. Await its decision, or withdraw it first.",
    )
    REQUEST_NEEDED = (
        "request-needed",
        "在网页上不能直接办理。请提交兑付申请,由基金管理中心决定。",
        "From a browser this is not done at once. Ask for it by `POST /v1/redemption-requests`.",
    )
    DECIDED = (
        "wrong-state",
        "该兑付申请已经办结。仍需办理的,请重新申请。",
        "This request to redeem is closed already. Ask anew if it is still wanted.",
    )
    SAME_PERSON = (
        "same-person",
        "该兑付申请由您提交,您不能决定。请由另一人决定。",
        "You made this request to redeem yourself. Let a second person decide it.",
    )


@dataclass(frozen=True, slots=True)
class RequestRedemption:
    """Ask for a redemption. `terms` are the command's fields as they were sent."""

    id: str
    household: str
    kind: RedemptionKind
    command: Redeem
    terms: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RefuseRedemption:
    """Refuse a request, for a reason of the list."""

    request: str
    reason: RefusalReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """A request. `province` is where the account stands now: the fund centre there decides.

    `number` rises in the order of asking, which is that of the due times; 0 before it is kept.
    `effect` is the record of the command that its approval ran.
    """

    id: str
    household: str
    kind: RedemptionKind
    terms: Mapping[str, object]
    salt: bytes
    province: str
    home_province: str
    asked_by: str
    asked_at: datetime
    state: RedemptionState = RedemptionState.OPEN
    reason: RefusalReason | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    effect: int | None = None
    number: int = 0

    @property
    def due_at(self) -> datetime:
        """Until when it should be decided."""
        return due_at(self.asked_at)

    @property
    def commitment(self) -> str:
        """What the log says of the terms: SHA-256 over the salt and their canonical JSON."""
        return hashlib.sha256(self.salt + canonical(self.terms)).hexdigest()

    @property
    def stakes(self) -> tuple[Stake, Stake]:
        """Whom it concerns: the household with its home, and where the account stands."""
        home = Stake(household=self.household, province=self.home_province)
        return home, self.decider

    @property
    def decider(self) -> Stake:
        """Whose centre decides: that of the province where the account stands (R140)."""
        return Stake(province=self.province)


def due_at(asked_at: datetime) -> datetime:
    """Until when a request should be decided."""
    return asked_at + days(DECISION_DAYS)


def decide_request(*, has_open: bool) -> RedemptionRefusal | None:
    """One request of a household and kind waits at a time."""
    return RedemptionRefusal.ALREADY_REQUESTED if has_open else None


def decide_decision(request: Redemption, person: str) -> RedemptionRefusal | None:
    """A second person approves or refuses, once; a delay changes nothing."""
    if request.state is not RedemptionState.OPEN:
        return RedemptionRefusal.DECIDED
    return RedemptionRefusal.SAME_PERSON if request.asked_by == person else None


def decide_withdrawal(request: Redemption) -> RedemptionRefusal | None:
    """The household takes back what is not decided yet."""
    return None if request.state is RedemptionState.OPEN else RedemptionRefusal.DECIDED
