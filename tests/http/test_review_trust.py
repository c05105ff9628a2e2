"""What a review of sealed bids, log and audit found once, and must not come back."""

import base64
from datetime import timedelta

import pytest
from sqlalchemy import text

from app import seal, transparency
from app.audit import audit_records
from app.transparency import sequencer
from tests.http.support import assert_problem
from tests.sealed import (
    CLOSES,
    CUSTODIANS,
    EXCHANGE,
    OPENS,
    accepted,
    at,
    bid,
    custodians,
    listing,
    market,
    move,
    open_market,
    register,
    release,
    sealed,
    terms,
    text64,
)


async def found(node):
    """What an audit of every record finds."""
    async with node.db.read() as reader:
        rows = await reader.run(text("SELECT body FROM record ORDER BY id"))
        report = audit_records([bytes(row.body) for row in rows])
    return [finding.line() for finding in report.kept]


async def test_a_key_in_another_spelling_is_no_key(node):
    """The private key of the one spelling would open what is sealed to the other."""
    await market(node)
    public = base64.b64decode(custodians("l1")[0]["public_key"])
    other = bytes([*public[:31], public[31] | 0x80])
    small = bytes(32)
    high = (2**255 - 19 + 9).to_bytes(32, "little")
    assert seal.is_usable(public)
    for key in (other, small, high, public[:31]):
        assert not seal.is_usable(key)
    named = [*custodians("l1")[1:], {"custodian": CUSTODIANS[0], "public_key": text64(other)}]
    answer = await node.post(*EXCHANGE, "/v1/lots", listing(custodians=named))
    assert_problem(answer, 422, "invalid-request")


async def test_a_bidder_cannot_keep_the_opening_busy_for_hours(node):
    await open_market(node)
    under = await terms(node)
    assert (await bid(node, "b1", sealed(under, "b1", 1000, "150000.00"))).status_code == 201
    answer = await bid(node, "b2", sealed(under, "b2", 1001, "150000.00"))
    assert_problem(answer, 422, "invalid-request")


async def test_a_bid_of_the_very_instant_of_a_freeze_was_taken_rightly(node):
    await open_market(node)
    under = await terms(node)
    assert (await bid(node, "b1", sealed(under, "b1", 1, "150000.00"))).status_code == 201
    await accepted(node, *EXCHANGE, "/v1/freezes", {"lot": "l1"})
    await move(node, OPENS + timedelta(hours=1))
    await accepted(node, *EXCHANGE, "/v1/resumptions", {"lot": "l1"})
    assert (await bid(node, "b2", sealed(under, "b2", 1, "151000.00"))).status_code == 201
    await move(node, CLOSES + timedelta(hours=1))
    for custodian in CUSTODIANS[:3]:
        assert (await release(node, custodian)).status_code == 201
    assert await found(node) == []


@pytest.mark.parametrize("seed", ["两行\n的种子", "x" * 10_000])
async def test_an_honest_log_passes_whatever_seed_the_draw_has(node, seed):
    await market(node)
    plain = dict.fromkeys(("custodians", "opening_days"))
    body = listing(sealing="none", draw_seed=seed, **plain)
    await accepted(node, *EXCHANGE, "/v1/lots", body)
    await register(node, "b1", bid_key=None)
    assert await found(node) == []
    assert (await node.http.get("/v1/lots/l1")).json()["opens_at"] == at(OPENS)


async def test_a_node_whose_log_is_damaged_says_that_it_cannot_serve(node, settings, monkeypatch):
    async def damaged(_db):
        raise sequencer.LogDamagedError("for the test")

    quick = settings.model_copy(update={"log_poll_milliseconds": 1})
    keys = transparency.load_keys(quick)
    async with transparency.running(node.db, quick, keys) as standing:
        node.app.state.log = standing
        assert (await node.http.get("/readyz")).status_code == 200
        monkeypatch.setattr(sequencer, "sequence", damaged)
        for _ in range(1000):
            answer = await node.http.get("/readyz")
            if answer.status_code != 200:
                break
        assert (answer.status_code, answer.json()["status"]) == (503, "log damaged")
