"""Money, area, shares and calendar: exact, total, and refusing what is not theirs."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel import calendar, shares, units

small = st.integers(0, 4)


@given(st.integers(0, 10**15 - 1))
def test_an_amount_survives_the_way_to_the_wire_and_back(value):
    assert units.hundredths(units.decimal(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        *("1", "1.0", "1.000", "01.00", "-1.00", "+1.00", "1e2", " 1.00", "1.00 ", "1,000.00", ""),
        *(".50", "10000000000000.00", "１.00", "1.00\n", "٣.00", "NaN", "0x1.00"),
        *(1, 1.0, None, True, []),
    ],
)
def test_what_is_no_amount_with_two_places_is_refused(text):
    with pytest.raises(units.InvalidAmountError):
        units.hundredths(text)


@given(st.integers(0, 12), st.lists(small, min_size=1, max_size=5).filter(any), st.randoms())
def test_shares_add_up_and_nobody_is_a_whole_unit_off(total, weights, rng):
    order = list(range(len(weights)))
    rng.shuffle(order)
    parts = shares.largest_remainder(total, weights, order)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1
        assert weight > 0 or part == 0


@given(st.integers(0, 12), st.lists(st.integers(1, 4), min_size=2, max_size=5))
def test_a_left_over_unit_goes_to_the_largest_remainder_and_then_by_the_tie_order(total, weights):
    parts = shares.largest_remainder(total, weights, range(len(weights)))
    whole = sum(weights)
    for i, j in ((i, j) for i in range(len(parts)) for j in range(len(parts))):
        extra_i = parts[i] - total * weights[i] // whole
        extra_j = parts[j] - total * weights[j] // whole
        if extra_i < extra_j:
            # j was preferred: its remainder is larger, or equal and j comes first.
            assert (-(total * weights[j] % whole), j) < (-(total * weights[i] % whole), i)


@given(st.integers(0, 30), st.integers(1, 7))
def test_rounding_down_and_half_up_are_what_their_names_say(numerator, denominator):
    exact = Fraction(numerator, denominator)
    down, half_up = (
        shares.floor_div(numerator, denominator),
        shares.half_up_div(numerator, denominator),
    )
    assert down <= exact < down + 1
    assert -Fraction(1, 2) < half_up - exact <= Fraction(1, 2)


@pytest.mark.parametrize("function", [shares.floor_div, shares.half_up_div])
@pytest.mark.parametrize(("numerator", "denominator"), [(-1, 2), (1, 0), (1, -2)])
def test_no_rounding_of_what_is_no_non_negative_fraction(function, numerator, denominator):
    with pytest.raises(ValueError, match="fraction"):
        function(numerator, denominator)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2026, 5, 31), 57, date(2031, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_months_keep_the_day_or_take_the_last_of_a_shorter_month(day, months, expected):
    assert calendar.add_months(day, months) == expected


def test_a_leap_day_becomes_the_28th_in_a_common_year():
    assert calendar.add_years(date(2028, 2, 29), 5) == date(2033, 2, 28)
    assert calendar.add_years(date(2028, 2, 29), 4) == date(2032, 2, 29)


def test_the_day_is_that_of_shanghai():
    assert calendar.local_date(datetime(2026, 12, 31, 16, 0, tzinfo=UTC)) == date(2027, 1, 1)
    assert calendar.midnight(date(2027, 1, 1)) == datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
