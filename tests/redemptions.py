"""Requests to redeem: a household with money asks, and the fund centre of its province decides."""

from tests.story import HERE

REQUESTS, WITHDRAWALS = "/v1/redemption-requests", "/v1/redemption-withdrawals"
APPROVALS, REFUSALS = "/v1/redemption-approvals", "/v1/redemption-refusals"
CENTRE, DESK = ("fund_centre", HERE), ("operator", HERE)
PATHS = {
    "affordable_purchase": "/v1/affordable-purchases",
    "affordable_resale": "/v1/affordable-resales",
    "commercial_purchase": "/v1/commercial-purchases",
    "mortgage_offset": "/v1/mortgage-offsets",
    "public_rental": "/v1/rentals",
    "public_purchase": "/v1/public-purchases",
    "cash_withdrawal": "/v1/cash-withdrawals",
    "refund": "/v1/refunds",
}
"""Every kind with its own endpoint, in an order in which one account takes them all."""

TERMS = {
    "affordable_purchase": {"price_cny": "2000.00", "surplus": "keep"},
    "affordable_resale": {"able": True, "land_fee_cny": "9.00", "fee_paid_cny": "9.00"},
    "commercial_purchase": {"price_cny": "3000.00", "first_home": True},
    "mortgage_offset": {"open_principal_cny": "500.00", "first_home": True, "only_home": True},
    "public_rental": {
        "area_m2": "10.00",
        "rent_per_m2_cny": "1.00",
        "subsidy_per_m2_cny": "0.00",
    },
    "public_purchase": {"price_cny": "1000.00"},
    "cash_withdrawal": {
        "has_city_home": True,
        "mortgage_open": False,
        "declines": False,
        "urgent": True,
        "able": True,
    },
    "refund": {},
}


def terms_of(kind, household, **changed):
    """Terms that an account with money takes; a household's rental is named after it."""
    rental = f"r.{household}"
    whose = {"rental": rental} if kind == "public_purchase" else {"household": household}
    named = {"id": rental} if kind == "public_rental" else {}
    return named | whose | TERMS[kind] | changed


def request_of(id_, kind, household, **changed):
    terms = terms_of(kind, household, **changed)
    return {"id": id_, "household": household, "kind": kind, "terms": terms}


async def ask(market, id_, kind, household, **changed):
    """A villager asks; the request is taken."""
    body = request_of(id_, kind, household, **changed)
    answer = await market.send("villager", household, REQUESTS, body)
    assert answer.get("state") == "open", answer
    return answer


async def approve(market, id_, who=CENTRE):
    answer = await market.send(*who, APPROVALS, {"request": id_})
    assert answer["request"]["state"] == "approved", answer
    return answer


async def refuse(market, id_, reason="papers_missing", who=CENTRE):
    answer = await market.send(*who, REFUSALS, {"request": id_, "reason": reason})
    assert answer.get("reason") == reason, answer
    return answer


async def withdraw(market, id_, household):
    answer = await market.send("villager", household, WITHDRAWALS, {"request": id_})
    assert answer.get("state") == "withdrawn", answer
    return answer
