"""Maximum bids: whoever left one fares as if it had sat there, and nobody pays more than needed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auction.refusals import AuctionRefusal
from app.auction.rules import Lot, LotState, Mode, PlaceBid, Terms, judge_bids
from app.auction.rules_maximum import (
    Maximum,
    SetMaximum,
    Setting,
    bid_for_holders,
    decide_maximum,
    needed_bids,
)
from app.kernel.units import Fen
from app.policy.rules import SealedTie

OPENS = datetime(2026, 4, 13, 1, tzinfo=UTC)
CLOSES = OPENS + timedelta(hours=1)
NOW = OPENS + timedelta(minutes=10)
EXTENSION = timedelta(minutes=5)
START = 100

LOT = Lot(
    id="l1",
    province="500000",
    mode=Mode.ASCENDING,
    area=1,
    start_price=START,
    reserve_price=None,
    increment=10,
    deposit=0,
    opens_at=OPENS,
    closes_at=CLOSES,
    draw_seed=None,
    terms=Terms(
        policy="p",
        extension=EXTENSION,
        min_bidders=1,
        sealed_tie=SealedTie.EARLIEST,
        payment_term=timedelta(days=1),
    ),
)


def led_by(bidder, price, *, step=10):
    return replace(LOT, increment=step, leader=bidder, leading_price=price, bids=1)


def holders(*limits):
    """Maxima of `a`, `b`, … that were set in this order."""
    return [Maximum("abcdef"[n], Fen(limit), n + 1) for n, limit in enumerate(limits)]


def said(bids):
    return [(bid.bidder, bid.price) for bid in bids]


# Prices lie in a few fen around the start, so that every edge is met.
limits = st.integers(START - 3, START + 25)
steps = st.integers(1, 9)


@st.composite
def lots(draw):
    """A lot nobody has bid on, or one that somebody leads: a holder, or somebody else."""
    step = draw(steps)
    leader = draw(st.sampled_from([None, "a", "b", "x"]))
    if leader is None:
        return replace(LOT, increment=step)
    return led_by(leader, START + draw(st.integers(0, 12)), step=step)


maxima = st.lists(limits, min_size=0, max_size=4).map(lambda ls: holders(*ls))


def clock_auction(lot, maxima):
    """The slow way. Everybody sits there while a clock counts up fen by fen, and holds a hand up
    until its maximum. The last hand leads, of the last ones that of the earliest maximum.

    It pays one increment above the last fen at which another hand was up, or all it has.
    """
    least = START if lot.leading_price is None else lot.leading_price + lot.increment
    able = {m.bidder: m for m in maxima if m.bidder != lot.leader and m.limit >= least}
    if not able:
        return lot.leader, lot.leading_price
    if lot.leader is not None:
        own = [m for m in maxima if m.bidder == lot.leader and m.limit >= lot.leading_price]
        able[lot.leader] = own[0] if own else Maximum(lot.leader, lot.leading_price, 0)
    fen, contested, last = (lot.leading_price or START), None, []
    while up := [m for m in able.values() if m.limit >= fen]:
        if len(up) > 1:
            contested = fen
        last, fen = up, fen + 1
    winner = min(last, key=lambda m: m.since)
    price = least if contested is None else min(contested + lot.increment, winner.limit)
    return winner.bidder, price


@given(lots(), maxima)
def test_leader_and_price_are_those_of_a_clock_at_which_all_sit_to_the_end(lot, maxima):
    after, _ = bid_for_holders(lot, maxima, NOW)
    assert (after.leader, after.leading_price) == clock_auction(lot, maxima)


@given(lots(), maxima)
def test_each_bid_is_lawful_and_within_the_maximum_of_its_holder(lot, maxima):
    limit = {m.bidder: m.limit for m in maxima}
    everybody = {"a", "b", "c", "d", "x"}
    for needed in needed_bids(lot, maxima):
        assert needed.price <= limit[needed.bidder]
        # Only to keep what it has may the exchange raise the bid of who leads already.
        judged = replace(lot, leader=None) if lot.leader == needed.bidder else lot
        if lot.leader == needed.bidder:
            assert needed.price >= lot.leading_price + lot.increment
        after, (verdict,) = judge_bids(judged, [needed], everybody, NOW)
        assert not isinstance(verdict, AuctionRefusal)
        lot = after


@given(lots(), maxima)
def test_nothing_more_is_needed_afterwards(lot, maxima):
    after, _ = bid_for_holders(lot, maxima, NOW)
    assert needed_bids(after, maxima) == []


@given(lots(), maxima)
def test_the_order_in_which_maxima_are_read_does_not_matter(lot, maxima):
    assert needed_bids(lot, maxima) == needed_bids(lot, list(reversed(maxima)))


@given(lots(), maxima)
def test_nobody_who_does_not_lead_could_still_bid(lot, maxima):
    after, _ = bid_for_holders(lot, maxima, NOW)
    for holder in maxima:
        if holder.bidder != after.leader:
            bid = PlaceBid("l1", holder.bidder, holder.limit)
            _, (verdict,) = judge_bids(after, [bid], {holder.bidder}, NOW)
            assert isinstance(verdict, AuctionRefusal)


def turns(lot, maxima):
    """People who sit there and bid, whoever's turn it is, the permitted price and no more."""
    able = True
    while able:
        able = False
        for holder in sorted(maxima, key=lambda m: m.since):
            least = START if lot.leading_price is None else lot.leading_price + lot.increment
            if holder.bidder != lot.leader and least <= holder.limit:
                bid = PlaceBid("l1", holder.bidder, Fen(least))
                lot, _ = judge_bids(lot, [bid], {holder.bidder}, NOW)
                able = True
    return lot


@given(lots(), maxima)
def test_nobody_with_less_leads_and_the_price_is_close_to_that_of_people_who_take_turns(
    lot, maxima
):
    slow = turns(lot, maxima)
    quick, _ = bid_for_holders(lot, maxima, NOW)
    if slow.leading_price is None:
        assert quick.leading_price is None
        return
    # Turns depend on who happens to stand where: they stop up to two increments short.
    above = quick.leading_price - slow.leading_price
    assert 0 <= above < 2 * lot.increment
    limit = {m.bidder: m.limit for m in maxima}
    assert limit.get(quick.leader, 0) >= limit.get(slow.leader, 0)


@given(lots(), maxima, st.integers(0, 20))
def test_a_higher_maximum_never_makes_the_leader_lose(lot, maxima, more):
    after, _ = bid_for_holders(lot, maxima, NOW)
    raised = [replace(m, limit=m.limit + more) if m.bidder == after.leader else m for m in maxima]
    again, _ = bid_for_holders(lot, raised, NOW)
    assert again.leader == after.leader


@pytest.mark.parametrize(
    ("lot", "maxima", "bids"),
    [
        pytest.param(LOT, holders(150), [("a", 100)], id="alone: the start price"),
        pytest.param(LOT, holders(99), [], id="below the start price: nothing"),
        pytest.param(led_by("x", 120), holders(150), [("a", 130)], id="one increment above"),
        pytest.param(led_by("x", 120), holders(130), [("a", 130)], id="its maximum fits exactly"),
        pytest.param(led_by("x", 121), holders(130), [], id="an increment does not fit"),
        pytest.param(led_by("a", 120), holders(150), [], id="who leads is left alone"),
        pytest.param(
            LOT, holders(150, 200), [("a", 150), ("b", 160)], id="the higher: lower plus increment"
        ),
        pytest.param(
            LOT, holders(200, 150), [("b", 150), ("a", 160)], id="whichever was set first"
        ),
        pytest.param(
            LOT, holders(150, 155), [("a", 145), ("b", 155)], id="capped by its own maximum"
        ),
        pytest.param(LOT, holders(150, 150), [("b", 140), ("a", 150)], id="equal: the earlier"),
        pytest.param(
            led_by("a", 100), holders(115, 112), [("a", 115)], id="no room for two: it is raised"
        ),
        pytest.param(
            led_by("a", 100), holders(110, 110), [("a", 110)], id="equal, no room for two"
        ),
        pytest.param(
            led_by("a", 100), holders(200, 150), [("b", 150), ("a", 160)], id="the leader answers"
        ),
        pytest.param(
            led_by("a", 100), holders(150, 200), [("b", 160)], id="the leader's was not enough"
        ),
        pytest.param(
            LOT,
            holders(200, 120, 150),
            [("b", 100), ("c", 150), ("a", 160)],
            id="a third one bids once below",
        ),
        pytest.param(LOT, holders(100, 110, 115), [("b", 105), ("c", 115)], id="or has no room"),
        pytest.param(
            led_by("a", 150), holders(120, 170), [("b", 160)], id="a bid above the own maximum"
        ),
    ],
)
def test_what_the_exchange_bids(lot, maxima, bids):
    assert said(needed_bids(lot, maxima)) == bids


def test_a_bid_for_a_holder_extends_the_close_as_any_bid():
    late = CLOSES - timedelta(minutes=1)
    after, made = bid_for_holders(led_by("x", 120), holders(200), late)
    assert after.closes_at == late + EXTENSION
    assert [lot.closes_at for lot, _ in made] == [after.closes_at]
    early, _ = bid_for_holders(led_by("x", 120), holders(200), CLOSES - EXTENSION)
    assert early.closes_at == CLOSES


@pytest.mark.parametrize(
    "lot",
    [
        replace(LOT, state=LotState.FROZEN, frozen_at=NOW),
        replace(LOT, opens_at=NOW + EXTENSION),
        replace(LOT, closes_at=NOW),
        replace(LOT, state=LotState.SOLD),
        replace(LOT, mode=Mode.SEALED, increment=None),
    ],
)
def test_nothing_is_bid_but_on_an_open_ascending_lot(lot):
    assert bid_for_holders(lot, holders(200), NOW) == (lot, [])


FROZEN = replace(LOT, state=LotState.FROZEN, frozen_at=NOW)
MINE = Maximum("a", Fen(150), 1)


@pytest.mark.parametrize(
    ("lot", "limit", "own", "registered", "verdict"),
    [
        (replace(LOT, mode=Mode.SEALED), 150, None, False, AuctionRefusal.MAXIMUM_NOT_USED),
        (FROZEN, 150, None, False, AuctionRefusal.NOT_REGISTERED),
        (FROZEN, 150, None, True, AuctionRefusal.FROZEN),
        (replace(LOT, closes_at=NOW), 1, None, True, AuctionRefusal.CLOSED),
        (replace(LOT, state=LotState.SOLD), None, None, True, AuctionRefusal.CLOSED),
        (LOT, None, None, True, AuctionRefusal.NO_MAXIMUM),
        (LOT, None, MINE, True, None),
        (LOT, 99, None, True, AuctionRefusal.BID_BELOW_START),
        (LOT, 100, None, True, None),
        (replace(LOT, opens_at=NOW + EXTENSION), 100, None, True, None),
        (led_by("b", 120), 129, None, True, AuctionRefusal.BID_BELOW_INCREMENT),
        (led_by("b", 120), 130, None, True, None),
        (led_by("a", 120), 119, MINE, True, AuctionRefusal.MAXIMUM_BELOW_BID),
        (led_by("a", 120), 120, MINE, True, None),
        (led_by("a", 120), None, MINE, True, None),
    ],
)
def test_when_a_maximum_is_taken(lot, limit, own, registered, verdict):
    command = SetMaximum("l1", "a", limit)
    assert decide_maximum(lot, command, own, NOW, registered=registered) is verdict


def test_a_commitment_binds_paddle_and_amount_and_hides_both():
    setting = Setting("l1", "a", 482913, Fen(15000), NOW, 1, 1, bytes(32))
    others = [
        replace(setting, limit=Fen(15001)),
        replace(setting, limit=None),
        replace(setting, paddle=482914),
        replace(setting, salt=bytes([1] * 32)),
    ]
    assert len({setting.commitment, *(other.commitment for other in others)}) == 5
