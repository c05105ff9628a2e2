"""The wire of policy. Shares are decimal strings from "0.00" to "1.00"."""

from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from app.kernel.units import Area, Fen
from app.platform.wire import (
    AmountOut,
    Count,
    Flag,
    Id,
    In,
    InstantIn,
    InstantOut,
    Money,
    Out,
    RegionRef,
    Stock,
    Text,
)
from app.policy import rules
from app.policy.propose_coefficient import ProposeCoefficient
from app.policy.propose_policy import ProposePolicy

WHOLE = 100
SECONDS_MAX = 31_536_000
DAYS_MAX = 36_500
YEARS_MAX = 500
YIELD_MAX = 1_000_000_000
WEIGHT_MAX = 1_000_000_000


def _share(value: int) -> int:
    if value > WHOLE:
        raise PydanticCustomError("share", "a share lies between 0.00 and 1.00")
    return value


def _day(value: object) -> object:
    if not isinstance(value, str) or len(value) != len("2026-01-01"):
        raise PydanticCustomError("day", "send a date such as 2026-01-01")
    return value


Share = Annotated[Stock, AfterValidator(_share)]
Days = Annotated[int, Field(ge=0, le=DAYS_MAX, strict=True)]
Weight = Annotated[int, Field(ge=1, le=WEIGHT_MAX, strict=True)]
Yield = Annotated[int, Field(ge=1, le=YIELD_MAX, strict=True)]
Split = list[
    Annotated[tuple[Annotated[rules.Party, Field(strict=False)], Weight], Field(strict=False)]
]
Day = Annotated[
    date,
    BeforeValidator(_day),
    Field(strict=False, examples=["2026-01-01"]),
]

DEFAULTS = rules.Parameters()


def _villager_last_and_nobody_twice(split: list[tuple[rules.Party, int]]) -> Any:
    parties = [party for party, _ in split]
    if len(set(parties)) != len(parties) or parties[-1] is not rules.Party.VILLAGER:
        raise PydanticCustomError("split", "name each party once, and the villager last")
    return split


class ParametersIn(In):
    """A province's parameters; what is left out has its default."""

    split: Annotated[
        Split,
        Field(min_length=1, strict=False),
        AfterValidator(_villager_last_and_nobody_twice),
    ] = Field(default_factory=lambda: list(DEFAULTS.split))
    cooling_off_days: Days = DEFAULTS.cooling_off_days
    notice_days: Days = DEFAULTS.notice_days
    homestead_cap_m2: Stock | None = None
    min_work_years: Count = DEFAULTS.min_work_years
    ecological_quota: Flag = DEFAULTS.ecological_quota
    auction_notice_days: Days = DEFAULTS.auction_notice_days
    extension_seconds: Annotated[int, Field(ge=0, le=SECONDS_MAX, strict=True)] = (
        DEFAULTS.extension_seconds
    )
    min_bidders: Count = DEFAULTS.min_bidders
    sealed_tie: rules.SealedTie = Field(default=DEFAULTS.sealed_tie, strict=False)
    payment_days: Annotated[int, Field(ge=1, le=DAYS_MAX, strict=True)] = DEFAULTS.payment_days
    subsidy_basis: rules.SubsidyBasis = Field(default=DEFAULTS.subsidy_basis, strict=False)
    subsidy_rate_cny: Money = DEFAULTS.subsidy_rate
    subsidy_pool_share: Share = DEFAULTS.subsidy_pool_share
    option_years: Annotated[int, Field(ge=0, le=YEARS_MAX, strict=True)] = DEFAULTS.option_years
    low_interest_loan_cap_cny: Money = DEFAULTS.low_interest_loan_cap
    fee_offset_share: Share = DEFAULTS.fee_offset_share

    def value(self) -> rules.Parameters:
        """The parameters this body says."""
        cap = self.homestead_cap_m2
        return rules.Parameters(
            split=tuple((party, weight) for party, weight in self.split),
            cooling_off_days=self.cooling_off_days,
            notice_days=self.notice_days,
            homestead_cap=None if cap is None else Area(cap),
            min_work_years=self.min_work_years,
            ecological_quota=self.ecological_quota,
            auction_notice_days=self.auction_notice_days,
            extension_seconds=self.extension_seconds,
            min_bidders=self.min_bidders,
            sealed_tie=self.sealed_tie,
            payment_days=self.payment_days,
            subsidy_basis=self.subsidy_basis,
            subsidy_rate=Fen(self.subsidy_rate_cny),
            subsidy_pool_share=self.subsidy_pool_share,
            option_years=self.option_years,
            low_interest_loan_cap=Fen(self.low_interest_loan_cap_cny),
            fee_offset_share=self.fee_offset_share,
        )


class PolicyIn(In):
    """A version of a province's parameters, to be approved by a second person."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "500000.2026",
                    "province": "500000",
                    "valid_from": "2026-01-01T00:00:00+08:00",
                    "parameters": {"split": [["collective", 15], ["villager", 85]]},
                }
            ]
        }
    )

    id: Id
    province: RegionRef
    valid_from: InstantIn
    parameters: ParametersIn

    def command(self) -> ProposePolicy:
        """The command this body asks for."""
        return ProposePolicy(self.id, self.province, self.valid_from, self.parameters.value())


class ParametersOut(Out):
    """A province's parameters."""

    split: list[tuple[rules.Party, int]] = Field(examples=[[["collective", 15], ["villager", 85]]])
    cooling_off_days: int
    notice_days: int
    homestead_cap_m2: AmountOut | None
    min_work_years: int
    ecological_quota: bool
    auction_notice_days: int
    extension_seconds: int
    min_bidders: int
    sealed_tie: rules.SealedTie
    payment_days: int
    subsidy_basis: rules.SubsidyBasis
    subsidy_rate_cny: AmountOut
    subsidy_pool_share: AmountOut
    option_years: int
    low_interest_loan_cap_cny: AmountOut
    fee_offset_share: AmountOut

    @classmethod
    def of(cls, p: rules.Parameters) -> "ParametersOut":
        """Show parameters."""
        return cls(
            split=list(p.split),
            cooling_off_days=p.cooling_off_days,
            notice_days=p.notice_days,
            homestead_cap_m2=p.homestead_cap,
            min_work_years=p.min_work_years,
            ecological_quota=p.ecological_quota,
            auction_notice_days=p.auction_notice_days,
            extension_seconds=p.extension_seconds,
            min_bidders=p.min_bidders,
            sealed_tie=p.sealed_tie,
            payment_days=p.payment_days,
            subsidy_basis=p.subsidy_basis,
            subsidy_rate_cny=p.subsidy_rate,
            subsidy_pool_share=p.subsidy_pool_share,
            option_years=p.option_years,
            low_interest_loan_cap_cny=p.low_interest_loan_cap,
            fee_offset_share=p.fee_offset_share,
        )


class PolicyOut(Out):
    """A policy version; it is in force once a second person has approved it."""

    id: str = Field(examples=["500000.2026"])
    province: str = Field(examples=["500000"])
    valid_from: InstantOut
    parameters: ParametersOut
    proposed_by: str = Field(examples=["p-1"])
    approved_by: str | None = Field(examples=["p-2"])

    @classmethod
    def of(cls, version: rules.Version) -> "PolicyOut":
        """Show a version."""
        return cls(
            id=version.id,
            province=version.province,
            valid_from=version.valid_from,
            parameters=ParametersOut.of(version.parameters),
            proposed_by=version.proposed_by,
            approved_by=version.approved_by,
        )


class PolicyApprovalIn(In):
    """Approve a policy version."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"policy": "500000.2026"}]})

    policy: Id


class CoefficientIn(In):
    """Yields by which an area of one province counts in another, between two dates inclusive."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "k1",
                    "from": "500000",
                    "to": "330000",
                    "yield_out": 500,
                    "yield_in": 750,
                    "valid_from": "2026-01-01",
                    "valid_to": "2027-12-31",
                    "document": "自然资函〔2026〕1号",
                }
            ]
        }
    )

    id: Id
    giver: RegionRef = Field(alias="from")
    receiver: RegionRef = Field(alias="to")
    yield_out: Yield
    yield_in: Yield
    valid_from: Day
    valid_to: Day
    document: Text

    def command(self) -> ProposeCoefficient:
        """The command this body asks for."""
        return ProposeCoefficient(
            self.id,
            self.giver,
            self.receiver,
            self.yield_out,
            self.yield_in,
            self.valid_from,
            self.valid_to,
            self.document,
        )


class CoefficientOut(Out):
    """A coefficient: `n = floor(m x yield_out / yield_in)`."""

    id: str = Field(examples=["k1"])
    giver: str = Field(serialization_alias="from", examples=["500000"])
    receiver: str = Field(serialization_alias="to", examples=["330000"])
    yield_out: int = Field(examples=[500])
    yield_in: int = Field(examples=[750])
    valid_from: date
    valid_to: date
    document: str = Field(examples=["自然资函〔2026〕1号"])
    proposed_by: str = Field(examples=["m-1"])
    approved_by: str | None = Field(examples=["m-2"])

    @classmethod
    def of(cls, c: rules.Coefficient) -> "CoefficientOut":
        """Show a coefficient."""
        return cls(
            id=c.id,
            giver=c.giver,
            receiver=c.receiver,
            yield_out=c.yield_out,
            yield_in=c.yield_in,
            valid_from=c.valid_from,
            valid_to=c.valid_to,
            document=c.document,
            proposed_by=c.proposed_by,
            approved_by=c.approved_by,
        )


class CoefficientApprovalIn(In):
    """Approve a coefficient."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"coefficient": "k1"}]})

    coefficient: Id
