"""Pure rules of reclamation and the ticket (R89-R103, R109, R118): accept, issue, hand in."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.kernel.ids import province_of
from app.kernel.principal import Stake
from app.kernel.refusal import Refusal
from app.kernel.units import Area, Fen
from app.ledger.rules import AccountKind, AccountRef
from app.policy.rules import Party
from app.withdrawal.rules import Application, ApplicationState


class TicketRefusal(Refusal):
    """Refusals of tickets; those of one command stand in descending precedence."""

    # every step onward
    HELD = (
        "held",
        "该户表示没有同意,此件已停办,不能往下办理。请由县级审批人听取后结束停办。",
        "The household says that it did not agree: nothing goes on. Let the county hear it first.",
    )
    # accept_reclamation
    NOT_APPROVED = (
        "wrong-state",
        "申请尚未获县级批准,或土地已验收,不能验收。请先查询申请的最新状态。",
        "The county has not approved it, or its land was accepted before. Read its state first.",
    )
    SAME_PERSON = (
        "same-person",
        "您代该户提交了此申请,不能由您验收。请由另一位经办或审批人验收。",
        "You applied for the household, so you may not accept its land. Let another person accept.",
    )
    EXCEEDS_LAWFUL_AREA = (
        "exceeds-lawful-area",
        "验收面积超过合法面积。请按合法面积以内的面积验收。",
        "More than the lawful area of the application. Accept at the most its lawful area.",
    )
    COLLECTIVE_STOCK_INSUFFICIENT = (
        "collective-stock-insufficient",
        "集体的宅基地面积不足以扣减。请核对集体的宅基地存量。",
        "The collective has less homestead land than that. Check its stock.",
    )
    # issue
    ALREADY_ISSUED = (
        "already-issued",
        "该申请已核发复垦票,不能重复核发。请查询原票。",
        "The ticket of this application was issued before. Look it up.",
    )
    NOT_ACCEPTED = (
        "not-accepted",
        "复垦尚未验收,不能核发复垦票。请先完成验收。",
        "The reclaimed land is not accepted yet. Accept it first.",
    )
    NO_QUOTA_FOR_ECOLOGICAL = (
        "no-quota-for-ecological",
        "按该省政策,复垦为林地或草地的不产生指标,不能核发复垦票。",
        "Under the province's policy, forest and grass give no quota: no ticket can be issued.",
    )
    # hand_in
    NOT_ISSUED = (
        "wrong-state",
        "复垦票已交票、流出或成交,不能再交票。请先查询它的最新状态。",
        "The ticket was handed in, flows out or is sold. Read its state first.",
    )
    CITY_APPROVAL_MISSING = (
        "city-approval-missing",
        "本省尚无城市同意接收该户。请先取得城市的落户审核。",
        "No city of this province has approved the household. Obtain a city's approval first.",
    )


class LandUse(StrEnum):
    """What a homestead was reclaimed to, by suitability (R97)."""

    CROPLAND = "cropland"
    FOREST = "forest"
    GRASS = "grass"

    @property
    def is_ecological(self) -> bool:
        """Whether it is no farmland: then quota arises only where the policy says so (R190)."""
        return self is not LandUse.CROPLAND


class TicketState(StrEnum):
    """Where a ticket stands."""

    ISSUED = "issued"
    HANDED_IN = "handed_in"
    LISTED = "listed"
    SOLD = "sold"
    SETTLED = "settled"
    LOCKED = "locked"
    TRANSFERRED = "transferred"

    @property
    def is_beyond_hold(self) -> bool:
        """Whether its household can hold it no more: a buyer or another province counts on it."""
        return self not in {TicketState.ISSUED, TicketState.HANDED_IN}


@dataclass(frozen=True, slots=True)
class AcceptReclamation:
    """Accept reclaimed land, with what it cost the county, and its outline where none is known."""

    application: str
    accepted: Area
    to: LandUse
    reclamation_cost: Fen
    financing_cost: Fen
    outline: tuple[tuple[int, int], ...] | None = None


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Accepted land of an application. `area` is in 0.01 m², costs are in fen."""

    application: str
    area: Area
    to: LandUse
    reclamation_cost: Fen
    financing_cost: Fen
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class IssueTicket:
    """Issue the ticket of an application."""

    application: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A ticket: the quota of accepted land, and the costs that its price must first repay.

    `home_province` is where the homestead lay, `province` where the ticket stands now; they differ
    for a ticket that came in by a transfer. `arrival` is that transfer where it came from another
    node: then application, household and collective are references to that province's.
    """

    id: str
    application: str
    household: str
    collective: str
    county: str
    home_province: str
    province: str
    area: Area
    reclamation_cost: Fen
    financing_cost: Fen
    issued_at: datetime
    state: TicketState
    arrival: str | None = None

    @property
    def costs(self) -> Fen:
        """Both costs, repaid to the county before anything is shared (R133)."""
        return Fen(self.reclamation_cost + self.financing_cost)

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
class Arrival:
    """What came with a ticket from another node: the policy version of its home, and its split.

    `decision_hash` is of the ministry's decision by which it was let in.
    """

    transfer: str
    policy: str
    split: tuple[tuple[Party, int], ...]
    decision_hash: str


def ticket_account(ticket: Ticket) -> AccountRef:
    """The ledger account of the ticket's quota, in the books of the province it stands in."""
    return AccountRef(AccountKind.TICKET, ticket.id, ticket.province)


def accepted_account(application: Application) -> AccountRef:
    """The ledger account of land accepted and not yet issued."""
    return AccountRef(AccountKind.ACCEPTED, application.id, application.province)


def decide_acceptance(
    command: AcceptReclamation,
    application: Application,
    homestead: int,
    now: datetime,
    *,
    same_person: bool = False,
) -> TicketRefusal | Acceptance:
    """Accept reclaimed land (R89-R92, R96): no more than is lawful, and than the village has.

    `homestead` is the collective's homestead land in 0.01 m². `same_person`: who accepts has filed
    the application.
    """
    if application.hold is not None:
        return TicketRefusal.HELD
    if application.state is not ApplicationState.APPROVED:
        return TicketRefusal.NOT_APPROVED
    if same_person:
        return TicketRefusal.SAME_PERSON
    if command.accepted > application.lawful_area:
        return TicketRefusal.EXCEEDS_LAWFUL_AREA
    if command.accepted > homestead:
        return TicketRefusal.COLLECTIVE_STOCK_INSUFFICIENT
    return Acceptance(
        application.id,
        command.accepted,
        command.to,
        command.reclamation_cost,
        command.financing_cost,
        now,
    )


def decide_issue(  # noqa: PLR0913 - each is a fact of its own
    command: IssueTicket,
    application: Application,
    acceptance: Acceptance | None,
    now: datetime,
    *,
    is_issued: bool,
    ecological_quota: bool,
) -> TicketRefusal | Ticket:
    """Issue the ticket (R89, R90, R190): once, after acceptance, and only where there is quota."""
    if application.hold is not None:
        return TicketRefusal.HELD
    if is_issued:
        return TicketRefusal.ALREADY_ISSUED
    if application.state is not ApplicationState.ACCEPTED or acceptance is None:
        return TicketRefusal.NOT_ACCEPTED
    if acceptance.to.is_ecological and not ecological_quota:
        return TicketRefusal.NO_QUOTA_FOR_ECOLOGICAL
    return Ticket(
        id=command.id,
        application=application.id,
        household=application.household,
        collective=application.collective,
        county=application.county,
        home_province=application.province,
        province=application.province,
        area=acceptance.area,
        reclamation_cost=acceptance.reclamation_cost,
        financing_cost=acceptance.financing_cost,
        issued_at=now,
        state=TicketState.ISSUED,
    )


def decide_hand_in(ticket: Ticket, application: Application) -> TicketRefusal | None:
    """Hand a ticket in (R109, R118): the latest approved city lies in the ticket's province."""
    city = application.city
    if application.hold is not None:
        return TicketRefusal.HELD
    if ticket.state is not TicketState.ISSUED:
        return TicketRefusal.NOT_ISSUED
    if city is None or province_of(city) != ticket.province:
        return TicketRefusal.CITY_APPROVAL_MISSING
    return None
