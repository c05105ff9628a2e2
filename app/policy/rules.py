"""Pure rules of policy: the parameters and their defaults, and who may approve."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.kernel.refusal import BetweenNodes, Refusal
from app.kernel.shares import floor_div
from app.kernel.units import Area, Fen

NOTHING = Fen(0)


class PolicyRefusal(Refusal):
    """Refusals of policy versions and coefficients."""

    WRONG_STATE = (
        "wrong-state",
        "该版本已经批准,不能再次批准。需要变更时请提出新版本。",
        "This version is approved already. To change it, propose a new one.",
    )
    SAME_PERSON = (
        "same-person",
        "提出人与批准人不能是同一人。请由另一人批准。",
        "Who proposed it may not approve it. Let a second person approve.",
    )
    OVERLAP = (
        "coefficient-overlap",
        "该方向的系数在此期间已有规定。请调整起止日期。",
        "A coefficient for this pair covers some of these days. Change the dates.",
    )
    RETROACTIVE = (
        "policy-retroactive",
        "生效时间不能早于批准时间。请更正 valid_from。",
        "A policy may not take effect before its approval. Correct valid_from.",
    )


class CoefficientRefusal(BetweenNodes):
    """Refusals of coefficients where the ministry has a node of its own."""

    MINISTRY_ELSEWHERE = (
        "decided-elsewhere",
        "调节系数由部级节点批准,本节点只接收。请在该节点办理。",
        "The ministry approves coefficients at its own node; this one receives them. Ask there.",
    )
    NOT_THE_MINISTRYS = (
        "coefficient-unfounded",
        "该系数不是部级节点批准的,或内容不完整。请核对报文与其日志记录。",
        "Not a coefficient that the ministry's node approved, or not a whole one. Compare its log.",
    )


class Party(StrEnum):
    """Who can have a share of the net proceeds; the villager stands last (R134, R145)."""

    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE_COMMITTEE = "village_committee"
    COLLECTIVE = "collective"
    VILLAGER = "villager"


class SubsidyBasis(StrEnum):
    """Subsidy by head or by rented area (R136)."""

    HEAD = "head"
    AREA = "area"


class SealedTie(StrEnum):
    """How equal highest sealed bids are told apart."""

    EARLIEST = "earliest"
    DRAW = "draw"


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of a province. Shares are in hundredths: 100 is the whole."""

    split: tuple[tuple[Party, int], ...] = ((Party.COLLECTIVE, 15), (Party.VILLAGER, 85))
    cooling_off_days: int = 30
    notice_days: int = 7
    homestead_cap: Area | None = None
    min_work_years: int = 3
    ecological_quota: bool = False
    auction_notice_days: int = 20
    extension_seconds: int = 300
    min_bidders: int = 1
    sealed_tie: SealedTie = SealedTie.EARLIEST
    payment_days: int = 60
    subsidy_basis: SubsidyBasis = SubsidyBasis.HEAD
    subsidy_rate: Fen = NOTHING
    subsidy_pool_share: int = 0
    option_years: int = 5
    low_interest_loan_cap: Fen = NOTHING
    fee_offset_share: int = 100


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a province's parameters, in force from an instant until the next."""

    id: str
    province: str
    valid_from: datetime
    parameters: Parameters
    proposed_by: str
    approved_by: str | None = None


@dataclass(frozen=True, slots=True)
class Coefficient:
    """The yields by which quota of `giver` counts in `receiver`, from day to day inclusive (R183).

    `document` is the number of the document that sets it.
    """

    id: str
    giver: str
    receiver: str
    yield_out: int
    yield_in: int
    valid_from: date
    valid_to: date
    document: str
    proposed_by: str
    approved_by: str | None = None

    def convert(self, area: Area) -> Area:
        """`n = floor(m x yield_out / yield_in)` in units of 0.01 m² (R183, R184)."""
        return Area(floor_div(area * self.yield_out, self.yield_in))


DEFAULT = ".default"


def default_version(province: str) -> str:
    """The id under which a province without a policy of its own follows the defaults."""
    return province + DEFAULT


def is_default(id_: str) -> bool:
    """Whether an id stands for the defaults; nobody may give a proposal such a one."""
    return id_.endswith(DEFAULT)


def decide_approval(proposed_by: str, approved_by: str | None, person: str) -> PolicyRefusal | None:
    """A second person approves, once."""
    if approved_by is not None:
        return PolicyRefusal.WRONG_STATE
    if proposed_by == person:
        return PolicyRefusal.SAME_PERSON
    return None
