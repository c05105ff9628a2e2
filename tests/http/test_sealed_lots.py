"""Bids that nobody can read before the close, and everybody can open after it."""

import base64
import json
from datetime import timedelta
from hashlib import sha256

import asyncpg
import pytest

from app import seal
from app.kernel.principal import Role
from tests.http.support import NODE, assert_problem
from tests.http.test_nothing_leaks import OF_BIDDERS, all_answers
from tests.sealed import (
    CLOSES,
    CUSTODIANS,
    PRICES,
    accepted,
    at,
    bid,
    lot_of,
    open_market,
    records,
    release,
    sealed,
    terms,
    text64,
    until_closed,
)

DAY = timedelta(days=1)


def spellings(price):
    return (price, price.replace(".", ""), text64(price.encode())[:-2])


async def test_from_notice_to_payment(node):
    await until_closed(node)
    lot = await lot_of(node)
    assert (lot["state"], lot["winner"], lot["price_cny"]) == ("closed", None, None)
    assert lot["reserve_price_cny"] is None
    assert lot["opening_due_at"] == at(CLOSES + 2 * DAY)
    for custodian in CUSTODIANS[:2]:
        answer = await release(node, custodian)
        assert (answer.status_code, answer.json()["state"]) == (201, "closed")
    held = {b["id"]: b["held_cny"] for b in await node.market.list("/v1/bidders")}
    assert set(held.values()) == {"20000.00"}, "deposits stay while the lot waits"
    assert (await release(node, CUSTODIANS[4])).json()["state"] == "sold"
    lot = await lot_of(node)
    assert (lot["state"], lot["winner"], lot["price_cny"]) == ("sold", "b2", "151234.56")
    assert lot["payment_due_at"] == at(CLOSES + 60 * DAY)
    held = {b["id"]: b["held_cny"] for b in await node.market.list("/v1/bidders")}
    assert held == {"b1": "0.00", "b2": "20000.00", "b3": "0.00"}
    bids = (await node.http.get("/v1/lots/l1/bids")).json()["items"]
    assert [(b["bidder"], b["price_cny"]) for b in bids] == list(PRICES.items())
    paid = await accepted(node, "bidder", "b2", "/v1/payments", {"lot": "l1", "bidder": "b2"})
    assert paid["lot"] == "l1"
    verified = await node.market.read("/v1/ledger/verification")
    assert verified["balanced"]
    assert verified["log_verified"]


async def test_the_records_say_what_anyone_needs_to_repeat_the_opening(node):
    await until_closed(node)
    for custodian in CUSTODIANS[1:4]:
        await release(node, custodian)
    kinds = ["commit", "lot.closed", "lot.paddles", "custodian.released", "bid.opened"]
    said = await records(node, *kinds, "lot.decided")
    order = ["commit"] * 3 + ["lot.closed", "lot.paddles"] + ["custodian.released"] * 3
    assert [kind for kind, _ in said] == [*order, *["bid.opened"] * 3, "lot.decided"]
    for _, record in said[:3]:
        assert record["body"] == {"h": record["subject"]}
        assert (record["actor"], record["province"]) == (None, NODE)
    closed, decided = said[3][1]["body"], said[-1][1]["body"]
    assert (closed["state"], closed["winner"], closed["valid_bidders"]) == ("closed", None, None)
    assert (decided["state"], decided["winner"], decided["valid_bidders"]) == ("sold", "b2", 2)
    under = await terms(node)
    keys = {
        record["body"]["custodian"]: base64.b64decode(record["body"]["private_key"])
        for kind, record in said
        if kind == "custodian.released"
    }
    opened = [record["body"] for kind, record in said if kind == "bid.opened"]
    assert [b["h"] for b in opened] == [record["subject"] for _, record in said[:3]]
    for body, (bidder, price) in zip(opened, PRICES.items(), strict=True):
        message = body["note"].split("\n")[0].encode()
        assert sha256(message).hexdigest() == body["h"]
        assert seal.verdict(under, bidder, message, keys).bid == {"price_cny": price}
        assert (body["price_cny"], body["void"]) == (price, None)


async def test_the_opening_is_public_page_by_page_and_empty_before(node):
    await until_closed(node)
    await release(node, CUSTODIANS[0])
    address = "/v1/lots/l1/opening"
    nothing = {"lot": "l1", "decided_at": None, "keys": [], "items": [], "next": None}
    assert (await node.http.get(address)).json() == nothing
    await release(node, CUSTODIANS[1])
    await release(node, CUSTODIANS[2])
    first = (await node.http.get(address, params={"limit": 2})).json()
    rest = (await node.http.get(address, params={"limit": 2, "cursor": first["next"]})).json()
    assert [b["bidder"] for b in first["items"] + rest["items"]] == list(PRICES)
    assert {key["custodian"] for key in first["keys"]} == set(CUSTODIANS[:3])
    assert_problem(await node.http.get("/v1/lots/l9/opening"), 404, "not-found")


async def test_no_price_and_no_number_of_bids_is_to_be_found_before_the_opening(node):
    """What every role is shown is the same with one bid as with many, but its own answers."""
    await open_market(node)
    under = await terms(node)
    await bid(node, "b1", sealed(under, "b1", 1, PRICES["b1"]))

    async def shown():
        seen = {}
        async for role, address, answer in all_answers(node, OF_BIDDERS):
            # The log grows by every record, also by those that name neither lot nor bidder.
            if not address.startswith("/log") and address != "/v1/ledger/verification":
                document = answer.content
                if "json" in answer.headers["content-type"]:
                    document = answer.json()
                    document.pop("request_id", None)
                if role is not Role.SECURITY_ADMIN and role is not Role.AUDIT_ADMIN:
                    seen[role, address] = document
        return seen

    before = await shown()
    for seq, (bidder, price) in enumerate([*PRICES.items()] * 2, start=2):
        assert (await bid(node, bidder, sealed(under, bidder, seq, price))).status_code == 201
    assert await shown() == before
    dump = await node.dump()
    for price in PRICES.values():
        for spelling in spellings(price):
            assert spelling not in dump
    public = json.dumps(await records(node, "commit", "bid.refused"))
    assert not any(f'"{word}"' in public for word in ("l1", "b1", "b2", "b3", "500000"))


async def test_a_reading_transaction_sees_no_sealed_bid_before_the_result(node, dsn):
    await until_closed(node)
    count = "SELECT count(*) FROM sealed_bid"
    assert await node.owner.fetchval(count) == 3
    application = await asyncpg.connect(dsn)
    async with application.transaction(readonly=True):
        assert await application.fetchval(count) == 0
    for custodian in CUSTODIANS[:3]:
        await release(node, custodian)
    async with application.transaction(readonly=True):
        assert await application.fetchval(count) == 3
    await application.close()


GUARDED = {
    "a lot is not decided with too few keys": """
        UPDATE lot SET state = 'unsold', decided_at = closes_at WHERE id = 'l1'""",
    "a closed lot does not move its close": """
        UPDATE lot SET closes_at = closes_at + interval '1 second' WHERE id = 'l1'""",
    "a closed lot does not open again": "UPDATE lot SET state = 'live' WHERE id = 'l1'",
    "the custodians' time stays": """
        UPDATE lot SET opening_due_at = opening_due_at - interval '1 day' WHERE id = 'l1'""",
    "no plain bid comes into a lot with custodians": """
        INSERT INTO bid (lot, number, bidder, price_fen, at, salt)
        VALUES ('l1', 1, 'b1', 15000000, now(), sha256(''))""",
    "no sealed bid comes after the close": """
        INSERT INTO sealed_bid SELECT encode(sha256('x'), 'hex'), lot, bidder, 9, at,
            (SELECT min(id) FROM record), 'x' || chr(10) FROM sealed_bid LIMIT 1""",
    "a sealed bid stays as it was": "UPDATE sealed_bid SET seq = seq + 1",
    "a sealed bid is not taken away": "DELETE FROM sealed_bid",
    "a key of somebody else is not taken": """
        INSERT INTO custodian_key VALUES ('l1', 'other', sha256(''), now())""",
    "a bid is what was sealed": """
        INSERT INTO opened_bid SELECT hash, 15000000, NULL FROM sealed_bid;
        INSERT INTO bid (lot, number, bidder, price_fen, at, sealed)
        SELECT lot, 1, bidder, 15000001, at, hash FROM sealed_bid LIMIT 1""",
    "a registration has the key that the lot asks for": """
        INSERT INTO registration SELECT lot, 'b4', at, 100000, paddle_salt, NULL
        FROM registration LIMIT 1""",
}


@pytest.fixture(scope="module")
async def closed(shared):
    await until_closed(shared)
    await shared.owner.execute("INSERT INTO custodian VALUES ('other', '某')")
    await shared.owner.execute("INSERT INTO bidder VALUES ('b4', '某')")
    return shared


@pytest.mark.parametrize("sentence", GUARDED)
async def test_the_database_holds_it_too(closed, sentence):
    refusal = (asyncpg.RestrictViolationError, asyncpg.CheckViolationError)
    with pytest.raises(refusal):
        async with closed.owner.transaction():
            await closed.owner.execute(GUARDED[sentence])
