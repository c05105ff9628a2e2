"""Two-person bids over HTTP: one proposes, another makes the bid, and nobody else learns of it."""

import asyncio
import json
import re
import uuid
from datetime import timedelta

import asyncpg
import pytest

from app.audit import audit_records
from app.platform.settings import ClockKind, Settings
from tests import sealed
from tests.conftest import TEMPLATE
from tests.http import firms, maxima
from tests.http.firms import (
    LIMIT,
    OVER,
    bid,
    bids_of,
    decide,
    faults,
    in_force,
    limit,
    must,
    proposals,
    propose,
)
from tests.http.support import NODE, assert_problem, open_node, shown_by_feed
from tests.sealed import CLOSES, OPENS, at, move

SECRET = "151234.57"


OTHERS = (
    ("bidder", "b2"),
    ("bidder_viewer", "b2"),
    ("exchange", "500000"),
    ("operator", "500000"),
    ("supervisor", NODE),
    ("audit_admin", NODE),
)


@pytest.fixture(scope="module")
async def prepared(cluster, tmp_path_factory):
    """Played once, and copied for each test: b1 has its limit, and the lot is not open yet."""
    name = f"firms_{uuid.uuid4().hex[:8]}"
    cluster.create_database(name, template=TEMPLATE)
    settings = Settings(
        clock=ClockKind.SIMULATED,
        require_durable=False,
        pool_size=5,
        home=tmp_path_factory.mktemp("firms-home"),
    )
    node = await open_node(cluster, name, settings)
    await firms.with_a_limit(node)
    market = node.market
    await node.close()
    yield name, market
    cluster.drop_database(name)


@pytest.fixture
async def waiting(cluster, settings, prepared):
    """The lot is not open yet; firm b1 has its limit."""
    template, past = prepared
    name = f"f_{uuid.uuid4().hex[:8]}"
    cluster.create_database(name, template=template)
    node = await open_node(cluster, name, settings, token=past.security_token)
    node.market._tokens.update(past._tokens)
    yield node
    await node.close()
    cluster.drop_database(name)


@pytest.fixture
async def auction(waiting):
    """The same, and the lot is open."""
    await move(waiting, OPENS)
    return waiting


# ------------------------------------------------------------------------------ bids and maxima


async def test_above_the_limit_one_person_is_refused_without_a_trace(auction):
    state = await auction.state()
    assert_problem(await bid(auction, "a", OVER), 409, "second-person-needed")
    assert_problem(await bid(auction, "b", OVER), 409, "second-person-needed")
    assert_problem(await maxima.leave(auction, "b1", OVER), 409, "second-person-needed")
    foreign = {"lot": "l1", "bidder": "b1", "price_cny": OVER}
    answer = await auction.post("bidder", "b2", "/v1/bids", foreign)
    assert_problem(answer, 404, "not-found")
    after = await auction.state()
    changed = {table for table in after if after[table] != state[table]}
    # The credentials of b1's second person and of b2 were issued meanwhile.
    assert changed <= {"credential", "record", "tlog_pending", "idempotency"}
    assert await sealed.records(auction, "bid.placed", "bid.refused", "maximum.set") == []


async def test_up_to_the_limit_one_person_bids_and_leaves_maxima_alone(auction):
    await must(bid(auction, "a", LIMIT))
    await must(bid(auction, "a", "151000.00", firm="b2"))
    await must(maxima.leave(auction, "b3", "160000.00"))
    assert await bids_of(auction) == [(LIMIT, None), ("151000.00", None), ("152000.00", "maximum")]


async def test_two_persons_make_a_bid_that_is_like_any_other(auction):
    proposed = await must(propose(auction, "a", "p1", OVER))
    assert (proposed["state"], proposed["decided_by"]) == ("open", None)
    assert "price_cny" not in proposed
    assert await bids_of(auction) == []
    (seen,) = await proposals(auction, undecided=True)
    assert (seen["price_cny"], seen["own"], seen["state"]) == (OVER, True, "open")

    late = CLOSES - timedelta(minutes=1)
    await move(auction, late)
    approved = await must(decide(auction, "b", "approve", "p1"))
    assert approved["bid"]["price_cny"] == OVER
    assert approved["bid"]["at"] == at(late)
    assert approved["bid"]["closes_at"] == at(late + timedelta(minutes=5))
    assert approved["maximum"] is approved["sealed_bid"] is None
    assert await bids_of(auction) == [(OVER, None)]
    kept = await auction.http.get(f"/v1/receipts/{approved['receipt']['id']}")
    promise = json.loads(kept.text.split("\n")[0])
    entry = json.loads(promise["entry"])
    assert promise["operation"] == "POST /v1/bid-proposal-approvals"
    assert (entry["kind"], entry["actor"], entry["body"]["price_cny"]) == ("bid.placed", None, OVER)
    (seen,) = await proposals(auction)
    assert (seen["state"], seen["decided_by"]) == ("placed", "bidder.b1.b")
    assert await proposals(auction, undecided=True) == []
    assert await faults(auction) == []


async def test_two_persons_leave_a_maximum_and_one_withdraws_it(auction):
    await must(propose(auction, "a", "p1", "160000.00", kind="maximum"))
    approved = await must(decide(auction, "b", "approve", "p1"))
    assert (approved["bid"], approved["maximum"]["leads"]) == (None, True)
    assert "160000" not in json.dumps(approved)
    await must(bid(auction, "a", "155000.00", firm="b2"))
    assert (await bids_of(auction))[-1] == ("156000.00", "maximum")
    assert_problem(await maxima.leave(auction, "b1", "159000.00"), 409, "second-person-needed")
    await must(maxima.leave(auction, "b1", None))
    assert await faults(auction) == []


async def test_who_proposed_does_not_approve_also_with_another_credential(auction):
    await must(propose(auction, "a", "p1", OVER))
    assert_problem(await decide(auction, "a", "approve", "p1"), 409, "same-person")
    del auction.market._tokens["bidder", "b1", "a"]
    assert_problem(await decide(auction, "a", "approve", "p1"), 409, "same-person")
    assert await bids_of(auction) == []


async def test_who_proposed_must_still_act_for_the_firm(auction):
    await must(propose(auction, "a", "p1", OVER))
    await firms.revoked(auction, "a")
    assert_problem(await decide(auction, "b", "approve", "p1"), 409, "proposer-gone")
    assert await bids_of(auction) == []
    await must(decide(auction, "b", "withdraw", "p1"))


async def test_to_another_firm_there_is_no_proposal(auction):
    await must(propose(auction, "a", "p1", OVER))
    for what in ("approve", "withdraw"):
        answer = await decide(auction, "a", what, "p1", firm="b2")
        assert_problem(answer, 404, "not-found")
        assert_problem(await decide(auction, "b", what, "p9"), 404, "not-found")
    assert await proposals(auction, "b2") == []
    await must(propose(auction, "a", "p1", "140000.00", firm="b2"))
    assert [p["price_cny"] for p in await proposals(auction, "b2")] == ["140000.00"]
    (viewed,) = await proposals(auction, role="bidder_viewer")
    assert (viewed["price_cny"], viewed["own"]) == (OVER, False)


async def test_an_approval_that_is_refused_is_on_record_and_leaves_the_proposal_open(waiting):
    await must(propose(waiting, "a", "p1", OVER))
    early = assert_problem(await decide(waiting, "b", "approve", "p1"), 409, "not-open")
    assert early["receipt"]
    ((_, record),) = await sealed.records(waiting, "bid.refused")
    assert (record["body"]["code"], record["body"]["price_cny"]) == ("not-open", OVER)
    await move(waiting, OPENS)
    await must(bid(waiting, "a", "150500.00", firm="b2"))
    late = await decide(waiting, "b", "approve", "p1")
    assert_problem(late, 409, "bid-below-increment")
    assert [p["state"] for p in await proposals(waiting)] == ["open"]
    answer = await propose(waiting, "a", "p2", "151000.00")
    assert_problem(answer, 409, "bid-below-increment")
    await must(propose(waiting, "b", "p2", "152000.00"))
    assert [p["state"] for p in await proposals(waiting)] == ["withdrawn", "open"]
    assert_problem(await decide(waiting, "b", "approve", "p1"), 409, "proposal-decided")
    await must(decide(waiting, "a", "approve", "p2"))
    assert await faults(waiting) == []


async def test_after_the_close_an_approval_is_a_late_bid_and_refused_on_record(auction):
    await must(propose(auction, "a", "p1", OVER))
    await move(auction, CLOSES)
    assert [p["state"] for p in await proposals(auction)] == ["lapsed"]
    assert await proposals(auction, undecided=True) == []
    refused = assert_problem(await decide(auction, "b", "approve", "p1"), 409, "closed")
    assert refused["receipt"]
    assert_problem(await propose(auction, "a", "p2", "160000.00"), 409, "closed")
    assert (await sealed.lot_of(auction))["state"] == "unsold"
    assert await faults(auction) == []


async def test_of_approvals_at_once_one_makes_the_bid(auction):
    await must(propose(auction, "a", "p1", OVER))
    people = ["b", "c", "d", "e"]
    for person in people:
        await auction.market.token("bidder", "b1", person)
    answers = await asyncio.gather(*(decide(auction, p, "approve", "p1") for p in people))
    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409]
    assert {a.json().get("code") for a in answers} == {None, "proposal-decided"}
    assert await bids_of(auction) == [(OVER, None)]


async def test_a_repeated_approval_is_answered_with_the_same_bytes(auction):
    await must(propose(auction, "a", "p1", OVER))
    first, again = [await decide(auction, "b", "approve", "p1", key="k") for _ in range(2)]
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    assert len(await bids_of(auction)) == 1


async def test_a_proposal_is_malformed_unless_its_kind_has_what_it_needs(auction):
    for kind, price, note in (
        ("bid", None, None),
        ("maximum", OVER, "a note"),
        ("sealed", OVER, None),
        ("sealed", None, None),
        ("sealed", None, "no note of a message"),
    ):
        answer = await propose(auction, "a", "p1", price, kind=kind, note=note)
        assert_problem(answer, 422, "invalid-request")
    assert_problem(await propose(auction, "a", "p1", OVER, lot="l9"), 404, "not-found")
    await must(propose(auction, "a", "p1", OVER))
    assert_problem(await propose(auction, "b", "p1", OVER), 409, "id-taken")


# ----------------------------------------------------------------------- the limit and the audit


async def test_a_bid_and_a_lower_limit_at_once_are_one_after_the_other(auction):
    price = LIMIT
    lowered, placed = await asyncio.gather(
        limit(auction, "b", "set", "x2", "1.00"), bid(auction, "a", price)
    )
    assert lowered.status_code == 201
    if placed.status_code == 201:
        bid_at = await auction.owner.fetchval("SELECT at FROM bid")
        assert bid_at <= await auction.owner.fetchval("SELECT max(decided_at) FROM bid_limit")
    else:
        assert_problem(placed, 409, "second-person-needed")


@pytest.mark.parametrize("forged", ["number", "proposer", "first"])
async def test_the_audit_finds_limits_that_do_not_follow(auction, forged):
    await must(limit(auction, "a", "set", "x2", "1.00"))
    rows = await auction.owner.fetch("SELECT body FROM record ORDER BY id")
    leaves = [bytes(row[0]) for row in rows]
    first, second = [n for n, leaf in enumerate(leaves) if b"bid_limit.set" in leaf]
    if forged == "number":
        leaves[second] = leaves[second].replace(b'"number":2', b'"number":3')
    elif forged == "proposer":
        leaves[first] = leaves[first].replace(
            b'"proposer":"bidder.b1.a"', b'"proposer":"bidder.b1.b"'
        )
    else:
        del leaves[first]
    assert audit_records(leaves).counts["bid-limit"]


# --------------------------------------------------------------------------------------- secret


async def test_nobody_outside_the_firm_learns_of_a_proposal_or_a_limit(auction):
    await must(limit(auction, "a", "set", "x2", "149876.54"))
    await must(propose(auction, "a", "p1", SECRET))
    secrets = (SECRET, SECRET.replace(".", ""), "149876.54", "14987654")
    assert [p["price_cny"] for p in await proposals(auction)] == [SECRET]
    assert (await in_force(auction))["in_force"]["limit_cny"] == "149876.54"
    ids = {"lot": "l1", "ticket": "t1", "code": "bidder_cash:000000:b1", "path": "entries/000"}
    seen = [(await shown_by_feed(auction, "l1")).text]
    for path, item in auction.app.openapi()["paths"].items():
        if "get" in item and not path.endswith("/feed"):
            address = re.sub(r"\{(\w+)\}", lambda name: ids.get(name[1], "1"), path)
            for role, party in OTHERS:
                seen.append((await auction.get(role, party, address)).text)
    assert len(seen) > 300
    assert not any(secret in text for text in seen for secret in secrets)
    dump = await auction.dump(leaving_out=("bid_proposal", "bid_limit"))
    assert not any(secret in dump for secret in secrets)
    records = await auction.owner.fetch("SELECT body FROM record")
    assert not any(b"proposal" in row[0] for row in records)


async def test_a_reading_transaction_sees_its_own_firm_alone(auction, cluster):
    await must(propose(auction, "a", "p1", OVER))
    database = await auction.owner.fetchval("SELECT current_database()")
    application = await asyncpg.connect(cluster.dsn("hrt_app", database))
    async with application.transaction(readonly=True):
        count = "SELECT (SELECT count(*) FROM bid_proposal) + (SELECT count(*) FROM bid_limit)"
        assert await application.fetchval(count) == 0
        for firm, rows in (("b1", 2), ("b2", 0)):
            await application.execute("SELECT set_config('hrt.level', 'bidder', true)")
            await application.execute("SELECT set_config('hrt.party', $1, true)", firm)
            assert await application.fetchval(count) == rows
    await application.close()
