"""Two-person bids: what one person may not do alone, and who may be the second."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.auction.refusals import AuctionRefusal
from app.auction.rules import Lot, LotState, Mode, PlaceBid, Sealing, Terms, judge_bids
from app.auction.rules_firms import (
    Limit,
    LimitState,
    Proposal,
    ProposalKind,
    ProposalState,
    ProposeBid,
    decide_approval,
    decide_limit,
    decide_proposal,
    decide_withdrawal,
    malformed,
    needs_second,
    shown_state,
    shows_price,
)
from app.auction.rules_maximum import SetMaximum, decide_maximum
from app.policy.rules import SealedTie

OPENS = datetime(2026, 4, 13, 1, tzinfo=UTC)
CLOSES = OPENS + timedelta(hours=1)
NOW = OPENS + timedelta(minutes=10)
BID, MAXIMUM, SEALED = ProposalKind

LOT = Lot(
    id="l1",
    province="500000",
    mode=Mode.ASCENDING,
    area=1,
    start_price=100,
    reserve_price=None,
    increment=10,
    deposit=0,
    opens_at=OPENS,
    closes_at=CLOSES,
    draw_seed=None,
    terms=Terms(
        policy="p",
        extension=timedelta(minutes=5),
        min_bidders=1,
        sealed_tie=SealedTie.EARLIEST,
        payment_term=timedelta(days=1),
    ),
)
PLAIN = replace(LOT, mode=Mode.SEALED, sealing=Sealing.NONE, increment=None)
KEPT = replace(PLAIN, sealing=Sealing.CUSTODIANS, threshold=1)
PROPOSAL = Proposal(
    firm="b1",
    id="p1",
    lot="l1",
    kind=BID,
    price=100,
    note=None,
    proposed_by="ann",
    proposed_at=NOW,
)
LIMIT = Limit(
    firm="b1",
    id="x1",
    amount=50,
    lowers=False,
    proposed_by="ann",
    proposed_at=NOW,
    salt=bytes(32),
)

amounts = st.integers(0, 6)
limits = st.none() | amounts


def proposing(kind=BID, price=100):
    note = "a note" if kind is SEALED else None
    return ProposeBid("p1", "l1", kind, None if kind is SEALED else price, note)


def decided(lot, command, *, firm="b1", now=NOW, registered=True):
    return decide_proposal(lot, command, firm, now, registered=registered)


@given(limits, st.none() | amounts)
def test_above_the_limit_it_takes_two_and_so_does_what_nobody_can_read(limit, price):
    assert not needs_second(None, price)
    if limit is not None:
        assert needs_second(limit, None)
        if price is not None:
            assert needs_second(limit, price) == (price > limit)


@given(limits, limits, st.none() | amounts)
def test_what_one_person_changes_alone_never_lets_one_person_do_more(in_force, wanted, price):
    at_once = decide_limit(wanted, in_force)
    if wanted == in_force:
        assert at_once is AuctionRefusal.LIMIT_UNCHANGED
    elif at_once:
        assert needs_second(in_force, price) <= needs_second(wanted, price)
    else:
        assert in_force is None or wanted is None or wanted > in_force


@given(st.lists(limits, max_size=6))
def test_with_one_person_alone_a_limit_is_never_raised(wishes):
    in_force = 4
    for wanted in wishes:
        if decide_limit(wanted, in_force) is True:
            assert wanted < in_force
            in_force = wanted
    assert in_force is not None


@pytest.mark.parametrize(
    ("lot", "kind", "refusal"),
    [
        (LOT, BID, None),
        (LOT, MAXIMUM, None),
        (LOT, SEALED, AuctionRefusal.SEALING_NOT_USED),
        (PLAIN, BID, None),
        (PLAIN, MAXIMUM, AuctionRefusal.MAXIMUM_NOT_USED),
        (PLAIN, SEALED, AuctionRefusal.SEALING_NOT_USED),
        (KEPT, BID, AuctionRefusal.SEALING_REQUIRED),
        (KEPT, MAXIMUM, AuctionRefusal.MAXIMUM_NOT_USED),
        (KEPT, SEALED, None),
    ],
)
def test_a_proposal_is_of_a_kind_that_the_lot_takes(lot, kind, refusal):
    assert decided(lot, proposing(kind)) is refusal


def test_it_is_kept_from_registration_to_the_close_also_while_nobody_may_bid():
    assert decided(LOT, proposing(), registered=False) is AuctionRefusal.NOT_REGISTERED
    assert decided(LOT, proposing(), now=OPENS - timedelta(days=1)) is None
    frozen = replace(LOT, state=LotState.FROZEN, frozen_at=NOW)
    assert decided(frozen, proposing(), now=CLOSES + timedelta(days=1)) is None
    assert decided(LOT, proposing(), now=CLOSES) is AuctionRefusal.CLOSED
    assert decided(replace(LOT, state=LotState.SOLD), proposing()) is AuctionRefusal.CLOSED


@given(
    st.sampled_from([BID, MAXIMUM]),
    st.integers(90, 140),
    st.none() | st.integers(100, 130),
    st.sampled_from(["b1", "b2"]),
)
def test_a_proposal_is_not_kept_only_if_its_price_could_never_be_taken(kind, price, led, leader):
    lot = LOT if led is None else replace(LOT, leader=leader, leading_price=led, bids=1)
    kept = decided(lot, proposing(kind, price)) is None
    if kind is MAXIMUM:
        command = SetMaximum("l1", "b1", price)
        assert kept == (decide_maximum(lot, command, None, NOW, registered=True) is None)
        return
    # As if somebody else led: whoever leads may be outbid, and bid then.
    lot = lot if lot.leader is None else replace(lot, leader="b2")
    _, (verdict,) = judge_bids(lot, [PlaceBid("l1", "b1", price)], {"b1"}, NOW)
    assert kept == (not isinstance(verdict, AuctionRefusal))


@given(st.sampled_from(ProposalKind), st.none() | st.just(5), st.none() | st.just("a note"))
def test_a_proposal_has_a_price_or_a_note_as_its_kind_says(kind, price, note):
    fault = malformed(ProposeBid("p1", "l1", kind, price, note))
    fits = (price is None, note is None) == ((True, False) if kind is SEALED else (False, True))
    assert (fault is None) == fits
    assert fault in {None, "price_cny", "note"}


@given(
    st.sampled_from(["ann", "bob", "cid"]),
    st.booleans(),
    st.sampled_from([ProposalState.OPEN, ProposalState.PLACED, ProposalState.WITHDRAWN]),
)
def test_another_person_approves_and_only_once(person, acts, state):
    refusal = decide_approval(replace(PROPOSAL, state=state), person, proposer_acts=acts)
    if refusal is None:
        assert (state, acts) == (ProposalState.OPEN, True)
        assert person != "ann"
    elif state is not ProposalState.OPEN:
        assert refusal is AuctionRefusal.PROPOSAL_DECIDED
    elif person == "ann":
        assert refusal is AuctionRefusal.SAME_PERSON
    else:
        assert refusal is AuctionRefusal.PROPOSER_GONE


@given(st.sampled_from(LimitState))
def test_a_change_of_the_limit_is_decided_in_the_same_way(state):
    limit = replace(LIMIT, state=state)
    waits = state is LimitState.WAITING
    assert (decide_approval(limit, "bob", proposer_acts=True) is None) == waits
    assert (decide_withdrawal(limit) is None) == waits
    assert decide_approval(limit, "ann", proposer_acts=True) is not None


def test_a_limit_is_committed_to_once_it_has_a_number():
    assert LIMIT.commitment is None
    said = {
        replace(LIMIT, number=number, amount=amount, salt=salt * 32).commitment
        for number in (1, 2)
        for amount in (None, 0, 50)
        for salt in (b"a", b"b")
    }
    assert len(said) == 12


@given(st.sampled_from(list(ProposalState)[:3]), st.sampled_from(LotState), st.booleans())
def test_an_open_proposal_lapses_with_the_close_and_a_decided_one_stays(state, of_lot, late):
    now = CLOSES if late else NOW
    lot = replace(LOT, state=of_lot)
    shown = shown_state(replace(PROPOSAL, state=state), lot, now)
    lapsed = state is ProposalState.OPEN and lot.has_closed(now)
    assert shown is (ProposalState.LAPSED if lapsed else state)


@given(st.sampled_from(list(ProposalState)[:3]), st.sampled_from([LOT, PLAIN, KEPT]))
def test_a_sealed_price_is_shown_to_nobody_between_its_bid_and_the_close(state, lot):
    assume(lot.state is LotState.LIVE)
    proposal = replace(PROPOSAL, state=state)
    hidden = state is ProposalState.PLACED and lot.mode is Mode.SEALED
    assert shows_price(proposal, lot) != hidden
    assert shows_price(proposal, replace(lot, state=LotState.SOLD))
