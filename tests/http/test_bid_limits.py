"""Bid limits of firms over HTTP: who changes them, and what they mean where prices are sealed."""

from hashlib import sha256

from tests import sealed
from tests.http import firms, maxima
from tests.http.firms import (
    LIMIT,
    OVER,
    bid,
    decide,
    faults,
    in_force,
    limit,
    must,
    proposals,
    propose,
)
from tests.http.support import assert_problem
from tests.sealed import CLOSES, EXCHANGE, OPENS, move

SECRET = "151234.57"


async def test_a_limit_is_set_raised_and_removed_by_two_and_lowered_by_one(node):
    await maxima.list_and_register(node)
    await move(node, OPENS)
    first = await must(limit(node, "a", "set", "x1", LIMIT))
    assert (first["state"], first["number"], first["commitment"]) == ("waiting", None, None)
    assert (await in_force(node))["in_force"] is None
    assert_problem(await limit(node, "a", "approve", "x1"), 409, "same-person")
    assert_problem(await limit(node, "a", "approve", "x1", firm="b2"), 404, "not-found")
    approved = await must(limit(node, "b", "approve", "x1"))
    assert (approved["state"], approved["number"]) == ("set", 1)
    said = f"b1:1:{LIMIT}"
    salted = sha256(bytes.fromhex(approved["salt"]) + said.encode()).hexdigest()
    assert salted == approved["commitment"]

    await must(limit(node, "b", "set", "x2", "200000.00"))
    assert_problem(await bid(node, "a", OVER), 409, "second-person-needed")
    lowered = await must(limit(node, "a", "set", "x3", "140000.00"))
    assert (lowered["state"], lowered["number"]) == ("set", 2)
    assert_problem(await limit(node, "a", "approve", "x2"), 409, "proposal-decided")
    assert_problem(await bid(node, "a", "140000.01"), 409, "second-person-needed")
    assert_problem(await limit(node, "a", "set", "x4", "140000.00"), 409, "limit-unchanged")
    assert_problem(await limit(node, "a", "set", "x3", "1.00"), 409, "id-taken")

    await must(limit(node, "a", "set", "x5", None))
    await must(limit(node, "b", "withdraw", "x5"))
    assert (await in_force(node))["waiting"] is None
    await must(limit(node, "a", "set", "x6", None))
    await must(limit(node, "b", "approve", "x6"))
    assert (await in_force(node))["in_force"]["limit_cny"] is None
    await must(bid(node, "a", "900000.00"))

    written = [record for _, record in await sealed.records(node, "bid_limit.set")]
    assert [(r["body"]["number"], r["body"]["proposer"], r["actor"]) for r in written] == [
        (1, "bidder.b1.a", "bidder.b1.b"),
        (2, None, "bidder.b1.a"),
        (3, "bidder.b1.a", "bidder.b1.b"),
    ]
    assert await faults(node) == []


async def test_a_plain_sealed_bid_above_the_limit_takes_two_and_stays_secret(node):
    await sealed.market(node)
    await sealed.accepted(
        node,
        *EXCHANGE,
        "/v1/lots",
        sealed.listing(sealing=None, custodians=None, opening_days=None),
    )
    for bidder in ("b1", "b2"):
        await sealed.register(node, bidder, bid_key=None)
    await firms.set_by_two(node, "x1", LIMIT)
    await move(node, OPENS)
    assert_problem(await bid(node, "a", SECRET), 409, "second-person-needed")
    await must(propose(node, "a", "p1", SECRET))
    approved = await must(decide(node, "b", "approve", "p1"))
    assert approved["bid"]["price_cny"] is None
    (placed,) = await proposals(node)
    assert (placed["state"], placed["price_cny"]) == ("placed", None)
    await move(node, CLOSES)
    assert (await sealed.lot_of(node))["price_cny"] == SECRET
    assert [p["price_cny"] for p in await proposals(node)] == [SECRET]


async def test_with_a_limit_every_bid_that_nobody_can_read_takes_two(node):
    await sealed.open_market(node)
    await firms.set_by_two(node, "x1", "900000.00")
    under = await sealed.terms(node)
    note = sealed.sealed(under, "b1", 1, "150000.01")
    assert_problem(await sealed.bid(node, "b1", note), 409, "second-person-needed")
    assert (await sealed.bid(node, "b2", sealed.sealed(under, "b2", 1, "145000.00"))).is_success
    await must(propose(node, "a", "p1", None, kind="sealed", note=note))
    (seen,) = await proposals(node)
    assert (seen["price_cny"], seen["note"]) == (None, note)
    approved = await must(decide(node, "b", "approve", "p1"))
    assert approved["sealed_bid"]["commit"] == seen["commit"]
    assert await faults(node) == []
    again = await decide(node, "b", "approve", "p1")
    assert_problem(again, 409, "proposal-decided")
