"""Pure rules of holds (R2, R45): a household says "I did not agree", and the county hears it.

A hold stops every step onward, from the village's vote to the listing of the ticket. It is placed
at any time before the ticket is listed or locked for another province, and needs no proof. The
household takes it back itself; else the county hears it, by somebody who had no hand in the
application. What is reclaimed is farmland, and no record makes it a homestead again: then a hold
ends only with the household's word, and until then nothing is sold.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from app.kernel.principal import Role
from app.kernel.refusal import Refusal
from app.withdrawal.rules import Application, ApplicationState, HoldOutcome, HoldReason


class HoldRefusal(Refusal):
    """Refusals of holds; those of one command stand in descending precedence."""

    # hold
    ENDED = (
        "wrong-state",
        "申请已撤回或被否决,不会再往下办,无需停办。请查询申请的状态。",
        "The application was revoked or rejected: nothing goes on that could be held. Read it.",
    )
    ALREADY_HELD = (
        "already-held",
        "该申请已经停办,正等待县级审批人听取。请不必重复提出。",
        "It is held already and waits for the county to hear it. There is no need to say it twice.",
    )
    BEYOND = (
        "hold-too-late",
        "复垦票已挂牌、成交,或正在流往外省,不能再停办。请向县级服务窗口申诉,或等它退回后再提。",
        "The ticket is listed, sold or leaving. Complain at the county, or wait for its return.",
    )
    # release
    ALREADY_ENDED = (
        "hold-ended",
        "该停办已经结束,不能再次办结。请查询结果。",
        "This hold has ended before. Read its outcome.",
    )
    NOT_YOURS = (
        "hold-outcome-not-yours",
        "您的角色不能这样结束停办:农户可以收回,县级审批人听取后可以确认或撤销。请改选。",
        "A household takes a hold back; the county confirms or withdraws. Choose what is yours.",
    )
    SAME_PERSON = (
        "same-person",
        "您办理过此申请或登记过此停办,不能由您结束停办。请由另一位工作人员听取。",
        "You took a step on this application or booked the hold. Let another person hear it.",
    )
    LAND_RECLAIMED = (
        "land-reclaimed",
        "土地已复垦验收,申请不能撤销。请先与该户商定补偿或另行安排,取得本人确认;此前继续停办。",
        "The land is reclaimed for good. Agree with the household first; until then it is held.",
    )


_COUNTY = frozenset({Role.COUNTY_APPROVER, Role.OPERATOR})
SAYERS: dict[HoldOutcome, frozenset[Role]] = {
    HoldOutcome.TAKEN_BACK: frozenset({Role.VILLAGER, Role.OPERATOR}),
    HoldOutcome.CONFIRMED: _COUNTY,
    HoldOutcome.WITHDRAWN: _COUNTY,
    HoldOutcome.LAPSED: frozenset(),
}
"""Who may end a hold in which way. That a hold lapses nobody says: it follows."""

STEPS: tuple[str, ...] = (
    "application.applied",
    "application.reviewed",
    "application.determined",
    "application.approved",
    "entry.reclamation",
)
"""Whoever took one of these for the household may not end its hold."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold on an application; `outcome` is None while it stands."""

    id: str
    application: str
    reason: HoldReason
    placed_at: datetime
    outcome: HoldOutcome | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlaceHold:
    """The household did not agree."""

    id: str
    application: str
    reason: HoldReason


@dataclass(frozen=True, slots=True)
class ReleaseHold:
    """The hold is taken back, or was heard."""

    hold: str
    outcome: HoldOutcome


def decide_hold(command: PlaceHold, application: Application, now: datetime) -> HoldRefusal | Hold:
    """Place a hold (R2): once at a time, on what is neither over nor already with a buyer."""
    if application.state.is_ended:
        return HoldRefusal.ENDED
    if application.hold is not None:
        return HoldRefusal.ALREADY_HELD
    if application.beyond_hold:
        return HoldRefusal.BEYOND
    return Hold(command.id, application.id, command.reason, now)


def decide_release(  # noqa: PLR0913 - each is a fact of its own
    outcome: HoldOutcome,
    hold: Hold,
    application: Application,
    role: Role,
    now: datetime,
    *,
    same_person: bool,
) -> HoldRefusal | tuple[Hold, Application]:
    """End a hold: the application goes on, or is revoked, as long as its land is not reclaimed.

    `same_person`: who ends it has taken a step on the application, or hears a hold that it booked.
    Of a household that acts for itself that is not asked.
    """
    if hold.outcome is not None:
        return HoldRefusal.ALREADY_ENDED
    if role not in SAYERS[outcome]:
        return HoldRefusal.NOT_YOURS
    if same_person and role is not Role.VILLAGER:
        return HoldRefusal.SAME_PERSON
    ended = replace(hold, outcome=outcome, ended_at=now)
    if outcome is not HoldOutcome.WITHDRAWN:
        return ended, replace(application, hold=None)
    if application.state is ApplicationState.ACCEPTED:
        return HoldRefusal.LAND_RECLAIMED
    return ended, replace(application, hold=None, state=ApplicationState.REVOKED)
