"""Pure rules of affordable and commercial homes, mortgages and cash (R148-R154, R164-R168)."""

from dataclasses import dataclass, replace
from enum import StrEnum

from app.accounts.rules import (
    ZERO,
    AccountsRefusal,
    ContractKind,
    GapBy,
    HousingAccount,
    Terms,
    Use,
    spend,
)
from app.kernel.units import Fen


class Surplus(StrEnum):
    """What becomes of the balance beyond the price of an affordable home (R148)."""

    CASH = "cash"
    KEEP = "keep"


class AffordableGap(StrEnum):
    """How the missing part of an affordable home's price is paid (R149)."""

    LUMP_SUM = "lump_sum"
    MORTGAGE = "mortgage"
    INSTALMENTS = "instalments"


@dataclass(frozen=True, slots=True)
class BuyAffordable:
    """Buy an affordable home."""

    household: str
    price: Fen
    surplus: Surplus
    gap: AffordableGap | None = None


@dataclass(frozen=True, slots=True)
class ResellAffordable:
    """Resell an affordable home; `able` is the outcome of the assessment (R151, R152)."""

    household: str
    able: bool
    land_fee: Fen
    fee_paid: Fen


@dataclass(frozen=True, slots=True)
class BuyCommercial:
    """Buy the first commercial home, with a low-interest loan if wished (R165)."""

    household: str
    price: Fen
    first_home: bool
    loan: Fen = ZERO


@dataclass(frozen=True, slots=True)
class OffsetMortgage:
    """Pay the lender of the first and only home (R166)."""

    household: str
    open_principal: Fen
    first_home: bool
    only_home: bool


@dataclass(frozen=True, slots=True)
class WithdrawCash:
    """Take the whole balance in cash (R167, R168)."""

    household: str
    has_city_home: bool
    mortgage_open: bool
    declines: bool
    urgent: bool
    able: bool


def decide_affordable_purchase(
    account: HousingAccount | None, command: BuyAffordable
) -> AccountsRefusal | Use:
    """The balance pays up to the price; what is beyond is paid out or kept, as chosen."""
    if account is None:
        return AccountsRefusal.NO_ACCOUNT
    if not account.open:
        return AccountsRefusal.ACCOUNT_CLOSED
    paid = Fen(min(account.balance, command.price))
    gap = Fen(command.price - paid)
    if gap > 0 and command.gap is None:
        return AccountsRefusal.GAP_METHOD_MISSING
    cash = Fen(account.balance - paid if command.surplus is Surplus.CASH else 0)
    terms = Terms(
        kind=ContractKind.AFFORDABLE_PURCHASE,
        price=command.price,
        from_account=paid,
        gap=gap,
        gap_by=GapBy(command.gap) if gap > 0 and command.gap is not None else None,
    )
    after = spend(account, housing=paid, cash=cash)
    owner = replace(after, affordable_homes=account.affordable_homes + 1)
    return Use(owner, paid, cash, terms)


def decide_affordable_resale(
    account: HousingAccount | None, command: ResellAffordable
) -> AccountsRefusal | Use:
    """Each affordable home can be resold once, by the able, with the land fee paid up."""
    if account is None:
        return AccountsRefusal.NO_ACCOUNT
    if not account.open:
        return AccountsRefusal.ACCOUNT_CLOSED
    if account.affordable_homes == 0:
        return AccountsRefusal.NO_AFFORDABLE_HOME
    if not command.able:
        return AccountsRefusal.ASSESSMENT_FAILED
    if command.fee_paid < command.land_fee:
        return AccountsRefusal.LAND_FEE_UNPAID
    after = spend(account, housing=ZERO, cash=ZERO)
    terms = Terms(kind=ContractKind.AFFORDABLE_RESALE, price=ZERO, from_account=ZERO)
    return Use(replace(after, affordable_homes=account.affordable_homes - 1), terms=terms)


def decide_low_rent_exchange(account: HousingAccount | None) -> AccountsRefusal:
    """Always refused: low-rent homes were merged into public rental (R153, R154)."""
    if account is None:
        return AccountsRefusal.NO_ACCOUNT
    if not account.open:
        return AccountsRefusal.ACCOUNT_CLOSED
    return AccountsRefusal.LOW_RENT_MERGED


def decide_commercial_purchase(
    account: HousingAccount | None, command: BuyCommercial, loan_cap: Fen
) -> AccountsRefusal | Use:
    """The balance pays up to the price; the loan is drawn up to the gap, the rest is own money."""
    if account is None:
        return AccountsRefusal.NO_ACCOUNT
    if not account.open:
        return AccountsRefusal.ACCOUNT_CLOSED
    if not command.first_home:
        return AccountsRefusal.NOT_FIRST_HOME
    if command.loan > loan_cap:
        return AccountsRefusal.LOAN_OVER_CAP
    paid = Fen(min(account.balance, command.price))
    gap = Fen(command.price - paid)
    gap_by = None
    if gap > 0:
        gap_by = GapBy.LOAN if command.loan > 0 else GapBy.OWN_MONEY
    terms = Terms(
        kind=ContractKind.COMMERCIAL_PURCHASE,
        price=command.price,
        from_account=paid,
        gap=gap,
        gap_by=gap_by,
        loan=Fen(min(command.loan, gap)),
    )
    return Use(spend(account, housing=paid, cash=ZERO), paid, terms=terms)


def decide_mortgage_offset(
    account: HousingAccount | None, command: OffsetMortgage
) -> AccountsRefusal | Use:
    """The balance pays the lender, up to the open principal."""
    if account is None:
        return AccountsRefusal.NO_ACCOUNT
    if not account.open:
        return AccountsRefusal.ACCOUNT_CLOSED
    if not (command.first_home and command.only_home):
        return AccountsRefusal.NOT_ONLY_HOME
    if command.open_principal == 0:
        return AccountsRefusal.NO_MORTGAGE
    paid = Fen(min(account.balance, command.open_principal))
    terms = Terms(
        kind=ContractKind.MORTGAGE_OFFSET, price=command.open_principal, from_account=paid
    )
    return Use(spend(account, housing=paid, cash=ZERO), paid, terms=terms)


def decide_withdrawal(
    account: HousingAccount | None, command: WithdrawCash
) -> AccountsRefusal | Use:
    """The whole balance in cash; the account stays open."""
    if account is None:
        return AccountsRefusal.NO_ACCOUNT
    if not account.open:
        return AccountsRefusal.ACCOUNT_CLOSED
    if not command.has_city_home:
        return AccountsRefusal.NO_CITY_HOME
    if command.mortgage_open and not (command.declines or command.urgent):
        return AccountsRefusal.MORTGAGE_OPTION_OPEN
    if not command.able:
        return AccountsRefusal.ASSESSMENT_FAILED
    after = spend(account, housing=ZERO, cash=account.balance)
    return Use(after, cash=account.balance)
