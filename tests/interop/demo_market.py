"""The demo market with a whole village beside it: every slice at work, thousands of records."""

import base64
from dataclasses import replace
from datetime import timedelta

import yaml

from app.cli.demo_story import demo_case
from app.replay import parse_case
from app.replay.client import NODE
from tests import clearing, redemptions
from tests.audit.sealed_story import CLOSES, KEEPERS, OPENS, SealedStory, encoded
from tests.conftest import START
from tests.story import (
    CITY,
    HERE,
    THERE,
    THERE_CITY,
    Story,
    a_market,
    each,
)

LOTS, TICKETS_PER_LOT = 7, 4
HOUSEHOLDS = [f"k{n}" for n in range(LOTS * TICKETS_PER_LOT)]
SEALED = {"k-sold": "k90", "k-lost": "k91", "k-unsold": "k92"}
LEAVING, STAYING = "k93", "k94"
UNSURE, DOUBTED = "u0", "u1"
"""Neighbours of the demo's households, under its waiting times."""
BIDDERS = ["n0", "n1", "n2", "n3"]
ASCENDING = [f"village-{n}" for n in range(LOTS)]
PLAIN = "village-plain"


def village():
    """The case of the village, without steps; nothing in it has an id of the demo's."""
    households = [*HOUSEHOLDS, *SEALED.values(), LEAVING, STAYING]
    case = a_market(START, households, BIDDERS, cash="9000000.00")
    neighbours = [{"id": id_, "name": id_, "collective": "anhua-1"} for id_ in (UNSURE, DOUBTED)]
    return replace(case, households=[*case.households, *({**n, "heads": 3} for n in neighbours)])


def both():
    """One case of which the steps are the demo's, up to `START`."""
    text = yaml.safe_dump(demo_case(START), allow_unicode=True, sort_keys=False)
    demo, more = parse_case(text), village()
    lists = ("regions", "collectives", "households", "bidders", "coefficients")
    merged = {name: [*getattr(demo, name), *getattr(more, name)] for name in lists}
    return replace(demo, policies=demo.policies | more.policies, **merged)


async def tell(market, looked):
    """Play both; `looked` is awaited when somebody outside looks at the log."""
    story = await Story.begin(market, both())
    await looked()
    for household in (UNSURE, DOUBTED):
        await story.must("apply", id=f"a.{household}", household=household, area_m2="120.00")
    await file_form(story, f"a.{DOUBTED}")
    await hold_and_take_back(story, DOUBTED)
    await story.must("revoke", application=f"a.{UNSURE}")
    tickets = dict(zip(HOUSEHOLDS, await story.hand_in(HOUSEHOLDS), strict=True))
    await looked()
    sealed = SealedStory(story)
    await list_lots(sealed, tickets)
    await story.clock(OPENS)
    await bid(sealed)
    await story.clock(CLOSES)
    await open_and_pay(sealed)
    await live(story)
    await move_to_another_province(story)
    await looked()
    await clearing.tell(market, HERE, THERE)
    await story.clock(CLOSES + timedelta(days=1000))
    await end(story)


async def file_form(story, application):
    """A scan, of which the log holds a commitment."""
    content = base64.b64encode(b"%PDF-1.4\n").decode()
    body = {"id": "k-form", "application": application, "kind": "application_form"}
    answer = await story.market.send(
        "collective", "anhua-1", "/v1/evidence", body | {"content": content}
    )
    assert "commitment" in answer, answer


async def hold_and_take_back(story, household):
    """A household says that it did not agree, and then that it did."""
    body = {"id": "k-hold", "application": f"a.{household}", "reason": "misinformed"}
    for path, said in (("holds", body), ("hold-releases", {"hold": "k-hold"})):
        more = {} if path == "holds" else {"outcome": "taken_back"}
        answer = await story.market.send("villager", household, f"/v1/{path}", said | more)
        assert answer.get("reason") == "misinformed", answer


async def limit_bids(story, firm):
    """Two people of a firm set what one of them may bid alone."""
    market, limit = story.market, {"id": "k-limit", "limit_cny": "500000.00"}
    await market.send("bidder", firm, "/v1/bid-limits", limit)
    approval = {"limit": limit["id"]}
    answer = await market.send("bidder", firm, "/v1/bid-limit-approvals", approval, person="b")
    assert answer.get("state") == "set", answer


async def list_lots(sealed, tickets):
    """Lots of each mode; registrations for all, one notice given anew, one probe."""
    story = sealed.story
    for keeper in KEEPERS:
        body = {"id": keeper, "name": f"保管人{keeper}"}
        await story.market.send("security_admin", NODE, "/v1/custodians", body)
    for n, lot in enumerate(ASCENDING):
        of = [tickets[h] for h in HOUSEHOLDS[n * TICKETS_PER_LOT : (n + 1) * TICKETS_PER_LOT]]
        reserve = {"reserve_price_cny": "85000.00"} if n % 5 == 0 else {}
        if n == 0:
            reserve |= {"mode": "sealed", "increment_cny": None}
        await story.list_lot(lot if n else PLAIN, of, OPENS, CLOSES, **reserve)
    await story.hand_in(SEALED.values())
    for lot, household in SEALED.items():
        terms = {"reserve_price_cny": "90000.00"} if lot == "k-unsold" else {}
        await sealed.list(lot, f"t.{household}", **terms)
    await sealed.renew("k-lost")
    await sealed.probe("k-sold", "k0", BIDDERS[0])
    await story.register([PLAIN, *ASCENDING[1:]], BIDDERS)
    await each(sealed.register(lot, bidder) for lot in SEALED for bidder in BIDDERS)


async def bid(sealed):
    """Rounds on ascending lots, some refused; a maximum, a freeze; sealed bids of both kinds."""
    story = sealed.story
    await limit_bids(story, BIDDERS[3])
    for lot in ASCENDING[1:]:
        for n, price in enumerate(("80000.00", "84000.00", "84050.00", "86000.00")):
            await story.ask("bid", lot=lot, bidder=BIDDERS[n], price_cny=price)
    maximum = {"lot": ASCENDING[2], "bidder": "n2", "maximum_cny": "90000.00"}
    answer = await story.market.send("bidder", "n2", "/v1/maximum-bids", maximum)
    assert answer.get("leads"), answer
    await story.must("bid", lot=ASCENDING[2], bidder="n1", price_cny="87000.00")
    await story.must("freeze", lot=ASCENDING[1])
    await story.ask("bid", lot=ASCENDING[1], bidder="n0", price_cny="99000.00")
    await story.must("resume", lot=ASCENDING[1])
    for n, bidder in enumerate(BIDDERS):
        await story.must("bid", lot=PLAIN, bidder=bidder, price_cny=f"8{n + 4}000.00")
    for lot in SEALED:
        for seq, price in ((1, "25000.00"), (2, "24000.00")):
            for bidder in BIDDERS[:3]:
                assert "commit" in await sealed.bid(lot, bidder, seq, price)


async def open_and_pay(sealed):
    """Custodians open two lots, bidders one; all winners pay but one, who loses the deposit."""
    story = sealed.story
    for lot, keepers in (("k-sold", "024"), ("k-unsold", "123"), ("k-lost", "14")):
        for number in keepers:
            assert "state" in await sealed.release(lot, f"k{number}")
    for bidder in BIDDERS[:2]:
        commit, dek = sealed.sent["k-lost", bidder, 2]
        body = {"commit": commit, "dek": encoded(dek)}
        assert "commit" in await story.market.send("bidder", bidder, "/v1/bid-keys", body)
    for lot in [PLAIN, *ASCENDING[1:-1], "k-sold"]:
        winner = (await story.market.read(f"/v1/lots/{lot}"))["winner"]
        await story.must("pay", lot=lot, bidder=winner)


async def live(story):
    """Rents, homes, subsidies and cash; quota becomes land, and is sold."""
    await story.must("land_income", county=CITY, amount_cny="900000.00")
    renters, owners = HOUSEHOLDS[4:18], HOUSEHOLDS[18:21]
    rent = {"area_m2": "50.00", "rent_per_m2_cny": "12.00", "subsidy_per_m2_cny": "4.00"}
    await each(story.must("subsidise", household=h) for h in renters)
    await each(story.must("rent_public", id=f"r.{h}", household=h, **rent) for h in renters)
    home = {"price_cny": "10000.00", "surplus": "keep"}
    for household in owners:
        await story.must("buy_affordable", household=household, **home)
    plot = {"lot": ASCENDING[1], "bidder": "n3", "county": CITY, "collective": "v0"}
    await story.must("select_plot", id="k-plot", **plot, area_m2="40.00")
    fees = {"new_land_fee_cny": "3000.00", "reclamation_fee_cny": "1500.00"}
    await story.must("land_sale", plot="k-plot", winner="n0", **fees)


async def move_to_another_province(story):
    """Tickets go to where their households want to live; one is sold there; debts arise."""
    for household, transfer in ((LEAVING, "k-out"), (STAYING, "k-not")):
        ticket = await story.issue(household, THERE_CITY)
        await story.must("subsidise", household=household)
        await story.must("outflow", id=transfer, ticket=ticket, to=THERE)
    await story.must("reject_transfer", transfer="k-not", by="ministry")
    await story.must("accept_transfer", transfer="k-out")
    await story.must("approve_transfer", transfer="k-out")
    await story.must("settle_provinces", a=HERE, b=THERE)
    opens = CLOSES + timedelta(days=1)
    terms = {"province": THERE, "start_price_cny": "30000.00"}
    ticket = f"t.{LEAVING}/{THERE}"
    await story.list_lot("k-there", [ticket], opens, opens + timedelta(days=1), **terms)
    await story.register(["k-there"], ["n0"])
    await story.clock(opens)
    await story.must("bid", lot="k-there", bidder="n0", price_cny="30000.00")
    await story.clock(opens + timedelta(days=1))
    await story.must("pay", lot="k-there", bidder="n0")
    await story.must("outflow", id="k-late", ticket=f"t.{STAYING}", to=THERE)
    await story.must("accept_transfer", transfer="k-late")
    await story.must("approve_transfer", transfer="k-late")


async def redeem(story):
    """Households ask for a use of their accounts: the fund centre does one, and refuses another."""
    market, home = story.market, {"price_cny": "9000.00", "gap": "lump_sum"}
    for n, household in enumerate(HOUSEHOLDS[21:24]):
        await redemptions.ask(market, f"k-asked-{n}", "affordable_purchase", household, **home)
    await redemptions.approve(market, "k-asked-0")
    await redemptions.refuse(market, "k-asked-1")
    await redemptions.withdraw(market, "k-asked-2", HOUSEHOLDS[23])


async def end(story):
    """Months later: accounts that close, an objection, and an officer who leaves."""
    await redeem(story)
    away = {"has_city_home": True, "mortgage_open": False, "declines": False}
    await story.must("refund", household=HOUSEHOLDS[4])
    await story.must("end_rental", rental=f"r.{HOUSEHOLDS[5]}")
    await story.must("withdraw_cash", household=HOUSEHOLDS[21], **away, urgent=True, able=True)
    await story.must("village_review", application=f"a.{DOUBTED}", votes_for=100)
    await story.must("object", id="k-objection", application=f"a.{DOUBTED}")
    await story.must("rule", objection="k-objection", upheld=False)
    market, officer = story.market, {"person": "leaving", "role": "city", "party": CITY}
    issued = await market.send("security_admin", NODE, "/v1/credentials", officer)
    of = {"person": officer["person"]}
    for path, body in (
        ("logins", of | {"login": "leaving"}),
        ("password-resets", of),
        ("credential-revocations", {"credential": issued["id"]}),
    ):
        answer = await market.send("security_admin", NODE, f"/v1/{path}", body)
        assert "request_id" not in answer, answer
