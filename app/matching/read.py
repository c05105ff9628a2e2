"""The problem as the books have it at one instant."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app import policy, reports
from app.kernel.calendar import local_date
from app.kernel.ids import NODE, province_of
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import Area
from app.matching import store
from app.matching.rules import (
    DEMANDS_MAX,
    SUPPLIES_MAX,
    Needs,
    Problem,
    Supply,
    city_demands,
    decide_size,
    supplies_of,
    village_demands,
)
from app.platform.db import Reader
from app.reports.rules import City, Landed, Village

PROVINCES_MAX = 40
PROVINCE_FIELD = "query/province"
NEED_FIELD = "query/need"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: for which provinces, and what villages keep."""

    provinces: tuple[str, ...]
    needs: Needs


@dataclass(frozen=True, slots=True)
class Found:
    """What the books answer: the provinces that are meant, the day of coefficients, the problem."""

    provinces: tuple[str, ...]
    day: date
    problem: Problem


async def read_problem(reader: Reader, only: str | None, asked: Asked) -> Found:
    """Gaps, surpluses and coefficients of the provinces asked for; of all that may be seen if none.

    `only` is the one province whose figures the principal sees. A province or village that does
    not exist or is not the principal's is not found; too large a problem is refused.
    """
    books = await reports.list_books(reader, only, "", PROVINCES_MAX + 1)
    seen = [code for code in books if code != NODE]
    if not set(asked.provinces) <= set(seen):
        raise Rejected(CommonRefusal.NOT_FOUND, PROVINCE_FIELD)
    provinces = tuple(sorted(set(asked.provinces))) or tuple(seen)
    whole = only is None and len(provinces) == len(seen)
    villages, cities, landed = await _books(reader, provinces, whole=whole)
    strangers = set(asked.needs.stated or ()) - {village.collective for village in villages}
    if strangers:
        raise Rejected(CommonRefusal.NOT_FOUND, NEED_FIELD)
    day = local_date(await reader.now())
    coefficients = {
        (one.giver, one.receiver): one for one in await policy.coefficients_in_force(reader, day)
    }
    supplies = supplies_of(villages, asked.needs)
    receiving = await store.list_receiving(reader, provinces)
    demands = village_demands(supplies, receiving)
    demands += city_demands(cities, await store.list_settling(reader, provinces), coefficients)
    supplies += _arrived(await store.list_arrived(reader, provinces), landed)
    refusal = decide_size(supplies, demands)
    if refusal is not None:
        raise Rejected(refusal, PROVINCE_FIELD)
    among = {
        pair: one
        for pair, one in coefficients.items()
        if pair[0] in provinces and pair[1] in provinces
    }
    problem = Problem(
        supplies=tuple(supplies),
        demands=tuple(demands),
        coefficients=among,
    )
    return Found(provinces, day, problem)


async def _books(
    reader: Reader, provinces: Sequence[str], *, whole: bool
) -> tuple[list[Village], list[City], list[Landed]]:
    """Villages, cities and landed quota; one row more than is taken tells that there are more."""
    villages: list[Village] = []
    cities: list[City] = []
    landed: list[Landed] = []
    for only in [None] if whole else provinces:
        villages += await reports.list_villages(reader, only, "", SUPPLIES_MAX + 1)
        cities += await reports.list_cities(reader, only, "", DEMANDS_MAX + 1)
        landed += [
            one
            for one in await reports.list_landed(reader, only)
            if only is None or province_of(one.target) == only
        ]
    return villages, cities, landed


def _arrived(came: Sequence[tuple[str, str, str, Area]], landed: Sequence[Landed]) -> list[Supply]:
    """Quota that left its village's province and was not landed in the other one yet."""
    used: Counter[tuple[str, str]] = Counter()
    for one in landed:
        if province_of(one.source) != province_of(one.target):
            used[one.collective, province_of(one.target)] += one.area
    return [
        Supply(village=village, county=county, province=province, surplus=Area(left))
        for village, county, province, area in came
        if (left := area - used[village, province]) > 0
    ]
