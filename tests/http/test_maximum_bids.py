"""Maximum bids over HTTP: the exchange bids for who left one, tells nobody, and can be audited."""

import asyncio
import itertools
import json
from datetime import timedelta
from hashlib import sha256

import asyncpg
import pytest

from app.audit import audit_records
from tests.http.maxima import BIDDERS, leave, list_and_register
from tests.http.support import assert_problem
from tests.http.test_nothing_leaks import OF_BIDDERS, all_answers
from tests.sealed import CLOSES, EXCHANGE, OPENS, at, move

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def listed(node):
    """A lot from 140,000 in steps of 1,000 that is not open yet; all are registered."""
    await list_and_register(node)
    return node


@pytest.fixture
async def auction(listed):
    """The same lot, open."""
    await move(listed, OPENS)
    return listed


async def must(node, bidder, amount):
    answer = await leave(node, bidder, amount)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def bid(node, bidder, price):
    body = {"lot": "l1", "bidder": bidder, "price_cny": price}
    answer = await node.post("bidder", bidder, "/v1/bids", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def ladder(node):
    """Who bid what, and whether the exchange did it; bidders by their paddles."""
    whose = {}
    for bidder in BIDDERS:
        (own,) = (await node.get("bidder", bidder, "/v1/registrations")).json()["items"]
        whose[own["paddle"]] = bidder
    bids = await node.market.list("/v1/lots/l1/bids")
    return [(whose[b["paddle"]], b["price_cny"][:-3], b["by"] == "maximum") for b in bids]


async def lot_of(node):
    return (await node.http.get("/v1/lots/l1")).json()


async def faults(node):
    """What the outside auditor finds in the records as they stand."""
    rows = await node.owner.fetch("SELECT body FROM record ORDER BY id")
    report = audit_records([bytes(row[0]) for row in rows])
    return [f for f in report.kept if f.rule not in {"incomplete", "overdue"}]


async def test_the_exchange_bids_just_what_is_needed(auction):
    first = await must(auction, "b1", "150000.00")
    assert (first["leads"], first["current_price_cny"]) == (True, "140000.00")
    placed = await bid(auction, "b2", "143000.00")
    assert placed["price_cny"] == "143000.00"
    second = await must(auction, "b3", "147000.00")
    assert (second["leads"], second["current_price_cny"]) == (False, "148000.00")
    await must(auction, "b2", "150000.00")
    assert await ladder(auction) == [
        ("b1", "140000", True),
        ("b2", "143000", False),
        ("b1", "144000", True),
        ("b3", "147000", True),
        ("b1", "148000", True),
        ("b2", "149000", True),
        ("b1", "150000", True),
    ]
    await bid(auction, "b3", "151000.00")
    assert (await ladder(auction))[-1] == ("b3", "151000", False), "its maximum is exhausted"
    await must(auction, "b1", "160000.00")
    assert (await ladder(auction))[-1] == ("b1", "152000", True)
    await move(auction, CLOSES)
    lot = await lot_of(auction)
    assert (lot["winner"], lot["price_cny"]) == ("b1", "152000.00")
    assert await faults(auction) == []


async def test_maxima_left_before_the_opening_act_at_the_opening(listed):
    for bidder, amount in (("b1", "170000.00"), ("b2", "142000.00"), ("b3", "155000.50")):
        assert (await must(listed, bidder, amount))["current_price_cny"] is None
    assert await ladder(listed) == []
    await move(listed, OPENS)
    assert await ladder(listed) == [
        ("b2", "140000", True),
        ("b3", "155000", True),
        ("b1", "156000", True),
    ]
    bids = await listed.market.list("/v1/lots/l1/bids")
    assert {b["at"] for b in bids} == {at(OPENS)}
    assert bids[-1]["price_cny"] == "156000.50"
    assert await faults(listed) == []


@pytest.mark.parametrize("act", ["bid", "refused", "maximum", "freeze", "close"])
async def test_they_act_at_the_opening_whatever_comes_before_the_job(listed, act):
    await must(listed, "b1", "170000.00")
    # The clock alone: as if every job were late.
    later = CLOSES + MINUTE if act == "close" else OPENS + MINUTE
    await listed.owner.execute("UPDATE simulated_clock SET instant = $1", later)
    if act == "bid":
        await bid(listed, "b2", "150000.00")
    elif act == "refused":
        body = {"lot": "l1", "bidder": "b2", "price_cny": "140000.00"}
        answer = await listed.post("bidder", "b2", "/v1/bids", body)
        assert_problem(answer, 409, "bid-below-increment")
    elif act == "maximum":
        await must(listed, "b2", "150000.00")
    elif act == "freeze":
        answer = await listed.post(*EXCHANGE, "/v1/freezes", {"lot": "l1"})
        assert answer.status_code == 201
    else:
        await move(listed, CLOSES + 2 * MINUTE)
        assert (await lot_of(listed))["winner"] == "b1"
    first = (await listed.market.list("/v1/lots/l1/bids"))[0]
    assert (first["price_cny"], first["at"], first["by"]) == ("140000.00", at(OPENS), "maximum")
    assert (await ladder(listed))[0] == ("b1", "140000", True)
    assert await faults(listed) == []


async def test_of_equal_maxima_the_earlier_leads_and_the_same_again_keeps_its_place(auction):
    for bidder in ("b1", "b2", "b1"):
        await must(auction, bidder, "150000.00")
    assert (await ladder(auction))[-1] == ("b1", "150000", True)
    assert (await must(auction, "b1", "150000.00"))["leads"]


async def test_a_changed_maximum_takes_a_new_place(listed):
    for bidder, amount in (("b1", "150000.00"), ("b2", "150000.00"), ("b1", "160000.00")):
        await must(listed, bidder, amount)
    await must(listed, "b1", "150000.00")
    await move(listed, OPENS)
    assert (await ladder(listed))[-1] == ("b2", "150000", True)


async def test_a_bid_for_a_holder_extends_the_close(auction):
    await must(auction, "b1", "170000.00")
    late = CLOSES - MINUTE
    await move(auction, late)
    placed = await bid(auction, "b2", "150000.00")
    lot = await lot_of(auction)
    assert lot["closes_at"] == placed["closes_at"] == at(late + 5 * MINUTE)
    assert lot["current_price_cny"] == "151000.00"


async def test_a_maximum_is_withdrawn_and_what_was_bid_by_it_stays(auction):
    await must(auction, "b1", "150000.00")
    gone = await must(auction, "b1", None)
    assert (gone["stands"], gone["leads"]) == (False, True)
    await bid(auction, "b2", "141000.00")
    assert await ladder(auction) == [("b1", "140000", True), ("b2", "141000", False)]
    assert (await auction.get("bidder", "b1", "/v1/maximum-bids")).json()["items"] == []
    assert_problem(await leave(auction, "b1", None), 409, "no-maximum")


async def test_what_is_refused_leaves_no_trace(auction):
    await must(auction, "b1", "150000.00")
    await bid(auction, "b2", "143000.00")
    state = await auction.state()
    for bidder, amount, code in (
        ("b1", "143999.99", "maximum-below-bid"),
        ("b3", "144999.99", "bid-below-increment"),
        ("b3", None, "no-maximum"),
    ):
        assert_problem(await leave(auction, bidder, amount), 409, code)
    assert_problem(await leave(auction, "b1", "150000.00", "l9"), 404, "not-found")
    body = {"lot": "l1", "bidder": "b1", "maximum_cny": "150000.00"}
    assert_problem(await auction.post("bidder", "b2", "/v1/maximum-bids", body), 404, "not-found")
    assert await auction.state() == state
    await auction.post(*EXCHANGE, "/v1/freezes", {"lot": "l1"})
    assert_problem(await leave(auction, "b1", "160000.00"), 409, "frozen")
    await auction.post(*EXCHANGE, "/v1/resumptions", {"lot": "l1"})
    await move(auction, CLOSES + MINUTE)
    assert_problem(await leave(auction, "b1", "160000.00"), 409, "closed")


async def test_the_receipt_binds_what_was_asked_for_and_not_what_the_exchange_bid(auction):
    async def bound(answer):
        kept = await auction.http.get(f"/v1/receipts/{answer['receipt']['id']}")
        entry = json.loads(json.loads(kept.text.split("\n")[0])["entry"])
        return entry["kind"], entry["body"]

    left = await must(auction, "b1", "150000.00")
    kind, body = await bound(left)
    assert kind == "maximum.set"
    assert body == {"paddle": left["paddle"], "commitment": left["commitment"]}
    said = f"{left['paddle']}:150000.00"
    assert sha256(bytes.fromhex(left["salt"]) + said.encode()).hexdigest() == left["commitment"]
    placed = await bid(auction, "b2", "145000.00")
    kind, body = await bound(placed)
    assert (kind, body["price_cny"], body["paddle"]) == (
        "bid.placed",
        "145000.00",
        placed["paddle"],
    )
    assert (await ladder(auction))[-1] == ("b1", "146000", True)


SECRET = "151234.57"
SPELLINGS = (SECRET, SECRET.replace(".", ""), "0x" + f"{15123457:x}")


async def test_nobody_but_its_bidder_is_told_a_maximum(auction):
    await must(auction, "b2", SECRET)
    await bid(auction, "b1", "145000.00")
    own = (await auction.get("bidder", "b2", "/v1/maximum-bids")).json()["items"]
    assert [m["maximum_cny"] for m in own] == [SECRET]
    seen = []
    async for role, address, answer in all_answers(auction, OF_BIDDERS):
        seen.append(answer.text)
        assert not any(s in answer.text for s in SPELLINGS), (role, address)
    assert len(seen) > 100
    dump = await auction.dump(leaving_out=("maximum_bid",))
    assert not any(s in dump for s in SPELLINGS)
    assert SPELLINGS[1] in await auction.dump()


async def test_a_reading_transaction_sees_the_maxima_of_nobody_else(auction, dsn):
    await must(auction, "b1", "150000.00")
    await must(auction, "b2", "149000.00")
    application = await asyncpg.connect(dsn)
    async with application.transaction(readonly=True):
        count = "SELECT count(*) FROM maximum_bid"
        assert await application.fetchval(count) == 0
        for bidder in BIDDERS:
            await application.execute("SELECT set_config('hrt.level', 'bidder', true)")
            await application.execute("SELECT set_config('hrt.party', $1, true)", bidder)
            assert await application.fetchval(count) == (bidder != "b3")
    await application.close()


GUARDED = {
    "a bid above the maximum": """
        INSERT INTO bid (lot, number, bidder, price_fen, at, salt, by_maximum)
        VALUES ('l1', 9, 'b1', 15000001, now(), sha256(''), true)""",
    "a bid for whom there is none": """
        INSERT INTO bid (lot, number, bidder, price_fen, at, salt, by_maximum)
        VALUES ('l1', 9, 'b2', 15000000, now(), sha256(''), true)""",
    "a maximum of somebody not registered": """
        INSERT INTO maximum_bid VALUES ('l1', 9, 'b9', 1, 1, now(), sha256(''))""",
    "a change": "UPDATE maximum_bid SET limit_fen = 1",
}


@pytest.mark.parametrize("what", GUARDED)
async def test_the_database_refuses(auction, what):
    await must(auction, "b1", "150000.00")
    with pytest.raises(asyncpg.PostgresError):
        await auction.owner.execute(GUARDED[what])


async def test_forty_maxima_at_once_are_settled_as_one_after_the_other(auction):
    amounts = [f"{141000 + 500 * n}.00" for n in range(40)]
    answers = await asyncio.gather(
        *(leave(auction, BIDDERS[n % 3], amount) for n, amount in enumerate(amounts))
    )
    codes = {a.json().get("code") for a in answers}
    assert codes <= {None, "bid-below-increment", "maximum-below-bid"}
    prices = [int(b["price_cny"][:-3]) for b in await auction.market.list("/v1/lots/l1/bids")]
    assert all(b - a >= 1000 for a, b in itertools.pairwise(prices))
    assert await faults(auction) == []


async def test_an_invented_bid_for_a_holder_is_found_by_the_audit(auction):
    await must(auction, "b1", "150000.00")
    await bid(auction, "b2", "145000.00")
    await bid(auction, "b3", "150000.00")
    rows = [r[0] for r in await auction.owner.fetch("SELECT body FROM record ORDER BY id")]
    leaves = [bytes(row) for row in rows]
    assert await faults(auction) == []
    without = [leaf for leaf in leaves if b'"maximum.set"' not in leaf]
    assert "maximum" in audit_records(without).counts
    forged = [leaf.replace(b'"by":"maximum",', b"") for leaf in leaves]
    assert "form" in audit_records(forged).counts
