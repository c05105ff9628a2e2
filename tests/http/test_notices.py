"""A notice freezes the terms by their hash; another needs its whole period again."""

import json
from datetime import timedelta
from hashlib import sha256

import asyncpg
import pytest

from app.ledger.rules import canonical
from tests.http.support import assert_problem
from tests.sealed import (
    CLOSES,
    CUSTODIANS,
    EXCHANGE,
    OPENS,
    accepted,
    at,
    custodians,
    listing,
    lot_of,
    market,
    move,
    records,
    register,
    terms,
)

DAY = timedelta(days=1)
ASCENDING = {
    "mode": "ascending",
    "sealing": None,
    "custodians": None,
    "opening_days": None,
    "increment_cny": "1000.00",
}
PLAIN = {"sealing": None, "custodians": None, "opening_days": None}


def notice(**changes):
    body = {
        "lot": "l1",
        "start_price_cny": "139000.00",
        "reserve_price_cny": "141000.00",
        "deposit_cny": "20000.00",
        "opens_at": at(OPENS + DAY),
        "closes_at": at(CLOSES),
        "custodians": custodians("l1", CUSTODIANS[:4]),
        "threshold": 2,
        "opening_days": 1,
    }
    return body | changes


async def give(node, **changes):
    return await node.post(*EXCHANGE, "/v1/notices", notice(**changes))


@pytest.mark.parametrize("changes", [{}, ASCENDING, PLAIN, PLAIN | {"reserve_price_cny": None}])
async def test_the_whole_terms_are_hashed_into_the_log_before_bidding(node, changes):
    await market(node)
    lot = await accepted(node, *EXCHANGE, "/v1/lots", listing(**changes))
    shown = (await node.http.get("/v1/lots/l1/notice")).json()
    (logged,) = await records(node, "lot.listed")
    assert logged[1]["body"] == {key: shown[key] for key in ("number", "hash", "terms")}
    said = shown["terms"]
    assert shown["hash"] == lot["notice_hash"] == sha256(canonical(said)).hexdigest()
    bundle = [["t1", "166.67"], ["t2", "120.05"], ["t3", "200.00"]]
    assert said["tickets_hash"] == sha256(canonical({"tickets": bundle})).hexdigest()
    assert (said["lot"], said["area_m2"], said["mode"]) == ("l1", "486.72", lot["mode"])
    assert (
        said["sealing"]
        == lot["sealing"]
        == {"ascending": None}.get(lot["mode"], "none" if "custodians" in changes else "lqx-seal/1")
    )
    assert (said["custodians"] is None) == ("custodians" in changes)
    assert (said["notice_days"], said["payment_days"], said["min_bidders"]) == (10, 60, 1)
    bundles = await records(node, "lot.bundle")
    policy = lot["policy"]
    assert bundles[0][1]["body"]["tickets"] == [
        ["t1", "166.67", "8333.50", policy],
        ["t2", "120.05", "6302.63", policy],
        ["t3", "200.00", "10500.00", policy],
    ]


async def test_the_reserve_price_is_committed_to_and_opened_with_the_result(node):
    await market(node)
    await accepted(node, *EXCHANGE, "/v1/lots", listing(**PLAIN))
    commitment = (await node.http.get("/v1/lots/l1/notice")).json()["terms"]["reserve_commitment"]
    assert "145000.00" not in json.dumps(await records(node, "lot.listed", "lot.bundle"))
    assert "14500000" not in await node.dump(leaving_out=("lot",))
    await move(node, CLOSES)
    result = (await records(node, "lot.closed"))[0][1]["body"]
    opened = bytes.fromhex(result["reserve_salt"]) + result["reserve_price_cny"].encode()
    assert sha256(opened).hexdigest() == commitment


async def test_a_new_notice_says_every_term_anew_with_the_full_period(node):
    await market(node)
    first = await accepted(node, *EXCHANGE, "/v1/lots", listing())
    before = await terms(node)
    changed = await give(node)
    assert changed.status_code == 201, changed.text
    lot = await lot_of(node)
    assert lot["notice_hash"] != first["notice_hash"]
    assert (lot["start_price_cny"], lot["opens_at"]) == ("139000.00", at(OPENS + DAY))
    now = await terms(node)
    assert (before.threshold, len(before.custodians)) == (3, 5)
    assert (now.threshold, len(now.custodians)) == (2, 4)
    numbers = [body["body"]["number"] for _, body in await records(node, "lot.listed")]
    assert numbers == [1, 2]
    assert len(await records(node, "lot.bundle")) == 1, "the tickets stay"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"opens_at": at(OPENS - timedelta(seconds=1))}, 409, "notice-too-short"),
        ({"closes_at": at(OPENS + DAY)}, 422, "invalid-request"),
        ({"deposit_cny": "20000.01"}, 409, "deposit-fixed"),
        ({"start_price_cny": "20000.00"}, 409, "start-price-below-costs"),
        ({"custodians": None, "threshold": None, "opening_days": None}, 422, "invalid-request"),
        ({"custodians": custodians("l1", ("audit", "audit"))}, 422, "invalid-request"),
        ({"custodians": custodians("l1", ("audit", "nobody"))}, 404, "not-found"),
        ({"threshold": 5}, 422, "invalid-request"),
        ({"lot": "l9"}, 404, "not-found"),
        ({"tickets": ["t1"]}, 422, "invalid-request"),
        ({"mode": "ascending"}, 422, "invalid-request"),
        ({"sealing": "none"}, 422, "invalid-request"),
    ],
)
async def test_what_a_new_notice_may_not_change(shared_lot, changes, status, code):
    before = await shared_lot.state()
    assert_problem(await give(shared_lot, **changes), status, code)
    after = await shared_lot.state()
    assert {t for t in after if after[t] != before[t]} <= {"credential", "record", "tlog_pending"}


@pytest.fixture(scope="module")
async def shared_lot(shared):
    await market(shared)
    await accepted(shared, *EXCHANGE, "/v1/lots", listing())
    await register(shared, "b1")
    await shared.market.token(*EXCHANGE)
    return shared


async def test_once_bidding_has_opened_the_terms_stay(node):
    await market(node)
    await accepted(node, *EXCHANGE, "/v1/lots", listing())
    await move(node, OPENS)
    late = {"opens_at": at(OPENS + 20 * DAY), "closes_at": at(CLOSES + 20 * DAY)}
    assert_problem(await give(node, **late), 409, "bidding-opened")


async def test_the_exchange_of_another_province_gives_no_notice_of_a_lot(node):
    await market(node)
    await accepted(node, *EXCHANGE, "/v1/lots", listing())
    region = {"code": "340000", "name": "安徽省", "zone": None}
    await accepted(node, "system_admin", "000000", "/v1/regions", region)
    answer = await node.post("exchange", "340000", "/v1/notices", notice())
    assert_problem(answer, 404, "not-found")


async def test_a_custodians_key_is_for_one_lot(node):
    await market(node)
    one = listing(tickets=["t1", "t2"], start_price_cny="100000.00", reserve_price_cny=None)
    await accepted(node, *EXCHANGE, "/v1/lots", one)
    other = listing("l2", tickets=["t3"], custodians=custodians("l1", CUSTODIANS[:3]))
    assert_problem(await node.post(*EXCHANGE, "/v1/lots", other), 409, "custodian-key-reused")
    other["custodians"] = custodians("l2", CUSTODIANS[:3])
    await accepted(node, *EXCHANGE, "/v1/lots", other)
    again = notice(lot="l2", custodians=custodians("l1", CUSTODIANS[:3]))
    assert_problem(await node.post(*EXCHANGE, "/v1/notices", again), 409, "custodian-key-reused")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"mode": "ascending", "increment_cny": "1.00"}, "invalid-request"),
        (ASCENDING | {"sealing": "none"}, "invalid-request"),
        ({"sealing": "none"}, "invalid-request"),
        ({"sealing": "other"}, "invalid-request"),
        ({"custodians": None}, "invalid-request"),
        ({"custodians": []}, "invalid-request"),
        ({"custodians": custodians("l1", CUSTODIANS[:2])}, "invalid-request"),
        ({"threshold": 0}, "invalid-request"),
        ({"opening_days": 0}, "invalid-request"),
        ({"custodians": [{"custodian": "audit", "public_key": "A" * 43 + "="}]}, "invalid-request"),
        ({"custodians": [{"custodian": "audit", "public_key": "a2V5"}]}, "invalid-request"),
    ],
)
async def test_a_malformed_custody_is_refused(shared_lot, changes, code):
    answer = await shared_lot.post(*EXCHANGE, "/v1/lots", listing("l7") | changes)
    assert_problem(answer, 422, code)


TERMS = {
    "start_price_fen": "start_price_fen + 1",
    "reserve_price_fen": "reserve_price_fen + 1",
    "reserve_salt": "sha256(reserve_salt)",
    "deposit_fen": "deposit_fen + 1",
    "opens_at": "opens_at + interval '1 second'",
    "closes_at": "closes_at - interval '1 second'",
    "threshold": "threshold - 1",
    "opening_days": "opening_days + 1",
    "draw_seed": "'other'",
    "policy": "'other'",
    "min_bidders": "min_bidders + 1",
    "payment_days": "payment_days + 1",
    "notice_days": "notice_days - 1",
    "mode": "'ascending'",
    "sealing": "'none'",
    "notice": "notice + 1",
}


@pytest.mark.parametrize("column", TERMS)
async def test_the_database_keeps_the_terms_of_a_notice(shared_lot, column):
    change = f"UPDATE lot SET {column} = {TERMS[column]} WHERE id = 'l1'"
    with pytest.raises((asyncpg.RestrictViolationError, asyncpg.CheckViolationError)):
        await shared_lot.owner.execute(change)


async def test_the_database_takes_a_lot_only_as_its_notice_says(shared_lot):
    renew = """
        INSERT INTO notice SELECT lot, 2, at + interval '1 day', terms, hash FROM notice
            WHERE lot = 'l1';
        INSERT INTO notice_custodian SELECT lot, 2, position, custodian, public_key
            FROM notice_custodian WHERE lot = 'l1';
        UPDATE lot SET notice = 2, opens_at = opens_at + interval '1 day',
            start_price_fen = start_price_fen + 1 WHERE id = 'l1';
    """
    with pytest.raises(asyncpg.CheckViolationError, match="as its notice says"):
        async with shared_lot.owner.transaction():
            await shared_lot.owner.execute(renew)


async def test_the_notice_of_what_does_not_exist_is_not_found(shared_lot):
    assert_problem(await shared_lot.http.get("/v1/lots/l9/notice"), 404, "not-found")
