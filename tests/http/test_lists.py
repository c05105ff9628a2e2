"""Lists come in pages whose cursors are opaque, and whose limits are bounded."""

import base64

import pytest

from app.replay import load_case, play
from tests.http.support import CASES, NODE, assert_problem, pointers


@pytest.fixture(scope="module")
async def market(shared):
    """A node on which a ticket of Chongqing went to Zhejiang, was sold and landed there."""
    await play(load_case(CASES / "d-two-provinces.yaml"), shared.market)
    return shared


def opaque(text):
    return base64.urlsafe_b64encode(text.encode()).decode()


LISTS = (
    "/v1/regions",
    "/v1/collectives",
    "/v1/bidders",
    "/v1/applications",
    "/v1/tickets",
    "/v1/lots",
    "/v1/lots/l1/bids",
    "/v1/lots/l1/payouts",
    "/v1/lots/l1/tickets",
    "/v1/certificates",
    "/v1/housing-accounts",
    "/v1/contracts",
    "/v1/rentals",
    "/v1/redemption-requests",
    "/v1/plots",
    "/v1/transfers",
    "/v1/crossings",
    "/v1/positions",
    "/v1/provincial-settlements",
    "/v1/clearing-terms",
    "/v1/settlement-windows",
    "/v1/settlement-statements",
    "/v1/bank-accounts",
    "/v1/payment-instructions",
    "/v1/bank-entries",
    "/v1/evidence-resolutions",
    "/v1/policies",
    "/v1/reports/conservation",
    "/v1/reports/flows",
    "/v1/reports/surpluses",
    "/v1/reports/gaps",
    "/v1/reports/times",
    "/v1/reports/objections",
    "/v1/reports/transfers",
    "/v1/public-notices",
    "/v1/coefficients",
    "/v1/ledger/parties",
    "/v1/ledger/accounts/bidder_cash:000000:b1/movements",
)
NUMBERED = (
    "/v1/clearing-terms",
    "/v1/settlement-windows",
    "/v1/bank-accounts",
    "/v1/payment-instructions",
    "/v1/bank-entries",
    "/v1/lots/l1/bids",
    "/v1/contracts",
    "/v1/redemption-requests",
    "/v1/provincial-settlements",
    "/v1/ledger/accounts/bidder_cash:000000:b1/movements",
)


@pytest.mark.parametrize("path", LISTS)
async def test_a_bad_cursor_or_limit_is_named(market, path):
    for limit in ("0", "-1", "201", "1.5", "x", "", "1e2", "9" * 30):
        answer = await market.get("supervisor", NODE, path, limit=limit)
        assert pointers(assert_problem(answer, 422, "invalid-request")) == ["/query/limit"]
    cursors = ["x", "中", "=", "////", opaque("a\x00b"), opaque("x") + "é", "A" * 401, "_w=="]
    if path in NUMBERED:
        cursors += [opaque(text) for text in ("x", "-1", "1.5", "９", "9" * 30, " 1", "²")]
    for cursor in cursors:
        answer = await market.get("supervisor", NODE, path, cursor=cursor)
        assert pointers(assert_problem(answer, 422, "invalid-request")) == ["/query/cursor"]
    for cursor in ("", opaque("9" * 9)):
        assert (await market.get("supervisor", NODE, path, cursor=cursor)).status_code == 200


@pytest.mark.parametrize("path", LISTS)
async def test_a_list_read_in_pages_of_one_is_the_whole_list(market, path):
    whole = (await market.get("supervisor", NODE, path, limit=200)).json()["items"]
    pages, cursor = [], None
    while True:
        params = {"limit": 1} | ({} if cursor is None else {"cursor": cursor})
        page = (await market.get("supervisor", NODE, path, **params)).json()
        assert len(page["items"]) <= 1
        pages += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    timeless = [{k: v for k, v in item.items() if k != "server_time"} for item in pages]
    assert timeless == [{k: v for k, v in i.items() if k != "server_time"} for i in whole]
