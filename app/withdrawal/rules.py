"""Pure rules of withdrawal (R1-R49, R77-R78, R104-R110): who may apply, each decision in turn."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from app.identity.rules import Household, Zone
from app.kernel.calendar import days
from app.kernel.principal import Stake
from app.kernel.refusal import Refusal
from app.kernel.units import Area
from app.policy.rules import Version
from app.withdrawal.rules_parcel import Parcel, Point


class WithdrawalRefusal(Refusal):
    """Refusals of withdrawal; those of one command stand in descending precedence."""

    # every step onward
    HELD = (
        "held",
        "该户表示没有同意,此件已停办,不能往下办理。请由县级审批人听取后结束停办。",
        "The household says that it did not agree: nothing goes on. Let the county hear it first.",
    )
    # apply
    ZONE_NOT_SENDING = (
        "zone-not-sending",
        "宅基地所在县不在农产品主产区或生态功能区,不能申请退出。请核对户籍所在集体。",
        "The homestead's county is no farm-product or ecological zone. Check the collective.",
    )
    ALREADY_APPLIED = (
        "already-applied",
        "该户已有在办或已成票的申请,或土地已验收,不能再次申请。请查询原申请。",
        "The household has an application that is open or has led to land or a ticket. Look it up.",
    )
    CONSENT_MISSING = (
        "consent-missing",
        "尚有共有人未同意。请取得全体共有人的同意后再申请。",
        "A co-owner has not consented. Obtain every co-owner's consent and apply again.",
    )
    # revoke
    COOLING_OFF_OVER = (
        "cooling-off-over",
        "冷静期已满,不能再撤回申请。如有异议,请在公示期内提出。",
        "The cooling-off is over and the application stands. Object while its notice runs.",
    )
    # village_review
    COOLING_OFF = (
        "cooling-off",
        "冷静期尚未届满。请在 cooling_off_ends_at 之后再评议。",
        "The cooling-off still runs. Review it after its cooling_off_ends_at.",
    )
    NOT_APPLIED = (
        "wrong-state",
        "申请已撤回或已评议,不在待评议状态。请先查询它的最新状态。",
        "The application was revoked or reviewed before. Read its state first.",
    )
    # object, rule
    NOTICE_CLOSED = (
        "notice-closed",
        "该申请不在公示期内,不能提出异议。请通过申诉渠道反映。",
        "Its public notice does not run, so nobody can object now. Use the complaint channel.",
    )
    ALREADY_RULED = (
        "already-ruled",
        "该异议已有裁定,不能再次裁定。请查询裁定结果。",
        "This objection was ruled on before. Read the ruling.",
    )
    # township_determine
    NOT_NOTICED = (
        "wrong-state",
        "申请不在公示状态,不能核定。请先查询它的最新状态。",
        "The application is not under notice, so it cannot be determined. Read its state first.",
    )
    NOTICE_OPEN = (
        "notice-open",
        "公示期尚未届满。请在 notice_ends_at 之后再核定。",
        "Its public notice still runs. Determine it after its notice_ends_at.",
    )
    OBJECTION_OPEN = (
        "objection-open",
        "尚有异议未裁定。请先对全部异议作出裁定。",
        "An objection waits for a ruling. Rule on every objection first.",
    )
    # county_approve
    NOT_DETERMINED = (
        "wrong-state",
        "申请尚未核定或已办结,不能批准。请先由乡镇核定。",
        "The application is not determined, so it cannot be approved. Let the township determine.",
    )
    SAME_PERSON = (
        "same-person",
        "您代该户提交或核定了此申请,不能由您批准。请由另一位审批人办理。",
        "You applied for it or determined it yourself. Let another person approve it.",
    )
    # city_approve
    ENDED = (
        "wrong-state",
        "申请已撤回或被否决,不能再为其办理落户审核。请由该户重新申请。",
        "The application was revoked or rejected. Let the household apply anew first.",
    )
    ZONE_NOT_RECEIVING = (
        "zone-not-receiving",
        "该地区不属于城市化地区,不能接收。请改选城市化地区的区县。",
        "This region is not in the urbanised zone. Name one that is.",
    )
    SETTLEMENT_CRITERIA = (
        "settlement-criteria",
        "未满足落户条件:工作年限、收入证明或长期居住意愿不足。请补齐后再审核。",
        "Work years, income proof or long-term stay fall short of the criteria. Complete them.",
    )
    CITY_FIXED = (
        "wrong-state",
        "复垦票已交票或流出,流入城市不能再变更。请按原城市办理。",
        "The ticket was handed in or flows out, so the city can no longer change. Keep the former.",
    )


class ApplicationState(StrEnum):
    """Where an application stands; `revoked` and `rejected` end it without a ticket."""

    APPLIED = "applied"
    REVOKED = "revoked"
    REJECTED = "rejected"
    NOTICED = "noticed"
    DETERMINED = "determined"
    APPROVED = "approved"
    ACCEPTED = "accepted"

    @property
    def is_ended(self) -> bool:
        """Whether the household may apply anew."""
        return self in {ApplicationState.REVOKED, ApplicationState.REJECTED}


class HoldReason(StrEnum):
    """Why a household did not agree: chosen from a list, for free text could name persons."""

    NOT_ASKED = "not_asked"
    SIGNATURE_NOT_MINE = "signature_not_mine"
    MISINFORMED = "misinformed"
    FAMILY_DISAGREES = "family_disagrees"
    OTHER = "other"


class HoldOutcome(StrEnum):
    """How a hold ended; `lapsed`: the application ended for another reason."""

    TAKEN_BACK = "taken_back"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"

    @property
    def is_hearing(self) -> bool:
        """Whether the county has heard the household before it said so."""
        return self in {HoldOutcome.CONFIRMED, HoldOutcome.WITHDRAWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A household's application to give up its homestead.

    Areas are in 0.01 m²; `lawful_area` is the part that can be compensated (R8, R10). `policy` is
    the version in force when it was made, which it follows to its end. `city` is the region that
    approved the household last; `city_fixed` says that its ticket has left the state `issued`, so
    that no other city may follow. `hold` is the hold that stands, if one does (`rules_hold`);
    `beyond_hold` says that the ticket is on its way to a buyer or out, so that none may follow.
    """

    id: str
    household: str
    collective: str
    county: str
    province: str
    area: Area
    floor_area: Area | None
    lawful_area: Area
    co_owners: int
    state: ApplicationState
    applied_at: datetime
    cooling_off_ends_at: datetime
    policy: str
    notice_ends_at: datetime | None = None
    city: str | None = None
    city_fixed: bool = False
    hold: str | None = None
    beyond_hold: bool = False
    parcel: Parcel | None = None

    @property
    def may_hold(self) -> bool:
        """Whether the household may say that it did not agree."""
        return not (self.state.is_ended or self.beyond_hold or self.hold is not None)

    @property
    def stake(self) -> Stake:
        """Whom it concerns."""
        return Stake(
            household=self.household,
            collective=self.collective,
            county=self.county,
            province=self.province,
        )


@dataclass(frozen=True, slots=True)
class Apply:
    """Apply for withdrawal. The names are personal data and stay out of every representation.

    `outline` is a closed ring, where the bureau has one (`rules_parcel`).
    """

    id: str
    household: str
    area: Area
    floor_area: Area | None = None
    co_owners: tuple[str, ...] = field(default=(), repr=False)
    consents: tuple[str, ...] = field(default=(), repr=False)
    outline: tuple[Point, ...] | None = None


@dataclass(frozen=True, slots=True)
class ReviewApplication:
    """The vote of the members' meeting."""

    application: str
    votes_for: int


@dataclass(frozen=True, slots=True)
class ApproveCity:
    """A city's approval of the household's settlement (R104-R107)."""

    application: str
    city: str
    work_years: int
    income_proof: bool
    long_term: bool


@dataclass(frozen=True, slots=True)
class CityApproval:
    """An approval as it was given: the city, the criterion and the policy version it came from."""

    application: str
    city: str
    work_years: int
    min_work_years: int
    policy: str
    approved_at: datetime


def lawful_area(area: Area, cap: Area | None) -> Area:
    """The part of an area that can be compensated: `min(area, cap)` (R8, R10, R16)."""
    return area if cap is None else min(area, cap)


def decide_application(  # noqa: PLR0913 - the world of an application is this wide
    command: Apply,
    household: Household,
    zone: Zone | None,
    version: Version,
    now: datetime,
    *,
    is_barred: bool,
) -> WithdrawalRefusal | Application:
    """Open an application (R3, R11, R29, R93).

    `is_barred` says that another application of the household is not ended: it is open, or its
    land was accepted, with a ticket or without.
    """
    if zone is None or not zone.sends:
        return WithdrawalRefusal.ZONE_NOT_SENDING
    if is_barred:
        return WithdrawalRefusal.ALREADY_APPLIED
    if not set(command.co_owners) <= set(command.consents):
        return WithdrawalRefusal.CONSENT_MISSING
    return Application(
        id=command.id,
        household=household.id,
        collective=household.collective,
        county=household.county,
        province=household.province,
        area=command.area,
        floor_area=command.floor_area,
        lawful_area=lawful_area(command.area, version.parameters.homestead_cap),
        co_owners=len(command.co_owners),
        state=ApplicationState.APPLIED,
        applied_at=now,
        cooling_off_ends_at=now + days(version.parameters.cooling_off_days),
        policy=version.id,
    )


def decide_revocation(application: Application, now: datetime) -> WithdrawalRefusal | Application:
    """The household takes its application back, before the cooling-off ends (R77, R78)."""
    if now >= application.cooling_off_ends_at:
        return WithdrawalRefusal.COOLING_OFF_OVER
    if application.state is not ApplicationState.APPLIED:
        return WithdrawalRefusal.NOT_APPLIED
    return replace(application, state=ApplicationState.REVOKED, hold=None)


def decide_review(
    application: Application, votes_for: int, members: int, notice_days: int, now: datetime
) -> WithdrawalRefusal | Application:
    """The members vote (R30-R33): two thirds of all of them open the public notice."""
    if application.hold is not None:
        return WithdrawalRefusal.HELD
    if now < application.cooling_off_ends_at:
        return WithdrawalRefusal.COOLING_OFF
    if application.state is not ApplicationState.APPLIED:
        return WithdrawalRefusal.NOT_APPLIED
    if votes_for * 3 < members * 2:
        return replace(application, state=ApplicationState.REJECTED)
    return replace(
        application, state=ApplicationState.NOTICED, notice_ends_at=now + days(notice_days)
    )


def notice_runs(application: Application, now: datetime) -> bool:
    """Whether an application is under public notice, the closing instant excluded."""
    if application.state is not ApplicationState.NOTICED:
        return False
    return application.notice_ends_at is not None and now < application.notice_ends_at


def decide_determination(
    application: Application, now: datetime, *, has_open_objection: bool
) -> WithdrawalRefusal | Application:
    """The township determines (R35) once the notice is over and every objection is ruled on."""
    if application.hold is not None:
        return WithdrawalRefusal.HELD
    if application.state is not ApplicationState.NOTICED:
        return WithdrawalRefusal.NOT_NOTICED
    if notice_runs(application, now):
        return WithdrawalRefusal.NOTICE_OPEN
    if has_open_objection:
        return WithdrawalRefusal.OBJECTION_OPEN
    return replace(application, state=ApplicationState.DETERMINED)


def decide_approval(
    application: Application, *, same_person: bool = False
) -> WithdrawalRefusal | Application:
    """The county approves: agreement signed, use right deregistered (R39, R40, R49).

    `same_person`: who approves has filed or determined the application.
    """
    if application.hold is not None:
        return WithdrawalRefusal.HELD
    if application.state is not ApplicationState.DETERMINED:
        return WithdrawalRefusal.NOT_DETERMINED
    if same_person:
        return WithdrawalRefusal.SAME_PERSON
    return replace(application, state=ApplicationState.APPROVED)


def decide_city(
    command: ApproveCity,
    application: Application,
    zone: Zone | None,
    version: Version,
    now: datetime,
) -> WithdrawalRefusal | CityApproval:
    """A city approves the household's settlement (R18, R104-R109); the latest approval counts.

    `zone` is that of the city, `version` the policy of the city's province. Nothing of the
    procedure at home is asked for, and no ticket: a city may approve at any time (R18).
    """
    if application.hold is not None:
        return WithdrawalRefusal.HELD
    if application.state.is_ended:
        return WithdrawalRefusal.ENDED
    if zone is None or not zone.receives:
        return WithdrawalRefusal.ZONE_NOT_RECEIVING
    min_work_years = version.parameters.min_work_years
    if command.work_years < min_work_years or not (command.income_proof and command.long_term):
        return WithdrawalRefusal.SETTLEMENT_CRITERIA
    if application.city_fixed:
        return WithdrawalRefusal.CITY_FIXED
    return CityApproval(
        command.application, command.city, command.work_years, min_work_years, version.id, now
    )
