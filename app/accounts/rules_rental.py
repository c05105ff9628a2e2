"""Pure rules of public rental: monthly charge, end, purchase, refund (R155-R163)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from app.accounts.rules import (
    WHOLE,
    ZERO,
    AccountsRefusal,
    ContractKind,
    GapBy,
    HousingAccount,
    Terms,
    Use,
    spend,
)
from app.kernel.calendar import add_months, add_years, local_date, midnight
from app.kernel.shares import floor_div, half_up_div
from app.kernel.units import Area, Fen


class PublicGap(StrEnum):
    """How the missing part of a public home's price is paid (R160, R161)."""

    LUMP_SUM = "lump_sum"
    MORTGAGE = "mortgage"
    INSTALMENTS = "instalments"
    RENT_REST = "rent_rest"


@dataclass(frozen=True, slots=True)
class RentPublic:
    """Rent a public home; rent and subsidy are fen per m² and month."""

    id: str
    household: str
    area: Area
    rent_per_m2: Fen
    subsidy_per_m2: Fen


@dataclass(frozen=True, slots=True)
class BuyPublic:
    """Buy the home that is rented."""

    rental: str
    price: Fen
    gap: PublicGap | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rental:
    """A public rental. `area` is what is rented now; the charge at the signing is the first."""

    id: str
    household: str
    area: Area
    rent_per_m2: Fen
    subsidy_per_m2: Fen
    begun_on: date
    charges_made: int = 0
    ended_at: datetime | None = None

    @property
    def active(self) -> bool:
        """Whether it goes on."""
        return self.ended_at is None

    @property
    def charge(self) -> Fen:
        """The monthly charge: `area x max(rent - subsidy, 0)`, half up to the fen (R156)."""
        net = max(self.rent_per_m2 - self.subsidy_per_m2, 0)
        return Fen(half_up_div(self.area * net, WHOLE))

    @property
    def next_charge_at(self) -> datetime | None:
        """00:00 of `begun_on + k months`, always counted from the day of the signing."""
        if not self.active:
            return None
        return midnight(add_months(self.begun_on, self.charges_made))


@dataclass(frozen=True, slots=True)
class Charged:
    """One monthly charge: the account and the rental after it, and how much could be paid."""

    account: HousingAccount
    rental: Rental
    number: int
    charge: Fen
    paid: Fen


def charge_once(account: HousingAccount, rental: Rental) -> Charged:
    """The account pays what it can; the rest is noted as rent due (R156, R162)."""
    charge = rental.charge
    paid = Fen(min(account.balance, charge))
    after = spend(account, housing=paid, cash=ZERO)
    return Charged(
        replace(after, rent_due=Fen(account.rent_due + charge - paid)),
        replace(rental, charges_made=rental.charges_made + 1),
        rental.charges_made,
        charge,
        paid,
    )


def decide_rental(
    account: HousingAccount | None, current: Rental | None, command: RentPublic, now: datetime
) -> AccountsRefusal | Charged:
    """One rental at a time; its first month is charged at once. `current` is the active one."""
    if account is None:
        return AccountsRefusal.NO_ACCOUNT
    if not account.open:
        return AccountsRefusal.ACCOUNT_CLOSED
    if current is not None:
        return AccountsRefusal.ALREADY_RENTING
    rental = Rental(
        id=command.id,
        household=command.household,
        area=command.area,
        rent_per_m2=command.rent_per_m2,
        subsidy_per_m2=command.subsidy_per_m2,
        begun_on=local_date(now),
    )
    return charge_once(account, rental)


def decide_rental_end(
    account: HousingAccount | None, rental: Rental, now: datetime
) -> AccountsRefusal | Rental:
    """An active rental ends; what was charged stays charged."""
    if account is None:
        return AccountsRefusal.NO_ACCOUNT
    if not account.open:
        return AccountsRefusal.ACCOUNT_CLOSED
    if not rental.active:
        return AccountsRefusal.RENTAL_ENDED
    return replace(rental, ended_at=now)


def option_date(issued_on: date, option_years: int) -> date:
    """The first day on which the rented home may be bought (R158)."""
    return add_years(issued_on, option_years)


def decide_public_purchase(
    account: HousingAccount | None,
    rental: Rental,
    command: BuyPublic,
    option_years: int,
    now: datetime,
) -> AccountsRefusal | tuple[Use, Rental]:
    """Buy the whole home, or with `rent_rest` the area that the balance pays (R159-R161).

    A balance at or above the price pays it and the rest in cash. Below it all of the balance is
    paid; with `rent_rest` the rental goes on for the remainder, on its dates.
    """
    if account is None:
        return AccountsRefusal.NO_ACCOUNT
    if not account.open:
        return AccountsRefusal.ACCOUNT_CLOSED
    if not rental.active:
        return AccountsRefusal.RENTAL_ENDED
    if local_date(now) < option_date(account.issued_on, option_years):
        return AccountsRefusal.FIVE_YEARS_NOT_REACHED
    paid = Fen(min(account.balance, command.price))
    gap = Fen(command.price - paid)
    if gap > 0 and command.gap is None:
        return AccountsRefusal.GAP_METHOD_MISSING
    gap_by = GapBy(command.gap) if gap > 0 and command.gap is not None else None
    if gap_by is GapBy.RENT_REST:
        owned = Area(floor_div(rental.area * paid, command.price))
        after = replace(rental, area=Area(rental.area - owned))
    else:
        owned = rental.area
        after = replace(rental, ended_at=now)
    terms = Terms(
        kind=ContractKind.PUBLIC_PURCHASE,
        price=command.price,
        from_account=paid,
        gap=gap,
        gap_by=gap_by,
        owned=owned,
        rented=Area(rental.area - owned),
    )
    cash = Fen(account.balance - paid)
    return Use(spend(account, housing=paid, cash=cash), paid, cash, terms), after


def decide_refund(
    account: HousingAccount | None, latest: Rental | None, now: datetime
) -> AccountsRefusal | tuple[Use, Rental]:
    """The whole balance in cash, and the account closes (R157, R163).

    `latest` is the household's active rental, or any that has ended, or None if it never had one.
    """
    if account is None:
        return AccountsRefusal.NO_ACCOUNT
    if not account.open:
        return AccountsRefusal.ACCOUNT_CLOSED
    if latest is None:
        return AccountsRefusal.REFUND_NEEDS_PUBLIC_RENTAL
    cash = account.balance
    after = replace(spend(account, housing=ZERO, cash=cash), open=False)
    return Use(after, cash=cash), replace(latest, ended_at=latest.ended_at or now)
