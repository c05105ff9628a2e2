"""Every SQL statement of matching that the reports do not have."""

from collections.abc import Sequence

from sqlalchemy import text

from app.kernel.units import Area
from app.matching.rules import Settling
from app.platform.db import Reader

_SETTLING = text("""
    SELECT a.city, k.province, k.collective, sum(k.area) AS area
    FROM application a
    JOIN region r ON r.code = a.city
    JOIN ticket k ON k.application = a.id AND k.state <> 'transferred' AND k.province <> r.province
    WHERE r.province = ANY(CAST(:provinces AS text[]))
      AND k.province = ANY(CAST(:provinces AS text[]))
    GROUP BY a.city, k.province, k.collective ORDER BY a.city, k.province, k.collective
""")
_ARRIVED = text("""
    SELECT k.collective, k.county, k.province, sum(k.area) AS area FROM ticket k
    WHERE k.province <> k.home_province AND k.state <> 'transferred'
      AND k.province = ANY(CAST(:provinces AS text[]))
    GROUP BY k.collective, k.county, k.province ORDER BY k.collective, k.province
""")
_RECEIVING = text("""
    SELECT code FROM region
    WHERE zone = 'urbanised' AND province = ANY(CAST(:provinces AS text[]))
""")


async def list_settling(reader: Reader, provinces: Sequence[str]) -> list[Settling]:
    """Quota of those who settle in one of the provinces and whose ticket stands in another."""
    rows = await reader.run(_SETTLING, {"provinces": list(provinces)})
    return [Settling(r.city, r.province, r.collective, Area(int(r.area))) for r in rows]


async def list_arrived(
    reader: Reader, provinces: Sequence[str]
) -> list[tuple[str, str, str, Area]]:
    """Quota that came into the provinces: (village, its county, province, area as converted)."""
    rows = await reader.run(_ARRIVED, {"provinces": list(provinces)})
    return [(r.collective, r.county, r.province, Area(int(r.area))) for r in rows]


async def list_receiving(reader: Reader, provinces: Sequence[str]) -> list[str]:
    """Counties of the provinces in which quota may land."""
    rows = await reader.run(_RECEIVING, {"provinces": list(provinces)})
    return list(rows.scalars())
