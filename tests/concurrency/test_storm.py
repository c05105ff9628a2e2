"""Hundreds of commands of every kind at once, crossing on the same accounts."""

import random
import time
from collections import Counter
from datetime import timedelta

from sqlalchemy import text

from app.kernel.units import decimal, hundredths
from tests.concurrency.conftest import code_of
from tests.story import CITY, HERE, INCREMENT, PRICE, THERE, THERE_CITY, Request, each

NEIGHBOURS = [f"h{n}" for n in range(24)]
HOUSEHOLDS = NEIGHBOURS + [f"g{n}" for n in range(4)]
BIDDERS = [f"b{n}" for n in range(12)]
SEED = 20261122
EXPECTED = {
    "already-leading",
    "already-registered",
    "already-subsidised",
    "bid-below-increment",
    "account-closed",
    "gap-method-missing",
    "id-taken",
    "nothing-due",
    "wrong-state",
}


async def prepare(town):
    """Eight lots to be paid, eight open, certificates with plots, and transfers to be approved."""
    story = town.story
    tickets, now = await story.hand_in(NEIGHBOURS), await town.now()
    sold, paid, opened = [f"s{n}" for n in range(8)], [f"c{n}" for n in range(8)], []
    for lot, ticket, n in zip(sold + paid, tickets, range(16), strict=False):
        await story.list_lot(lot, [ticket], now, now + timedelta(hours=1))
        await story.register([lot], BIDDERS[:4])
        await story.must("bid", lot=lot, bidder=BIDDERS[n % 4], price_cny=PRICE)
    await story.clock(now + timedelta(hours=1))
    for n, lot in enumerate(paid):
        await story.must("pay", lot=lot, bidder=BIDDERS[n % 4])
        plot = {"lot": lot, "bidder": BIDDERS[n % 4], "county": CITY, "area_m2": "50.00"}
        await story.must("select_plot", id=f"{lot}.p1", **plot)
        await story.must("select_plot", id=f"{lot}.p2", **plot)
    for n, ticket in enumerate(tickets[16:]):
        opened.append(f"o{n}")
        opens = now + timedelta(hours=1)
        await story.list_lot(opened[-1], [ticket], opens, opens + timedelta(days=1))
        await story.register(opened[-1:], BIDDERS[:6])
    for n in range(4):
        ticket = await story.issue(f"g{n}", CITY)
        await story.must("outflow", id=f"x{n}", ticket=ticket, to=HERE)
        await story.must("accept_transfer", transfer=f"x{n}")
    await story.must("land_income", county=CITY, amount_cny="100000.00")
    await story.must("land_income", county=THERE_CITY, amount_cny="100000.00")
    await each(story.market.token("villager", household) for household in HOUSEHOLDS)
    await story.credentials("bidder", BIDDERS)
    return sold, paid, opened


def storm(sold, paid, opened, rng):
    """All that parties may ask at one moment."""
    yield from (("pay", {"lot": s, "bidder": BIDDERS[n % 4]}) for n, s in enumerate(sold))
    for lot in paid:
        for plot in ("p1", "p2"):
            fees = {"new_land_fee_cny": "900.00", "reclamation_fee_cny": "100.00"}
            yield "land_sale", {"plot": f"{lot}.{plot}", "winner": rng.choice(BIDDERS)} | fees
    for lot in opened:
        yield from (("register", {"lot": lot, "bidder": bidder}) for bidder in BIDDERS)
        for bidder in BIDDERS[:6]:
            price = hundredths(PRICE) + rng.randint(0, 9) * hundredths(INCREMENT)
            yield "bid", {"lot": lot, "bidder": bidder, "price_cny": decimal(price)}
    yield from (("approve_transfer", {"transfer": f"x{n}"}) for n in range(4) for _ in range(2))
    yield from (("settle_provinces", {"a": HERE, "b": THERE}) for _ in range(4))
    yield from (("subsidise", {"household": household}) for household in NEIGHBOURS * 2)
    for n in range(40):
        money = {"id": f"bank.{n // 2}", "bidder": BIDDERS[n // 2 % 12], "amount_cny": "10.00"}
        yield "hand_in_money", money
        yield "land_income", {"county": (CITY, THERE_CITY)[n % 2], "amount_cny": "0.01"}
    for household in NEIGHBOURS[:8]:
        home = {"household": household, "price_cny": "300.00", "gap": "lump_sum"}
        yield "buy_affordable", home | {"surplus": rng.choice(("cash", "keep"))}
        rent = {"area_m2": "40.00", "rent_per_m2_cny": "3.00", "subsidy_per_m2_cny": "1.00"}
        yield "rent_public", {"id": f"r.{household}", "household": household} | rent


async def deadlocks(town):
    async with town.db.read() as reader:
        rows = await reader.run(
            text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        )
        return rows.scalar_one()


async def test_a_storm_of_crossing_commands_is_answered_without_an_error(town, tell):
    sold, paid, opened = await prepare(town)
    rng = random.Random(SEED)
    requests = [Request(do, body) for do, body in storm(sold, paid, opened, rng)]
    rng.shuffle(requests)
    assert len(requests) >= 200

    begun = time.monotonic()
    answers = await town.at_once(requests)
    seconds = time.monotonic() - begun
    codes = Counter(map(code_of, answers))
    refused = {
        (request.do, code_of(answer))
        for request, answer in zip(requests, answers, strict=True)
        if not answer.is_success
    }
    assert {(do, code) for do, code in refused if code not in EXPECTED} == set()
    done = Counter(
        request.do for request, answer in zip(requests, answers, strict=True) if answer.is_success
    )
    assert done["pay"] == len(sold)
    assert done["land_sale"] == 2 * len(paid)
    assert done["subsidise"] == len(NEIGHBOURS)
    assert done["hand_in_money"] == 20
    assert done["approve_transfer"] == 4
    await town.assert_sound()
    tell(
        f"storm: {len(requests)} commands at once in {seconds:.2f} s, {codes['accepted']} accepted,"
        f" {codes.total() - codes['accepted']} refused by rule, none failed;"
        f" {await deadlocks(town)} deadlocks resolved"
    )
