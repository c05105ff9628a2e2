"""What a step may carry: which fields each `do` has, and how their shape and amounts are judged.

A step is judged in four passes over all of its fields: shape (`invalid-request`), amounts
(`invalid-amount`), then the ids it names (`not-found`), and only then the rules of the step itself.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

SHANGHAI = timezone(timedelta(hours=8))

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
TICKET_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}(/[0-9]{6})?\Z")
AMOUNT = re.compile(r"(0|[1-9][0-9]{0,12})\.[0-9]{2}\Z", re.ASCII)
TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})\Z"
)

# Kinds of field. A leading "?" makes a field optional.
#   new          the id of the thing that the step makes
#   ref:<kind>   an id of something that must exist
#   money        an amount of yuan, zero allowed;  money+  above zero;  area  above zero, in m2
#   enum:a|b     one of these words
AMOUNTS = ("money", "money+", "area")
FIELDS: dict[str, dict[str, str]] = {
    "apply": {
        "id": "new",
        "household": "ref:household",
        "area_m2": "area",
        "floor_m2": "?area",
        "co_owners": "?names",
        "consents": "?names",
    },
    "revoke": {"application": "ref:application"},
    "village_review": {"application": "ref:application", "votes_for": "count"},
    "object": {"id": "new", "application": "ref:application"},
    "rule": {"objection": "ref:objection", "upheld": "bool"},
    "township_determine": {"application": "ref:application"},
    "county_approve": {"application": "ref:application"},
    "city_approve": {
        "application": "ref:application",
        "city": "ref:region",
        "work_years": "count",
        "income_proof": "bool",
        "long_term": "bool",
    },
    "accept_reclamation": {
        "application": "ref:application",
        "accepted_m2": "area",
        "to": "enum:cropland|forest|grass",
        "reclamation_cost_cny": "money",
        "financing_cost_cny": "money",
    },
    "issue": {"application": "ref:application", "id": "new"},
    "hand_in": {"ticket": "ref:ticket"},
    "list": {
        "id": "new",
        "province": "ref:province",
        "tickets": "tickets",
        "mode": "enum:ascending|sealed",
        "start_price_cny": "money+",
        "reserve_price_cny": "?money",
        "increment_cny": "?money",
        "deposit_cny": "money",
        "opens_at": "time",
        "closes_at": "time",
        "draw_seed": "?text",
    },
    "register": {"lot": "ref:lot", "bidder": "ref:bidder"},
    "bid": {"lot": "ref:lot", "bidder": "ref:bidder", "price_cny": "money+"},
    "freeze": {"lot": "ref:lot"},
    "resume": {"lot": "ref:lot"},
    "pay": {"lot": "ref:lot", "bidder": "ref:bidder"},
    "land_income": {"county": "ref:county", "amount_cny": "money"},
    "subsidise": {"household": "ref:household", "area_m2": "?area"},
    "buy_affordable": {
        "household": "ref:household",
        "price_cny": "money+",
        "surplus": "enum:cash|keep",
        "gap": "?enum:lump_sum|mortgage|instalments",
    },
    "resell_affordable": {
        "household": "ref:household",
        "able": "bool",
        "land_fee_cny": "money",
        "fee_paid_cny": "money",
    },
    "exchange_low_rent": {"household": "ref:household"},
    "rent_public": {
        "id": "new",
        "household": "ref:household",
        "area_m2": "area",
        "rent_per_m2_cny": "money",
        "subsidy_per_m2_cny": "money",
    },
    "end_rental": {"rental": "ref:rental"},
    "buy_public": {
        "rental": "ref:rental",
        "price_cny": "money+",
        "gap": "?enum:lump_sum|mortgage|instalments|rent_rest",
    },
    "refund": {"household": "ref:household"},
    "buy_commercial": {
        "household": "ref:household",
        "price_cny": "money+",
        "first_home": "bool",
        "loan_cny": "?money",
    },
    "offset_mortgage": {
        "household": "ref:household",
        "open_principal_cny": "money",
        "first_home": "bool",
        "only_home": "bool",
    },
    "withdraw_cash": {
        "household": "ref:household",
        "has_city_home": "bool",
        "mortgage_open": "bool",
        "declines": "bool",
        "urgent": "bool",
        "able": "bool",
    },
    "select_plot": {
        "id": "new",
        "lot": "ref:lot",
        "bidder": "ref:bidder",
        "county": "ref:region",
        "area_m2": "area",
        "collective": "?ref:collective",
    },
    "land_sale": {
        "plot": "ref:plot",
        "winner": "ref:bidder",
        "new_land_fee_cny": "money",
        "reclamation_fee_cny": "money",
    },
    "outflow": {"id": "new", "ticket": "ref:ticket", "to": "ref:province"},
    "accept_transfer": {"transfer": "ref:transfer"},
    "approve_transfer": {"transfer": "ref:transfer"},
    "reject_transfer": {"transfer": "ref:transfer", "by": "enum:receiver|ministry"},
    "settle_provinces": {"a": "ref:province", "b": "ref:province"},
}


def to_hundredths(text: str) -> int:
    """The fen of a well-formed amount, or the 0.01 m2 of a well-formed area."""
    whole, places = text.split(".")
    return int(whole) * 100 + int(places)


def to_text(hundredths: int) -> str:
    """Fen or 0.01 m2 as the decimal string of the wire."""
    assert hundredths >= 0, hundredths
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def to_time(value: object) -> datetime | None:
    """The instant in Asia/Shanghai; None for what is no whole second with an offset."""
    if isinstance(value, datetime):
        exact = value.tzinfo is not None and value.microsecond == 0
        return value.astimezone(SHANGHAI) if exact else None
    if not isinstance(value, str) or not TIME.match(value):
        return None
    try:
        return datetime.fromisoformat(value).astimezone(SHANGHAI)
    except (ValueError, OverflowError):
        return None


def _is_text(value: object, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, str) and pattern.match(value) is not None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _are_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _are_tickets(value: object) -> bool:
    """A list of ticket ids, none of them twice; it may be empty, which is another code."""
    if not isinstance(value, list) or not all(_is_text(one, TICKET_REF) for one in value):
        return False
    return len(set(value)) == len(value)


def _is_well_formed(kind: str, value: object) -> bool:
    """Shape only: an amount of any type passes here, since its own code is another one."""
    if kind in AMOUNTS:
        return True
    if kind.startswith("enum:"):
        return isinstance(value, str) and value in kind.removeprefix("enum:").split("|")
    if kind == "bool":
        return isinstance(value, bool)
    pattern = TICKET_REF if kind == "ref:ticket" else ID
    judges: dict[str, Callable[[object], bool]] = {
        "count": _is_count,
        "text": lambda given: isinstance(given, str) and given != "",
        "names": _are_names,
        "time": lambda given: to_time(given) is not None,
        "tickets": _are_tickets,
    }
    return judges[kind](value) if kind in judges else _is_text(value, pattern)


def shape_refusal(do: object, given: dict[str, Any]) -> str | None:
    """`invalid-request` for an unknown `do`, an unknown, missing or malformed field."""
    if not isinstance(do, str) or do not in FIELDS:
        return "invalid-request"
    for name in given:
        if name not in FIELDS[do]:
            return "invalid-request"
    for name, kind in FIELDS[do].items():
        value = given.get(name)
        if value is None:
            if not kind.startswith("?"):
                return "invalid-request"
        elif not _is_well_formed(kind.removeprefix("?"), value):
            return "invalid-request"
    return None


def amount_refusal(do: str, given: dict[str, Any]) -> str | None:
    """`invalid-amount` for no decimal string of two places, or zero where it may not be."""
    for name, kind in FIELDS[do].items():
        value = given.get(name)
        if value is None or kind.removeprefix("?") not in AMOUNTS:
            continue
        if not isinstance(value, str) or not AMOUNT.match(value):
            return "invalid-amount"
        if kind.removeprefix("?") != "money" and to_hundredths(value) == 0:
            return "invalid-amount"
    return None


def parsed(do: str, given: dict[str, Any]) -> dict[str, Any]:
    """The fields as values: amounts in hundredths, times as instants, absent ones as None."""
    fields: dict[str, Any] = {}
    for name, optional_kind in FIELDS[do].items():
        value, kind = given.get(name), optional_kind.removeprefix("?")
        if value is not None and kind in AMOUNTS:
            value = to_hundredths(value)
        elif value is not None and kind == "time":
            value = to_time(value)
        fields[name] = value
    return fields
