"""Requests to redeem: what they would do is what the command does, and two people make it so."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.explain_redemption import explain_redemption
from app.accounts.rules import AccountsRefusal, HousingAccount
from app.accounts.rules_homes import AffordableGap, Surplus
from app.accounts.rules_outcome import Grounds, Outcome, Refund, judge
from app.accounts.rules_redemptions import (
    Redemption,
    RedemptionKind,
    RedemptionRefusal,
    RedemptionState,
    decide_decision,
    decide_request,
    decide_withdrawal,
    due_at,
)
from app.accounts.rules_rental import PublicGap, Rental
from app.accounts.terms import SCHEMAS, command_of, document_of
from app.kernel.units import decimal
from tests.redemptions import terms_of

NOW = datetime(2031, 3, 21, 1, 0, tzinfo=UTC)
KINDS = list(RedemptionKind)
AMOUNTS = st.integers(0, 12)
PRICES = st.integers(1, 12)


@st.composite
def accounts(draw):
    """An account with a few fen, of which some may be gone already."""
    base, subsidy = draw(AMOUNTS), draw(AMOUNTS)
    home = draw(st.integers(0, base + subsidy))
    cash = draw(st.integers(0, base + subsidy - home))
    account = HousingAccount(
        household="h1",
        collective="v1",
        county="500236",
        home_province="500000",
        issued_on=draw(st.sampled_from([date(2026, 3, 21), date(2026, 3, 22)])),
        province="500000",
        balance=base + subsidy - home - cash,
        base=base,
        subsidy=subsidy,
        housing_paid=home,
        cash_paid=cash,
        affordable_homes=draw(st.integers(0, 1)),
    )
    return account if account.balance or draw(st.booleans()) else replace(account, open=False)


@st.composite
def rentals(draw):
    return Rental(
        id="r1",
        household="h1",
        area=draw(st.integers(1, 500)),
        rent_per_m2=draw(AMOUNTS),
        subsidy_per_m2=draw(AMOUNTS),
        begun_on=date(2030, 1, 31),
        charges_made=3,
        ended_at=draw(st.sampled_from([None, NOW - timedelta(days=1)])),
    )


@st.composite
def documents(draw, kind):
    """Terms of a kind as they are sent."""
    flags, money = st.booleans(), AMOUNTS.map(decimal)
    price = PRICES.map(decimal)
    fields = {
        RedemptionKind.AFFORDABLE_PURCHASE: {
            "price_cny": price,
            "surplus": st.sampled_from([one.value for one in Surplus]),
            "gap": st.sampled_from([None, *(one.value for one in AffordableGap)]),
        },
        RedemptionKind.AFFORDABLE_RESALE: {
            "able": flags,
            "land_fee_cny": money,
            "fee_paid_cny": money,
        },
        RedemptionKind.PUBLIC_RENTAL: {
            "area_m2": st.integers(1, 500).map(decimal),
            "rent_per_m2_cny": money,
            "subsidy_per_m2_cny": money,
        },
        RedemptionKind.PUBLIC_PURCHASE: {
            "price_cny": price,
            "gap": st.sampled_from([None, *(one.value for one in PublicGap)]),
        },
        RedemptionKind.COMMERCIAL_PURCHASE: {
            "price_cny": price,
            "first_home": flags,
            "loan_cny": st.none() | money,
        },
        RedemptionKind.MORTGAGE_OFFSET: {
            "open_principal_cny": money,
            "first_home": flags,
            "only_home": flags,
        },
        RedemptionKind.CASH_WITHDRAWAL: dict.fromkeys(
            ("has_city_home", "mortgage_open", "declines", "urgent", "able"), flags
        ),
        RedemptionKind.REFUND: {},
    }
    drawn = {name: draw(values) for name, values in fields[kind].items()}
    whole = terms_of(kind.value, "h1", **drawn) | drawn
    return {name: value for name, value in whole.items() if value is not None}


CASES = st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(st.just(kind), documents(kind)))


def redemption(**changed):
    asked = Redemption(
        id="q1",
        household="h1",
        kind=RedemptionKind.REFUND,
        terms={"household": "h1"},
        salt=bytes(32),
        province="500000",
        home_province="500000",
        asked_by="p1",
        asked_at=NOW,
    )
    return replace(asked, **changed)


@given(CASES)
def test_terms_are_kept_as_they_were_sent_and_ask_for_the_same_again(case):
    kind, document = case
    sent = SCHEMAS[kind].model_validate(document)
    assert document_of(sent) == document
    assert command_of(kind, document) == sent.command()


@given(CASES, accounts(), rentals(), AMOUNTS)
def test_what_a_redemption_would_do_is_told_to_the_fen(case, account, rental, cap):
    kind, document = case
    command = command_of(kind, document)
    grounds = Grounds(account=account, rental=rental, option_years=5, loan_cap=cap, now=NOW)
    outcome = judge(command, grounds)
    if isinstance(outcome, AccountsRefusal):
        return
    use, after = outcome.use, outcome.use.account
    assert outcome.before == account
    assert use.housing >= 0 <= use.cash
    assert after.balance == account.balance - use.housing - use.cash >= 0
    assert after.base + after.subsidy == after.balance + after.housing_paid + after.cash_paid
    assert after.open or isinstance(command, Refund)
    lines = explain_redemption(kind, outcome)
    assert lines[0].amount == account.balance
    assert sum(line.amount for line in lines) == after.balance
    assert all(line.amount < 0 for line in lines[1:])


@given(CASES)
def test_without_an_account_and_after_a_refund_nothing_is_judged_but_refused(case):
    kind, document = case
    rental = Rental(
        id="r1",
        household="h1",
        area=1,
        rent_per_m2=0,
        subsidy_per_m2=0,
        begun_on=date(2030, 1, 31),
        charges_made=1,
    )
    command = command_of(kind, document)
    grounds = Grounds(account=None, rental=rental, option_years=5, loan_cap=0, now=NOW)
    assert judge(command, grounds) is AccountsRefusal.NO_ACCOUNT
    closed = HousingAccount(
        household="h1",
        collective="v1",
        county="500236",
        home_province="500000",
        issued_on=date(2026, 1, 1),
        province="500000",
        open=False,
    )
    grounds = replace(grounds, account=closed)
    assert judge(command, grounds) is AccountsRefusal.ACCOUNT_CLOSED


@given(st.sampled_from(list(RedemptionState)), st.sampled_from(["p1", "p2"]))
def test_only_a_second_person_decides_and_only_what_is_open(state, person):
    refusal = decide_decision(redemption(state=state), person)
    if state is not RedemptionState.OPEN:
        assert refusal is RedemptionRefusal.DECIDED
    elif person == "p1":
        assert refusal is RedemptionRefusal.SAME_PERSON
    else:
        assert refusal is None


@pytest.mark.parametrize("state", list(RedemptionState))
def test_what_nobody_has_decided_can_be_taken_back(state):
    refusal = decide_withdrawal(redemption(state=state))
    assert refusal is (None if state is RedemptionState.OPEN else RedemptionRefusal.DECIDED)


def test_one_request_of_a_kind_waits_at_a_time():
    assert decide_request(has_open=True) is RedemptionRefusal.ALREADY_REQUESTED
    assert decide_request(has_open=False) is None


def test_a_request_should_be_decided_within_seven_days_to_the_second():
    assert due_at(NOW) - NOW == timedelta(days=7)
    assert redemption().due_at == due_at(NOW)


def test_the_commitment_depends_on_the_salt_and_on_every_term():
    asked = redemption()
    others = (redemption(salt=bytes(31) + b"\x01"), redemption(terms={"household": "h2"}))
    assert len({asked.commitment, *(other.commitment for other in others)}) == 3
    assert asked.commitment == redemption(asked_by="p2").commitment


def test_an_outcome_is_judged_on_the_rental_that_goes_on():
    """Renting the rest, the charge falls with the area that is rented still."""
    account = HousingAccount(
        household="h1",
        collective="v1",
        county="500236",
        home_province="500000",
        issued_on=date(2026, 3, 21),
        province="500000",
        balance=1_930_000,
        base=1_930_000,
    )
    rental = Rental(
        id="r1",
        household="h1",
        area=5000,
        rent_per_m2=1200,
        subsidy_per_m2=400,
        begun_on=date(2026, 5, 31),
        charges_made=58,
    )
    document = terms_of("public_purchase", "h1", price_cny="150000.00", gap="rent_rest")
    command = command_of(RedemptionKind.PUBLIC_PURCHASE, document)
    grounds = Grounds(account=account, rental=rental, option_years=5, loan_cap=0, now=NOW)
    outcome = judge(command, grounds)
    assert isinstance(outcome, Outcome)
    assert (outcome.use.terms.owned, outcome.rental.area, outcome.rental.charge) == (
        643,
        4357,
        34_856,
    )
