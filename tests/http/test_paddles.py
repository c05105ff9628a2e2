"""Until the close a bid has a paddle and nobody's name; afterwards everybody can check whose."""

import json
from datetime import timedelta
from hashlib import sha256

import pytest

from app.kernel.principal import Role
from tests.http.support import assert_problem
from tests.http.test_nothing_leaks import OF_BIDDERS, all_answers
from tests.sealed import (
    CLOSES,
    EXCHANGE,
    OPENS,
    accepted,
    listing,
    lot_of,
    market,
    move,
    records,
    register,
)

PLAIN = {"sealing": None, "custodians": None, "opening_days": None, "reserve_price_cny": None}
ASCENDING = PLAIN | {"mode": "ascending", "increment_cny": "1000.00"}
BIDDERS = ("b1", "b2", "b3")


async def opened(node, changes):
    """Three registered bidders; answers with each one's registration."""
    await market(node)
    await accepted(node, *EXCHANGE, "/v1/lots", listing(**changes))
    paddles = {bidder: await register(node, bidder, bid_key=None) for bidder in BIDDERS}
    await move(node, OPENS)
    return paddles


async def place(node, bidder, price):
    body = {"lot": "l1", "bidder": bidder, "price_cny": price}
    return await node.post("bidder", bidder, "/v1/bids", body)


async def test_paddles_differ_and_are_committed_to_at_registration(node):
    paddles = await opened(node, ASCENDING)
    assert len({p["paddle"] for p in paddles.values()}) == 3
    said = [record["body"] for _, record in await records(node, "lot.registered")]
    for body in said:
        own = paddles[body["bidder"]]
        opening = bytes.fromhex(own["paddle_salt"]) + f"{own['bidder']}:{own['paddle']}".encode()
        assert body["paddle_commitment"] == sha256(opening).hexdigest()
        assert body["bid_key"] is None


@pytest.mark.parametrize("changes", [ASCENDING, PLAIN], ids=["ascending", "sealed"])
async def test_no_record_before_the_close_links_a_bid_to_its_bidder(node, changes):
    paddles = await opened(node, changes)
    for bidder, price in (("b1", "140000.00"), ("b1", "1.00"), ("b2", "142000.00")):
        await place(node, bidder, price)
    rows = await node.owner.fetch("SELECT kind, subject, body FROM record ORDER BY id")
    bids = [json.loads(row[2]) for row in rows if row[0].startswith("bid.")]
    assert len(bids) == 3
    for record in bids:
        assert (record["actor"], record["subject"]) == (None, "l1")
        assert not any(f'"{bidder}"' in json.dumps(record) for bidder in BIDDERS)
    numbers = {str(own["paddle"]) for own in paddles.values()}
    for row in rows:
        if not row[0].startswith("bid."):
            assert not any(number in row[2].decode() for number in numbers), row[0]


@pytest.mark.parametrize("changes", [ASCENDING, PLAIN], ids=["ascending", "sealed"])
async def test_nobody_but_the_bidder_is_shown_whose_paddle_it_is(node, changes):
    paddles = await opened(node, changes)
    await place(node, "b2", "140000.00")
    number = str(paddles["b2"]["paddle"])
    async for role, address, answer in all_answers(node, OF_BIDDERS):
        if address.startswith("/log"):
            continue
        if number in answer.text:
            assert address == "/v1/lots/l1/bids"
            assert '"b2"' not in answer.text
        if (role, address) == (Role.BIDDER, "/v1/registrations"):
            assert [own["bidder"] for own in answer.json()["items"]] == ["b1"]
    own = await node.get("bidder", "b2", "/v1/registrations")
    assert own.json()["items"] == [{k: v for k, v in paddles["b2"].items() if k != "receipt"}]


async def test_the_public_bids_name_paddles_and_after_the_close_bidders(node):
    paddles = await opened(node, ASCENDING)
    await place(node, "b1", "140000.00")
    mine = (await place(node, "b2", "141000.00")).json()
    assert (mine["paddle"], mine["bidder"]) == (paddles["b2"]["paddle"], "b2")

    async def shown():
        items = (await node.http.get("/v1/lots/l1/bids")).json()["items"]
        return [(b["paddle"], b["bidder"], b["price_cny"]) for b in items]

    first, second = (paddles[b]["paddle"] for b in ("b1", "b2"))
    assert await shown() == [(first, None, "140000.00"), (second, None, "141000.00")]
    await move(node, CLOSES)
    assert await shown() == [(first, "b1", "140000.00"), (second, "b2", "141000.00")]


@pytest.mark.parametrize("changes", [ASCENDING, PLAIN], ids=["ascending", "sealed"])
async def test_the_close_opens_the_paddles(node, changes):
    await opened(node, changes)
    await place(node, "b1", "140000.00")
    await move(node, CLOSES)
    committed = {
        record["body"]["bidder"]: record["body"]["paddle_commitment"]
        for _, record in await records(node, "lot.registered")
    }
    ((_, opening),) = await records(node, "lot.paddles")
    assert [row[1] for row in opening["body"]["paddles"]] == list(BIDDERS)
    for paddle, bidder, salt in opening["body"]["paddles"]:
        said = sha256(bytes.fromhex(salt) + f"{bidder}:{paddle}".encode()).hexdigest()
        assert committed[bidder] == said
    ((_, closed),) = await records(node, "lot.closed")
    assert (closed["body"]["state"], closed["body"]["winner"]) == ("sold", "b1")
    assert (await lot_of(node))["winner"] == "b1"


async def test_a_placed_bid_says_the_price_and_the_close_after_it(node):
    paddles = await opened(node, ASCENDING)
    await move(node, CLOSES - timedelta(seconds=1))
    after = (await place(node, "b3", "140000.00")).json()
    ((_, record),) = await records(node, "bid.placed")
    assert record["body"] == {
        "paddle": paddles["b3"]["paddle"],
        "number": 1,
        "price_cny": "140000.00",
        "closes_at": after["closes_at"],
    }


async def test_a_refused_bid_stands_in_the_log_and_is_answered_the_same_again(node):
    paddles = await opened(node, ASCENDING)
    body = {"lot": "l1", "bidder": "b1", "price_cny": "139999.99"}
    answers = [await node.post("bidder", "b1", "/v1/bids", body, key="the-same") for _ in range(3)]
    for answer in answers:
        document = assert_problem(answer, 409, "bid-below-start")
        assert document["receipt"] == answers[0].json()["receipt"]
    assert [a.headers.get("idempotency-replayed") for a in answers] == [None, "true", "true"]
    ((_, record),) = await records(node, "bid.refused")
    paddle = paddles["b1"]["paddle"]
    assert record["body"] == {
        "paddle": paddle,
        "code": "bid-below-start",
        "price_cny": "139999.99",
    }
    assert (await node.http.get("/v1/lots/l1/bids")).json()["items"] == []


async def test_what_no_rule_of_bidding_refuses_leaves_no_record(node):
    await opened(node, ASCENDING)
    for changes, status, code in (
        ({"lot": "l9"}, 404, "not-found"),
        ({"bidder": "b9"}, 404, "not-found"),
        ({"bidder": "b2"}, 404, "not-found"),
        ({"price_cny": "1"}, 422, "invalid-amount"),
    ):
        body = {"lot": "l1", "bidder": "b1", "price_cny": "150000.00"} | changes
        assert_problem(await node.post("bidder", "b1", "/v1/bids", body), status, code)
    assert await records(node, "bid.refused", "bid.placed") == []


async def test_who_is_not_registered_is_refused_without_a_paddle(node):
    await market(node)
    await accepted(node, *EXCHANGE, "/v1/lots", listing(**PLAIN))
    await move(node, OPENS)
    assert_problem(await place(node, "b1", "150000.00"), 409, "not-registered")
    ((_, record),) = await records(node, "bid.refused")
    assert record["body"] == {"paddle": None, "code": "not-registered"}, "a sealed price stays out"
    assert record["actor"] is None
