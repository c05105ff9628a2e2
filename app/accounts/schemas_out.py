"""The wire of housing accounts: what goes out. Money in yuan, areas in m²."""

from datetime import date
from typing import Any

from pydantic import Field

from app.accounts import rules, rules_rental
from app.platform.wire import AmountOut, InstantOut, Out


class LandIncomeOut(Out):
    """Land income as booked, and what of it went to the subsidy pool."""

    number: int = Field(examples=[1])
    county: str = Field(examples=["500112"])
    province: str = Field(examples=["500000"])
    amount_cny: AmountOut
    pooled_cny: AmountOut

    @classmethod
    def of(cls, booked: rules.BookedIncome) -> "LandIncomeOut":
        """Show land income."""
        income = booked.income
        return cls(
            number=booked.number,
            county=income.county,
            province=income.province,
            amount_cny=income.amount,
            pooled_cny=income.pooled,
        )


class SubsidyOut(Out):
    """A subsidy as paid into the housing account."""

    household: str = Field(examples=["h1"])
    year: int = Field(examples=[2027])
    province: str = Field(examples=["500000"], description="Whose pool paid.")
    amount_cny: AmountOut
    balance_cny: AmountOut

    @classmethod
    def of(cls, subsidy: rules.Subsidy) -> "SubsidyOut":
        """Show a subsidy."""
        return cls(
            household=subsidy.account.household,
            year=subsidy.year,
            province=subsidy.account.province,
            amount_cny=subsidy.amount,
            balance_cny=subsidy.account.balance,
        )


class HousingAccountOut(Out):
    """A housing account: always base + subsidy = balance + housing paid + cash paid.

    Of one that came from another node, or left for one, the balance that moved is on neither side.
    """

    household: str = Field(examples=["h1"])
    province: str = Field(examples=["500000"], description="Where it stands now.")
    open: bool
    balance_cny: AmountOut
    base_cny: AmountOut
    subsidy_cny: AmountOut
    housing_paid_cny: AmountOut
    cash_paid_cny: AmountOut
    rent_due_cny: AmountOut
    affordable_homes: int = Field(examples=[0], description="Bought and not yet resold.")
    ledger_account: str = Field(
        examples=["housing:500000:h1"], description="Its code in the ledger, with every movement."
    )

    @classmethod
    def of(cls, account: rules.HousingAccount) -> "HousingAccountOut":
        """Show an account."""
        return cls(**_account(account))


class HousingAccountDetailOut(HousingAccountOut):
    """The same, with what comes next."""

    issued_on: date = Field(description="Issue of the household's ticket.")
    option_date: date = Field(description="From this day a rented public home may be bought.")
    rental: str | None = Field(examples=["r1"], description="The active public rental.")
    next_charge_at: InstantOut | None
    next_charge_cny: AmountOut | None

    @classmethod
    def detail(
        cls, account: rules.HousingAccount, option_years: int, rental: rules_rental.Rental | None
    ) -> "HousingAccountDetailOut":
        """Show an account with its active rental, under the policy in force now."""
        return cls(
            **_account(account),
            issued_on=account.issued_on,
            option_date=rules_rental.option_date(account.issued_on, option_years),
            rental=None if rental is None else rental.id,
            next_charge_at=None if rental is None else rental.next_charge_at,
            next_charge_cny=None if rental is None else rental.charge,
        )


def _account(account: rules.HousingAccount) -> dict[str, Any]:
    return {
        "household": account.household,
        "province": account.province,
        "open": account.open,
        "balance_cny": account.balance,
        "base_cny": account.base,
        "subsidy_cny": account.subsidy,
        "housing_paid_cny": account.housing_paid,
        "cash_paid_cny": account.cash_paid,
        "rent_due_cny": account.rent_due,
        "affordable_homes": account.affordable_homes,
        "ledger_account": account.ref.code,
    }


class ContractOut(Out):
    """A signed contract; `gap_by` is null where there is no gap.

    `loan_cny` is of commercial purchases only, `owned_m2` and `rented_m2` of public ones.
    """

    number: int = Field(examples=[1], description="Rises in the order of signing.")
    household: str = Field(examples=["h1"])
    kind: rules.ContractKind
    price_cny: AmountOut
    from_account_cny: AmountOut
    gap_cny: AmountOut
    gap_by: rules.GapBy | None = Field(examples=["rent_rest"])
    loan_cny: AmountOut | None
    owned_m2: AmountOut | None
    rented_m2: AmountOut | None
    signed_at: InstantOut

    @classmethod
    def of(cls, contract: rules.Contract) -> "ContractOut":
        """Show a contract."""
        terms = contract.terms
        return cls(
            number=contract.number,
            household=contract.household,
            kind=terms.kind,
            price_cny=terms.price,
            from_account_cny=terms.from_account,
            gap_cny=terms.gap,
            gap_by=terms.gap_by,
            loan_cny=terms.loan,
            owned_m2=terms.owned,
            rented_m2=terms.rented,
            signed_at=contract.signed_at,
        )


class RentalOut(Out):
    """A public rental; the next charge is null once it has ended."""

    id: str = Field(examples=["r1"])
    household: str = Field(examples=["h1"])
    area_m2: AmountOut = Field(description="What is rented now.")
    rent_per_m2_cny: AmountOut
    subsidy_per_m2_cny: AmountOut
    charge_cny: AmountOut = Field(description="The monthly charge.")
    begun_on: date
    charges_made: int = Field(examples=[1])
    next_charge_at: InstantOut | None
    ended_at: InstantOut | None

    @classmethod
    def of(cls, rental: rules_rental.Rental) -> "RentalOut":
        """Show a rental."""
        return cls(
            id=rental.id,
            household=rental.household,
            area_m2=rental.area,
            rent_per_m2_cny=rental.rent_per_m2,
            subsidy_per_m2_cny=rental.subsidy_per_m2,
            charge_cny=rental.charge,
            begun_on=rental.begun_on,
            charges_made=rental.charges_made,
            next_charge_at=rental.next_charge_at,
            ended_at=rental.ended_at,
        )
