"""The wire of withdrawal."""

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

from app.kernel.units import Area
from app.platform.wire import (
    AmountOut,
    AreaIn,
    Count,
    Flag,
    Id,
    In,
    InstantOut,
    Out,
    RegionRef,
)
from app.withdrawal import rules
from app.withdrawal.rules_objection import Objection, RaiseObjection, RuleObjection
from app.withdrawal.schemas_parcel import ParcelIn, ParcelOut

NAMES_MAX = 10_000
YEARS_MAX = 1_000

Person = Annotated[str, Field(max_length=1_000, pattern=r"^[^\x00]*$")]
Names = Annotated[list[Person], Field(max_length=NAMES_MAX)]
Years = Annotated[
    int, Field(ge=0, strict=True), AfterValidator(lambda years: min(years, YEARS_MAX))
]
"""Whole years; more than a life of them are as good as a life."""


class ApplicationIn(In):
    """A household applies to give up its homestead. Co-owners and their consents are names."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "a1",
                    "household": "h1",
                    "area_m2": "180.00",
                    "floor_m2": "142.50",
                    "co_owners": ["陈淑芬"],
                    "consents": ["陈淑芬"],
                }
            ]
        }
    )

    id: Id
    household: Id
    area_m2: AreaIn
    floor_m2: AreaIn | None = None
    co_owners: Names = Field(default_factory=list)
    consents: Names = Field(default_factory=list)
    parcel: ParcelIn | None = Field(
        default=None, description="Given by the bureau, now or when the land is accepted."
    )

    def command(self) -> rules.Apply:
        """The command this body asks for."""
        return rules.Apply(
            self.id,
            self.household,
            Area(self.area_m2),
            None if self.floor_m2 is None else Area(self.floor_m2),
            tuple(self.co_owners),
            tuple(self.consents),
            None if self.parcel is None else self.parcel.positions,
        )


class ApplicationRefIn(In):
    """A step that an application takes."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"application": "a1"}]})

    application: Id


class VillageReviewIn(In):
    """The vote of the members' meeting."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"application": "a1", "votes_for": 20}]}
    )

    application: Id
    votes_for: Count

    def command(self) -> rules.ReviewApplication:
        """The command this body asks for."""
        return rules.ReviewApplication(self.application, self.votes_for)


class ObjectionIn(In):
    """An objection to an application under public notice."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": "o1", "application": "a1"}]})

    id: Id
    application: Id

    def command(self) -> RaiseObjection:
        """The command this body asks for."""
        return RaiseObjection(self.id, self.application)


class RulingIn(In):
    """A ruling on an objection."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"objection": "o1", "upheld": False}]}
    )

    objection: Id
    upheld: Flag

    def command(self) -> RuleObjection:
        """The command this body asks for."""
        return RuleObjection(self.objection, self.upheld)


class CityApprovalIn(In):
    """A city's approval of the household's settlement."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "application": "a1",
                    "city": "500112",
                    "work_years": 4,
                    "income_proof": True,
                    "long_term": True,
                }
            ]
        }
    )

    application: Id
    city: RegionRef
    work_years: Years
    income_proof: Flag
    long_term: Flag

    def command(self) -> rules.ApproveCity:
        """The command this body asks for."""
        return rules.ApproveCity(
            self.application, self.city, self.work_years, self.income_proof, self.long_term
        )


class ApplicationOut(Out):
    """An application. Of its co-owners only their number is shown."""

    id: str = Field(examples=["a1"])
    household: str = Field(examples=["h1"])
    collective: str = Field(examples=["v1"])
    county: str = Field(examples=["500236"])
    province: str = Field(examples=["500000"])
    area_m2: AmountOut
    floor_m2: AmountOut | None = Field(examples=["142.50"])
    lawful_m2: AmountOut = Field(description="What can be compensated: the area up to the cap.")
    co_owners: int = Field(examples=[1])
    state: rules.ApplicationState = Field(examples=["applied"])
    applied_at: InstantOut
    cooling_off_ends_at: InstantOut
    notice_ends_at: InstantOut | None
    policy: str = Field(examples=["500000.2026"])
    city: str | None = Field(
        examples=["500112"], description="The city that approved the household last."
    )
    hold: str | None = Field(
        examples=[None], description="The hold that stands on it: nothing goes on until it ends."
    )
    may_hold: bool = Field(
        examples=[True], description="Whether the household may say that it did not agree."
    )
    parcel: ParcelOut | None = Field(
        description="The homestead's outline; null where the bureau has given none."
    )

    @classmethod
    def of(cls, application: rules.Application) -> "ApplicationOut":
        """Show an application."""
        return cls(
            id=application.id,
            household=application.household,
            collective=application.collective,
            county=application.county,
            province=application.province,
            area_m2=application.area,
            floor_m2=application.floor_area,
            lawful_m2=application.lawful_area,
            co_owners=application.co_owners,
            state=application.state,
            applied_at=application.applied_at,
            cooling_off_ends_at=application.cooling_off_ends_at,
            notice_ends_at=application.notice_ends_at,
            policy=application.policy,
            city=application.city,
            hold=application.hold,
            may_hold=application.may_hold,
            parcel=None if application.parcel is None else ParcelOut.of(application.parcel),
        )


class ObjectionOut(Out):
    """An objection; `upheld` is null until it is ruled on."""

    id: str = Field(examples=["o1"])
    application: str = Field(examples=["a1"])
    raised_at: InstantOut
    upheld: bool | None = Field(examples=[None])
    ruled_at: InstantOut | None = Field(examples=[None])

    @classmethod
    def of(cls, objection: Objection) -> "ObjectionOut":
        """Show an objection."""
        return cls(
            id=objection.id,
            application=objection.application,
            raised_at=objection.raised_at,
            upheld=objection.upheld,
            ruled_at=objection.ruled_at,
        )


class CityApprovalOut(Out):
    """A city's approval, with the criterion and the policy version it was judged by."""

    application: str = Field(examples=["a1"])
    city: str = Field(examples=["500112"])
    work_years: int = Field(examples=[4])
    min_work_years: int = Field(examples=[3])
    policy: str = Field(examples=["500000.2026"])
    approved_at: InstantOut

    @classmethod
    def of(cls, approval: rules.CityApproval) -> "CityApprovalOut":
        """Show an approval."""
        return cls(
            application=approval.application,
            city=approval.city,
            work_years=approval.work_years,
            min_work_years=approval.min_work_years,
            policy=approval.policy,
            approved_at=approval.approved_at,
        )
