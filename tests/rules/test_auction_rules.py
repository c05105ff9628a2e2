"""A bid, a close, a tie, a freeze: with values alone."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auction import rules, rules_close
from app.auction.rules import AuctionRefusal, Bid, Lot, LotState, Mode, PlaceBid, Terms
from app.policy.rules import SealedTie

OPENS = datetime(2026, 4, 13, 1, 0, tzinfo=UTC)
CLOSES = OPENS + timedelta(hours=1)
WINDOW = timedelta(minutes=5)
SECOND = timedelta(seconds=1)


def lot(**changes):
    terms = Terms(
        policy="p",
        extension=WINDOW,
        min_bidders=changes.pop("min_bidders", 1),
        sealed_tie=changes.pop("sealed_tie", SealedTie.EARLIEST),
        payment_term=timedelta(days=60),
    )
    base = Lot(
        id="l1",
        province="500000",
        mode=Mode.ASCENDING,
        area=18000,
        start_price=10,
        reserve_price=None,
        increment=2,
        deposit=3,
        opens_at=OPENS,
        closes_at=CLOSES,
        draw_seed=None,
        terms=terms,
    )
    return replace(base, **changes)


def place(target, bidder, price, now=OPENS, registered=("a", "b", "c")):
    after, (verdict,) = rules.judge_bids(target, [PlaceBid("l1", bidder, price)], registered, now)
    return after, verdict


steps = st.lists(
    st.tuples(st.sampled_from("abcd"), st.integers(8, 20), st.integers(0, 1500)), max_size=12
)


@given(steps)
def test_accepted_prices_rise_by_an_increment_and_nobody_outbids_itself(bids):
    current, accepted, now = lot(), [], OPENS
    for bidder, price, wait in bids:
        now += timedelta(seconds=wait)
        before = current
        current, verdict = place(current, bidder, price, now)
        if isinstance(verdict, AuctionRefusal):
            assert current == before
            continue
        accepted.append(verdict)
        assert now < before.closes_at <= current.closes_at
        assert current.closes_at - now >= WINDOW
    for earlier, later in itertools.pairwise(accepted):
        assert later.price >= earlier.price + 2
        assert later.bidder != earlier.bidder
    assert [bid.number for bid in accepted] == list(range(1, len(accepted) + 1))
    assert all(bid.price >= 10 for bid in accepted)


@given(steps, st.integers(0, 20))
def test_a_list_of_bids_is_judged_as_one_after_another(bids, split):
    commands = [PlaceBid("l1", bidder, price) for bidder, price, _ in bids]
    whole, verdicts = rules.judge_bids(lot(), commands, "abc", OPENS)
    half, first = rules.judge_bids(lot(), commands[:split], "abc", OPENS)
    rest, second = rules.judge_bids(half, commands[split:], "abc", OPENS)
    assert (rest, first + second) == (whole, verdicts)


@pytest.mark.parametrize(
    ("left", "extended"),
    [(WINDOW, False), (WINDOW - SECOND, True), (SECOND, True), (WINDOW + SECOND, False)],
)
def test_a_bid_with_less_than_the_countdown_left_starts_it_anew(left, extended):
    now = CLOSES - left
    after, verdict = place(lot(), "a", 10, now)
    assert isinstance(verdict, Bid)
    assert after.closes_at == (now + WINDOW if extended else CLOSES)


@pytest.mark.parametrize(
    ("target", "bidder", "price", "now", "refusal"),
    [
        (lot(), "d", 10, CLOSES, AuctionRefusal.NOT_REGISTERED),
        (
            lot(state=LotState.FROZEN, frozen_at=OPENS),
            "a",
            1,
            OPENS - SECOND,
            AuctionRefusal.FROZEN,
        ),
        (lot(), "a", 1, OPENS - SECOND, AuctionRefusal.NOT_OPEN),
        (lot(), "a", 1, CLOSES, AuctionRefusal.CLOSED),
        (lot(state=LotState.PAID), "a", 10, OPENS, AuctionRefusal.CLOSED),
        (lot(leader="a", leading_price=10), "a", 12, OPENS, AuctionRefusal.ALREADY_LEADING),
        (lot(), "a", 9, OPENS, AuctionRefusal.BID_BELOW_START),
        (lot(leader="b", leading_price=10), "a", 11, OPENS, AuctionRefusal.BID_BELOW_INCREMENT),
    ],
)
def test_a_refused_bid_names_the_first_rule_it_breaks(target, bidder, price, now, refusal):
    after, verdict = place(target, bidder, price, now)
    assert verdict is refusal
    assert after == target


def sealed(prices, **changes):
    """Bids of a, b, c in this order, one second apart."""
    bids = [
        Bid("l1", bidder, price, OPENS + n * SECOND, n + 1)
        for n, (bidder, price) in enumerate(prices)
    ]
    return rules_close.decide_close(lot(mode=Mode.SEALED, increment=None, **changes), bids)


def test_the_last_sealed_bid_of_a_bidder_counts_and_its_time_decides_a_tie():
    assert sealed([("a", 15), ("b", 15), ("a", 15)]).winner == "b"
    assert sealed([("a", 15), ("b", 15)]).winner == "a"
    assert sealed([("a", 20), ("b", 15), ("a", 12)]).winner == "b"


def test_a_last_bid_below_the_start_price_leaves_its_bidder_without_a_valid_one():
    result = sealed([("a", 20), ("b", 12), ("a", 9)])
    assert (result.winner, result.price, result.valid_bidders) == ("b", 12, 1)


def test_a_drawn_tie_goes_to_the_smallest_digest_and_anyone_can_compute_it():
    bids = [("a", 15), ("b", 15), ("c", 15)]
    for seed in map(str, range(20)):
        result = sealed(bids, sealed_tie=SealedTie.DRAW, draw_seed=seed)
        assert result.winner == min("abc", key=lambda bidder: rules_close.draw(seed, bidder))


@pytest.mark.parametrize(
    ("prices", "changes", "winner"),
    [
        ([], {"min_bidders": 0}, None),
        ([("a", 9)], {}, None),
        ([("a", 10)], {"min_bidders": 2}, None),
        ([("a", 10), ("a", 12)], {"min_bidders": 2}, None),
        ([("a", 10), ("b", 9)], {"min_bidders": 2}, None),
        ([("a", 10), ("b", 12)], {"min_bidders": 2}, "b"),
        ([("a", 14)], {"reserve_price": 15}, None),
        ([("a", 15)], {"reserve_price": 15}, "a"),
    ],
)
def test_too_few_bidders_or_a_best_bid_below_the_reserve_leave_a_lot_unsold(
    prices, changes, winner
):
    assert sealed(prices, **changes).winner == winner


@given(st.integers(0, 3600), st.integers(0, 100_000))
def test_a_resumed_lot_gets_its_lost_time_back_and_a_whole_countdown(frozen_after, lost):
    frozen_at = OPENS + timedelta(seconds=frozen_after)
    frozen = rules.decide_freeze(lot(), frozen_at)
    if frozen_after == 3600:
        assert frozen is AuctionRefusal.WRONG_STATE
        return
    now = frozen_at + timedelta(seconds=lost)
    for mode in Mode:
        resumed = rules.decide_resume(replace(frozen, mode=mode), now)
        assert resumed.closes_at - now >= CLOSES - frozen_at
        if mode is Mode.ASCENDING:
            assert resumed.closes_at - now >= WINDOW
        else:
            assert resumed.closes_at - now == CLOSES - frozen_at


@pytest.mark.parametrize(
    ("bidder", "cash", "refusal"),
    [
        ("b", 100, AuctionRefusal.NOT_WINNER),
        ("a", 16, AuctionRefusal.INSUFFICIENT_FUNDS),
        ("a", 17, None),
    ],
)
def test_the_winner_pays_from_deposit_and_free_cash(bidder, cash, refusal):
    sold = lot(state=LotState.SOLD, winner="a", price=20, payment_due_at=CLOSES)
    verdict = rules.decide_payment(sold, bidder, cash)
    if refusal is None:
        assert verdict.state is LotState.PAID
    else:
        assert verdict is refusal


def test_only_a_sold_lot_can_be_paid():
    for state in set(LotState) - {LotState.SOLD}:
        other = lot(state=state, winner="a", price=20)
        assert rules.decide_payment(other, "a", 100) is AuctionRefusal.WRONG_STATE
