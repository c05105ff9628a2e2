"""Housing accounts: pure rules, by tables and by properties. Small numbers, so that edges meet."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts import rules, rules_homes, rules_rental
from app.accounts.explain import explain_land_income, explain_subsidy
from app.accounts.rules import AccountsRefusal, ContractKind, GapBy, HousingAccount, Use
from app.accounts.rules_homes import AffordableGap, Surplus
from app.accounts.rules_rental import PublicGap, Rental
from app.kernel.calendar import SHANGHAI
from app.kernel.refusal import CommonRefusal, Refusal
from app.kernel.units import Area, Fen
from app.ledger import Credited, EntryKind
from app.policy.rules import Parameters, SubsidyBasis

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


CLOSED = account(open=False)


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


def buy_affordable(price, surplus=Surplus.KEEP, gap=None):
    return rules_homes.BuyAffordable("h1", Fen(price), surplus, gap)


def buy_commercial(price, loan=0, *, first_home=True):
    return rules_homes.BuyCommercial("h1", Fen(price), first_home, Fen(loan))


def offset(principal, *, first_home=True, only_home=True):
    return rules_homes.OffsetMortgage("h1", Fen(principal), first_home, only_home)


def resell(fee=0, paid=0, *, able=True):
    return rules_homes.ResellAffordable("h1", able, Fen(fee), Fen(paid))


def withdraw(*, city=True, mortgage=False, declines=False, urgent=False, able=True):
    return rules_homes.WithdrawCash("h1", city, mortgage, declines, urgent, able)


def buy_public(price, gap=None):
    return rules_rental.BuyPublic("r1", Fen(price), gap)


RENT = rules_rental.RentPublic("r2", "h1", Area(100), Fen(3), Fen(1))


def subsidise(holder, *, area=None, now=NOW, **basics):
    """`basics` may change the heads, rate, basis, pool, and the years that had a subsidy."""
    b = {"heads": 3, "rate": 2, "basis": "head", "years": (), "pool": 100} | basics
    parameters = Parameters(subsidy_basis=SubsidyBasis(b["basis"]), subsidy_rate=Fen(b["rate"]))
    command = rules.Subsidise("h1", None if area is None else Area(area))
    given_ = rules.SubsidyBasics(
        subsidised_in=frozenset(b["years"]),
        heads=b["heads"],
        parameters=parameters,
        pool=Fen(b["pool"]),
    )
    return rules.decide_subsidy(holder, command, given_, now)


# Every use of an account, given the account, the household's rental and an amount.
USES = {
    "subsidise": lambda a, r, n: subsidise(a, rate=n),
    "buy_affordable": lambda a, r, n: rules_homes.decide_affordable_purchase(
        a, buy_affordable(n, Surplus.CASH if n % 2 else Surplus.KEEP, AffordableGap.MORTGAGE)
    ),
    "resell_affordable": lambda a, r, n: rules_homes.decide_affordable_resale(a, resell()),
    "exchange_low_rent": lambda a, r, n: rules_homes.decide_low_rent_exchange(a),
    "rent_public": lambda a, r, n: rules_rental.decide_rental(
        a, r if r is not None and r.active else None, RENT, NOW
    ),
    "end_rental": lambda a, r, n: rules_rental.decide_rental_end(a, r or rental(), NOW),
    "buy_public": lambda a, r, n: rules_rental.decide_public_purchase(
        a, r or rental(ended_at=NOW), buy_public(n, list(PublicGap)[n % 4]), 5, NOW
    ),
    "refund": lambda a, r, n: rules_rental.decide_refund(a, r, NOW),
    "buy_commercial": lambda a, r, n: rules_homes.decide_commercial_purchase(
        a, buy_commercial(n, n % 3), Fen(5)
    ),
    "offset_mortgage": lambda a, r, n: rules_homes.decide_mortgage_offset(a, offset(n)),
    "withdraw_cash": lambda a, r, n: rules_homes.decide_withdrawal(a, withdraw()),
    "credit": lambda a, r, n: rules.credit(a, Fen(n)),
    "charge": lambda a, r, n: charge(a, r),
}
NOT_ASKED_FOR = {"credit", "charge"}


@pytest.mark.parametrize("name", sorted(USES.keys() - NOT_ASKED_FOR))
@pytest.mark.parametrize(
    ("holder", "code"), [(None, "no-account"), (CLOSED, "account-closed")], ids=["none", "closed"]
)
def test_every_use_needs_an_open_account_before_anything_else(name, holder, code):
    assert USES[name](holder, rental(ended_at=NOW), 1).code == code


# ------------------------------------------------------------------------------ conservation


def paid_out(holder):
    return holder.balance + holder.housing_paid + holder.cash_paid


def charge(holder, current):
    if current is None or not current.active:
        return AccountsRefusal.RENTAL_ENDED
    charged = rules_rental.charge_once(holder, current)
    assert charged.account.rent_due - holder.rent_due == charged.charge - charged.paid
    return charged


def step(holder, current, name, amount):
    """One decision; answers with the account and the rental after it, as the commands keep them."""
    match USES[name](holder, current, amount):
        case Refusal():
            return holder, current
        case Rental() as ended:
            return holder, ended
        case HousingAccount() as credited:
            return credited, current
        case (Use() as use, Rental() as after):
            assert use.terms is None or use.terms.from_account == use.housing
            return use.account, after
        case rules_rental.Charged() as charged:
            return charged.account, charged.rental
        case decision:
            return decision.account, current


@given(st.lists(st.tuples(st.sampled_from(list(USES)), st.integers(1, 6)), max_size=30))
def test_what_came_in_is_what_is_left_and_was_paid_out_after_any_steps(steps):
    holder, current = account(), None
    for name, amount in steps:
        before = holder
        holder, current = step(holder, current, name, amount)
        assert holder.base + holder.subsidy == paid_out(holder)
        assert holder.balance >= 0
        assert holder.affordable_homes >= 0
        assert holder.events >= before.events
        if not holder.open:
            assert holder.balance == 0
            assert current is not None
            assert not current.active


@given(st.integers(0, 5), st.integers(0, 5))
def test_a_share_credited_to_a_closed_account_is_paid_in_cash_at_once(cash_paid, share):
    closed = account(open=False, base=Fen(cash_paid), cash_paid=Fen(cash_paid))
    after = rules.credit(closed, Fen(share))
    assert (after.balance, after.base, after.cash_paid) == (0, cash_paid + share, cash_paid + share)
    assert not after.open


# ---------------------------------------------------------------------------------- subsidies


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"years": (2031,)}, AccountsRefusal.ALREADY_SUBSIDISED),
        ({"years": (2030, 2032)}, 6),
        ({"pool": 5}, AccountsRefusal.POOL_INSUFFICIENT),
        ({"pool": 6}, 6),
        ({"rate": 0, "pool": 0}, 0),
        ({"heads": 0, "pool": 0}, 0),
        ({"area": 1, "pool": 6}, 6),
        ({"basis": "area"}, CommonRefusal.INVALID_REQUEST),
        ({"basis": "area", "years": (2031,)}, AccountsRefusal.ALREADY_SUBSIDISED),
        ({"basis": "area", "area": 6000, "rate": 3, "pool": 180}, 180),
        (
            {"basis": "area", "area": 6000, "rate": 3, "pool": 179},
            AccountsRefusal.POOL_INSUFFICIENT,
        ),
    ],
)
def test_a_subsidy_is_rate_by_heads_or_area_once_a_year_from_the_pool(options, expected):
    decision = subsidise(account(10), **options)
    if isinstance(expected, Refusal):
        assert decision is expected
    else:
        assert (decision.amount, decision.account.subsidy) == (expected, expected)
        assert decision.account.balance == 10 + expected


@pytest.mark.parametrize(
    ("rate", "area", "amount"), [(1, 49, 0), (1, 50, 1), (1, 149, 1), (1, 150, 2), (3, 50, 2)]
)
def test_a_subsidy_by_area_rounds_half_up_to_the_fen(rate, area, amount):
    assert rules.subsidy_by_area(Fen(rate), Area(area)) == amount


def test_the_subsidy_year_is_the_calendar_year_of_shanghai():
    eve = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)
    assert subsidise(account(), now=eve).year == 2026
    assert subsidise(account(), now=eve + timedelta(seconds=1)).year == 2027


@given(st.integers(0, 1000), st.integers(0, 100))
def test_the_pooled_share_of_land_income_is_rounded_down(amount, share):
    pooled = rules.pooled_share(Fen(amount), share)
    assert pooled <= Fraction(amount * share, 100) < pooled + 1


# ---------------------------------------------------------------------- homes, mortgages, cash


@pytest.mark.parametrize(
    ("balance", "command", "expected"),
    [
        (10, buy_affordable(10), (10, 0, 0, None)),
        (10, buy_affordable(10, Surplus.CASH, AffordableGap.MORTGAGE), (10, 0, 0, None)),
        (10, buy_affordable(9, Surplus.CASH), (9, 1, 0, None)),
        (10, buy_affordable(9, Surplus.KEEP), (9, 0, 0, None)),
        (10, buy_affordable(11, Surplus.CASH, AffordableGap.LUMP_SUM), (10, 0, 1, GapBy.LUMP_SUM)),
        (0, buy_affordable(1, gap=AffordableGap.INSTALMENTS), (0, 0, 1, GapBy.INSTALMENTS)),
        (10, buy_affordable(11), AccountsRefusal.GAP_METHOD_MISSING),
    ],
)
def test_an_affordable_home_takes_its_price_and_leaves_or_pays_the_rest(balance, command, expected):
    decision = rules_homes.decide_affordable_purchase(account(balance), command)
    if isinstance(expected, Refusal):
        assert decision is expected
        return
    terms = decision.terms
    assert (decision.housing, decision.cash, terms.gap, terms.gap_by) == expected
    assert decision.account.affordable_homes == 1


@pytest.mark.parametrize(
    ("homes", "command", "code"),
    [
        (0, resell(1, 0, able=False), "no-affordable-home"),
        (1, resell(1, 0, able=False), "assessment-failed"),
        (1, resell(2, 1), "land-fee-unpaid"),
        (1, resell(2, 2), None),
        (2, resell(2, 3), None),
    ],
)
def test_an_affordable_home_is_resold_once_by_the_able_with_the_fee_paid(homes, command, code):
    decision = rules_homes.decide_affordable_resale(account(7, affordable_homes=homes), command)
    if code is not None:
        assert decision.code == code
        return
    terms = decision.terms
    assert (terms.kind, terms.price, terms.from_account, terms.gap, terms.gap_by) == (
        ContractKind.AFFORDABLE_RESALE, 0, 0, 0, None
    )  # fmt: skip
    assert (decision.account.affordable_homes, decision.account.balance) == (homes - 1, 7)


def test_an_exchange_for_low_rent_is_always_refused():
    assert rules_homes.decide_low_rent_exchange(account(1)) is AccountsRefusal.LOW_RENT_MERGED


@pytest.mark.parametrize(
    ("balance", "command", "expected"),
    [
        (10, buy_commercial(20, 6, first_home=False), "not-first-home"),
        (10, buy_commercial(20, 6), "loan-over-cap"),
        (10, buy_commercial(20, 5), (10, 10, GapBy.LOAN, 5)),
        (10, buy_commercial(13, 5), (10, 3, GapBy.LOAN, 3)),
        (10, buy_commercial(20, 0), (10, 10, GapBy.OWN_MONEY, 0)),
        (10, buy_commercial(10, 5), (10, 0, None, 0)),
        (10, buy_commercial(4, 0), (4, 0, None, 0)),
        (0, buy_commercial(4, 1), (0, 4, GapBy.LOAN, 1)),
    ],
)
def test_a_commercial_home_takes_a_loan_up_to_the_cap_and_the_gap(balance, command, expected):
    decision = rules_homes.decide_commercial_purchase(account(balance), command, Fen(5))
    if isinstance(expected, str):
        assert decision.code == expected
        return
    terms = decision.terms
    assert (terms.from_account, terms.gap, terms.gap_by, terms.loan) == expected
    assert decision.cash == 0


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (offset(0, first_home=False), "not-only-home"),
        (offset(0, only_home=False), "not-only-home"),
        (offset(0), "no-mortgage"),
        (offset(9), 9),
        (offset(10), 10),
        (offset(11), 10),
    ],
)
def test_a_mortgage_offset_pays_the_lender_up_to_the_open_principal(command, expected):
    decision = rules_homes.decide_mortgage_offset(account(10), command)
    if isinstance(expected, str):
        assert decision.code == expected
        return
    assert decision.account.housing_paid == decision.terms.from_account == expected
    assert decision.terms.price == command.open_principal
    assert (decision.terms.gap, decision.terms.gap_by) == (0, None)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (withdraw(city=False, mortgage=True, able=False), "no-city-home"),
        (withdraw(mortgage=True, able=False), "mortgage-option-open"),
        (withdraw(mortgage=True, declines=True, able=False), "assessment-failed"),
        (withdraw(mortgage=True, urgent=True), None),
        (withdraw(mortgage=True, declines=True), None),
        (withdraw(), None),
    ],
)
def test_cash_needs_a_city_home_no_mortgage_in_the_way_and_ability(command, code):
    decision = rules_homes.decide_withdrawal(account(10), command)
    if code is not None:
        assert decision.code == code
    else:
        assert (decision.cash, decision.account.balance, decision.account.open) == (10, 0, True)


# -------------------------------------------------------------------------------- explanations


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("explain", "kind", "facts", "amount"),
    [
        (
            explain_subsidy,
            EntryKind.SUBSIDY,
            {"year": 2027, "basis": "head", "rate": "1000.00", "heads": 3},
            300000,
        ),
        (
            explain_subsidy,
            EntryKind.SUBSIDY,
            {"year": 2027, "basis": "area", "rate": "0.01", "area": "1.50"},
            2,
        ),
        (
            explain_land_income,
            EntryKind.LAND_INCOME,
            {"income": 1, "amount": "40000.05", "share": "0.10"},
            400000,
        ),
    ],
)
def test_an_explanation_adds_up_on_both_sides_of_the_entry(explain, kind, facts, amount, sign):
    credited = Credited(1, kind, "account", sign * amount, "h1", None, facts, [])
    lines = explain(credited)
    assert sum(line.amount for line in lines) == sign * amount
    assert all(line.formula.startswith("-") == (sign < 0) for line in lines)
