"""From a problem to sums of provinces, and from what the solver answers to rows.

Inside a province every village can send to every place, one to one, so sums are enough, and the
first two goals need no solver. With the supply S, demand D and arrived quota A of a province:

- `own`, the sum over its cities of the smaller of supply and demand, is all that can stay in the
  own city, and hinders nothing else;
- `min(S + A, D)` is all that can be used in the province, and of it A goes first behind `own`, for
  it can go nowhere else.

Then each province has something left to send, or still lacks some, or neither. Across a border all
that one province sends another is converted at once, so sums are enough there too: that is the
solver's task.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.kernel.ids import province_of
from app.kernel.units import Area
from app.matching.rules import (
    Conversion,
    Goal,
    Problem,
    Proposal,
    Reached,
    Row,
    Why,
    kind_of,
)
from app.policy.rules import Coefficient
from app.reports.rules import city_of

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Sums:
    """A problem by provinces, in units of 0.01 m²: what stays in each, and what remains."""

    own: Mapping[str, int]
    within: Mapping[str, int]
    here: Mapping[str, int]
    supply: Mapping[str, int]
    demand: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What stays (:class:`Sums`), and what each pair of provinces sends; with the goals."""

    sums: Sums
    sent: Mapping[Pair, int]
    reached: tuple[Reached, ...]


@dataclass(slots=True)
class Rest:
    """What is left of each supply and demand while rows are laid out, by index."""

    spare: list[int]
    open: list[int]


def sums_of(problem: Problem) -> Sums:
    """Add a problem up by provinces."""
    supply: dict[str, int] = {}
    arrived: dict[str, int] = {}
    demand: dict[str, int] = {}
    cities: dict[str, list[int]] = {}
    for one in problem.supplies:
        into = arrived if one.arrived else supply
        into[one.province] = into.get(one.province, 0) + one.spare
        if not one.arrived:
            cities.setdefault(city_of(one.county), [0, 0])[0] += one.spare
    for wanted in problem.demands:
        if wanted.receives:
            demand[wanted.province] = demand.get(wanted.province, 0) + wanted.wanted
            cities.setdefault(city_of(wanted.county), [0, 0])[1] += wanted.wanted
    own: dict[str, int] = {}
    for city, (given, taken) in cities.items():
        province = province_of(city)
        own[province] = own.get(province, 0) + min(given, taken)
    within, here = {}, {}
    for province in sorted({*supply, *arrived, *demand}):
        at_home = own.get(province, 0)
        lacking = demand.get(province, 0) - at_home
        here[province] = min(arrived.get(province, 0), lacking)
        left = supply.get(province, 0) - at_home
        within[province] = at_home + min(left, lacking - here[province])
    return Sums(
        own,
        within,
        here,
        {p: area - within[p] for p, area in supply.items()},
        {p: area - within[p] - here[p] for p, area in demand.items()},
    )


def usable(problem: Problem, sums: Sums) -> list[tuple[Pair, Coefficient]]:
    """Coefficients from a province that can still send to one that still lacks, in order."""
    return [
        (pair, coefficient)
        for pair, coefficient in sorted(problem.coefficients.items())
        if sums.supply.get(pair[0], 0) > 0 and sums.demand.get(pair[1], 0) > 0
    ]


def task_of(problem: Problem, sums: Sums) -> dict[str, object] | None:
    """What the solver is told, whole numbers and nothing of anybody; None: there is no task."""
    pairs = usable(problem, sums)
    if not pairs:
        return None
    provinces = sorted({*sums.supply, *sums.demand})
    place = {province: n for n, province in enumerate(provinces)}
    return {
        "grain": problem.grain,
        "supply": [sums.supply.get(province, 0) for province in provinces],
        "demand": [sums.demand.get(province, 0) for province in provinces],
        "pairs": [
            [place[giver], place[receiver], coefficient.yield_out, coefficient.yield_in]
            for (giver, receiver), coefficient in pairs
        ],
    }


NO_ANSWER: Mapping[str, Sequence[int]] = {"sent": (), "covered": (0, 0), "spent": (0, 0)}
"""What there is to say where there was no task."""


def plan_of(problem: Problem, sums: Sums, answer: Mapping[str, Sequence[int]]) -> Plan:
    """The solver's answer by the names of provinces, with what needed no solver."""
    own, near = sum(sums.own.values()), sum([*sums.within.values(), *sums.here.values()])
    (covered, most), (spent, least) = answer["covered"], answer["spent"]
    sent = zip((pair for pair, _ in usable(problem, sums)), answer["sent"], strict=True)
    return Plan(
        sums,
        {pair: area for pair, area in sent if area > 0},
        (
            Reached(Goal.OWN_CITY, own, own),
            Reached(Goal.IN_PROVINCE, near, near),
            Reached(Goal.COVERED, near + covered, near + most, problem.grain),
            Reached(Goal.SENT, spent, least, problem.grain),
        ),
    )


def unfold(problem: Problem, plan: Plan) -> Proposal:
    """Lay the sums out as rows between villages and places.

    In each step the largest supply left goes to the largest gap left, which makes few and large
    rows: fewer than supplies and gaps together.
    """
    rest = Rest(
        [one.spare for one in problem.supplies],
        [one.wanted if one.receives else 0 for one in problem.demands],
    )
    rows: list[Row] = []
    conversions: list[Conversion] = []
    supplies, arrived, demands = _by_province(problem)
    for province, amount in plan.sums.within.items():
        own, wanted = supplies.get(province, []), demands.get(province, [])
        at_home = _own_cities(problem, rest, own, wanted)
        rows += at_home
        rows += _even(problem, rest, amount - sum(row.sent for row in at_home), own, wanted)
    for province, amount in plan.sums.here.items():
        rows += _even(problem, rest, amount, arrived.get(province, []), demands.get(province, []))
    for (giver, receiver), amount in plan.sent.items():
        coefficient = problem.coefficients[giver, receiver]
        received = coefficient.convert(Area(amount))
        conversions.append(Conversion(coefficient, Area(amount), received))
        given = _take(rest.spare, _largest(rest.spare, supplies[giver]), amount)
        taken = _take(rest.open, _largest(rest.open, demands[receiver]), received)
        rows += _converted(problem, coefficient, given, taken)
    left, still_open = _reasons(problem, rest, plan)
    return Proposal(
        rows=tuple(rows),
        conversions=tuple(conversions),
        reached=plan.reached,
        left=left,
        open=still_open,
    )


Places = dict[str, list[int]]


def _by_province(problem: Problem) -> tuple[Places, Places, Places]:
    supplies: Places = {}
    arrived: Places = {}
    demands: Places = {}
    for n, supply in enumerate(problem.supplies):
        (arrived if supply.arrived else supplies).setdefault(supply.province, []).append(n)
    for n, demand in enumerate(problem.demands):
        demands.setdefault(demand.province, []).append(n)
    return supplies, arrived, demands


def _largest(amounts: Sequence[int], among: Iterable[int]) -> list[int]:
    return sorted((n for n in among if amounts[n] > 0), key=lambda n: (-amounts[n], n))


def _take(amounts: list[int], order: Iterable[int], total: int) -> list[tuple[int, int]]:
    """Take a total out of amounts in order: (index, what was taken)."""
    taken = []
    for n in order:
        part = min(amounts[n], total)
        if part == 0:
            break
        amounts[n] -= part
        total -= part
        taken.append((n, part))
    assert total == 0, "the plan holds no more than there is"
    return taken


def _own_cities(
    problem: Problem, rest: Rest, supplies: Iterable[int], demands: Iterable[int]
) -> list[Row]:
    """What can stay in the cities of a province."""
    cities: dict[str, tuple[list[int], list[int]]] = {}
    for n in supplies:
        cities.setdefault(city_of(problem.supplies[n].county), ([], []))[0].append(n)
    for n in demands:
        cities.setdefault(city_of(problem.demands[n].county), ([], []))[1].append(n)
    rows: list[Row] = []
    for _, (given, taken) in sorted(cities.items()):
        stays = min(sum(rest.spare[n] for n in given), sum(rest.open[n] for n in taken))
        rows += _even(problem, rest, stays, given, taken)
    return rows


def _even(
    problem: Problem, rest: Rest, amount: int, supplies: Iterable[int], demands: Iterable[int]
) -> list[Row]:
    """Rows without conversion that come to an amount."""
    given = _take(rest.spare, _largest(rest.spare, supplies), amount)
    taken = _take(rest.open, _largest(rest.open, demands), amount)
    rows = []
    for supply, demand, begin, end in _overlaps(given, taken):
        area = Area(end - begin)
        kind = kind_of(problem.supplies[supply], problem.demands[demand])
        rows.append(Row(supply, demand, kind, area, area))
    return rows


def _overlaps(
    given: Sequence[tuple[int, int]], taken: Sequence[tuple[int, int]]
) -> list[tuple[int, int, int, int]]:
    """Two rows of lengths laid beside each other: (of the one, of the other, from, to)."""
    found = []
    ends = list(_ends(given)), list(_ends(taken))
    n = m = at = 0
    while n < len(given) and m < len(taken):
        end = min(ends[0][n], ends[1][m])
        if end > at:
            found.append((given[n][0], taken[m][0], at, end))
        at = end
        n += ends[0][n] == end
        m += ends[1][m] == end
    return found


def _ends(lengths: Iterable[tuple[int, int]]) -> Iterable[int]:
    end = 0
    for _, length in lengths:
        end += length
        yield end


def _converted(
    problem: Problem,
    coefficient: Coefficient,
    given: Sequence[tuple[int, int]],
    taken: Sequence[tuple[int, int]],
) -> list[Row]:
    """Rows of one conversion: of each the m that it sends, and the n that they make.

    The sum is rounded once. Up to each village's end the sum so far is converted, which cuts n
    into the villages' parts; those are laid beside the places' parts. A village whose part is
    spread over several places sends each so much that the sums agree.
    """
    parts, upto, made = [], 0, 0
    for n, area in given:
        upto += area
        whole = coefficient.convert(Area(upto))
        parts.append((n, whole - made))
        made = whole
    of_village: dict[int, list[tuple[int, int]]] = {n: [] for n, _ in given}
    for supply, demand, begin, end in _overlaps(parts, taken):
        of_village[supply].append((demand, end - begin))
    rows = []
    for supply, area in given:
        # A part too small to make 0.01 m² goes along with what the last place gets.
        shares = of_village[supply] or [(taken[-1][0], 0)]
        left, made = area, sum(n for _, n in shares)
        for demand, received in shares:
            sent = left if received == made else left * received // made
            left, made = left - sent, made - received
            kind = kind_of(problem.supplies[supply], problem.demands[demand])
            rows.append(Row(supply, demand, kind, Area(sent), Area(received), coefficient))
    return rows


Open = dict[int, tuple[Area, Why]]


def _reasons(problem: Problem, rest: Rest, plan: Plan) -> tuple[Open, Open]:
    """Why anything stays open, told province by province."""
    # Quota that arrived stays where it is, so it is no way to another province.
    unused = [(s.province, s.arrived) for n, s in enumerate(problem.supplies) if rest.spare[n] > 0]
    lacking = {d.province for n, d in enumerate(problem.demands) if rest.open[n] > 0}
    covered = next((one for one in plan.reached if one.goal is Goal.COVERED), None)
    small = Why.STEP if covered is not None and covered.proven else Why.NOT_PROVEN

    def joined(giver: str, receiver: str) -> bool:
        return giver == receiver or (giver, receiver) in problem.coefficients

    def why(reached: Iterable[bool], nothing: Why) -> Why:
        ways = list(reached)
        if any(ways):
            return small
        return Why.NO_COEFFICIENT if ways else nothing

    left: Open = {}
    for n, supply in enumerate(problem.supplies):
        if rest.spare[n] > 0:
            others = {supply.province} & lacking if supply.arrived else lacking
            reason = why((joined(supply.province, one) for one in others), Why.NO_GAP)
            left[n] = Area(rest.spare[n]), reason
    still_open: Open = {}
    for n, demand in enumerate(problem.demands):
        if not demand.receives:
            still_open[n] = demand.wanted, Why.ZONE
        elif rest.open[n] > 0:
            givers = {one for one, arrived in unused if not arrived or one == demand.province}
            reason = why((joined(one, demand.province) for one in givers), Why.NO_SURPLUS)
            still_open[n] = Area(rest.open[n]), reason
    return left, still_open
