"""Pure geometry of outlines, in whole numbers: simple or not, overlapping or not, how large.

A point is (longitude, latitude) in units of 0.0000001 degree; a ring lists its corners without
repeating the first. Every answer is exact: outlines of one survey share whole sides, and a side
that two of them share is a border, not an overlap. Between two corners an edge is straight in
longitude and latitude; only `area` knows the ellipsoid.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from app.kernel.units import Area

Point = tuple[int, int]
Ring = tuple[Point, ...]
Edge = tuple[Point, Point]
Box = tuple[int, int, int, int]
"""West, south, east, north."""

CORNERS_MIN = 3

# CGCS2000 (EPSG:4490): half axis in metres, and the flattening as a fraction of whole numbers.
HALF_AXIS = 6_378_137
FLATTENING = (1_000_000_000, 298_257_222_101)
ONE = 10**24
PI = 3_141_592_653_589_793_238_462_643
HALF_TURN = 180 * 10**7
SERIES = 8


def box_of(ring: Ring) -> Box:
    """The least box of longitudes and latitudes around a ring."""
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return min(xs), min(ys), max(xs), max(ys)


def edges_of(ring: Ring) -> list[Edge]:
    """The edges of a ring, the closing one last."""
    return list(pairwise((*ring, ring[0])))


def turn(a: Point, b: Point, c: Point) -> int:
    """Above zero where a, b, c turn to the left; zero where they lie on one line."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def normalised(ring: Ring) -> Ring:
    """The same simple ring against the clock, from its western (then southern) corner on."""
    if sum(a[0] * b[1] - b[0] * a[1] for a, b in edges_of(ring)) < 0:
        ring = ring[::-1]
    first = ring.index(min(ring))
    return ring[first:] + ring[:first]


def is_simple(ring: Ring) -> bool:
    """Whether no corner stands twice and no two edges meet but neighbours in their corner."""
    if len(ring) < CORNERS_MIN or len(set(ring)) < len(ring):
        return False
    edges = edges_of(ring)
    if any(_goes_back(a, b, c) for (a, b), (_, c) in pairwise((*edges, edges[0]))):
        return False
    last = len(edges) - 1
    return not any(
        _meet(edges[i], edges[j])
        for i in range(last)
        for j in range(i + 2, len(edges))
        if (i, j) != (0, last)
    )


def _goes_back(a: Point, b: Point, c: Point) -> bool:
    onward = (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1])
    return turn(a, b, c) == 0 and onward < 0


def _meet(one: Edge, other: Edge) -> bool:
    (a, b), (c, d) = one, other
    if not _boxes_touch(_box(one), _box(other)):
        return False
    # Their boxes touch, so on one line, too, they meet.
    return turn(a, b, c) * turn(a, b, d) <= 0 and turn(c, d, a) * turn(c, d, b) <= 0


def _box(edge: Edge) -> Box:
    (ax, ay), (bx, by) = edge
    return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


def _boxes_touch(a: Box, b: Box) -> bool:
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def overlap(a: Ring, b: Ring) -> bool:
    """Whether two simple rings have ground in common; borders and corners are no ground.

    Where an edge crosses another they do. Where none does, edges are cut at every corner of the
    other ring that lies on them: each piece then runs inside, outside or along the other ring, and
    its middle says which.
    """
    west, south, east, north = box_of(a)
    other = box_of(b)
    if west >= other[2] or other[0] >= east or south >= other[3] or other[1] >= north:
        return False
    if _cross(a, b):
        return True
    places = [place(middle, b) for middle in _middles(a, b)]
    # All along the other ring: they are the same.
    if any(found > 0 for found in places) or not any(places):
        return True
    return any(place(middle, a) > 0 for middle in _middles(b, a))


def _cross(a: Ring, b: Ring) -> bool:
    shared = box_of(b)
    near = [edge for edge in edges_of(a) if _boxes_touch(_box(edge), shared)]
    others = edges_of(b)
    return any(
        turn(p, q, r) * turn(p, q, s) < 0 and turn(r, s, p) * turn(r, s, q) < 0
        for p, q in near
        for r, s in others
    )


def _middles(ring: Ring, other: Ring) -> Iterator[Point]:
    """The middles of a ring's pieces, in half units."""
    shared = box_of(other)
    for edge in edges_of(ring):
        a, b = edge
        cuts: Iterable[Point] = ()
        if _boxes_touch(_box(edge), shared):
            cuts = [corner for corner in other if _lies_on(corner, edge)]
        along = sorted({a, b, *cuts}, key=lambda p: abs(p[0] - a[0]) + abs(p[1] - a[1]))
        for p, q in pairwise(along):
            yield p[0] + q[0], p[1] + q[1]


def _lies_on(point: Point, edge: Edge) -> bool:
    west, south, east, north = _box(edge)
    x, y = point
    return west <= x <= east and south <= y <= north and turn(*edge, point) == 0


def place(half: Point, ring: Ring) -> int:
    """Where a point in half units lies: 1 inside, 0 on the ring, -1 outside."""
    x, y = half
    inside = False
    for (ax, ay), (bx, by) in edges_of(ring):
        p, q = (2 * ax, 2 * ay), (2 * bx, 2 * by)
        side = turn(p, q, half)
        if side == 0 and min(p[0], q[0]) <= x <= max(p[0], q[0]):
            if min(p[1], q[1]) <= y <= max(p[1], q[1]):
                return 0
        elif (p[1] > y) != (q[1] > y) and (side > 0) == (q[1] > p[1]):
            inside = not inside
    return 1 if inside else -1


def area(ring: Sequence[Point]) -> Area:
    """The ring's area on the ellipsoid, in 0.01 m², rounded half up.

    Longitude, and the area between the equator and a latitude, are a map that keeps areas; on it
    the ring is a polygon. Against geodesic edges of 500 m this is within a few millionths.
    """
    west = min(x for x, _ in ring)
    flat = [(x - west, _from_equator(y)) for x, y in ring]
    doubled = abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise([*flat, flat[0]])))
    divisor = 2 * HALF_TURN * ONE * ONE
    return Area((2 * 100 * doubled * PI + divisor) // (2 * divisor))


def _from_equator(latitude: int) -> int:
    """Square metres of one radian of longitude from the equator to a latitude, times `ONE`."""
    numerator, denominator = FLATTENING
    e2 = ONE * numerator * (2 * denominator - numerator) // denominator**2
    sine = _sine(latitude * PI // HALF_TURN)
    square = e2 * (sine * sine // ONE) // ONE
    total, power = 0, ONE
    for k in range(SERIES):
        total += (k + 1) * power // (2 * k + 1)
        power = power * square // ONE
    half_minor_squared = HALF_AXIS**2 * (ONE - e2)
    return half_minor_squared * (sine * total // ONE) // ONE


def _sine(angle: int) -> int:
    """The sine of an angle in radians, both times `ONE`; from 0 to a right angle."""
    square = angle * angle // ONE
    total, term, n = 0, angle, 1
    while term:
        total += term if n % 4 == 1 else -term
        term = term * square // ONE // ((n + 1) * (n + 2))
        n += 2
    return total
