"""Matching: what villages can spare, and a proposal that no search over all of them betters."""

from collections import Counter
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kernel.units import Area
from app.matching import solver
from app.matching.rules import (
    GRAIN,
    SUM_MAX,
    Demand,
    Goal,
    MatchingRefusal,
    Needs,
    Problem,
    Settling,
    Supply,
    Why,
    city_demands,
    decide_size,
    kind_of,
    supplies_of,
    village_demands,
)
from app.matching.rules_plan import NO_ANSWER, plan_of, sums_of, task_of, unfold
from app.policy.rules import Coefficient
from app.reports.rules import City, FlowKind, Village, city_of

COUNTIES = ("430923", "430981", "430104", "410122", "410181", "500236")
"""Two counties of one city, and one of another, of Hunan; two of one of Henan; Chongqing."""


def province(county):
    return county[:2] + "0000"


def coefficient(giver, receiver, out, into):
    day = date(2026, 1, 1)
    return Coefficient(f"{giver}>{receiver}", giver, receiver, out, into, day, day, "文1", "a", "b")


def supply(village, county, spare, standing=None):
    where = standing or province(county)
    return Supply(village=village, county=county, province=where, surplus=Area(spare))


def demand(place, wanted, county=None, **more):
    more = {"village": county is not None} | more
    return Demand(place=place, county=county or place, wanted=Area(wanted), **more)


def propose(problem, limit=solver.LIMIT):
    sums = sums_of(problem)
    task = task_of(problem, sums)
    answer = NO_ANSWER if task is None else solver.solve(task, limit)
    return unfold(problem, plan_of(problem, sums, answer))


FEW = st.integers(1, 3)


@st.composite
def problems(draw, areas=FEW, many=3, grain=1):
    """A few villages and places, of which two provinces or three exchange."""
    counties = st.sampled_from(COUNTIES)
    supplies = [
        supply(f"v{n}", draw(counties), draw(areas)) for n in range(draw(st.integers(1, many)))
    ]
    if draw(st.booleans()):
        supplies.append(supply("v0", "430923", draw(areas), "410000"))
    places = draw(st.lists(counties, unique=True, max_size=many))
    demands = [demand(county, draw(areas)) for county in places]
    if draw(st.booleans()):
        demands.append(demand("w", draw(areas), "430104"))
    giving = ("430000", "410000", "500000")
    yields = st.integers(1, 3)
    coefficients = {
        pair: coefficient(*pair, draw(yields), draw(yields))
        for pair in product(giving, giving)
        if pair[0] != pair[1] and draw(st.sampled_from((True, True, False)))
    }
    return Problem(
        supplies=tuple(supplies),
        demands=tuple(demands),
        coefficients=coefficients,
        grain=grain,
    )


@st.composite
def borders(draw):
    """Two provinces that can spare some, and two that lack some."""
    areas, yields = st.integers(1, 9), st.integers(1, 5)
    return Problem(
        supplies=(supply("v1", "430923", draw(areas)), supply("v2", "500236", draw(areas))),
        demands=(demand("410122", draw(areas)), demand("340104", draw(areas))),
        coefficients={
            pair: coefficient(*pair, draw(yields), draw(yields))
            for pair in product(("430000", "500000"), ("410000", "340000"))
            if draw(st.sampled_from((True, True, True, False)))
        },
        grain=1,
    )


def measured(problem, rows, conversions):
    """The goals of a proposal, added up anew from its rows."""
    one_to_one = [row for row in rows if row.coefficient is None]
    own = [
        row
        for row in one_to_one
        if not problem.supplies[row.supply].arrived
        and city_of(problem.supplies[row.supply].county)
        == city_of(problem.demands[row.demand].county)
    ]
    return {
        Goal.COVERED: sum(row.received for row in rows),
        Goal.OWN_CITY: sum(row.sent for row in own),
        Goal.IN_PROVINCE: sum(row.sent for row in one_to_one),
        Goal.SENT: sum(one.sent for one in conversions),
    }


def check(problem, proposal):
    """Nothing is sent that is not there, or to where it is not wanted; and all figures agree."""
    sent, received, m, n = Counter(), Counter(), Counter(), Counter()
    for row in proposal.rows:
        giving, getting = problem.supplies[row.supply], problem.demands[row.demand]
        assert row.kind is kind_of(giving, getting)
        assert getting.receives
        assert min(row.sent, row.received) >= 0 < row.sent + row.received
        sent[row.supply] += row.sent
        received[row.demand] += row.received
        pair = giving.province, getting.province
        if row.coefficient is None:
            assert (pair[0], row.sent) == (pair[1], row.received)
        else:
            assert not giving.arrived
            assert row.coefficient is problem.coefficients[pair]
            m[pair] += row.sent
            n[pair] += row.received
    for one in proposal.conversions:
        c = one.coefficient
        assert one.received == one.sent * c.yield_out // c.yield_in
        assert (m.pop((c.giver, c.receiver)), n[c.giver, c.receiver]) == (one.sent, one.received)
    assert not m
    for i, giving in enumerate(problem.supplies):
        assert giving.spare - sent[i] == proposal.left.get(i, (0, None))[0] >= 0
    for i, getting in enumerate(problem.demands):
        assert getting.wanted - received[i] == proposal.open.get(i, (0, None))[0] >= 0
    assert all(area > 0 for area, _ in [*proposal.left.values(), *proposal.open.values()])
    found = measured(problem, proposal.rows, proposal.conversions)
    for one in proposal.reached:
        assert one.value == found[one.goal], one.goal
    # Few and large: no step lays out more rows than it has villages and places together.
    assert len(proposal.rows) <= (len(problem.supplies) + len(problem.demands)) * (
        3 + len(proposal.conversions)
    )


def ways(total, parts):
    """Every way to spend at most `total` on `parts` things."""
    if parts == 0:
        yield ()
        return
    for first in range(total + 1):
        for rest in ways(total - first, parts - 1):
            yield first, *rest


def best(problem):
    """The best goals in their order, over every single proposal there is."""
    places = [i for i, one in enumerate(problem.demands) if one.receives]
    targets = []
    for one in problem.supplies:
        near = [("near", i) for i in places if problem.demands[i].province == one.province]
        far = (
            []
            if one.arrived
            else [("far", b) for a, b in problem.coefficients if a == one.province]
        )
        targets.append(near + far)
    found = None
    choices = [
        list(ways(one.spare, len(t))) for one, t in zip(problem.supplies, targets, strict=True)
    ]
    for choice in product(*choices):
        open_, far, own, near = [one.wanted for one in problem.demands], Counter(), 0, 0
        for one, to, areas in zip(problem.supplies, targets, choice, strict=True):
            for (how, where), area in zip(to, areas, strict=True):
                if how == "far":
                    far[one.province, where] += area
                    continue
                open_[where] -= area
                near += area
                same = city_of(one.county) == city_of(problem.demands[where].county)
                own += area if same and not one.arrived else 0
        left = Counter()
        for i in places:
            left[problem.demands[i].province] += open_[i]
        made, sent = 0, sum(far.values())
        for (giver, receiver), area in far.items():
            arrives = problem.coefficients[giver, receiver].convert(Area(area))
            left[receiver] -= arrives
            made += arrives
        if min(open_, default=0) < 0 or min(left.values(), default=0) < 0:
            continue
        value = own, near, near + made, -sent
        found = value if found is None or value > found else found
    return found


@settings(max_examples=60, deadline=None)
@given(problems() | borders())
def test_no_proposal_is_better_than_the_one_made(problem):
    proposal = propose(problem)
    check(problem, proposal)
    assert proposal.proven
    own, near, covered, sent = (one.value for one in proposal.reached)
    assert best(problem) == (own, near, covered, -sent)
    assert Why.NOT_PROVEN not in {
        why for _, why in [*proposal.left.values(), *proposal.open.values()]
    }


LARGE = st.integers(0, 10**12)


@settings(max_examples=25, deadline=None)
@given(problems(LARGE, many=6, grain=GRAIN))
def test_areas_as_large_as_provinces_are_matched_and_proven_to_the_square_metre(problem):
    proposal = propose(problem)
    check(problem, proposal)
    assert proposal.proven


def test_yields_and_areas_at_their_largest_stay_within_64_bits():
    most = 10**9
    problem = Problem(
        supplies=(supply("v1", "430923", 10**14), supply("v2", "500236", 10**14)),
        demands=(demand("410122", 10**14), demand("410181", 10**13)),
        coefficients={
            ("430000", "410000"): coefficient("430000", "410000", most, most - 1),
            ("500000", "410000"): coefficient("500000", "410000", most - 1, most),
        },
    )
    proposal = propose(problem)
    check(problem, proposal)
    assert proposal.reached[2].value == 11 * 10**13


def test_a_search_that_was_ended_tells_the_bound_and_does_not_claim_the_best():
    yields = ((997, 991), (983, 977), (971, 967), (953, 947), (941, 937), (929, 919))
    codes = [f"{n}0000" for n in range(21, 27)]
    pairs = list(product(codes[:3], codes[3:]))
    problem = Problem(
        supplies=tuple(supply(c, c[:2] + "0101", 10**9 + 7 * n) for n, c in enumerate(codes[:3])),
        demands=tuple(demand(c[:2] + "0102", 10**9 + 11 * n) for n, c in enumerate(codes[3:])),
        coefficients={
            pair: coefficient(*pair, *yields[n % len(yields)]) for n, pair in enumerate(pairs)
        },
    )
    proposal = propose(problem, 0)
    check(problem, proposal)
    own, near, covered, sent = proposal.reached
    assert own.proven
    assert near.proven
    assert covered.bound > covered.value
    assert sent.bound <= sent.value
    assert not proposal.proven
    assert Why.NOT_PROVEN in {why for _, why in proposal.open.values()}


def test_equal_problems_have_equal_proposals():
    problem = Problem(
        supplies=(supply("v1", "430923", 700), supply("v2", "430981", 700)),
        demands=(demand("410122", 500), demand("430104", 500)),
        coefficients={("430000", "410000"): coefficient("430000", "410000", 900, 750)},
    )
    assert propose(problem) == propose(problem)


def test_the_four_flows_and_what_stays_open_are_told():
    problem = Problem(
        supplies=(supply("v1", "430923", 1002), supply("v2", "500236", 10)),
        demands=(
            demand("430981", 300),
            demand("w1", 100, "430981"),
            demand("430104", 200),
            demand("w2", 50, "430104"),
            demand("410122", 600),
            demand("w3", 70, "500236", receives=False),
        ),
        coefficients={("430000", "410000"): coefficient("430000", "410000", 2, 3)},
    )
    proposal = propose(problem)
    check(problem, proposal)
    found = {problem.demands[row.demand].place: (row.kind, row.received) for row in proposal.rows}
    assert found == {
        "430981": (FlowKind.OWN_CITY, 300),
        "w1": (FlowKind.OWN_VILLAGE, 100),
        "430104": (FlowKind.OTHER_CITY, 200),
        "w2": (FlowKind.OTHER_VILLAGE, 50),
        "410122": (FlowKind.OTHER_CITY, 234),
    }
    # 351 x 2 / 3 = 234: of the 352 that are left, one more would give nothing whole.
    assert [(one.sent, one.received) for one in proposal.conversions] == [(351, 234)]
    assert proposal.left == {0: (1, Why.STEP), 1: (10, Why.NO_COEFFICIENT)}
    assert proposal.open == {4: (366, Why.STEP), 5: (70, Why.ZONE)}


def test_a_city_is_served_before_another_province_with_a_better_yield():
    problem = Problem(
        supplies=(supply("v1", "430923", 100), supply("v2", "430104", 30)),
        demands=(demand("430981", 80), demand("430102", 10), demand("410122", 200)),
        coefficients={("430000", "410000"): coefficient("430000", "410000", 2, 1)},
    )
    proposal = propose(problem)
    check(problem, proposal)
    assert [(row.supply, row.demand, row.received) for row in proposal.rows] == [
        (1, 1, 10),
        (0, 0, 80),
        (0, 2, 40),
        (1, 2, 40),
    ]
    assert proposal.open == {2: (120, Why.NO_SURPLUS)}


def test_quota_that_arrived_is_used_before_any_that_could_still_go_elsewhere():
    problem = Problem(
        supplies=(supply("v1", "430923", 50), supply("v1", "430923", 60, "410000")),
        demands=(demand("410122", 80),),
        coefficients={("430000", "410000"): coefficient("430000", "410000", 1, 2)},
    )
    proposal = propose(problem)
    check(problem, proposal)
    assert [(row.sent, row.received) for row in proposal.rows] == [(60, 60), (40, 20)]


def village(collective, county, surplus):
    return Village(
        collective=collective,
        county=county,
        homestead=Area(0),
        reclaimed=Area(surplus + 5),
        sent=Area(3),
        landed=Area(2),
        off_site_right=Area(0),
    )


@given(
    st.integers(0, 400), st.integers(0, 100), st.integers(0, 300), st.none() | st.integers(0, 500)
)
def test_a_village_keeps_what_it_needs_and_never_more_than_it_has(surplus, percent, least, stated):
    needs = Needs(percent, Area(least), {} if stated is None else {"v": Area(stated)})
    (one,) = supplies_of([village("v", "430923", surplus)], needs) or [None]
    if one is None:
        assert surplus == 0
        assert stated is None
        return
    wanted = stated if stated is not None else max(least, -(-surplus * percent // 100))
    assert (one.kept, one.spare) == (min(surplus, wanted), surplus - min(surplus, wanted))
    (gap,) = village_demands([one], ["430923"]) or [None]
    if stated is not None and stated > surplus:
        assert (gap.place, gap.wanted, gap.receives) == ("v", stated - surplus, True)
        assert not village_demands([one], [])[0].receives
    else:
        assert gap is None


def test_a_city_lacks_what_came_and_comes_with_its_people_less_what_was_landed():
    coefficients = {("430000", "410000"): coefficient("430000", "410000", 2, 3)}
    cities = [
        City(region="410122", settled=Area(100), coming=Area(29), landed=Area(60)),
        City(region="410181", settled=Area(10), coming=Area(0), landed=Area(50)),
    ]
    settling = [
        Settling("410122", "430000", "v1", Area(10)),
        Settling("410122", "430000", "v2", Area(10)),
        Settling("410122", "500000", "v3", Area(9)),
    ]
    (one,) = city_demands(cities, settling, coefficients)
    assert (one.place, one.wanted) == ("410122", 100 + 6 + 6 - 60)
    assert [(c.source, c.sent, c.received) for c in one.coming] == [
        ("430000", 20, 12),
        ("500000", 9, 0),
    ]


@pytest.mark.parametrize(("spare", "refusal"), [(SUM_MAX, None), (SUM_MAX + 1, True)])
def test_sums_that_could_not_be_told_exactly_are_refused(spare, refusal):
    found = decide_size([supply("v1", "430923", spare)], [])
    assert found is (MatchingRefusal.TOO_LARGE if refusal else None)
