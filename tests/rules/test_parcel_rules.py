"""Outlines of homesteads in whole numbers: exact, whatever they share."""

from fractions import Fraction
from hashlib import sha256
from itertools import combinations, pairwise, permutations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from app.kernel.degrees import DEGREE, InvalidDegreesError, degrees, degrees_text
from app.kernel.units import Area
from app.ledger.rules import canonical
from app.withdrawal.rules_outline import area, edges_of, is_simple, normalised, overlap, place
from app.withdrawal.rules_parcel import (
    CORNERS_MAX,
    Claim,
    Parcel,
    ParcelRefusal,
    decide_outline,
    first_overlapped,
    fits,
    tolerance,
)

SQUARE = ((0, 0), (4, 0), (4, 4), (0, 4))
ANHUA = (1_112_150_000, 283_700_000)
points = st.tuples(st.integers(0, 5), st.integers(0, 5))


@st.composite
def rings(draw):
    """Simple rings on a small grid, so that corners and sides of two collide."""
    corners = draw(st.lists(points, min_size=3, max_size=5, unique=True))
    ring = next((order for order in permutations(corners) if is_simple(order)), None)
    assume(ring is not None)
    return ring


def here(ring, scale=500):
    """A ring of small numbers on the ground of Anhua; one unit is about five metres."""
    return tuple((ANHUA[0] + scale * x, ANHUA[1] + scale * y) for x, y in ring)


def heights(ring, x):
    """Where a vertical line that meets no corner runs inside a ring."""
    crossed = sorted(
        a[1] + Fraction(b[1] - a[1], b[0] - a[0]) * (x - a[0])
        for a, b in edges_of(ring)
        if min(a[0], b[0]) < x < max(a[0], b[0])
    )
    return list(zip(crossed[::2], crossed[1::2], strict=True))


def share_ground(a, b):
    """The same question, asked of every strip between two corners or crossings."""
    stops = {Fraction(x) for x, _ in (*a, *b)}
    for (p, q), (r, s) in combinations([*edges_of(a), *edges_of(b)], 2):
        d, e = (q[0] - p[0], q[1] - p[1]), (s[0] - r[0], s[1] - r[1])
        turn = d[0] * e[1] - d[1] * e[0]
        if turn:
            stops.add(p[0] + d[0] * Fraction((r[0] - p[0]) * e[1] - (r[1] - p[1]) * e[0], turn))
    middles = [(left + right) / 2 for left, right in pairwise(sorted(stops))]
    return any(
        max(low, other_low) < min(high, other_high)
        for x in middles
        for low, high in heights(a, x)
        for other_low, other_high in heights(b, x)
    )


@given(rings(), rings())
@example(SQUARE, ((4, 0), (8, 0), (8, 4), (4, 4)))  # a common side
@example(SQUARE, ((4, 4), (8, 4), (8, 8)))  # a common corner
@example(SQUARE, ((4, 1), (6, 0), (6, 3)))  # a corner on a side
@example(SQUARE, ((1, 1), (2, 1), (2, 2)))  # one inside the other
@example(SQUARE, ((0, 0), (4, 4), (0, 4)))  # inside, along two sides
@example(SQUARE, ((2, -1), (5, 2), (2, 5), (-1, 2)))  # through the corners' sides
@example(SQUARE, ((0, 4), (0, 0), (4, 0), (4, 4)))  # the same, begun elsewhere
@example(SQUARE, ((0, 0), (2, 2), (4, 4), (-1, 6)))  # through a corner, without a crossing
def test_two_outlines_overlap_where_they_share_ground_and_not_where_they_touch(a, b):
    assert overlap(a, b) == share_ground(a, b)
    assert overlap(a, b) == overlap(b, a)


@given(rings())
def test_an_outline_overlaps_itself_however_it_is_written(ring):
    for turned in (ring, ring[::-1], ring[1:] + ring[:1]):
        assert overlap(ring, turned)
        assert normalised(turned) == normalised(ring)
    assert normalised(ring)[0] == min(ring)


@given(rings(), points)
def test_a_point_lies_inside_on_or_outside(ring, point):
    x, y = point
    on = [low <= y <= high for low, high in heights(ring, x + Fraction(1, 1000))]
    found = place((2 * x, 2 * y), ring)
    if found > 0:
        assert any(on)
    assert place((2 * 9, 2 * y), ring) == -1
    assert all(place((2 * a, 2 * b), ring) == 0 for a, b in ring)


@pytest.mark.parametrize(
    "ring",
    [
        ((0, 0), (4, 4), (4, 0), (0, 4)),  # a bow tie
        ((0, 0), (4, 0), (4, 4), (4, 0), (0, 4)),  # a corner twice
        ((0, 0), (4, 0), (2, 0), (2, 3)),  # back along its side
        ((0, 0), (2, 0), (4, 0)),  # a line
        ((0, 0), (4, 0), (4, 4), (2, 0), (0, 4)),  # a corner on its own side
        ((0, 0), (1, 1)),
        (),
    ],
)
def test_what_is_no_outline_is_refused(ring):
    assert not is_simple(ring)


@pytest.mark.parametrize("ring", [SQUARE, ((0, 0), (2, 0), (4, 0), (4, 4), (2, 1))])
def test_corners_on_a_straight_side_are_allowed(ring):
    assert is_simple(ring)


# ------------------------------------------------------------------------------------------ area


def test_an_eighth_of_the_ellipsoid_has_an_eighth_of_its_area():
    eighth = ((0, 0), (90 * DEGREE, 0), (90 * DEGREE, 90 * DEGREE), (0, 90 * DEGREE))
    # GRS 80, whose figure CGCS2000 takes, has 510,065,621.724 km² (Moritz, 2000).
    assert abs(8 * area(eighth) - 510_065_621_724_000_00) < 10_000_00


def test_a_homestead_has_the_area_of_its_sides():
    # M · N · cos φ at 28.37006° by the textbook: 1.0864 m² for (0.00001°)².
    field = ((0, 0), (1500, 0), (1500, 1200), (0, 1200))
    assert area(here(field, scale=1)) == Area(195_54)


@given(rings())
def test_the_parts_of_an_outline_add_up(ring):
    ring = here(ring)
    fan = [(ring[0], a, b) for a, b in pairwise(ring[1:])]
    signed = sum(
        (1 if (a[0] - o[0]) * (b[1] - o[1]) > (a[1] - o[1]) * (b[0] - o[0]) else -1)
        * area((o, a, b))
        for o, a, b in fan
    )
    assert abs(abs(signed) - area(ring)) <= len(ring)
    assert area(ring) == area(ring[::-1]) == area(normalised(ring))


# --------------------------------------------------------------------------------------- refusals


def closed(ring):
    return (*ring, ring[0])


@pytest.mark.parametrize(
    ("positions", "refusal"),
    [
        (here(SQUARE), ParcelRefusal.NOT_CLOSED),
        (closed(tuple((y, x) for x, y in here(SQUARE))), ParcelRefusal.OUT_OF_BOUNDS),
        (closed(SQUARE), ParcelRefusal.OUT_OF_BOUNDS),
        (closed(here(SQUARE, scale=250_001)), ParcelRefusal.OUT_OF_BOUNDS),
        (closed(here(((0, 0), (4, 4), (4, 0), (0, 4)))), ParcelRefusal.NOT_SIMPLE),
        (here(((0, 0), (0, 0), (0, 0), (0, 0))), ParcelRefusal.NOT_SIMPLE),
    ],
)
def test_an_outline_is_refused_for_its_first_fault(positions, refusal):
    assert decide_outline(positions) is refusal


def test_an_outline_is_kept_in_one_form():
    ring = here(SQUARE)
    kept = decide_outline(closed(ring))
    assert kept == decide_outline(closed((*ring[2:], *ring[:2])[::-1]))
    assert kept.ring == ring
    assert kept.closed[0] == kept.closed[-1] == ("111.2150000", "28.3700000")
    assert kept.box == (*ANHUA, ANHUA[0] + 2000, ANHUA[1] + 2000)
    document = {"crs": "EPSG:4490", "ring": [list(position) for position in kept.closed]}
    assert kept.hash == sha256(canonical(document)).hexdigest()


@pytest.mark.parametrize(
    ("registered", "far"), [(180_00, 2_15), (1, 0), (100_00, 1_40), (86_573_17, 542_96)]
)
def test_the_area_may_differ_by_the_limit_of_error(registered, far):
    assert tolerance(Area(registered)) == far
    assert fits(Area(registered + far), Area(registered))
    assert fits(Area(max(registered - far, 0)), Area(registered))
    assert not fits(Area(registered + far + 1), Area(registered))


def test_the_first_claim_with_common_ground_is_named():
    parcel = Parcel(here(SQUARE), Area(1))
    beside = Claim("a1", "430923", Parcel(here(tuple((x + 4, y) for x, y in SQUARE)), Area(1)))
    within = Claim("a2", "430923", Parcel(here(((1, 1), (2, 1), (2, 2))), Area(1)))
    assert first_overlapped(parcel, [beside]) is None
    assert first_overlapped(parcel, [beside, within]) is within


# ---------------------------------------------------------------------------------------- degrees


@given(st.integers(0, 999 * DEGREE))
def test_degrees_are_read_as_they_are_written(value):
    assert degrees(degrees_text(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        "111.21",
        "111.21000001",
        "-111.2100000",
        "1111.2100000",
        "0111.2100000",
        "111,2100000",
        111.2,
        None,
    ],
)
def test_other_spellings_of_degrees_are_refused(text):
    with pytest.raises(InvalidDegreesError):
        degrees(text)


def test_the_largest_outline_is_judged_quickly():
    half = CORNERS_MAX // 2
    teeth = tuple((n, n % 2 * 10) for n in range(half)) + tuple(
        (n, 20 + n % 2 * 10) for n in reversed(range(half))
    )
    assert is_simple(teeth)
    assert overlap(teeth, tuple((x, y + 10) for x, y in teeth))
