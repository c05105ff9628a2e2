"""Notices, and bids encrypted to custodians: with values alone."""

import hashlib
import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import seal
from app.auction import rules_close, rules_notice, rules_probe, rules_seal
from app.auction.rules import (
    AuctionRefusal,
    Lot,
    LotState,
    Mode,
    Register,
    Registration,
    Sealing,
    Terms,
)
from app.auction.rules_notice import Custody, NewNotice
from app.auction.rules_seal import Desk, PlaceSealedBid, SealedBid
from app.policy.rules import SealedTie
from app.tickets.rules import Ticket, TicketState
from app.transparency.notes import CosignatureSigner, Ed25519Signer, Verifier, sign, vkey

OPENS = datetime(2026, 4, 13, 1, 0, tzinfo=UTC)
CLOSES = OPENS + timedelta(hours=1)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
NOTICE = "ab" * 32
IDS = ("k1", "k2", "k3", "k4", "k5")


def secret(*words):
    return hashlib.sha256(":".join(map(str, words)).encode()).digest()


KEYS = {id_: secret("custodian", id_) for id_ in IDS}
CUSTODIANS = tuple(seal.Custodian(id_, seal.auction_key(KEYS[id_])) for id_ in IDS)
UNDER = seal.Terms(NOTICE, "l1", 3, CUSTODIANS)


def lot(**changes):
    base = Lot(
        id="l1",
        province="500000",
        mode=Mode.SEALED,
        area=18000,
        start_price=100,
        reserve_price=None,
        increment=None,
        deposit=3,
        opens_at=OPENS,
        closes_at=CLOSES,
        draw_seed=None,
        terms=Terms(
            policy="p",
            extension=timedelta(minutes=5),
            min_bidders=changes.pop("min_bidders", 1),
            sealed_tie=changes.pop("sealed_tie", SealedTie.EARLIEST),
            payment_term=60 * DAY,
            notice_term=20 * DAY,
        ),
        sealing=Sealing.CUSTODIANS,
        threshold=3,
        opening_term=2 * DAY,
        notice=1,
        notice_hash=NOTICE,
    )
    return replace(base, **changes)


def signer(bidder):
    return Ed25519Signer(f"{bidder}/l1", secret("bidder", bidder))


def registration(bidder):
    return Registration("l1", bidder, OPENS, 100_000, bytes(32), vkey(signer(bidder)))


@cache
def note_of(bidder, seq, price, fault=None):
    dek = secret("dek", bidder, seq)
    text = seal.seal(UNDER, bidder, seq, {"price_cny": price}, dek).decode()
    if fault is not None:
        message = json.loads(text)
        # What an accomplice of one custodian would send: some of the shares are another bid's.
        other = json.loads(seal.seal(UNDER, bidder, seq, {"price_cny": price}, secret("other")))
        for place in fault:
            message["shares"][place] = other["shares"][place]
        text = json.dumps(message, sort_keys=True, separators=(",", ":"))
    return sign(text + "\n", signer(bidder)).encode()


def taken(number, bidder, price, fault=None):
    note = note_of(bidder, number, price, fault)
    digest = rules_seal.read_envelope(note).hash
    return SealedBid(digest, "l1", bidder, number, OPENS, number, note)


def opened(sealed, keys=KEYS, deks=None, target=None):
    openings = rules_seal.open_bids(sealed, 3, keys, deks or {})
    bids = rules_seal.bids_of(openings, {b: 100_000 + n for n, b in enumerate("abc")})
    counting = rules_seal.counting(openings, bids)
    return openings, bids, rules_close.decide_close(target or lot(), counting)


some_bids = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.sampled_from(["0.00", "0.99", "1.00", "1.01"]),
        st.sampled_from([None, (0,), (3, 4)]),
    ),
    max_size=5,
)


@settings(max_examples=25, deadline=None)
@given(some_bids)
def test_every_sufficient_set_of_custodians_comes_to_the_same_result(bids):
    sealed = [taken(n, *bid) for n, bid in enumerate(bids, start=1)]
    results = {
        repr(opened(sealed, {id_: KEYS[id_] for id_ in ids}))
        for size in (3, 4, 5)
        for ids in itertools.combinations(IDS, size)
    }
    assert len(results) == 1


@settings(max_examples=50, deadline=None)
@given(some_bids, st.sampled_from(list(SealedTie)))
def test_the_result_is_that_of_a_plain_reading(bids, tie):
    sealed = [taken(n, *bid) for n, bid in enumerate(bids, start=1)]
    openings, rows, result = opened(sealed, target=lot(sealed_tie=tie, draw_seed="seed"))
    assert [o.sealed for o in openings] == sealed
    assert all((o.price is None) != (o.void is None) for o in openings)
    last = {}
    for number, (bidder, price, fault) in enumerate(bids, start=1):
        last[bidder] = (price if fault is None else "0.00", number)
    valid = {b: (p, n) for b, (p, n) in last.items() if p in {"1.00", "1.01"}}
    assert result.valid_bidders == len(valid)
    if not valid:
        assert result.winner is None
        return
    best = max(price for price, _ in valid.values())
    tied = {b: n for b, (price, n) in valid.items() if price == best}
    drawn = min(tied, key=lambda b: hashlib.sha256(f"seed:{b}".encode()).hexdigest())
    assert result.winner == (drawn if tie is SealedTie.DRAW else min(tied, key=tied.get))
    assert [bid.number for bid, _ in rows] == list(range(1, len(rows) + 1))


def test_without_enough_custodians_a_bid_opens_by_its_own_key_or_is_void():
    sealed = [taken(1, "a", "1.00"), taken(2, "b", "2.00"), taken(3, "c", "3.00")]
    two = {id_: KEYS[id_] for id_ in IDS[:2]}
    deks = {sealed[0].hash: secret("dek", "a", 1), sealed[2].hash: secret("other")}
    openings, _, result = opened(sealed, two, deks)
    assert [o.void for o in openings] == [None, rules_seal.NO_KEY, "dek-mismatch"]
    assert (result.winner, result.price) == ("a", 100)


def test_a_price_of_nothing_is_void():
    (opening,), rows, _ = opened([taken(1, "a", "0.00")])
    assert (opening.price, opening.void, rows) == (None, rules_seal.NO_PRICE, [])


def judged(bidder="a", now=OPENS, note=None, last_seq=0, who=None, **changes):
    envelope = rules_seal.read_envelope(note or note_of("a", 1, "1.00"))
    who = registration("a") if who is None else who
    desk = Desk(lot(**changes), UNDER, who or None, last_seq)
    return rules_seal.judge_envelope(desk, PlaceSealedBid("l1", bidder, ""), envelope, now)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({}, None),
        ({"who": False}, AuctionRefusal.NOT_REGISTERED),
        ({"state": LotState.FROZEN, "frozen_at": OPENS}, AuctionRefusal.FROZEN),
        ({"now": OPENS - SECOND}, AuctionRefusal.NOT_OPEN),
        ({"now": CLOSES - SECOND}, None),
        ({"now": CLOSES}, AuctionRefusal.CLOSED),
        ({"state": LotState.CLOSED}, AuctionRefusal.CLOSED),
        ({"note": note_of("b", 1, "1.00")}, AuctionRefusal.NOTICE_OUTDATED),
        ({"who": registration("b"), "bidder": "b"}, AuctionRefusal.NOTICE_OUTDATED),
        ({"last_seq": 1}, AuctionRefusal.SEQ_NOT_RISING),
    ],
)
def test_a_sealed_bid_is_refused_by_the_first_rule_it_breaks(changes, refusal):
    assert judged(**changes) is refusal


def test_a_bid_is_signed_by_the_key_of_its_registration():
    text = note_of("a", 1, "1.00").split("\n")[0] + "\n"
    for by in (signer("b"), Ed25519Signer("a/l1", secret("another"))):
        assert judged(note=sign(text, by).encode()) is AuctionRefusal.SIGNATURE_INVALID


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        note_of("a", 1, "1.00")[:-1],
        note_of("a", 1, "1.00") + note_of("a", 1, "1.00").split("\n\n")[1],
        " " + note_of("a", 1, "1.00"),
        note_of("a", 1, "1.00").replace('"seq":1', '"seq":1.0'),
        note_of("a", 1, "1.00").replace('"seq":1', '"seq":1,"x":1'),
        "{}\n\n" + note_of("a", 1, "1.00").split("\n\n")[1],
    ],
)
def test_what_is_no_sealed_message_in_a_signed_note_is_not_read(text):
    assert rules_seal.read_envelope(text) is None


def test_a_bid_key_is_named_after_bidder_and_lot_where_there_are_custodians():
    good = vkey(signer("a"))
    cosigner = CosignatureSigner("a/l1", secret("x"))
    wrong = [None, "", good + "x", vkey(signer("b")), vkey(Verifier.of(cosigner))]
    assert rules_seal.is_bid_key(lot(), Register("l1", "a", good))
    assert not any(rules_seal.is_bid_key(lot(), Register("l1", "a", key)) for key in wrong)
    plain = lot(sealing=Sealing.NONE)
    assert rules_seal.is_bid_key(plain, Register("l1", "a"))
    assert not rules_seal.is_bid_key(plain, Register("l1", "a", good))


@pytest.mark.parametrize("state", LotState)
def test_keys_are_taken_between_close_and_opening_only(state):
    there = lot(state=state)
    one = CUSTODIANS[0]
    sealed = taken(1, "a", "1.00")
    key = rules_seal.decide_key(there, one, KEYS["k1"], {})
    dek = rules_seal.decide_dek(there, sealed, secret("dek", "a", 1), published=False)
    expected = None if state is LotState.CLOSED else AuctionRefusal.NOT_CLOSED
    assert key is dek is expected


def test_a_key_is_taken_once_and_only_if_it_is_the_one():
    there, one, sealed = lot(state=LotState.CLOSED), CUSTODIANS[0], taken(1, "a", "1.00")
    mismatch, published = AuctionRefusal.KEY_MISMATCH, AuctionRefusal.KEY_PUBLISHED
    assert rules_seal.decide_key(there, one, KEYS["k2"], {}) is mismatch
    assert rules_seal.decide_key(there, one, KEYS["k1"], {"k1": b""}) is published
    assert rules_seal.decide_dek(there, sealed, secret("x"), published=False) is mismatch
    own = secret("dek", "a", 1)
    assert rules_seal.decide_dek(there, sealed, own, published=True) is published
    # Of a bid that is not as an honest one the key is taken, too: it shows that the bid is void.
    void = taken(1, "a", "1.00", (0,))
    assert rules_seal.decide_dek(there, void, own, published=False) is None


def test_after_the_close_custodians_have_their_time():
    closed = rules_close.seal_off(lot())
    assert (closed.state, closed.opening_due_at) == (LotState.CLOSED, CLOSES + 2 * DAY)
    assert not closed.is_over
    assert not closed.shows_bids
    assert closed.has_closed(OPENS)
    assert closed.shown_state(CLOSES) == "closed"


def ticket(id_="t1", area=18000, costs=100):
    return Ticket(
        id=id_,
        application=id_,
        household=id_,
        collective="v",
        county="500236",
        home_province="500000",
        province="500000",
        area=area,
        reclamation_cost=costs,
        financing_cost=0,
        issued_at=OPENS,
        state=TicketState.LISTED,
    )


CUSTODY = Custody(CUSTODIANS, 3, 2 * DAY)


def renewal(**changes):
    base = NewNotice("l1", 100, None, None, 3, OPENS, CLOSES, None, CUSTODY)
    return replace(base, **changes)


def renewed(now=OPENS - 20 * DAY, *, registered=False, target=None, **changes):
    command = renewal(**changes)
    return rules_notice.decide_notice(
        target or lot(), command, [ticket()], now, registered=registered
    )


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"target": lot(state=LotState.UNSOLD)}, AuctionRefusal.BIDDING_OPENED),
        ({"target": lot(state=LotState.FROZEN)}, AuctionRefusal.BIDDING_OPENED),
        ({"now": OPENS}, AuctionRefusal.BIDDING_OPENED),
        ({"now": OPENS - 20 * DAY + SECOND}, AuctionRefusal.NOTICE_TOO_SHORT),
        ({"closes_at": OPENS}, "closes_at"),
        ({"custody": None}, "custodians"),
        ({"registered": True, "deposit": 4}, AuctionRefusal.DEPOSIT_FIXED),
        ({"start_price": 99}, AuctionRefusal.START_PRICE_BELOW_COSTS),
    ],
)
def test_a_new_notice_is_refused_by_the_first_rule_it_breaks(changes, verdict):
    assert renewed(**changes) == verdict


def test_a_new_notice_changes_what_it_says_and_nothing_else():
    after = renewed(start_price=200, deposit=4, draw_seed="s", reserve_price=300)
    assert after == lot(start_price=200, deposit=4, draw_seed="s", reserve_price=300)


@pytest.mark.parametrize(
    ("custodians", "threshold", "fault"),
    [
        (CUSTODIANS, 5, None),
        (CUSTODIANS[:1], 1, None),
        (CUSTODIANS, 6, "threshold"),
        ((), 1, "threshold"),
        ((*CUSTODIANS, replace(CUSTODIANS[0], id="k9")), 3, "custodians"),
        ((*CUSTODIANS, replace(CUSTODIANS[0], public=secret("k9"))), 3, "custodians"),
        ((*CUSTODIANS, seal.Custodian("k9", bytes(32))), 3, "custodians"),
    ],
)
def test_custodians_differ_in_id_and_key_and_are_enough(custodians, threshold, fault):
    custody = Custody(tuple(custodians), threshold, DAY)
    listing = renewal(custody=custody).listing(lot(), ("t1",))
    start = OPENS - DAY
    assert rules_notice.decide_shape(listing, SealedTie.EARLIEST, DAY, start) == fault
    plain = replace(listing, sealing=Sealing.NONE)
    assert rules_notice.decide_shape(plain, SealedTie.EARLIEST, DAY, start) == "custodians"
    rising = replace(listing, mode=Mode.ASCENDING, increment=1)
    assert rules_notice.decide_shape(rising, SealedTie.EARLIEST, DAY, start) == "sealing"


CHANGES = {
    "start_price": 101,
    "reserve_price": 500,
    "deposit": 4,
    "opens_at": OPENS + SECOND,
    "closes_at": CLOSES + SECOND,
    "draw_seed": "s",
    "threshold": 2,
    "opening_term": DAY,
    "area": 18001,
    "id": "l2",
}


def test_every_term_changes_the_hash_of_the_notice():
    base = replace(lot(), reserve_price=400, reserve_salt=bytes(32))
    hashes = [
        rules_notice.Notice("l1", 1, OPENS, rules_notice.terms_of(one, bundle, keepers)).hash
        for one, bundle, keepers in [
            (base, [ticket()], CUSTODIANS),
            (base, [ticket("t2")], CUSTODIANS),
            (base, [ticket(area=1)], CUSTODIANS),
            (base, [ticket()], CUSTODIANS[:4]),
            (base, [ticket()], CUSTODIANS[::-1]),
            (replace(base, reserve_salt=secret("s")), [ticket()], CUSTODIANS),
            (replace(base, terms=replace(base.terms, policy="q")), [ticket()], CUSTODIANS),
            *[(replace(base, **{k: v}), [ticket()], CUSTODIANS) for k, v in CHANGES.items()],
        ]
    ]
    assert len(set(hashes)) == len(hashes)


def test_the_order_of_tickets_is_no_term():
    bundles = [[ticket("t10"), ticket("t9")], [ticket("t9"), ticket("t10")]]
    assert len({rules_notice.terms_of(lot(), bundle, CUSTODIANS) for bundle in bundles}) == 1


def test_a_probe_is_answered_once_by_what_it_holds():
    probe = rules_probe.Probe("p", "l1", "k1", b"", hashlib.sha256(b"n").hexdigest(), OPENS)
    assert rules_probe.decide_answer(probe, b"n") is None
    assert rules_probe.decide_answer(probe, b"m") is AuctionRefusal.PROBE_FAILED
    answered = replace(probe, nonce=b"n", answered_at=OPENS)
    assert rules_probe.decide_answer(answered, b"n") is AuctionRefusal.PROBE_ANSWERED
