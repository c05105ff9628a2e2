"""Housing accounts: subsidies, purchases, cash, refunds (R135-R168).

An event of an account is one or two entries and a note that say the same. The first of them is
derived from what the account held; the others are then owed, word for word.
"""

from datetime import date

from app.audit.parties import Checker, by_person, is_county
from app.audit.policies import in_force
from app.audit.records import Record
from app.audit.rentals import check_rents, rental_of
from app.audit.shapes import hundredths_of
from app.audit.state_housing import Housing
from app.audit.world import Expected, World
from app.kernel.calendar import add_years, local_date
from app.kernel.shares import floor_div, half_up_div
from app.kernel.units import decimal

WHOLE = 100
KINDS = {"account.refunded": "refund", "account.withdrawn": "cash_withdrawal"}
"""What a request calls a use that is no contract."""
GAPS = {
    "affordable_purchase": ("lump_sum", "mortgage", "instalments"),
    "public_purchase": ("lump_sum", "mortgage", "instalments", "rent_rest"),
}


def housing_of(world: World, record: Record, household: str) -> Housing:
    """The account of a household; it opened with the issue of its ticket."""
    found = world.housing.get(household)
    if found is None:
        raise world.stop(record, "account", "a housing account", household)
    return found


def _open(world: World, record: Record, household: str) -> Housing:
    account = housing_of(world, record, household)
    world.must(account.open, record, "account", "an open account", "closed by a refund")
    world.must(account.stays, record, "account", "an account of this node", "it leaves, or left")
    by_person(world, record, "account")
    check_rents(world, record, account)
    check_counters(world, record, account)
    return account


def check_counters(world: World, record: Record, account: Housing) -> None:
    """`base + subsidy = balance + housing paid + cash paid`, before every use."""
    held = world.book.balance(account.code)
    if held != account.should_hold:
        world.find(record, "account", f"{decimal(account.should_hold)} by its flows", held)


# ---------------------------------------------------------------------------------- money comes


def land_income(world: World, record: Record) -> None:
    """`floor(amount x share)` goes to the pool of the county's province (R138)."""
    number = record.body["income"]
    if world.go_on(("income", str(number)), record):
        return
    county = record.subject
    world.must(is_county(world, county), record, "land-income", "a registered county", county)
    by_person(world, record, "land-income")
    world.must(number not in world.incomes, record, "unique-id", "a new number", number)
    world.incomes.add(number)
    province = county[:2] + "0000"
    share = in_force(world, record, province, record.policy)["subsidy_pool_share"]
    pooled = floor_div(hundredths_of(record.body["amount"]) * share, WHOLE)
    facts = record.body | {"share": decimal(share), "pooled": decimal(pooled)}
    entry = Expected(
        "entry.land_income",
        "land-income",
        province,
        county,
        facts,
        record.policy,
        f"land-income:{number}",
        (
            (
                f"bank:{province}:land_income",
                f"subsidy_pool:{province}:{province}",
                pooled,
            ),
        ),
    )
    note = Expected("land_income.booked", "land-income", province, county, facts, record.policy)
    world.foresee(("income", str(number)), record, [entry, note] if pooled else [note])


def subsidy(world: World, record: Record) -> None:
    """Once in a calendar year, by head or by area, of the province where the account stands."""
    if world.go_on(("account", record.subject), record):
        return
    account, body = _open(world, record, record.subject), record.body
    province = account.province
    parameters = in_force(world, record, province, record.policy)
    year, rate = local_date(record.at).year, parameters["subsidy_rate"]
    facts = {"year": year, "basis": parameters["subsidy_basis"], "rate": decimal(rate)}
    if parameters["subsidy_basis"] == "head":
        heads = world.households[account.household].size
        paid = rate * heads
        facts |= {"heads": heads}
    else:
        area = str(body.get("area", "0.00"))
        paid = half_up_div(rate * hundredths_of(area), WHOLE)
        facts |= {"area": area}
    facts |= {"amount": decimal(paid)}
    world.must(year not in account.years, record, "subsidy", "one subsidy in a year", year)
    account.years.add(year)
    account.subsidy += paid
    account.events += 1
    pool = f"subsidy_pool:{province}:{province}"
    entry = Expected(
        "entry.subsidy",
        "subsidy",
        province,
        account.household,
        facts,
        record.policy,
        f"subsidy:{account.household}:{year}",
        ((pool, account.code, paid),),
    )
    note = Expected("subsidy.paid", "subsidy", province, account.household, facts, record.policy)
    world.foresee(("account", account.household), record, [entry, note] if paid else [note])


# ---------------------------------------------------------------------------------- money goes


def use(world: World, record: Record) -> None:
    """A purchase, a refund or a withdrawal: entries for a home and in cash, and a note."""
    if world.go_on(("account", record.subject), record):
        return
    account, cause = _open(world, record, record.subject), str(record.body["cause"])
    if record.kind not in {cause, "entry.housing_payment", "entry.cash_payment"}:
        raise world.stop(record, "account-use", record.kind, cause)
    match cause, record.body.get("contract"):
        case "account.withdrawn", None:
            book_use(world, record, account, 0, world.book.balance(account.code), {})
        case "account.refunded", None:
            _refund(world, record, account)
        case "contract.signed", "affordable_purchase":
            _affordable_home(world, record, account)
        case "contract.signed", "affordable_resale":
            _resale(world, record, account)
        case "contract.signed", "commercial_purchase":
            _commercial_home(world, record, account)
        case "contract.signed", "public_purchase":
            _public_home(world, record, account)
        case "contract.signed", "mortgage_offset":
            _mortgage(world, record, account)
        case _:
            raise world.stop(record, "account-use", "a known use of an account", cause)


def book_use(  # noqa: PLR0913, PLR0917 - a use has these parts
    world: World,
    record: Record,
    account: Housing,
    home: int,
    cash: int,
    facts: dict[str, str],
    policy: str | None = None,
) -> None:
    """Owe the entries and the note of a use, of which the record is the first."""
    cause = str(record.body["cause"])
    before = world.book.balance(account.code)
    account.housing_paid += home
    account.cash_paid += cash
    account.events += 1
    named = str(record.body.get("contract", KINDS.get(cause)))
    account.used = named, record.at, record.actor
    figures = facts | {
        "cause": cause,
        "paid_for_home": decimal(home),
        "paid_in_cash": decimal(cash),
        "balance_after": decimal(before - home - cash),
    }
    p, h = account.province, account.household
    entries = [
        Expected(
            f"entry.{kind}",
            "account-use",
            p,
            h,
            figures,
            policy,
            f"{purpose}:{h}:{account.events}",
            ((account.code, f"bank:{p}:{purpose}", paid),),
        )
        for kind, purpose, paid in (
            ("housing_payment", "housing", home),
            ("cash_payment", "cash", cash),
        )
        if paid
    ]
    note = Expected(cause, "account-use", p, h, figures, policy)
    world.foresee(("account", h), record, [*entries, note])


def _sign(  # noqa: PLR0913 - a contract has these parts
    world: World,
    record: Record,
    account: Housing,
    *,
    price: int,
    paid: int,
    cash: int = 0,
    gap: int = 0,
    gap_by: str | None = None,
    facts: dict[str, str] | None = None,
    policy: str | None = None,
) -> None:
    terms = (facts or {}) | {
        "contract": str(record.body["contract"]),
        "price": decimal(price),
        "from_account": decimal(paid),
        "gap": decimal(gap),
    }
    if gap_by is not None:
        terms["gap_by"] = gap_by
    book_use(world, record, account, paid, cash, terms, policy)


def _chosen_gap(world: World, record: Record, gap: int) -> str | None:
    """How the gap is paid was the household's choice; that it was made is not."""
    if gap == 0:
        return None
    chosen, ways = record.body.get("gap_by"), GAPS[str(record.body["contract"])]
    if chosen not in ways:
        world.find(record, "account-use", f"a gap paid by {' or '.join(ways)}", chosen)
        return ways[0]
    return str(chosen)


def _affordable_home(world: World, record: Record, account: Housing) -> None:
    """The balance pays up to the price; what is beyond is paid out or kept (R148, R149)."""
    price, held = hundredths_of(record.body["price"]), world.book.balance(account.code)
    paid = min(held, price)
    surplus = str(record.body["surplus"])
    _sign(
        world,
        record,
        account,
        price=price,
        paid=paid,
        cash=held - paid if surplus == "cash" else 0,
        gap=price - paid,
        gap_by=_chosen_gap(world, record, price - paid),
        facts={"surplus": surplus},
    )
    account.homes += 1


def _resale(world: World, record: Record, account: Housing) -> None:
    """Each affordable home once, with the land fee paid up (R151)."""
    fee, paid = record.body["land_fee"], record.body["fee_paid"]
    world.must(account.homes > 0, record, "account-use", "an affordable home", account.homes)
    paid_up = hundredths_of(paid) >= hundredths_of(fee)
    world.must(paid_up, record, "account-use", f"at least {fee} paid", paid)
    _sign(world, record, account, price=0, paid=0, facts={"land_fee": fee, "fee_paid": paid})
    account.homes -= 1


def _commercial_home(world: World, record: Record, account: Housing) -> None:
    """A loan up to the cap of the home province, drawn up to the gap (R164, R165)."""
    cap = in_force(world, record, account.home, record.policy)["low_interest_loan_cap"]
    price, asked = hundredths_of(record.body["price"]), hundredths_of(record.body["loan_asked"])
    world.must(asked <= cap, record, "account-use", f"at most {decimal(cap)}", asked)
    paid = min(world.book.balance(account.code), price)
    gap = price - paid
    gap_by = None
    if gap:
        gap_by = "loan" if asked else "own_money"
    facts = {
        "loan_asked": decimal(asked),
        "loan_cap": decimal(cap),
        "loan": decimal(min(asked, gap)),
    }
    _sign(
        world,
        record,
        account,
        price=price,
        paid=paid,
        gap=gap,
        gap_by=gap_by,
        facts=facts,
        policy=record.policy,
    )


def _public_home(world: World, record: Record, account: Housing) -> None:
    """After the years of the option, whole, or with `rent_rest` what was paid for (R158-R161)."""
    rental = rental_of(world, record, str(record.body["rental"]))
    world.must(
        rental.active and rental is account.rental,
        record,
        "rental",
        "the household's active rental",
        rental.id,
    )
    years = in_force(world, record, account.home, record.policy)["option_years"]
    option = add_years(account.issued_on, years)
    today = local_date(record.at)
    world.must(option <= today, record, "option-years", f"from {option} on", today)
    price, held = hundredths_of(record.body["price"]), world.book.balance(account.code)
    paid = min(held, price)
    gap_by = _chosen_gap(world, record, price - paid)
    before = rental.area
    owned = floor_div(before * paid, price) if gap_by == "rent_rest" and price else before
    facts = {
        "rental": rental.id,
        "option_date": date.isoformat(option),
        "owned": decimal(owned),
        "rented": decimal(before - owned),
    }
    _sign(
        world,
        record,
        account,
        price=price,
        paid=paid,
        cash=held - paid,
        gap=price - paid,
        gap_by=gap_by,
        facts=facts,
        policy=record.policy,
    )
    if gap_by == "rent_rest":
        rental.area = before - owned
    else:
        rental.active = False


def _mortgage(world: World, record: Record, account: Housing) -> None:
    """The balance pays the lender, up to the open principal (R166)."""
    price = hundredths_of(record.body["price"])
    world.must(price > 0, record, "account-use", "a principal above zero", price)
    paid = min(world.book.balance(account.code), price)
    _sign(world, record, account, price=price, paid=paid)


def _refund(world: World, record: Record, account: Housing) -> None:
    """The whole balance in cash, after a public rental; the account closes (R157, R163)."""
    rental = account.rental
    if rental is None:
        raise world.stop(record, "account-use", "a public rental before a refund", None)
    held = world.book.balance(account.code)
    book_use(world, record, account, 0, held, {"rental": str(record.body["rental"])})
    of = rental_of(world, record, str(record.body["rental"]))
    mine = of.household == account.household and (not rental.active or of is rental)
    world.must(mine, record, "rental", "the household's latest rental", of.id)
    rental.active = False
    account.open = False


CHECKERS: dict[str, Checker] = {
    "entry.land_income": land_income,
    "land_income.booked": land_income,
    "entry.subsidy": subsidy,
    "subsidy.paid": subsidy,
    "entry.housing_payment": use,
    "entry.cash_payment": use,
    "contract.signed": use,
    "account.refunded": use,
    "account.withdrawn": use,
}
