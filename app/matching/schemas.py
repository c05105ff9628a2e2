"""The wire of matching: areas as decimal strings, exact; each row with where it comes from."""

from datetime import date

from pydantic import Field

from app.matching import rules
from app.matching.read import Asked, Found
from app.platform.wire import AmountOut, Out
from app.policy.rules import Coefficient
from app.reports.rules import FlowKind


class GoalOut(Out):
    """A goal: what was reached beside what nothing can better, given the goals before it."""

    goal: rules.Goal = Field(examples=["covered"])
    reached_m2: AmountOut
    bound_m2: AmountOut
    proven: bool = Field(description="Whether both differ by less than 1 m².")

    @classmethod
    def of(cls, reached: rules.Reached) -> "GoalOut":
        """Show a goal."""
        return cls(
            goal=reached.goal,
            reached_m2=reached.value,
            bound_m2=reached.bound,
            proven=reached.proven,
        )


class UsedCoefficientOut(Out):
    """A coefficient in force: `n = floor(m x yield_out / yield_in)` (R183)."""

    id: str = Field(examples=["k1"])
    yield_out: int = Field(examples=[500])
    yield_in: int = Field(examples=[750])
    document: str = Field(examples=["自然资函〔2026〕1号"])

    @classmethod
    def of(cls, coefficient: Coefficient) -> "UsedCoefficientOut":
        """Show a coefficient."""
        return cls(
            id=coefficient.id,
            yield_out=coefficient.yield_out,
            yield_in=coefficient.yield_in,
            document=coefficient.document,
        )


class ConversionOut(Out):
    """All that one province would send another, converted once: `n = floor(m x out / in)`."""

    giver: str = Field(serialization_alias="from", examples=["500000"])
    receiver: str = Field(serialization_alias="to", examples=["330000"])
    sent_m2: AmountOut
    received_m2: AmountOut
    coefficient: UsedCoefficientOut

    @classmethod
    def of(cls, conversion: rules.Conversion) -> "ConversionOut":
        """Show a conversion."""
        return cls(
            giver=conversion.coefficient.giver,
            receiver=conversion.coefficient.receiver,
            sent_m2=conversion.sent,
            received_m2=conversion.received,
            coefficient=UsedCoefficientOut.of(conversion.coefficient),
        )


class MatchOut(Out):
    """A proposed flow from a village to a county or a village.

    Rows of one pair of provinces share its conversion: their m and their n add up to it. `standing`
    is the province in which the village's quota stands.
    """

    kind: FlowKind = Field(examples=["own_city"])
    village: str = Field(serialization_alias="from", examples=["v1"])
    village_county: str = Field(serialization_alias="from_county", examples=["500236"])
    standing: str = Field(examples=["500000"])
    place: str = Field(serialization_alias="to", examples=["500112"])
    place_county: str = Field(serialization_alias="to_county", examples=["500112"])
    sent_m2: AmountOut = Field(description="m, in the measure of `standing`.")
    received_m2: AmountOut = Field(description="n, in the measure of the place's province.")
    coefficient: str | None = Field(examples=[None], description="Its id, across a border.")
    document: str | None = Field(examples=[None], description="The document that sets it.")

    @classmethod
    def of(cls, problem: rules.Problem, row: rules.Row) -> "MatchOut":
        """Show a row."""
        supply, demand = problem.supplies[row.supply], problem.demands[row.demand]
        coefficient = row.coefficient
        return cls(
            kind=row.kind,
            village=supply.village,
            village_county=supply.county,
            standing=supply.province,
            place=demand.place,
            place_county=demand.county,
            sent_m2=row.sent,
            received_m2=row.received,
            coefficient=None if coefficient is None else coefficient.id,
            document=None if coefficient is None else coefficient.document,
        )


class SupplyOut(Out):
    """A village's quota: spare = surplus - kept, and left = spare - sent.

    Quota that came from another province and is not landed stands in a row of its own: it is used
    in the province `standing`, and in its measure.
    """

    collective: str = Field(examples=["v1"])
    county: str = Field(examples=["500236"])
    standing: str = Field(examples=["500000"])
    arrived: bool = Field(description="Whether it stands in another province than the village.")
    surplus_m2: AmountOut
    need_m2: AmountOut | None = Field(examples=[None], description="As stated in the question.")
    kept_m2: AmountOut
    spare_m2: AmountOut
    sent_m2: AmountOut
    left_m2: AmountOut
    why: rules.Why | None = Field(examples=[None], description="Why anything is left.")

    @classmethod
    def of(cls, supply: rules.Supply, left: tuple[int, rules.Why | None]) -> "SupplyOut":
        """Show a supply with what is left of it."""
        return cls(
            collective=supply.village,
            county=supply.county,
            standing=supply.province,
            arrived=supply.arrived,
            surplus_m2=supply.surplus,
            need_m2=supply.need,
            kept_m2=supply.kept,
            spare_m2=supply.spare,
            sent_m2=supply.spare - left[0],
            left_m2=left[0],
            why=left[1],
        )


class ComingOut(Out):
    """Quota of people who settle in a county, still in another province: m there is n here."""

    source: str = Field(serialization_alias="from", examples=["500000"])
    sent_m2: AmountOut
    received_m2: AmountOut = Field(description="Village by village; zero without a coefficient.")
    coefficient: UsedCoefficientOut | None

    @classmethod
    def of(cls, coming: rules.Coming) -> "ComingOut":
        """Show what is coming from one province."""
        coefficient = coming.coefficient
        return cls(
            source=coming.source,
            sent_m2=coming.sent,
            received_m2=coming.received,
            coefficient=None if coefficient is None else UsedCoefficientOut.of(coefficient),
        )


class DemandOut(Out):
    """A gap: wanted = settled + coming - landed of a county, need - surplus of a village."""

    place: str = Field(examples=["500112"])
    county: str = Field(examples=["500112"])
    village: bool
    settled_m2: AmountOut
    landed_m2: AmountOut
    coming: list[ComingOut]
    wanted_m2: AmountOut
    received_m2: AmountOut
    open_m2: AmountOut = Field(description="wanted - received")
    why: rules.Why | None = Field(examples=[None], description="Why anything stays open.")

    @classmethod
    def of(cls, demand: rules.Demand, still: tuple[int, rules.Why | None]) -> "DemandOut":
        """Show a demand with what stays open of it."""
        return cls(
            place=demand.place,
            county=demand.county,
            village=demand.village,
            settled_m2=demand.settled,
            landed_m2=demand.landed,
            coming=[ComingOut.of(one) for one in demand.coming],
            wanted_m2=demand.wanted,
            received_m2=demand.wanted - still[0],
            open_m2=still[0],
            why=still[1],
        )


class MatchingOut(Out):
    """A proposal of flows, never an order: nothing was written, and nobody is bound by it."""

    day: date = Field(description="Coefficients are those in force on this day.")
    provinces: list[str] = Field(examples=[["330000", "500000"]])
    retained_percent: int = Field(examples=[0])
    retained_m2: AmountOut
    proven: bool = Field(description="Whether every goal is proven: there is no better proposal.")
    goals: list[GoalOut] = Field(description="In their order: each holds those before it.")
    flows: list[MatchOut]
    conversions: list[ConversionOut]
    supplies: list[SupplyOut]
    demands: list[DemandOut]

    @classmethod
    def of(cls, found: Found, asked: Asked, proposal: rules.Proposal) -> "MatchingOut":
        """Show a proposal with all that it was made of."""
        problem = found.problem
        nothing = 0, None
        return cls(
            day=found.day,
            provinces=list(found.provinces),
            retained_percent=asked.needs.percent,
            retained_m2=asked.needs.least,
            proven=proposal.proven,
            goals=[GoalOut.of(one) for one in proposal.reached],
            flows=[MatchOut.of(problem, row) for row in proposal.rows],
            conversions=[ConversionOut.of(one) for one in proposal.conversions],
            supplies=[
                SupplyOut.of(supply, proposal.left.get(n, nothing))
                for n, supply in enumerate(problem.supplies)
            ],
            demands=[
                DemandOut.of(demand, proposal.open.get(n, nothing))
                for n, demand in enumerate(problem.demands)
            ],
        )
