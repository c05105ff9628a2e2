"""Many want at once what only one can have: one gets it, and nothing breaks."""

from datetime import timedelta

import pytest

from tests.concurrency.conftest import code_of
from tests.story import AREA, CITY, COSTS, HERE, PRICE, THERE, Request

HOUSEHOLDS = [f"h{n}" for n in range(12)] + [f"g{n}" for n in range(4)]
BIDDERS = [f"b{n:02}" for n in range(24)]
RIVALS = 8
GUEST = "g"


def one_of(refusal):
    return {"accepted": 1, refusal: RIVALS - 1}


def home(town):
    """A household of this province that no test has used."""
    return next(town.households.pop(n) for n, h in enumerate(town.households) if h[0] != GUEST)


def guest(town):
    """A household of the other province that no test has used."""
    return next(town.households.pop(n) for n, h in enumerate(town.households) if h[0] == GUEST)


@pytest.fixture(autouse=True)
async def sound(town):
    """The ledger agrees after each of these tests."""
    yield
    await town.assert_sound()


async def transfer(town, household):
    """A transfer from the other province to this one, which has accepted it."""
    ticket = await town.story.issue(household, CITY)
    id_ = town.name("x")
    await town.story.must("outflow", id=id_, ticket=ticket, to=HERE)
    await town.story.must("accept_transfer", transfer=id_)
    return id_


async def certificate(town, winner, price=PRICE):
    """A paid lot of one ticket, and with it a certificate over 100 m²."""
    lot = await town.sell(winner, await town.story.hand_in([home(town)]), price)
    await town.story.must("pay", lot=lot, bidder=winner)
    return lot


async def test_a_household_has_one_application(town):
    household = home(town)
    bodies = [
        {"id": town.name("a"), "household": household, "area_m2": AREA} for _ in range(RIVALS)
    ]
    assert await town.race("apply", bodies) == one_of("already-applied")


async def test_an_id_is_taken_once(town):
    bodies = [
        {"id": "bank.same", "bidder": bidder, "amount_cny": "1.00"} for bidder in BIDDERS[:RIVALS]
    ]
    assert await town.race("hand_in_money", bodies) == one_of("id-taken")


async def test_a_ticket_is_issued_once_and_handed_in_or_sent_away(town):
    household = guest(town)
    application = f"a.{household}"
    await town.story.approve(household, CITY)
    accepted = {"application": application, "accepted_m2": AREA, "to": "cropland"}
    accepted |= {"reclamation_cost_cny": "0.00", "financing_cost_cny": "0.00"}
    assert await town.race("accept_reclamation", [accepted] * RIVALS) == one_of("wrong-state")
    issues = [{"application": application, "id": town.name("t")} for _ in range(RIVALS)]
    assert await town.race("issue", issues) == one_of("already-issued")

    (ticket,) = [
        ticket["id"]
        for ticket in await town.story.market.list("/v1/tickets")
        if ticket["id"] in {body["id"] for body in issues}
    ]
    town.story.world.household_of["ticket", ticket] = household
    outflows = [{"id": town.name("x"), "ticket": ticket, "to": HERE} for _ in range(RIVALS)]
    assert await town.race("outflow", outflows) == one_of("wrong-state")


async def test_a_ticket_stands_in_one_lot(town):
    (ticket,) = await town.story.hand_in([home(town)])
    now = await town.now()
    body = {"province": HERE, "tickets": [ticket], "mode": "sealed", "deposit_cny": "0.00"}
    body |= {"start_price_cny": PRICE, "opens_at": now.isoformat()}
    body |= {"closes_at": (now + timedelta(days=1)).isoformat()}
    bodies = [{"id": town.name("l")} | body for _ in range(RIVALS)]
    assert await town.race("list", bodies) == one_of("ticket-not-available")


async def test_cash_for_three_deposits_registers_for_three_lots(town):
    bidder = "poor"
    known = {"id": bidder, "name": bidder}
    await town.story.market.send("exchange", HERE, "/v1/bidders", known)
    town.story.world.bidders.add(bidder)
    await town.story.must("hand_in_money", id="bank.poor", bidder=bidder, amount_cny="3999.99")
    tickets = await town.story.hand_in([home(town) for _ in range(4)])
    now = await town.now()
    lots = [town.name("l") for _ in tickets]
    for lot, ticket in zip(lots, tickets, strict=True):
        await town.story.list_lot(lot, [ticket], now, now + timedelta(days=1))
    bodies = [{"lot": lot, "bidder": bidder} for lot in lots * 4]
    raced = await town.race("register", bodies)
    assert raced["accepted"] == 3
    assert set(raced) <= {"accepted", "insufficient-funds", "already-registered"}
    assert await town.holding(bidder) == ("999.99", "3000.00")


async def test_a_lot_is_paid_once_whoever_asks(town):
    winner = town.bidder()
    lot = await town.sell(winner, await town.story.hand_in([home(town)]), PRICE)
    assert await town.race("pay", [{"lot": lot, "bidder": winner}] * RIVALS) == one_of(
        "wrong-state"
    )


async def test_a_certificate_is_selected_once_and_its_plot_sold_once(town):
    winner = town.bidder()
    lot = await certificate(town, winner)
    plot = {"lot": lot, "bidder": winner, "county": CITY, "area_m2": "60.00"}
    plots = [{"id": town.name("p")} | plot for _ in range(RIVALS)]
    assert await town.race("select_plot", plots) == one_of("certificate-insufficient")
    (selected,) = [p["id"] for p in await town.story.market.list("/v1/plots") if p["lot"] == lot]
    fees = {"new_land_fee_cny": "100.00", "reclamation_fee_cny": "0.00"}
    sales = [{"plot": selected, "winner": bidder} | fees for bidder in BIDDERS[:RIVALS]]
    assert await town.race("land_sale", sales) == one_of("wrong-state")


async def test_holders_who_buy_each_others_plots_at_once_do_not_lock_each_other_out(town):
    holders = [town.bidder(), town.bidder()]
    plots = []
    for holder in holders:
        lot = await certificate(town, holder)
        for _ in range(RIVALS):
            plots.append((town.name("p"), holder))
            plot = {"lot": lot, "bidder": holder, "county": CITY, "area_m2": "10.00"}
            await town.story.must("select_plot", id=plots[-1][0], **plot)
    fees = {"new_land_fee_cny": "0.00", "reclamation_fee_cny": "0.00"}
    sales = [
        {"plot": plot, "winner": holders[holder == holders[0]]} | fees for plot, holder in plots
    ]
    assert await town.race("land_sale", sales) == {"accepted": len(plots)}
    assert {await town.holding(holder) for holder in holders} == {("980000.00", "0.00")}


async def test_a_household_is_subsidised_once_a_year(town):
    household = home(town)
    await town.story.issue(household)
    await town.story.must("land_income", county=CITY, amount_cny="100000.00")
    raced = await town.race("subsidise", [{"household": household}] * RIVALS)
    assert raced == one_of("already-subsidised")


async def test_a_transfer_is_approved_once_or_rejected(town):
    approved = await transfer(town, guest(town))
    raced = await town.race("approve_transfer", [{"transfer": approved}] * RIVALS)
    assert raced == one_of("wrong-state")

    contested = await transfer(town, guest(town))
    answers = await town.at_once(
        Request(do, {"transfer": contested} | extra)
        for do, extra in (("approve_transfer", {}), ("reject_transfer", {"by": "receiver"}))
        for _ in range(RIVALS // 2)
    )
    assert [code_of(answer) for answer in answers].count("accepted") == 1


async def test_what_a_province_owes_is_settled_once(town):
    household, winner = guest(town), town.bidder()
    await town.story.must("approve_transfer", transfer=await transfer(town, household))
    lot = await town.sell(winner, [f"t.{household}/{HERE}"], PRICE)
    await town.story.must("pay", lot=lot, bidder=winner)
    owed = {p["amount_cny"] for p in await town.story.market.list("/v1/positions")}
    assert owed == {"7250.00"}, f"{COSTS} of costs and the collective's share"
    bodies = [{"a": a, "b": b} for a, b in ((HERE, THERE), (THERE, HERE))] * (RIVALS // 2)
    assert await town.race("settle_provinces", bodies) == one_of("nothing-due")
