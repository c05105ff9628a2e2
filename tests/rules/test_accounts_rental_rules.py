"""Public rentals: pure rules. Dates at their edges, amounts small, so that edges meet."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts import rules_rental
from app.accounts.rules import AccountsRefusal, GapBy, HousingAccount
from app.accounts.rules_rental import PublicGap, Rental
from app.kernel.calendar import SHANGHAI, midnight
from app.kernel.units import Area, Fen

NOW = datetime(2031, 3, 21, tzinfo=SHANGHAI)


def account(balance=0, **changes):
    return replace(
        HousingAccount(
            household="h1",
            collective="v1",
            county="500236",
            home_province="500000",
            issued_on=date(2026, 3, 21),
            province="500000",
            balance=Fen(balance),
            base=Fen(balance),
        ),
        **changes,
    )


def rental(area=5000, rent=1200, subsidy=400, begun_on=date(2026, 5, 31), **changes):
    return replace(
        Rental(
            id="r1",
            household="h1",
            area=Area(area),
            rent_per_m2=Fen(rent),
            subsidy_per_m2=Fen(subsidy),
            begun_on=begun_on,
            charges_made=1,
        ),
        **changes,
    )


def buy_public(price, gap=None):
    return rules_rental.BuyPublic("r1", Fen(price), gap)


RENT = rules_rental.RentPublic("r2", "h1", Area(100), Fen(3), Fen(1))


@pytest.mark.parametrize(
    ("area", "rent", "subsidy", "charge"),
    [
        (5000, 1200, 400, 40000),
        (4000, 1050, 400, 26000),
        (5000, 400, 400, 0),
        (5000, 399, 400, 0),
        (49, 1, 0, 0),
        (50, 1, 0, 1),
        (10**15, 10**15, 0, 10**28),
    ],
)
def test_the_monthly_charge_is_area_by_rent_less_subsidy_half_up(area, rent, subsidy, charge):
    assert rental(area, rent, subsidy).charge == charge


@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4))
def test_a_charge_takes_what_the_account_has_and_notes_the_rest(balance, rent, rent_due):
    charged = rules_rental.charge_once(
        account(balance, rent_due=Fen(rent_due)), rental(area=100, rent=rent, subsidy=0)
    )
    assert charged.paid == min(balance, rent)
    assert charged.account.rent_due == rent_due + rent - charged.paid
    assert charged.account.housing_paid == charged.paid
    assert charged.rental.charges_made == 2


@pytest.mark.parametrize(
    ("begun_on", "charges", "day"),
    [
        (date(2026, 5, 31), 1, date(2026, 6, 30)),
        (date(2026, 5, 31), 2, date(2026, 7, 31)),
        (date(2026, 5, 31), 57, date(2031, 2, 28)),
        (date(2026, 5, 31), 58, date(2031, 3, 31)),
        (date(2027, 12, 30), 2, date(2028, 2, 29)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_a_charge_is_due_at_midnight_counted_from_the_first_day(begun_on, charges, day):
    assert rental(begun_on=begun_on, charges_made=charges).next_charge_at == midnight(day)


def test_an_ended_rental_is_never_charged_again():
    assert rental(ended_at=NOW).next_charge_at is None


def test_a_household_rents_one_home_at_a_time_and_pays_the_first_month_at_once():
    assert (
        rules_rental.decide_rental(account(9), rental(), RENT, NOW)
        is AccountsRefusal.ALREADY_RENTING
    )
    begun = rules_rental.decide_rental(account(9), None, RENT, NOW)
    assert (begun.number, begun.charge, begun.account.balance) == (0, 2, 7)
    assert begun.rental.next_charge_at == midnight(date(2031, 4, 21))


def test_a_rental_ends_once():
    ended = rules_rental.decide_rental_end(account(), rental(), NOW)
    assert ended.ended_at == NOW
    assert rules_rental.decide_rental_end(account(), ended, NOW).code == "wrong-state"


@pytest.mark.parametrize(
    ("issued_on", "years", "first_day"),
    [
        (date(2026, 3, 21), 5, date(2031, 3, 21)),
        (date(2028, 2, 29), 5, date(2033, 2, 28)),
        (date(2028, 2, 29), 4, date(2032, 2, 29)),
        (date(2026, 3, 21), 0, date(2026, 3, 21)),
    ],
)
def test_the_rented_home_may_be_bought_from_the_first_instant_of_the_option_date(
    issued_on, years, first_day
):
    holder = account(10, issued_on=issued_on)
    opening = midnight(first_day)
    late, early = opening, opening - timedelta(seconds=1)

    def decide(now):
        return rules_rental.decide_public_purchase(holder, rental(), buy_public(10), years, now)

    assert isinstance(decide(late), tuple)
    assert decide(early) is AccountsRefusal.FIVE_YEARS_NOT_REACHED


def test_an_ended_rental_is_refused_before_the_five_years_and_these_before_the_gap():
    early = midnight(date(2031, 3, 20))
    ended = rental(ended_at=early)

    def decide(r, now):
        return rules_rental.decide_public_purchase(account(1), r, buy_public(10), 5, now).code

    assert decide(ended, early) == "wrong-state"
    assert decide(rental(), early) == "five-years-not-reached"
    assert decide(rental(), NOW) == "gap-method-missing"


@pytest.mark.parametrize(
    ("balance", "command", "expected"),
    [
        (1930000, buy_public(15000000, PublicGap.RENT_REST), (1930000, 0, GapBy.RENT_REST, 643)),
        (10, buy_public(10), (10, 0, None, 5000)),
        (11, buy_public(10, PublicGap.RENT_REST), (10, 1, None, 5000)),
        (9, buy_public(10, PublicGap.LUMP_SUM), (9, 0, GapBy.LUMP_SUM, 5000)),
        (0, buy_public(10, PublicGap.RENT_REST), (0, 0, GapBy.RENT_REST, 0)),
    ],
)
def test_a_public_home_is_bought_whole_or_by_the_area_that_is_paid(balance, command, expected):
    use, after = rules_rental.decide_public_purchase(account(balance), rental(), command, 5, NOW)
    terms = use.terms
    assert (use.housing, use.cash, terms.gap_by, terms.owned) == expected
    assert (terms.gap, terms.rented) == (command.price - use.housing, 5000 - terms.owned)
    assert after.active == (terms.gap_by is GapBy.RENT_REST)


@given(st.integers(1, 6), st.integers(0, 6), st.integers(1, 7))
def test_who_rents_the_rest_owns_no_more_than_was_paid_and_always_rents_something(
    area, balance, price
):
    use, after = rules_rental.decide_public_purchase(
        account(balance), rental(area), buy_public(price, PublicGap.RENT_REST), 5, NOW
    )
    assert use.terms.owned + use.terms.rented == area
    assert use.account.balance == 0
    if balance < price:
        assert use.terms.owned <= Fraction(area * balance, price) < use.terms.owned + 1
        assert after.area == use.terms.rented > 0
        assert (after.begun_on, after.charges_made) == (rental().begun_on, rental().charges_made)


@pytest.mark.parametrize("latest", [rental(), rental(ended_at=NOW - timedelta(days=1))])
def test_a_refund_pays_all_ends_the_rental_and_closes_the_account(latest):
    use, after = rules_rental.decide_refund(account(10), latest, NOW)
    assert (use.cash, use.account.balance, use.account.open) == (10, 0, False)
    assert after.ended_at == (latest.ended_at or NOW)


def test_a_refund_needs_a_public_rental_now_or_before():
    decision = rules_rental.decide_refund(account(10), None, NOW)
    assert decision is AccountsRefusal.REFUND_NEEDS_PUBLIC_RENTAL
