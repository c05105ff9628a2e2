"""What belongs to another province is not found, and stays as it is."""

import pytest

from app.replay import load_case, play
from tests.http.support import APPLICATION, CASES, CITY, LOT, assert_problem, pointers


@pytest.fixture(scope="module")
async def market(shared):
    """A node on which a ticket of Chongqing went to Zhejiang, was sold and landed there."""
    await play(load_case(CASES / "d-two-provinces.yaml"), shared.market)
    for province in ("500000", "330000"):
        await shared.market.token("operator", province)
    return shared


# Everything of this market belongs to Chongqing (500000), or came to Zhejiang with the transfer.
FOREIGN = [
    ("/v1/applications", APPLICATION, "household"),
    ("/v1/revocations", {"application": "a1"}, "application"),
    ("/v1/village-reviews", {"application": "a1", "votes_for": 1}, "application"),
    ("/v1/objections", {"id": "o9", "application": "a1"}, "application"),
    ("/v1/township-determinations", {"application": "a1"}, "application"),
    ("/v1/county-approvals", {"application": "a1"}, "application"),
    ("/v1/city-approvals", CITY, "city"),
    (
        "/v1/acceptances",
        {
            "application": "a1",
            "accepted_m2": "1.00",
            "to": "cropland",
            "reclamation_cost_cny": "0.00",
            "financing_cost_cny": "0.00",
        },
        "application",
    ),
    ("/v1/tickets", {"application": "a1", "id": "t9"}, "application"),
    ("/v1/hand-ins", {"ticket": "t1"}, "ticket"),
    ("/v1/transfers", {"id": "x9", "ticket": "t1", "to": "330000"}, "ticket"),
    ("/v1/lots", LOT, "province"),
    ("/v1/land-incomes", {"county": "500112", "amount_cny": "1.00"}, "county"),
    ("/v1/provincial-settlements", {"a": "500000", "b": "340000"}, "b"),
]
# These stand in Zhejiang, and Chongqing's service window asks for them.
FOREIGN_TO_CHONGQING = [
    ("/v1/freezes", {"lot": "l1"}, "lot"),
    ("/v1/resumptions", {"lot": "l1"}, "lot"),
    ("/v1/transfer-acceptances", {"transfer": "x1"}, "transfer"),
    ("/v1/transfer-rejections", {"transfer": "x1", "by": "receiver"}, "transfer"),
    ("/v1/transfer-approvals", {"transfer": "x1"}, "transfer"),
    (
        "/v1/land-sales",
        {
            "plot": "p1",
            "winner": "b1",
            "new_land_fee_cny": "0.00",
            "reclamation_fee_cny": "0.00",
        },
        "plot",
    ),
    # A bidder's affairs are its own: an operator's window serves no bidder by name.
    ("/v1/registrations", {"lot": "l1", "bidder": "b1"}, "bidder"),
    ("/v1/bids", {"lot": "l1", "bidder": "b1", "price_cny": "1.00"}, "bidder"),
    ("/v1/payments", {"lot": "l1", "bidder": "b1"}, "bidder"),
]


@pytest.mark.parametrize(("path", "body", "field"), FOREIGN, ids=[row[0] for row in FOREIGN])
async def test_another_provinces_things_do_not_exist(market, path, body, field):
    state = await market.state()
    answer = await market.post("operator", "330000", path, body)
    assert pointers(assert_problem(answer, 404, "not-found")) == [f"/{field}"]
    assert await market.state() == state


@pytest.mark.parametrize(
    ("path", "body", "field"), FOREIGN_TO_CHONGQING, ids=[row[0] for row in FOREIGN_TO_CHONGQING]
)
async def test_what_went_to_another_province_is_gone(market, path, body, field):
    state = await market.state()
    answer = await market.post("operator", "500000", path, body)
    assert pointers(assert_problem(answer, 404, "not-found")) == [f"/{field}"]
    assert await market.state() == state
