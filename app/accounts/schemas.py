"""The wire of housing accounts: what comes in. Declared facts are booleans; nothing is a float."""

from pydantic import ConfigDict, Field

from app.accounts import rules, rules_homes, rules_outcome, rules_rental
from app.kernel.units import Area, Fen
from app.platform.wire import AreaIn, Flag, Id, In, Money, PositiveMoney, RegionRef


class LandIncomeIn(In):
    """Income from land transfers that a county booked."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"county": "500112", "amount_cny": "40000.05"}]}
    )

    county: RegionRef
    amount_cny: Money

    def command(self) -> rules.LandIncome:
        """The command this body asks for."""
        return rules.LandIncome(self.county, Fen(self.amount_cny))


class SubsidyIn(In):
    """The subsidy of this calendar year; `area_m2` counts where the policy's basis is the area."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"household": "h1", "area_m2": "60.00"}]}
    )

    household: Id
    area_m2: AreaIn | None = None

    def command(self) -> rules.Subsidise:
        """The command this body asks for."""
        area = None if self.area_m2 is None else Area(self.area_m2)
        return rules.Subsidise(self.household, area)


class AffordablePurchaseIn(In):
    """Buy an affordable home; `gap` says how what the balance lacks is paid."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "household": "h1",
                    "price_cny": "120000.00",
                    "surplus": "keep",
                    "gap": "mortgage",
                }
            ]
        }
    )

    household: Id
    price_cny: PositiveMoney
    surplus: rules_homes.Surplus = Field(strict=False)
    gap: rules_homes.AffordableGap | None = Field(default=None, strict=False)

    def command(self) -> rules_homes.BuyAffordable:
        """The command this body asks for."""
        return rules_homes.BuyAffordable(
            self.household, Fen(self.price_cny), self.surplus, self.gap
        )


class AffordableResaleIn(In):
    """Resell an affordable home; `able` is the outcome of the assessment."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "household": "h1",
                    "able": True,
                    "land_fee_cny": "9000.00",
                    "fee_paid_cny": "9000.00",
                }
            ]
        }
    )

    household: Id
    able: Flag
    land_fee_cny: Money
    fee_paid_cny: Money

    def command(self) -> rules_homes.ResellAffordable:
        """The command this body asks for."""
        return rules_homes.ResellAffordable(
            self.household, self.able, Fen(self.land_fee_cny), Fen(self.fee_paid_cny)
        )


class LowRentExchangeIn(In):
    """Ask for a low-rent home: refused, with the reason."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"household": "h1"}]})

    household: Id


class RentalIn(In):
    """Rent a public home; rent and subsidy are per m² and month."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "r1",
                    "household": "h1",
                    "area_m2": "50.00",
                    "rent_per_m2_cny": "12.00",
                    "subsidy_per_m2_cny": "4.00",
                }
            ]
        }
    )

    id: Id
    household: Id
    area_m2: AreaIn
    rent_per_m2_cny: Money
    subsidy_per_m2_cny: Money

    def command(self) -> rules_rental.RentPublic:
        """The command this body asks for."""
        return rules_rental.RentPublic(
            self.id,
            self.household,
            Area(self.area_m2),
            Fen(self.rent_per_m2_cny),
            Fen(self.subsidy_per_m2_cny),
        )


class RentalEndIn(In):
    """Give a rented home back."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rental": "r1"}]})

    rental: Id


class PublicPurchaseIn(In):
    """Buy the rented home; `gap` says how what the balance lacks is paid, or rented on."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"rental": "r1", "price_cny": "150000.00", "gap": "rent_rest"}]
        }
    )

    rental: Id
    price_cny: PositiveMoney
    gap: rules_rental.PublicGap | None = Field(default=None, strict=False)

    def command(self) -> rules_rental.BuyPublic:
        """The command this body asks for."""
        return rules_rental.BuyPublic(self.rental, Fen(self.price_cny), self.gap)


class RefundIn(In):
    """Pay the whole balance in cash and close the account."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"household": "h1"}]})

    household: Id

    def command(self) -> rules_outcome.Refund:
        """The command this body asks for."""
        return rules_outcome.Refund(self.household)


class CommercialPurchaseIn(In):
    """Buy a first commercial home, with a low-interest loan if wished."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "household": "h1",
                    "price_cny": "600000.00",
                    "first_home": True,
                    "loan_cny": "100000.00",
                }
            ]
        }
    )

    household: Id
    price_cny: PositiveMoney
    first_home: Flag
    loan_cny: Money | None = None

    def command(self) -> rules_homes.BuyCommercial:
        """The command this body asks for; a loan of 0.00 is none."""
        return rules_homes.BuyCommercial(
            self.household, Fen(self.price_cny), self.first_home, Fen(self.loan_cny or 0)
        )


class MortgageOffsetIn(In):
    """Pay the lender of the first and only home from the account."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "household": "h1",
                    "open_principal_cny": "50000.00",
                    "first_home": True,
                    "only_home": True,
                }
            ]
        }
    )

    household: Id
    open_principal_cny: Money
    first_home: Flag
    only_home: Flag

    def command(self) -> rules_homes.OffsetMortgage:
        """The command this body asks for."""
        return rules_homes.OffsetMortgage(
            self.household, Fen(self.open_principal_cny), self.first_home, self.only_home
        )


class CashWithdrawalIn(In):
    """Take the whole balance in cash; the facts are those examined by the departments."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "household": "h1",
                    "has_city_home": True,
                    "mortgage_open": True,
                    "declines": False,
                    "urgent": True,
                    "able": True,
                }
            ]
        }
    )

    household: Id
    has_city_home: Flag
    mortgage_open: Flag
    declines: Flag
    urgent: Flag
    able: Flag

    def command(self) -> rules_homes.WithdrawCash:
        """The command this body asks for."""
        return rules_homes.WithdrawCash(
            self.household,
            self.has_city_home,
            self.mortgage_open,
            self.declines,
            self.urgent,
            self.able,
        )
