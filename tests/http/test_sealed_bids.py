"""Which sealed bids are taken, and which of them count."""

import json
from datetime import timedelta

import pytest

from app import seal
from app.seal import hpke
from app.transparency.notes import vkey
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
    lot_of,
    market,
    move,
    open_market,
    records,
    register,
    release,
    sealed,
    secret,
    signed,
    signer,
    terms,
    text64,
)

SECOND = timedelta(seconds=1)


async def test_a_bid_is_judged_by_its_head_and_signature(node):
    await open_market(node)
    under = await terms(node)
    other = seal.Terms("0" * 64, "l1", under.threshold, under.custodians)
    fewer = seal.Terms(under.notice_hex, "l1", 2, under.custodians)
    less = seal.Terms(under.notice_hex, "l1", under.threshold, under.custodians[:4])
    lot = seal.Terms(under.notice_hex, "l2", under.threshold, under.custodians)
    good = sealed(under, "b1", 5, "150000.00")
    for note in (
        *(sealed(made, "b1", 1, "1.00", by=signer("l1", "b1")) for made in (other, fewer, less)),
        sealed(lot, "b1", 1, "1.00", by=signer("l1", "b1")),
        sealed(under, "b2", 1, "1.00", by=signer("l1", "b1")),
    ):
        assert_problem(await bid(node, "b1", note), 409, "notice-outdated")
    forged = sealed(under, "b1", 1, "1.00", by=signer("l1", "b2"))
    assert_problem(await bid(node, "b1", forged), 409, "signature-invalid")
    text, line = good.split("\n\n")
    broken = line[:-8] + ("AAAA" if line[-8:-4] != "AAAA" else "BBBB") + line[-4:]
    assert_problem(await bid(node, "b1", text + "\n\n" + broken), 409, "signature-invalid")
    assert (await bid(node, "b1", good)).status_code == 201
    for seq in (5, 4):
        note = sealed(under, "b1", seq, "160000.00", dek=secret("other", seq))
        assert_problem(await bid(node, "b1", note), 409, "seq-not-rising")
    for note in ("", text, good + good, good.replace("lqx", "xlq"), text + "\n\n" + line * 2):
        assert_problem(await bid(node, "b1", note), 422, "invalid-request")
    assert_problem(
        await node.post(
            "bidder", "b2", "/v1/sealed-bids", {"lot": "l1", "bidder": "b1", "note": good}
        ),
        404,
        "not-found",
    )
    refusals = await records(node, "bid.refused")
    assert len(refusals) == 9
    for _, record in refusals:
        assert record["body"].keys() == {"paddle", "code", "h"}
        assert (record["actor"], record["body"]["paddle"]) == (None, None)
        assert record["subject"] == record["body"]["h"]


async def test_bids_are_taken_between_opening_and_close_and_not_while_frozen(node):
    await market(node)
    await accepted(node, *EXCHANGE, "/v1/lots", listing())
    under = await terms(node)
    note = sealed(under, "b1", 1, "150000.00")
    assert_problem(await bid(node, "b1", note), 409, "not-registered")
    await register(node, "b1")
    assert_problem(await bid(node, "b1", note), 409, "not-open")
    await move(node, OPENS)
    plain = {"lot": "l1", "bidder": "b1", "price_cny": "150000.00"}
    assert_problem(await node.post("bidder", "b1", "/v1/bids", plain), 409, "sealing-required")
    assert "15000000" not in await node.dump()
    await node.post(*EXCHANGE, "/v1/freezes", {"lot": "l1"})
    assert_problem(await bid(node, "b1", note), 409, "frozen")
    await node.post(*EXCHANGE, "/v1/resumptions", {"lot": "l1"})
    answer = await bid(node, "b1", note)
    assert answer.status_code == 201
    assert answer.json().keys() >= {"lot", "bidder", "commit", "seq", "at"}
    assert "number" not in answer.json()
    await move(node, CLOSES)
    late = sealed(under, "b1", 2, "160000.00")
    assert_problem(await bid(node, "b1", late), 409, "closed")


async def test_a_lot_without_custodians_takes_no_sealed_messages(node):
    await market(node)
    with_custodians = {"tickets": ["t1"], "start_price_cny": "50000.00", "reserve_price_cny": None}
    await accepted(node, *EXCHANGE, "/v1/lots", listing(**with_custodians))
    note = sealed(await terms(node), "b1", 1, "1.00")
    plain = {"sealing": None, "custodians": None, "opening_days": None, "tickets": ["t2", "t3"]}
    body = listing("l2", **plain) | {"start_price_cny": "90000.00"}
    await accepted(node, *EXCHANGE, "/v1/lots", body)
    answer = await node.post(
        "bidder", "b1", "/v1/registrations", {"lot": "l2", "bidder": "b1", "bid_key": "a+b+c"}
    )
    assert_problem(answer, 422, "invalid-request")
    await register(node, "b1", "l2", bid_key=None)
    assert_problem(await bid(node, "b1", note, "l2"), 409, "sealing-not-used")


@pytest.mark.parametrize(
    "key",
    [
        None,
        "b1/l1",
        vkey(signer("l1", "b2")),
        vkey(signer("l2", "b1")),
        vkey(signer("l1", "b1"))[:-4] + "AAA=",
    ],
)
async def test_a_registration_names_the_bidders_key_for_this_lot(node, key):
    await market(node)
    await accepted(node, *EXCHANGE, "/v1/lots", listing())
    body = {"lot": "l1", "bidder": "b1", "bid_key": key}
    answer = await node.post("bidder", "b1", "/v1/registrations", body)
    assert_problem(answer, 422, "invalid-request")


def garbage(under, bidder, seq, fault):
    """What an honest tool never sends, in a form that is taken."""
    dek = secret("dek", bidder, seq)
    message = json.loads(seal.seal(under, bidder, seq, {"price_cny": "999999.99"}, dek))
    if fault == "share":
        message["shares"][1] = text64(hpke.seal(secret("p"), b"", bytes(33), secret("e")))
    elif fault == "ct":
        message["ct"] = text64(bytes(528))
    elif fault == "kc":
        message["kc"] = text64(bytes(32))
    encoded = json.dumps(message, sort_keys=True, separators=(",", ":")).encode()
    return signed(encoded, signer("l1", bidder))


@pytest.mark.parametrize("fault", ["share", "ct", "kc"])
@pytest.mark.parametrize("keys", [CUSTODIANS[:3], CUSTODIANS[2:]])
async def test_a_bid_that_is_not_as_an_honest_one_is_void_whoever_opens_it(node, fault, keys):
    await open_market(node)
    under = await terms(node)
    await bid(node, "b1", sealed(under, "b1", 1, "150000.00"))
    await bid(node, "b2", sealed(under, "b2", 1, "160000.00"))
    assert (await bid(node, "b2", garbage(under, "b2", 2, fault))).status_code == 201
    await move(node, CLOSES)
    for custodian in keys:
        await release(node, custodian)
    lot = await lot_of(node)
    assert (lot["winner"], lot["price_cny"]) == ("b1", "150000.00"), "b2's last bid counts: void"
    items = (await node.http.get("/v1/lots/l1/opening")).json()["items"]
    assert [(i["price_cny"], i["void"]) for i in items] == [
        ("150000.00", None),
        ("160000.00", None),
        (None, "not-as-sealed"),
    ]


async def test_the_last_bid_counts_and_the_earlier_of_equal_ones_wins(node):
    await open_market(node)
    under = await terms(node)
    for seq, (bidder, price) in enumerate(
        [("b1", "170000.00"), ("b2", "150000.00"), ("b1", "150000.00"), ("b3", "100.00")], start=1
    ):
        await bid(node, bidder, sealed(under, bidder, seq, price))
    await move(node, CLOSES)
    for custodian in CUSTODIANS[:3]:
        await release(node, custodian)
    lot = await lot_of(node)
    assert (lot["winner"], lot["price_cny"]) == ("b2", "150000.00")


async def test_a_new_notice_makes_bids_for_the_old_one_void_before_they_are_made(node):
    await market(node)
    await accepted(node, *EXCHANGE, "/v1/lots", listing())
    old = await terms(node)
    await register(node, "b1")
    body = listing(opens_at=at(OPENS + SECOND), custodians=custodians("l1", CUSTODIANS[:3]))
    for fixed in ("id", "province", "tickets", "mode", "sealing"):
        del body[fixed]
    await accepted(node, *EXCHANGE, "/v1/notices", body | {"lot": "l1", "threshold": 2})
    await move(node, OPENS + SECOND)
    assert_problem(await bid(node, "b1", sealed(old, "b1", 1, "1.00")), 409, "notice-outdated")
    note = sealed(await terms(node), "b1", 1, "150000.00")
    assert (await bid(node, "b1", note)).status_code == 201
    await move(node, CLOSES)
    for custodian in CUSTODIANS[:2]:
        await release(node, custodian)
    assert (await lot_of(node))["winner"] == "b1"
    assert_problem(await release(node, CUSTODIANS[4]), 404, "not-found")
