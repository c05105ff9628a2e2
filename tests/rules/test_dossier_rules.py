"""Statements of a year: running balances, and years of Beijing."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.dossiers.rules import Movement, year_of

NEW_YEAR = datetime(2026, 12, 31, 16, tzinfo=UTC)
"""Midnight in Beijing, as 2027 begins."""


def movement(number, at, amount, kind="rent"):
    return Movement(number, None, "housing:500000:h1", kind, "r1", at, amount)


@st.composite
def histories(draw):
    hours = sorted(draw(st.lists(st.integers(-48, 48), max_size=12)))
    kinds = st.sampled_from(["rent", "settlement", "account_moved_out", "account_moved_in"])
    return [
        movement(i, NEW_YEAR + timedelta(hours=hour), draw(st.integers(-5, 5)), draw(kinds))
        for i, hour in enumerate(hours)
    ]


@given(histories())
def test_every_year_begins_with_what_the_year_before_left(history):
    before = [m for m in history if m.at < NEW_YEAR]
    first, second = year_of("h1", 2026, before), year_of("h1", 2027, history)
    assert first.opening == 0
    assert second.opening == first.closing
    assert second.closing == sum(m.amount for m in history)
    assert len(first.lines) + len(second.lines) == len(history)


@given(histories())
def test_what_came_in_less_what_went_out_is_the_difference_but_for_moves_between_provinces(history):
    for year in (2026, 2027):
        part = [m for m in history if m.at < NEW_YEAR] if year == 2026 else history
        statement = year_of("h1", year, part)
        moved = sum(
            line.movement.amount for line in statement.lines if "moved" in line.movement.kind
        )
        difference = statement.closing - statement.opening
        assert statement.paid_in - statement.paid_out + moved == difference
        assert statement.paid_in >= 0
        assert statement.paid_out >= 0


def test_the_year_is_that_of_beijing():
    last = movement(1, NEW_YEAR - timedelta(seconds=1), 100)
    first = movement(2, NEW_YEAR, -30)
    assert [line.balance for line in year_of("h1", 2026, [last]).lines] == [100]
    statement = year_of("h1", 2027, [last, first])
    assert (statement.opening, statement.paid_out, statement.closing) == (100, 30, 70)
