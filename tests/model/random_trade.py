"""Plausible next steps in the auction and in the housing options (see `random_plausible`)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

from .naive_clock import next_rent_at
from .naive_fields import SHANGHAI, to_text
from .naive_housing import active_rental
from .naive_world import Record, add_months, days
from .random_plausible import Draw, Proposal

OFFSETS = (SHANGHAI, SHANGHAI, SHANGHAI, UTC, timezone(timedelta(hours=9, minutes=30)))
LOT_SECONDS = (1, 60, 300, 600, 3600, 3600, 86_400)


def as_text(draw: Draw, instant: datetime) -> str:
    """An instant, now and then written with another offset."""
    return instant.astimezone(draw.rng.choice(OFFSETS)).isoformat()


def listings(draw: Draw) -> Iterator[Proposal]:
    """New lots of what stands at an exchange."""
    market, rng = draw.market, draw.rng
    for province, policy in market.policies.items():
        here = [
            name
            for name, one in market.tickets.items()
            if one["state"] == "handed_in" and one["province"] == province
        ]
        if not here:
            continue
        chosen = rng.sample(here, rng.choice((1, min(len(here), 2), min(len(here), 4))))
        areas = {name: market.tickets[name]["area"] for name in chosen}
        total = sum(areas.values())
        least = max(-(-market.tickets[one]["costs"] * total // areas[one]) for one in chosen)
        start = max(1, least + rng.choice((0, 0, 1, draw.scale.money(4))))
        opens = draw.now + days(policy["auction_notice_days"])
        opens += timedelta(seconds=rng.choice((0, 0, 0, 1, 3600)))
        step: Record = {"do": "list", "id": draw.new_id("lots", "l"), "province": province}
        step["tickets"] = chosen
        step["mode"] = rng.choice(("ascending", "sealed"))
        step["start_price_cny"] = to_text(start)
        if draw.chance(0.4):
            step["reserve_price_cny"] = to_text(start + rng.choice((0, 1, 2, draw.scale.money(9))))
        if step["mode"] == "ascending" or draw.chance(0.2):
            step["increment_cny"] = to_text(rng.choice((1, 1, 2, max(1, start // 10))))
        deposit = rng.choice((0, 1, start // 5, start // 5, start, 2 * start))
        step["deposit_cny"] = to_text(deposit)
        step["opens_at"] = as_text(draw, opens)
        closes = opens + timedelta(seconds=rng.choice(LOT_SECONDS))
        step["closes_at"] = as_text(draw, closes)
        if draw.chance(0.9):
            step["draw_seed"] = rng.choice(("seed", "二〇二六", "7"))
        yield 0.6 * len(here), draw.now, step


def a_price(draw: Draw, lot: Record) -> int:
    """A price at an edge: the least that is taken, one fen about it, or one already bid."""
    rng = draw.rng
    if lot["mode"] == "ascending":
        least: int = lot["bids"][-1]["price"] + lot["increment"] if lot["bids"] else lot["start"]
        return least + rng.choice((0, 0, 1, 5, draw.scale.money(8)))
    bid_before = [one["price"] for one in lot["bids"]] or [lot["start"]]
    choices = [lot["start"], lot["start"] + 1, lot["start"] - 1, lot["reserve"], *bid_before]
    price: int = rng.choice(choices + [max(bid_before)] * len(choices))
    return max(1, price)


def bidding_times(draw: Draw, lot: Record) -> list[datetime]:
    """Instants at the edges of the bidding that are still to come."""
    one = timedelta(seconds=1)
    extension = draw.market.policies[lot["province"]]["extension_seconds"]
    first = max(draw.now, lot["opens_at"])
    last_calm = lot["closes_at"] - timedelta(seconds=extension)
    times = [first, first, first + one, last_calm, last_calm + one, lot["closes_at"] - one]
    return [at for at in times if first <= at < lot["closes_at"]]


def auction(draw: Draw) -> Iterator[Proposal]:
    """Registration, bids, freezing and payment."""
    market, rng, now = draw.market, draw.rng, draw.now
    for name, lot in market.lots.items():
        if lot["state"] in ("open", "frozen"):
            for bidder, own in market.bidders.items():
                if bidder not in lot["registered"] and own["cash"] >= lot["deposit"]:
                    yield 3, now, {"do": "register", "lot": name, "bidder": bidder}
        if lot["state"] == "open":
            busy = 5 / (1 + len(lot["bids"]) / 2)
            for bidder in lot["registered"]:
                step: Record = {"do": "bid", "lot": name, "bidder": bidder}
                step["price_cny"] = to_text(a_price(draw, lot))
                yield busy, rng.choice(bidding_times(draw, lot) or [now]), step
            yield 0.15, max(now, lot["opens_at"]), {"do": "freeze", "lot": name}
            yield 0.05, lot["closes_at"], {"do": "freeze", "lot": name}
        if lot["state"] == "frozen":
            at = now + timedelta(seconds=rng.choice((0, 1, 60, 3600, 90_000)))
            yield 1, at, {"do": "resume", "lot": name}
        if lot["state"] == "sold":
            late = lot["payment_due"] - timedelta(seconds=rng.choice((1, 1, 0)))
            at = rng.choice((now, now, now, late))
            yield 4, at, {"do": "pay", "lot": name, "bidder": lot["winner"]}


def subsidies(draw: Draw) -> Iterator[Proposal]:
    """Land income for the pools and subsidies out of them."""
    market, rng, now = draw.market, draw.rng, draw.now
    counties = [code for code, one in market.regions.items() if not one["is_province"]]
    for county in counties:
        amount = to_text(draw.scale.money())
        province = market.regions[county]["province"]
        shared = market.policies[province]["subsidy_pool_share"] != "0.00"
        empty = market.parties.get("subsidy_pool:" + province, 0) == 0
        eager = 0.2 if shared and empty else 0.01
        yield eager, now, {"do": "land_income", "county": county, "amount_cny": amount}
    leaving = {
        one["household"] for one in market.tickets.values() if one["state"] in ("issued", "locked")
    }
    for household, account in market.accounts.items():
        step: Record = {"do": "subsidise", "household": household}
        by_area = market.policies[account["province"]]["subsidy_basis"] == "area"
        if by_area or draw.chance(0.2):
            step["area_m2"] = to_text(draw.scale.area())
        new_year = datetime(now.year + 1, 1, 1, tzinfo=SHANGHAI)
        # A balance before the ticket flows out becomes due between the provinces.
        eager = 2 if household in leaving else 0.3
        yield eager, rng.choice((now, now, now, new_year)), step


def near(draw: Draw, balance: int) -> int:
    """A price about the balance: equal, a fen less or more, a part or a multiple of it."""
    prices = (balance, balance - 1, balance + 1, balance // 3, 3 * balance + 1, 7)
    return max(1, draw.rng.choice(prices))


def purchases(draw: Draw) -> Iterator[Proposal]:
    """Homes bought, sold on, mortgages offset, cash drawn."""
    rng, now = draw.rng, draw.now
    for household, account in draw.market.accounts.items():
        eager = 0.12 if account["balance"] > 0 else 0.02
        price = to_text(near(draw, account["balance"]))
        step: Record = {"do": "buy_affordable", "household": household, "price_cny": price}
        step["surplus"] = rng.choice(("cash", "keep", "keep"))
        if draw.chance(0.8):
            step["gap"] = rng.choice(("lump_sum", "mortgage", "instalments"))
        yield eager, now, step
        fee = draw.scale.money(9)
        step = {"do": "resell_affordable", "household": household, "able": True}
        step |= {"land_fee_cny": to_text(fee), "fee_paid_cny": to_text(fee + rng.choice((0, 1)))}
        yield 0.1 * min(2, account["affordable_homes"]), now, step
        step = {"do": "buy_commercial", "household": household, "price_cny": price}
        step["first_home"] = True
        if draw.chance(0.7):
            step["loan_cny"] = to_text(draw.scale.money(rng.choice((1, 3, 10))))
        yield eager, now, step
        principal = to_text(near(draw, account["balance"]))
        step = {"do": "offset_mortgage", "household": household, "open_principal_cny": principal}
        yield eager, now, step | {"first_home": True, "only_home": True}
        mortgage_open, declines, urgent = (draw.chance(0.5) for _ in range(3))
        step = {"do": "withdraw_cash", "household": household, "has_city_home": True}
        step |= {"mortgage_open": mortgage_open, "declines": declines, "urgent": urgent}
        yield eager / 3, now, step | {"able": True}


def renting(draw: Draw) -> Iterator[Proposal]:
    """Public rentals from the first month to the purchase or the refund."""
    market, rng, now = draw.market, draw.rng, draw.now
    for household, account in market.accounts.items():
        rented = [one for one in market.rentals.values() if one["household"] == household]
        if account["open"] and active_rental(market, household) is None:
            area = draw.scale.area()
            per_m2 = int(Fraction(account["balance"] * 100, area * rng.choice((1, 3, 12, 40))))
            subsidy = draw.scale.money(90)
            step: Record = {"do": "rent_public", "id": draw.new_id("rentals", "r")}
            step |= {"household": household, "area_m2": to_text(area)}
            step["rent_per_m2_cny"] = to_text(min(per_m2 + subsidy, 10**15 - 1))
            step["subsidy_per_m2_cny"] = to_text(subsidy)
            yield (0.4 if account["balance"] else 0.1), now, step
        if rented:
            yield 0.04, now, {"do": "refund", "household": household}
    for name, rental in market.rentals.items():
        if not rental["active"]:
            continue
        account = market.accounts[rental["household"]]
        years = market.policies[market.home_of(rental["household"])]["option_years"]
        day = add_months(account["issued_on"], 12 * years)
        at = max(now, datetime(day.year, day.month, day.day, tzinfo=SHANGHAI))
        step = {"do": "buy_public", "rental": name}
        step["price_cny"] = to_text(near(draw, account["balance"]))
        if draw.chance(0.9):
            step["gap"] = rng.choice(("lump_sum", "mortgage", "rent_rest", "rent_rest"))
        yield 0.5, at, step
        yield 0.05, now, {"do": "end_rental", "rental": name}
        county = rng.choice([c for c, one in market.regions.items() if not one["is_province"]])
        income = {"do": "land_income", "county": county, "amount_cny": to_text(draw.scale.money())}
        next_month = next_rent_at(rental)
        later = add_months(next_month.date(), rng.choice((1, 3, 11, 12)))
        yield 0.3, next_month - timedelta(seconds=rng.choice((0, 1))), income
        yield 0.2, datetime(later.year, later.month, later.day, tzinfo=SHANGHAI), income
