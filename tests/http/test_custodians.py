"""Custodians publish their keys after the close, never before, and may be probed in time."""

import base64
import itertools
import json
from datetime import timedelta
from hashlib import sha256

import pytest

from app import seal
from tests.http.support import assert_problem
from tests.sealed import (
    CLOSES,
    CUSTODIANS,
    EXCHANGE,
    PRICES,
    accepted,
    at,
    bid,
    custodian_private,
    listing,
    lot_of,
    market,
    move,
    open_market,
    records,
    release,
    sealed,
    secret,
    terms,
    text64,
    until_closed,
)

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("lost", [*itertools.combinations(CUSTODIANS, 2)][::3])
async def test_two_lost_custodians_change_nothing(node, lost):
    await until_closed(node)
    for custodian in (c for c in CUSTODIANS if c not in lost):
        await release(node, custodian)
    lot = await lot_of(node)
    assert (lot["winner"], lot["price_cny"]) == ("b2", "151234.56")


async def test_a_key_before_the_close_is_refused_and_kept_nowhere(node):
    await open_market(node)
    private = custodian_private("l1", "audit")
    before = await node.state()
    for _ in range(2):
        assert_problem(await release(node, "audit"), 409, "not-closed")
    await node.post(*EXCHANGE, "/v1/freezes", {"lot": "l1"})
    assert_problem(await release(node, "audit"), 409, "not-closed")
    dump = await node.dump()
    assert text64(private) not in dump
    assert str(private) not in dump
    after = await node.state()
    assert after["custodian_key"] == before["custodian_key"]


async def test_a_key_is_taken_once_from_its_custodian_and_only_if_it_is_the_one(node):
    await until_closed(node)
    assert_problem(await release(node, "audit", private=secret("x")), 409, "key-mismatch")
    foreign = {"lot": "l1", "custodian": "audit", "private_key": text64(secret("x"))}
    other = await node.post("custodian", "notary", "/v1/custodian-keys", foreign)
    assert_problem(other, 404, "not-found")
    assert (await release(node, "audit")).status_code == 201
    assert_problem(await release(node, "audit"), 409, "key-published")
    assert_problem(await release(node, "audit", lot="l9"), 404, "not-found")
    await release(node, "notary")
    await release(node, "seller")
    assert_problem(await release(node, "exchange"), 409, "not-closed")


async def test_custodians_that_stay_away_leave_the_lot_unsold_and_deposits_free(node):
    await until_closed(node)
    await release(node, CUSTODIANS[0])
    await release(node, CUSTODIANS[1])
    await move(node, CLOSES + 2 * DAY - SECOND)
    assert (await lot_of(node))["state"] == "closed"
    await move(node, CLOSES + 2 * DAY)
    assert (await lot_of(node))["state"] == "unsold"
    assert {b["held_cny"] for b in await node.market.list("/v1/bidders")} == {"0.00"}
    (decided,) = await records(node, "lot.decided")
    assert decided[1]["body"]["decided_at"] == at(CLOSES + 2 * DAY)
    opened = await records(node, "bid.opened")
    assert {body["body"]["void"] for _, body in opened} == {"key-missing"}
    tickets = await node.market.list("/v1/tickets")
    assert {t["state"] for t in tickets} == {"handed_in"}


async def test_bidders_can_publish_their_own_keys_when_custodians_have_lost_theirs(node):
    await open_market(node)
    under = await terms(node)
    commits = {}
    for bidder, price in PRICES.items():
        answer = await bid(node, bidder, sealed(under, bidder, 1, price))
        commits[bidder] = answer.json()["commit"]

    async def publish(bidder, dek, by=None):
        body = {"commit": commits[bidder], "dek": text64(dek)}
        return await node.post("bidder", by or bidder, "/v1/bid-keys", body)

    own = {bidder: secret("dek", "l1", bidder, 1) for bidder in PRICES}
    assert_problem(await publish("b1", own["b1"]), 409, "not-closed")
    assert text64(own["b1"]) not in await node.dump()
    await move(node, CLOSES)
    assert_problem(await publish("b1", own["b2"]), 409, "key-mismatch")
    assert_problem(await publish("b1", own["b1"], by="b2"), 404, "not-found")
    assert (await publish("b1", own["b1"])).status_code == 201
    assert_problem(await publish("b1", own["b1"]), 409, "key-published")
    assert (await publish("b3", own["b3"])).status_code == 201
    assert (await lot_of(node))["state"] == "closed"
    await move(node, CLOSES + 2 * DAY)
    lot = await lot_of(node)
    assert (lot["state"], lot["winner"], lot["price_cny"]) == ("sold", "b1", "150000.01")
    assert lot["payment_due_at"] == at(CLOSES + 62 * DAY)
    items = (await node.http.get("/v1/lots/l1/opening")).json()["items"]
    assert [i["void"] for i in items] == [None, "key-missing", None]
    assert [i["dek"] for i in items] == [text64(own["b1"]), None, text64(own["b3"])]


async def test_a_lot_that_is_due_is_brought_up_to_date_by_who_touches_it(node):
    """The keys that come after the custodians' time find the lot decided at its own instant."""
    await until_closed(node)
    await node.owner.execute(
        "UPDATE simulated_clock SET instant = $1", CLOSES + 3 * DAY
    )  # the job has not come round
    assert_problem(await release(node, "audit"), 409, "not-closed")
    await move(node, CLOSES + 3 * DAY)
    (decided,) = await records(node, "lot.decided")
    assert decided[1]["body"]["decided_at"] == at(CLOSES + 2 * DAY)


async def test_a_probe_is_answered_by_who_holds_the_key(node):
    await market(node)
    await accepted(node, *EXCHANGE, "/v1/lots", listing())
    nonce, private = secret("nonce"), custodian_private("l1", "audit")
    context = b"l1:audit:probe-1"
    body = {
        "id": "probe-1",
        "lot": "l1",
        "custodian": "audit",
        "sealed": text64(
            seal.seal_probe(seal.auction_key(private), nonce, context, secret("ephemeral"))
        ),
        "nonce_hash": sha256(nonce).hexdigest(),
    }
    for changed in ({"lot": "l9"}, {"custodian": "nobody"}):
        answer = await node.post("bidder", "b1", "/v1/probes", body | changed)
        assert_problem(answer, 404, "not-found")
    await accepted(node, "bidder", "b1", "/v1/probes", body)
    assert_problem(await node.post(*EXCHANGE, "/v1/probes", body), 409, "id-taken")
    (probe,) = (await node.http.get("/v1/lots/l1/probes")).json()["items"]
    assert (probe["sealed"], probe["answered_at"]) == (body["sealed"], None)
    found = seal.open_probe(private, base64.b64decode(probe["sealed"]), context)
    answer = {"probe": "probe-1", "nonce": text64(found)}

    async def send(party, said):
        return await node.post("custodian", party, "/v1/probe-answers", said)

    assert_problem(await send("audit", answer | {"probe": "probe-9"}), 404, "not-found")
    assert_problem(await send("notary", answer), 404, "not-found")
    wrong = answer | {"nonce": text64(secret("x"))}
    assert_problem(await send("audit", wrong), 409, "probe-failed")
    assert (await send("audit", answer)).status_code == 201
    assert_problem(await send("audit", answer), 409, "probe-answered")
    assert_problem(await node.http.get("/v1/lots/l9/probes"), 404, "not-found")
    said = await records(node, "custodian.probed", "custodian.answered")
    assert [(kind, r["body"]["custodian"], r["actor"]) for kind, r in said] == [
        ("custodian.probed", "audit", None),
        ("custodian.answered", "audit", "custodian.audit.a"),
    ]
    assert said[1][1]["body"]["nonce"] == text64(nonce)


async def test_a_share_of_a_bid_does_not_open_as_a_probe(node):
    await open_market(node)
    note = sealed(await terms(node), "b1", 1, "150000.00")
    share = json.loads(note.split("\n")[0])["shares"][1]
    with pytest.raises(seal.SealError):
        seal.open_probe(
            custodian_private("l1", "audit"), base64.b64decode(share), b"l1:audit:probe-1"
        )
