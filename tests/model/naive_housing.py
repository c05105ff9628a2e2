"""Subsidies, the housing account and everything it can be used for (R135-R170)."""

from fractions import Fraction
from typing import TYPE_CHECKING

from .naive_fields import to_hundredths
from .naive_world import Record, add_months, floor, half_up

if TYPE_CHECKING:
    from .naive_market import NaiveMarket


def account_refusal(market: "NaiveMarket", household: str) -> str | None:
    """Every option needs an open account."""
    if household not in market.accounts:
        return "no-account"
    if not market.accounts[household]["open"]:
        return "account-closed"
    return None


def pay_housing(market: "NaiveMarket", account: Record, amount: int) -> None:
    """Money leaves the account for a home, a lender or a landlord."""
    account["balance"] -= amount
    account["housing_paid"] += amount
    market.money_out[account["province"]] += amount


def pay_cash(market: "NaiveMarket", account: Record, amount: int) -> None:
    """Money leaves the account for the household's own hands."""
    account["balance"] -= amount
    account["cash_paid"] += amount
    market.money_out[account["province"]] += amount


def credit_account(market: "NaiveMarket", account: Record, amount: int) -> None:
    """The villager's share of a ticket; a closed account passes it on in cash."""
    account["balance"] += amount
    account["base"] += amount
    if not account["open"]:
        pay_cash(market, account, amount)


def sign(market: "NaiveMarket", household: str, kind: str, **terms: object) -> None:
    """A contract, in order of signing."""
    contract = {"household": household, "kind": kind, "gap": 0, "gap_by": None}
    market.contracts.append(contract | terms)


def land_income(market: "NaiveMarket", step: Record) -> str | None:
    """A share of land income goes to the subsidy pool of the county's province."""
    province = market.regions[step["county"]]["province"]
    share = to_hundredths(market.policies[province]["subsidy_pool_share"])
    pooled = floor(Fraction(step["amount_cny"] * share, 100))
    market.parties["subsidy_pool:" + province] += pooled
    market.money_in[province] += pooled
    return None


def subsidise(market: "NaiveMarket", step: Record) -> str | None:
    """One subsidy in a calendar year, by the policy and from the pool of the account's province."""
    refusal = account_refusal(market, step["household"])
    if refusal:
        return refusal
    account = market.accounts[step["household"]]
    year = market.time().year
    if year in account["subsidised_in"]:
        return "already-subsidised"
    policy = market.policies[account["province"]]
    rate = to_hundredths(policy["subsidy_rate_cny"])
    if policy["subsidy_basis"] == "head":
        amount = rate * market.households[step["household"]]["heads"]
    elif step["area_m2"] is None:
        return "invalid-request"
    else:
        amount = half_up(Fraction(rate * step["area_m2"], 100))
    pool = "subsidy_pool:" + account["province"]
    if market.parties[pool] < amount:
        return "pool-insufficient"
    market.parties[pool] -= amount
    account["balance"] += amount
    account["subsidy"] += amount
    account["subsidised_in"].append(year)
    return None


def buy_affordable(market: "NaiveMarket", step: Record) -> str | None:
    """An affordable home; what the account lacks is a gap, what it has too much is cash or kept."""
    refusal = account_refusal(market, step["household"])
    if refusal:
        return refusal
    account, price = market.accounts[step["household"]], step["price_cny"]
    paid = min(account["balance"], price)
    if paid < price and step["gap"] is None:
        return "gap-method-missing"
    pay_housing(market, account, paid)
    if step["surplus"] == "cash":
        pay_cash(market, account, account["balance"])
    account["affordable_homes"] += 1
    gap_by = step["gap"] if paid < price else None
    terms = {"price": price, "from_account": paid, "gap": price - paid, "gap_by": gap_by}
    sign(market, step["household"], "affordable_purchase", **terms)
    return None


def resell_affordable(market: "NaiveMarket", step: Record) -> str | None:
    """An affordable home is sold on, its land fee made good."""
    refusal = account_refusal(market, step["household"])
    if refusal:
        return refusal
    account = market.accounts[step["household"]]
    if account["affordable_homes"] == 0:
        return "no-affordable-home"
    if not step["able"]:
        return "assessment-failed"
    if step["fee_paid_cny"] < step["land_fee_cny"]:
        return "land-fee-unpaid"
    account["affordable_homes"] -= 1
    sign(market, step["household"], "affordable_resale", price=0, from_account=0)
    return None


def exchange_low_rent(market: "NaiveMarket", step: Record) -> str | None:
    """Low-rent housing was merged into public rental: always refused."""
    return account_refusal(market, step["household"]) or "low-rent-merged"


def active_rental(market: "NaiveMarket", household: str) -> Record | None:
    """The household's running rental, if any."""
    for rental in market.rentals.values():
        if rental["household"] == household and rental["active"]:
            return rental
    return None


def rent_public(market: "NaiveMarket", step: Record) -> str | None:
    """A public rental; the first month is charged at once."""
    refusal = account_refusal(market, step["household"])
    if refusal:
        return refusal
    if active_rental(market, step["household"]) is not None:
        return "already-renting"
    if step["id"] in market.rentals:
        return "id-taken"
    rental = {
        "household": step["household"],
        "active": True,
        "area": step["area_m2"],
        "charge_per_m2": max(step["rent_per_m2_cny"] - step["subsidy_per_m2_cny"], 0),
        "began_on": market.time().date(),
        "months_charged": 0,
    }
    market.rentals[step["id"]] = rental
    charge_month(market, rental)
    return None


def charge_month(market: "NaiveMarket", rental: Record) -> None:
    """One month's rent: the account pays what it can, the rest is rent due."""
    account = market.accounts[rental["household"]]
    charge = half_up(Fraction(rental["area"] * rental["charge_per_m2"], 100))
    paid = min(account["balance"], charge)
    pay_housing(market, account, paid)
    account["rent_due"] += charge - paid
    rental["months_charged"] += 1


def end_rental(market: "NaiveMarket", step: Record) -> str | None:
    """The household gives the rented home back."""
    rental = market.rentals[step["rental"]]
    refusal = account_refusal(market, rental["household"])
    if refusal:
        return refusal
    if not rental["active"]:
        return "wrong-state"
    rental["active"] = False
    return None


def buy_public(market: "NaiveMarket", step: Record) -> str | None:
    """The rented home is bought, whole or by the area that the balance pays."""
    rental, price = market.rentals[step["rental"]], step["price_cny"]
    household = rental["household"]
    refusal = account_refusal(market, household)
    if refusal:
        return refusal
    account = market.accounts[household]
    if not rental["active"]:
        return "wrong-state"
    years = market.policies[market.home_of(household)]["option_years"]
    if market.time().date() < add_months(account["issued_on"], 12 * years):
        return "five-years-not-reached"
    balance = account["balance"]
    if balance < price and step["gap"] is None:
        return "gap-method-missing"
    paid = min(balance, price)
    gap_by = step["gap"] if paid < price else None
    owned, rented = rental["area"], 0
    pay_housing(market, account, paid)
    if gap_by == "rent_rest":
        owned = floor(Fraction(rental["area"] * balance, price))
        rented = rental["area"] - owned
        rental["area"] = rented
    else:
        rental["active"] = False
        pay_cash(market, account, account["balance"])
    terms = {"price": price, "from_account": paid, "gap": price - paid, "gap_by": gap_by}
    sign(market, household, "public_purchase", **terms, owned=owned, rented=rented)
    return None


def refund(market: "NaiveMarket", step: Record) -> str | None:
    """The whole balance in cash; the account closes."""
    refusal = account_refusal(market, step["household"])
    if refusal:
        return refusal
    rented = [one for one in market.rentals.values() if one["household"] == step["household"]]
    if not rented:
        return "refund-needs-public-rental"
    account = market.accounts[step["household"]]
    pay_cash(market, account, account["balance"])
    account["open"] = False
    for rental in rented:
        rental["active"] = False
    return None


def buy_commercial(market: "NaiveMarket", step: Record) -> str | None:
    """A first commercial home, with a low-interest loan up to a cap."""
    household = step["household"]
    refusal = account_refusal(market, household)
    if refusal:
        return refusal
    if not step["first_home"]:
        return "not-first-home"
    loan = step["loan_cny"] or 0
    cap = market.policies[market.home_of(household)]["low_interest_loan_cap_cny"]
    if loan > to_hundredths(cap):
        return "loan-over-cap"
    account, price = market.accounts[household], step["price_cny"]
    paid = min(account["balance"], price)
    pay_housing(market, account, paid)
    gap_by = None
    if paid < price:
        gap_by = "loan" if loan > 0 else "own_money"
    terms = {"price": price, "from_account": paid, "gap": price - paid, "gap_by": gap_by}
    sign(market, household, "commercial_purchase", **terms)
    return None


def offset_mortgage(market: "NaiveMarket", step: Record) -> str | None:
    """The balance goes to the lender, up to the open principal."""
    refusal = account_refusal(market, step["household"])
    if refusal:
        return refusal
    if not (step["first_home"] and step["only_home"]):
        return "not-only-home"
    principal = step["open_principal_cny"]
    if principal == 0:
        return "no-mortgage"
    account = market.accounts[step["household"]]
    paid = min(account["balance"], principal)
    pay_housing(market, account, paid)
    sign(market, step["household"], "mortgage_offset", price=principal, from_account=paid)
    return None


def withdraw_cash(market: "NaiveMarket", step: Record) -> str | None:
    """The whole balance in cash, for a household with a city home; the account stays open."""
    refusal = account_refusal(market, step["household"])
    if refusal:
        return refusal
    if not step["has_city_home"]:
        return "no-city-home"
    if step["mortgage_open"] and not (step["declines"] or step["urgent"]):
        return "mortgage-option-open"
    if not step["able"]:
        return "assessment-failed"
    account = market.accounts[step["household"]]
    pay_cash(market, account, account["balance"])
    return None
