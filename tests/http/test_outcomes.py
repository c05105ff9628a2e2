"""What became of a request whose answer was lost, and what a bidder finds of its own bids."""

import uuid

import pytest

from tests.http.maxima import list_and_register
from tests.http.support import assert_problem
from tests.sealed import (
    CLOSES,
    OPENS,
    PRICES,
    bid,
    listing,
    market,
    move,
    open_market,
    release,
    sealed,
    terms,
)
from tests.sealed import CUSTODIANS as KEEPERS
from tests.sealed import EXCHANGE as AT

BID = {"lot": "l1", "bidder": "b1", "price_cny": "140000.00"}
PLAIN = {"sealing": None, "custodians": None, "opening_days": None}


@pytest.fixture
async def auction(node):
    """An open ascending lot for which all are registered."""
    await list_and_register(node)
    await move(node, OPENS)
    return node


async def outcome(node, key, role="bidder", party="b1"):
    return await node.get(role, party, f"/v1/outcomes/{key}")


async def test_the_answer_that_was_lost_is_found_and_nothing_is_sent_again(auction):
    given = await auction.post("bidder", "b1", "/v1/bids", BID, key="lost.1")
    state = await auction.state()
    found = (await outcome(auction, "lost.1")).json()
    assert found == {
        "key": "lost.1",
        "operation": "POST /v1/bids",
        "status": 201,
        "answer": given.json(),
    }
    assert await auction.state() == state


async def test_a_recorded_refusal_is_found_with_its_receipt(auction):
    low = BID | {"price_cny": "1.00"}
    given = await auction.post("bidder", "b1", "/v1/bids", low, key="low")
    found = (await outcome(auction, "low")).json()
    assert (found["status"], found["answer"]["code"]) == (409, "bid-below-start")
    known, shown = given.json(), found["answer"]
    assert known.pop("request_id") != shown.pop("request_id")
    assert shown == known
    assert shown["receipt"]["id"]


async def test_what_was_never_sent_or_changed_nothing_is_not_known(auction):
    assert_problem(await outcome(auction, uuid.uuid4().hex), 404, "not-known")
    body = BID | {"lot": "l9"}
    await auction.post("bidder", "b1", "/v1/bids", body, key="refused")
    assert_problem(await outcome(auction, "refused"), 404, "not-known")


async def test_nobody_finds_the_outcome_of_another(auction):
    await auction.post("bidder", "b1", "/v1/bids", BID, key="mine")
    for role, party in (("bidder", "b2"), ("exchange", "500000"), ("operator", "500000")):
        assert_problem(await outcome(auction, "mine", role, party), 404, "not-known")
    assert_problem(await auction.http.get("/v1/outcomes/mine"), 401, "unauthenticated")


async def test_while_a_request_runs_its_outcome_is_not_said_to_be_unknown(auction):
    await auction.market.token("bidder", "b1")
    for key in ("held", "held/2?x=%25"):
        scope = f"bidder:b1:bidder.b1.a\n{key}"
        path = key.replace("%", "%25").replace("/", "%2F").replace("?", "%3F")
        async with auction.owner.transaction():
            await auction.owner.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", scope
            )
            problem = await outcome(auction, path)
            assert_problem(problem, 409, "idempotency-key-in-progress")
            assert problem.headers["retry-after"] == "1"
        assert_problem(await outcome(auction, path), 404, "not-known")
        # Asking holds nobody up: the request itself finds its key free.
        body = {"lot": "l1", "bidder": "b1", "price_cny": "1.00"}
        assert (await auction.post("bidder", "b1", "/v1/bids", body, key=key)).status_code == 409
        assert (await outcome(auction, path)).json()["key"] == key


async def test_own_bids_are_listed_with_refusals_and_receipts(auction):
    keys = {}
    for bidder, price in (
        ("b1", "1.00"),
        ("b1", "140000.00"),
        ("b2", "140000.01"),
        ("b2", "150000.00"),
        ("b1", "160000.00"),
        ("b1", "170000.00"),
    ):
        body = {"lot": "l1", "bidder": bidder, "price_cny": price}
        answer = await auction.post("bidder", bidder, "/v1/bids", body)
        keys[bidder, price] = answer.json()["receipt"]["id"]
    address = "/v1/lots/l1/bids/mine"
    first = (await auction.get("bidder", "b1", address, limit=3)).json()
    rest = (await auction.get("bidder", "b1", address, limit=3, cursor=first["next"])).json()
    shown = [
        (b["outcome"], b["code"], b["number"], b["price_cny"])
        for b in first["items"] + rest["items"]
    ]
    assert shown == [
        ("refused", "bid-below-start", None, "1.00"),
        ("taken", None, 1, "140000.00"),
        ("taken", None, 3, "160000.00"),
        ("refused", "already-leading", None, "170000.00"),
    ]
    own = [receipt for (bidder, _), receipt in keys.items() if bidder == "b1"]
    assert [b["receipt"] for b in first["items"] + rest["items"]] == own
    kept = await auction.http.get(f"/v1/receipts/{own[0]}")
    assert kept.status_code == 200
    assert (await auction.get("bidder", "b3", address)).json()["items"] == []
    others = (await auction.get("bidder", "b2", address)).json()["items"]
    assert [b["outcome"] for b in others] == ["refused", "taken"]
    assert_problem(await auction.get("bidder", "b1", "/v1/lots/l9/bids/mine"), 404, "not-found")


async def test_own_bids_on_a_sealed_lot_show_neither_price_nor_number_before_the_close(node):
    await market(node)
    terms = PLAIN | {"mode": "sealed", "sealing": "none", "draw_seed": "s"}
    assert (await node.post(*AT, "/v1/lots", listing(**terms))).status_code == 201
    await node.post("bidder", "b1", "/v1/registrations", {"lot": "l1", "bidder": "b1"})
    await move(node, OPENS)
    for price in ("150000.00", "160000.00"):
        body = {"lot": "l1", "bidder": "b1", "price_cny": price}
        assert (await node.post("bidder", "b1", "/v1/bids", body)).status_code == 201

    async def shown():
        items = (await node.get("bidder", "b1", "/v1/lots/l1/bids/mine")).json()["items"]
        assert all(item["receipt"] for item in items)
        return [(item["number"], item["price_cny"]) for item in items]

    assert await shown() == [(None, None)] * 2
    await move(node, CLOSES)
    assert await shown() == [(1, "150000.00"), (2, "160000.00")]


async def test_own_bids_sealed_to_custodians_appear_with_the_result(node):
    await open_market(node)
    under = await terms(node)
    for seq, price in ((1, "141000.00"), (2, PRICES["b1"])):
        assert (await bid(node, "b1", sealed(under, "b1", seq, price))).status_code == 201
    address = "/v1/lots/l1/bids/mine"
    assert (await node.get("bidder", "b1", address)).json()["items"] == []
    await move(node, CLOSES)
    for custodian in KEEPERS[:3]:
        await release(node, custodian)
    items = (await node.get("bidder", "b1", address)).json()["items"]
    assert [(b["number"], b["price_cny"]) for b in items] == [(1, "141000.00"), (2, PRICES["b1"])]
    assert all(b["receipt"] for b in items)
