"""Pure rules of matching: what villages can spare, what places lack, and what is worked out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.kernel.ids import province_of
from app.kernel.refusal import Refusal
from app.kernel.shares import floor_div
from app.kernel.units import Area
from app.policy.rules import Coefficient
from app.reports.rules import City, FlowKind, Village, city_of, flow_kind

GRAIN = 100
"""Across borders a goal is reached to within one square metre: for less nobody agrees anew."""
WHOLE = 100
"""A share of a surplus is given in percent."""
NOTHING = Area(0)
SUPPLIES_MAX = 10_000
DEMANDS_MAX = 5_000
SUM_MAX = 2**49
"""Five million km², some thirty times all homesteads of China: far below where 64 bits, or the
53 of the solver's bound, would end."""


class MatchingRefusal(Refusal):
    """Refusals of a matching."""

    TOO_LARGE = (
        "matching-too-large",
        "村、城市过多或面积过大,无法一次匹配。请少选几个省份。",
        "Too many villages or cities, or too large areas, for one matching. Name fewer provinces.",
    )


class Goal(StrEnum):
    """What is made as large or, the last, as small as can be: each holds those before it.

    `own_city` stays in the villages' own cities; `in_province` is used in the province where it
    stands, so without conversion; `covered` is all that arrives, in the measure of where it
    arrives; `sent` is what leaves provinces for it.
    """

    OWN_CITY = "own_city"
    IN_PROVINCE = "in_province"
    COVERED = "covered"
    SENT = "sent"


class Why(StrEnum):
    """Why something stays open: a gap, or quota that a village can spare."""

    NO_SURPLUS = "no_surplus"
    NO_GAP = "no_gap"
    NO_COEFFICIENT = "no_coefficient"
    STEP = "step"
    NOT_PROVEN = "not_proven"
    ZONE = "zone"


@dataclass(frozen=True, slots=True)
class Needs:
    """What villages keep for themselves (R101).

    A village with a `stated` need keeps that much of its surplus. Any other keeps `percent` of it,
    rounded up, and `least` at the least. A stated need above the surplus is a gap of the village.
    """

    percent: int = 0
    least: Area = NOTHING
    stated: Mapping[str, Area] | None = None

    def of(self, village: str) -> Area | None:
        """The stated need of a village."""
        return None if self.stated is None else self.stated.get(village)

    def kept(self, village: str, surplus: Area) -> Area:
        """What a village keeps of its surplus."""
        share = floor_div(surplus * self.percent + WHOLE - 1, WHOLE)
        stated = self.of(village)
        return Area(min(surplus, max(self.least, share) if stated is None else stated))


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """Quota of a village in one province: its own surplus, or what arrived in another one.

    `province` is where it stands, and in whose measure; what arrived there is used there.
    """

    village: str
    county: str
    province: str
    surplus: Area
    need: Area | None = None
    kept: Area = NOTHING

    @property
    def arrived(self) -> bool:
        """Whether it left the village's province already."""
        return province_of(self.county) != self.province

    @property
    def spare(self) -> Area:
        """What may be sent: surplus - retained (R192)."""
        return Area(self.surplus - self.kept)


@dataclass(frozen=True, slots=True)
class Coming:
    """Quota of people who settle in a place, still in the province `source`: m there is n here.

    Without a coefficient in force it counts for nothing.
    """

    source: str
    sent: Area
    received: Area
    coefficient: Coefficient | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a place lacks: a county that people settle in, or a village by its stated need.

    `wanted` is settled + coming - landed of a county, and need - surplus of a village.
    """

    place: str
    county: str
    village: bool
    wanted: Area
    settled: Area = NOTHING
    landed: Area = NOTHING
    coming: tuple[Coming, ...] = ()
    receives: bool = True

    @property
    def province(self) -> str:
        """The province in whose measure it is."""
        return province_of(self.county)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is to be matched. Supplies and demands are told apart by their places in the lists.

    `coefficients` are those in force, by giver and receiver. `grain` is the least difference in
    units of 0.01 m² that weighs across borders; areas themselves are exact to the unit.
    """

    supplies: tuple[Supply, ...]
    demands: tuple[Demand, ...]
    coefficients: Mapping[tuple[str, str], Coefficient]
    grain: int = GRAIN


@dataclass(frozen=True, slots=True)
class Row:
    """Quota proposed to go from a supply to a demand, by their indexes: m sent is n received.

    Rows across a border share the one conversion of their two provinces: m and n of all its rows
    add up to a :class:`Conversion`.
    """

    supply: int
    demand: int
    kind: FlowKind
    sent: Area
    received: Area
    coefficient: Coefficient | None = None


@dataclass(frozen=True, slots=True)
class Conversion:
    """All that one province sends to another: `received = floor(sent x out / in)` (R183)."""

    coefficient: Coefficient
    sent: Area
    received: Area


@dataclass(frozen=True, slots=True)
class Reached:
    """A goal: what was reached, and the bound that no proposal can better. Both are exact.

    It is proven where the two differ by less than what weighs, the `grain`.
    """

    goal: Goal
    value: int
    bound: int
    grain: int = 1

    @property
    def proven(self) -> bool:
        """Whether nothing exists that is better by the grain, given the goals before."""
        return abs(self.value - self.bound) < self.grain


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Who could send what to whom. `left` and `open` are by index of supply and of demand."""

    rows: tuple[Row, ...]
    conversions: tuple[Conversion, ...]
    reached: tuple[Reached, ...]
    left: Mapping[int, tuple[Area, Why]]
    open: Mapping[int, tuple[Area, Why]]

    @property
    def proven(self) -> bool:
        """Whether every goal is proven."""
        return all(reached.proven for reached in self.reached)


@dataclass(frozen=True, slots=True)
class Settling:
    """Quota of a village in the province `source`, of people who settle in the county `region`."""

    region: str
    source: str
    village: str
    area: Area


def supplies_of(villages: Iterable[Village], needs: Needs) -> list[Supply]:
    """What the villages have at home, and what of it they keep."""
    found = []
    for village in villages:
        surplus = Area(max(0, village.surplus))
        need = needs.of(village.collective)
        if surplus > 0 or need is not None:
            found.append(
                Supply(
                    village=village.collective,
                    county=village.county,
                    province=province_of(village.county),
                    surplus=surplus,
                    need=need,
                    kept=needs.kept(village.collective, surplus),
                )
            )
    return found


def village_demands(supplies: Iterable[Supply], receiving: Iterable[str]) -> list[Demand]:
    """Villages that need more than they have; only near a city, in `receiving`, may they get it.

    Quota lands in urbanised counties alone (R93, R171), so others' needs stay open.
    """
    may = frozenset(receiving)
    return [
        Demand(
            place=supply.village,
            county=supply.county,
            village=True,
            wanted=Area(supply.need - supply.surplus),
            receives=supply.county in may,
        )
        for supply in supplies
        if not supply.arrived and supply.need is not None and supply.need > supply.surplus
    ]


def city_demands(
    cities: Iterable[City],
    settling: Iterable[Settling],
    coefficients: Mapping[tuple[str, str], Coefficient],
) -> list[Demand]:
    """What counties lack for those who settled or are on their way: settled + coming - landed.

    What is coming is converted village by village, as it would be sent.
    """
    coming: dict[str, dict[str, list[Area]]] = {}
    for one in settling:
        coming.setdefault(one.region, {}).setdefault(one.source, []).append(one.area)
    demands = []
    for city in cities:
        arriving = []
        for source, areas in sorted(coming.get(city.region, {}).items()):
            coefficient = coefficients.get((source, province_of(city.region)))
            received = 0 if coefficient is None else sum(map(coefficient.convert, areas))
            arriving.append(Coming(source, Area(sum(areas)), Area(received), coefficient))
        wanted = city.settled + sum(one.received for one in arriving) - city.landed
        if wanted > 0 or arriving:
            demands.append(
                Demand(
                    place=city.region,
                    county=city.region,
                    village=False,
                    wanted=Area(max(0, wanted)),
                    settled=city.settled,
                    landed=city.landed,
                    coming=tuple(arriving),
                )
            )
    return demands


def decide_size(supplies: Sequence[Supply], demands: Sequence[Demand]) -> MatchingRefusal | None:
    """Whether a matching of this size is worked out at all."""
    if len(supplies) > SUPPLIES_MAX or len(demands) > DEMANDS_MAX:
        return MatchingRefusal.TOO_LARGE
    total = sum(one.surplus for one in supplies) + sum(one.wanted for one in demands)
    return MatchingRefusal.TOO_LARGE if total > SUM_MAX else None


def kind_of(supply: Supply, demand: Demand) -> FlowKind:
    """Which of the four flows leads from a village to a place (R193 to R196)."""
    return flow_kind(supply.county, demand.county, to_village=demand.village)


def same_city(supply: Supply, demand: Demand) -> bool:
    """Whether a village's quota would stay in its own city."""
    return not supply.arrived and city_of(supply.county) == city_of(demand.county)
