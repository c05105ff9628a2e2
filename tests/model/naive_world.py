"""The world at the start of a case, and the small sums every part of the naive market needs."""

import calendar
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from .naive_fields import to_hundredths

Record = dict[str, Any]

DEFAULT_POLICY: Record = {
    "split": [["collective", 15], ["villager", 85]],
    "cooling_off_days": 30,
    "notice_days": 7,
    "homestead_cap_m2": None,
    "min_work_years": 3,
    "ecological_quota": False,
    "auction_notice_days": 20,
    "extension_seconds": 300,
    "min_bidders": 1,
    "sealed_tie": "earliest",
    "payment_days": 60,
    "subsidy_basis": "head",
    "subsidy_rate_cny": "0.00",
    "subsidy_pool_share": "0.00",
    "option_years": 5,
    "low_interest_loan_cap_cny": "0.00",
    "fee_offset_share": "1.00",
}


def days(count: int) -> timedelta:
    """A term of n days is n times 24 hours."""
    return timedelta(hours=24 * count)


def add_months(start: date, months: int) -> date:
    """`start + n months`: the same day of the month, or the last day of a shorter month."""
    month_number = start.year * 12 + (start.month - 1) + months
    year, month = month_number // 12, month_number % 12 + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def floor(value: Fraction) -> int:
    """The whole number at or below an exact value of zero or more."""
    return value.numerator // value.denominator


def half_up(value: Fraction) -> int:
    """The nearest whole number, a half going up."""
    return floor(value + Fraction(1, 2))


def largest_remainder(total: int, weights: list[int], favourite: list[int]) -> list[int]:
    """`total` in parts by `weights`: floors, then one unit each to the largest remainders.

    Ties go to the part whose number in `favourite` is the smallest. The parts sum to `total`.
    """
    exact = [Fraction(total * weight, sum(weights)) for weight in weights]
    parts = [floor(value) for value in exact]
    order = sorted(range(len(weights)), key=lambda i: (parts[i] - exact[i], favourite[i]))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    assert sum(parts) == total
    return parts


def to_date(value: object) -> date:
    """A date that YAML gives as a date or as a text."""
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def first_refusal(rules: Iterator[tuple[bool, str]]) -> str | None:
    """The code of the first broken rule; later rules are not even looked at."""
    for broken, code in rules:
        if broken:
            return code
    return None


def province_of(code: str) -> str:
    """The province of a county or of a province."""
    return code[:2] + "0000"


def read_policies(case: Record) -> dict[str, Record]:
    """The policy in force in each province: its own over the case's over the default."""
    policies = {}
    for region in case.get("regions") or []:
        code = region["code"]
        if code == province_of(code):
            own = (case.get("policies") or {}).get(code) or {}
            policies[code] = DEFAULT_POLICY | (case.get("policy") or {}) | own
    return policies


def read_regions(case: Record) -> dict[str, Record]:
    """Counties with their zone and stocks, and provinces with neither (zone None)."""
    regions = {}
    for region in case.get("regions") or []:
        regions[region["code"]] = {
            "province": province_of(region["code"]),
            "is_province": region["code"] == province_of(region["code"]),
            "zone": region.get("zone"),
            "cropland": to_hundredths(region.get("cropland_m2") or "0.00"),
            "construction": to_hundredths(region.get("construction_m2") or "0.00"),
            "ecological": 0,
        }
    return regions


def read_collectives(case: Record, regions: dict[str, Record]) -> dict[str, Record]:
    """Village collectives by id."""
    return {
        one["id"]: {
            "county": one["county"],
            "province": regions[one["county"]]["province"],
            "homestead": to_hundredths(one.get("homestead_m2") or "0.00"),
            "members": one["members"],
            "off_site_right": 0,
        }
        for one in case.get("collectives") or []
    }


def read_bidders(case: Record) -> dict[str, Record]:
    """Bidders by id, with the cash they hold in the exchange's escrow bank account."""
    return {
        one["id"]: {"cash": to_hundredths(one.get("cash_cny") or "0.00"), "held": 0}
        for one in case.get("bidders") or []
    }


def read_coefficients(case: Record) -> list[Record]:
    """Conversion coefficients between provinces, with both days of their validity included."""
    return [
        {
            "from": one["from"],
            "to": one["to"],
            "yield_out": one["yield_out"],
            "yield_in": one["yield_in"],
            "valid_from": to_date(one["valid_from"]),
            "valid_to": to_date(one["valid_to"]),
        }
        for one in case.get("coefficients") or []
    ]
