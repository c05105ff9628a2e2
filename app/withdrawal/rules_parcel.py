"""Pure rules of parcels (R3, R89): the outline of a homestead, and whose ground it is.

The bureau gives the outline as it was surveyed. It holds its ground from then on: for ever once the
land was accepted, and until the application is revoked or rejected.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any

from app.kernel.degrees import DEGREE, degrees_text
from app.kernel.refusal import Refusal
from app.kernel.units import Area
from app.ledger.rules import canonical
from app.withdrawal.rules_outline import (
    CORNERS_MIN,
    Box,
    Point,
    Ring,
    area,
    box_of,
    is_simple,
    normalised,
    overlap,
)

CRS = "EPSG:4490"
"""CGCS2000, in degrees."""

CORNERS_MAX = 200
SIDE_MAX = DEGREE // 10
"""No homestead is ten kilometres long; the database locks ground in fields of this size."""

WEST, SOUTH, EAST, NORTH = 73 * DEGREE, 3 * DEGREE, 136 * DEGREE, 54 * DEGREE
"""Around all of China's land."""

__all__ = [
    "CORNERS_MAX",
    "CORNERS_MIN",
    "CRS",
    "Box",
    "Claim",
    "Parcel",
    "ParcelRefusal",
    "Point",
    "Ring",
    "decide_outline",
    "first_overlapped",
    "fits",
    "tolerance",
]


class ParcelRefusal(Refusal):
    """Refusals of parcels, in descending precedence."""

    BY_BUREAU = (
        "parcel-by-bureau",
        "宅基地界址由县级主管部门测绘后录入。请不填 parcel 提交,或由窗口代为申请。",
        "The bureau surveys and gives the outline. Leave `parcel` out, or apply at its window.",
    )
    KNOWN = (
        "parcel-known",
        "该申请已有宅基地界址,验收时不能再录。请不填 parcel;界址有误的,请撤回申请后重报。",
        "The application has its outline already. Leave `parcel` out of the acceptance.",
    )
    NOT_CLOSED = (
        "parcel-not-closed",
        "界址线没有闭合。请把第一个界址点在末尾再列一次。",
        "The ring is not closed. Repeat its first position at the end.",
    )
    OUT_OF_BOUNDS = (
        "parcel-out-of-bounds",
        "界址点不在中国境内,或跨度超过 0.1 度。请先写经度、后写纬度,用 CGCS2000 坐标。",
        "Outside China, or wider than 0.1 degree. Longitude comes first; send CGCS2000 degrees.",
    )
    NOT_SIMPLE = (
        "parcel-not-simple",
        "界址线自相交、重复或没有面积。请按顺序逐点列出,不要重复界址点。",
        "The ring crosses, touches or repeats itself. List each corner once, in order along it.",
    )
    AREA_DIFFERS = (
        "parcel-area-differs",
        "界址圈出的面积与登记面积相差超过允许的误差。请核对界址点和登记面积。",
        "The outline's area is farther from the registered one than surveys may err. Check both.",
    )
    OVERLAPS = (
        "parcel-overlaps",
        "界址与另一申请的宅基地重叠。请与该申请的主管部门核对测绘成果。",
        "The outline overlaps that of another application. Settle the survey with its bureau.",
    )


@dataclass(frozen=True, slots=True)
class Parcel:
    """An outline as it is kept: against the clock, from its western corner on, each corner once.

    `area` is the ring's on the ellipsoid, in 0.01 m².
    """

    ring: Ring
    area: Area

    @property
    def closed(self) -> tuple[tuple[str, str], ...]:
        """The ring as it is sent: decimal degrees, the first position again at the end."""
        return tuple((degrees_text(x), degrees_text(y)) for x, y in (*self.ring, self.ring[0]))

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON of `crs` and the closed ring: what the log holds."""
        document: dict[str, Any] = {"crs": CRS, "ring": [list(one) for one in self.closed]}
        return hashlib.sha256(canonical(document)).hexdigest()

    @property
    def box(self) -> Box:
        """West, south, east, north."""
        return box_of(self.ring)


@dataclass(frozen=True, slots=True)
class Claim:
    """A parcel with the application that holds it, and its county."""

    application: str
    county: str
    parcel: Parcel


def decide_outline(positions: Sequence[Point]) -> ParcelRefusal | Parcel:
    """Take a closed ring of positions as an outline; the schema has counted them."""
    if positions[0] != positions[-1]:
        return ParcelRefusal.NOT_CLOSED
    ring = tuple(positions[:-1])
    if not _in_bounds(ring):
        return ParcelRefusal.OUT_OF_BOUNDS
    if not is_simple(ring):
        return ParcelRefusal.NOT_SIMPLE
    return Parcel(normalised(ring), area(ring))


def _in_bounds(ring: Ring) -> bool:
    west, south, east, north = box_of(ring)
    inside = west >= WEST and south >= SOUTH and east <= EAST and north <= NORTH
    return inside and east - west <= SIDE_MAX and north - south <= SIDE_MAX


def tolerance(registered: Area) -> Area:
    """How far the outline's area may be from the registered one: 0.08·√S + 0.006·S in m².

    It is what GB/T 17986.1 allows the third grade of its surveys, which are of floors; 2.15 m² at
    180 m². For outlines of homesteads our sources name no figure.
    """
    return Area(isqrt(64 * registered) // 10 + 6 * registered // 1000)


def fits(outline: Area, registered: Area) -> bool:
    """Whether an outline is that of a homestead of the registered area (R3)."""
    return abs(outline - registered) <= tolerance(registered)


def first_overlapped(parcel: Parcel, claims: Iterable[Claim]) -> Claim | None:
    """The first claim that has ground in common with the parcel; a common border is none."""
    return next((claim for claim in claims if overlap(parcel.ring, claim.parcel.ring)), None)
