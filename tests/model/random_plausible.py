"""Plausible next steps of a market: what somebody could well do now or at the next boundary.

Each proposal is (weight, instant, step without `at`). The withdrawal, the tickets and the provinces
are here; the auction, the land and the housing are in `random_trade`.
"""

from collections.abc import Iterator
from datetime import datetime
from random import Random

from .naive_fields import to_text
from .naive_landing import free_area
from .naive_market import NaiveMarket
from .naive_withdrawal import ENDED
from .naive_world import Record
from .random_world import Scale, unused

Proposal = tuple[float, datetime, Record]


class Draw:
    """What every generator of proposals needs."""

    def __init__(self, rng: Random, scale: Scale, market: NaiveMarket) -> None:
        """Reads the market and never changes it."""
        self.rng = rng
        self.scale = scale
        self.market = market
        self.now = market.time()

    def new_id(self, kind: str, prefix: str) -> str:
        """A free id for a thing of that kind."""
        return unused(self.rng, prefix, set(getattr(self.market, kind)))

    def chance(self, share: float) -> bool:
        """True that often."""
        return self.rng.random() < share


def applying(draw: Draw) -> Iterator[Proposal]:
    """New applications and the rulings on objections."""
    for household in may_apply(draw):
        step: Record = {"do": "apply", "id": draw.new_id("applications", "a")}
        step |= {"household": household, "area_m2": to_text(draw.scale.area())}
        if draw.chance(0.2):
            step["floor_m2"] = to_text(draw.scale.area())
        if draw.chance(0.2):
            step["co_owners"] = draw.rng.sample(["甲", "乙", "丙"], draw.rng.randint(0, 2))
            step["consents"] = [*step["co_owners"], "丁"][: draw.rng.randint(1, 3)]
        yield 1.5, draw.now, step
    for name, objection in draw.market.objections.items():
        if not objection["ruled"]:
            yield 2, draw.now, {"do": "rule", "objection": name, "upheld": draw.chance(0.15)}


def reviewing(draw: Draw) -> Iterator[Proposal]:
    """The village and the township: cooling-off, vote, notice, objections."""
    market, now = draw.market, draw.now
    for name, application in market.applications.items():
        if application["state"] == "applied":
            yield 0.1, now, {"do": "revoke", "application": name}
            members = market.collectives[application["collective"]]["members"]
            enough = -(-2 * members // 3)
            votes = draw.rng.choice((enough, enough, members, members, enough - 1))
            review = {"do": "village_review", "application": name, "votes_for": votes}
            yield 3, max(now, application["cooling_off_ends"]), review
        if application["state"] == "noticed":
            identity = draw.new_id("objections", "o")
            yield 0.3, now, {"do": "object", "id": identity, "application": name}
            at = max(now, application["notice_ends"])
            yield 3, at, {"do": "township_determine", "application": name}


def approving(draw: Draw) -> Iterator[Proposal]:
    """From the county's approval to the ticket, and the city's approval at any time."""
    market, now = draw.market, draw.now
    for name, application in market.applications.items():
        state, ticket = application["state"], application["ticket"]
        if state == "determined":
            yield 3, now, {"do": "county_approve", "application": name}
        stock = market.collectives[application["collective"]]["homestead"]
        if state == "approved" and stock > 0:
            yield 3, now, reclamation(draw, name, application)
        if state == "accepted" and ticket is None and may_issue(draw, application):
            identity = draw.new_id("tickets", "t")
            yield 3, now, {"do": "issue", "application": name, "id": identity}
        if state not in ENDED:
            used_up = ticket is not None and market.tickets[ticket]["state"] != "issued"
            eager = 0.02 if used_up else 0.06 if application["city"] else 1.5
            yield eager, now, city_approval(draw, name)


def may_issue(draw: Draw, application: Record) -> bool:
    """Whether the land accepted gives a quota; rarely true without."""
    policy = draw.market.policies[application["province"]]
    quota = policy["ecological_quota"] or not application["accepted"]["ecological"]
    return quota or draw.chance(0.02)


def may_apply(draw: Draw) -> list[str]:
    """Households that may apply, and rarely any other."""
    market = draw.market
    barred = {one["household"] for one in market.applications.values() if one["state"] not in ENDED}
    free = []
    for name, household in market.households.items():
        county = market.collectives[household["collective"]]["county"]
        sending = market.regions[county]["zone"] != "urbanised"
        if (sending and name not in barred) or draw.chance(0.02):
            free.append(name)
    return free


def reclamation(draw: Draw, name: str, application: Record) -> Record:
    """An acceptance: at most the lawful area and what the collective has."""
    stock = draw.market.collectives[application["collective"]]["homestead"]
    most = max(1, min(application["lawful_area"], stock))
    area = draw.rng.choice((most, most, draw.rng.randint(1, most)))
    return {
        "do": "accept_reclamation",
        "application": name,
        "accepted_m2": to_text(area),
        "to": draw.rng.choice(("cropland",) * 8 + ("forest", "grass")),
        "reclamation_cost_cny": to_text(draw.scale.money(20)),
        "financing_cost_cny": to_text(draw.scale.money(50)),
    }


def city_approval(draw: Draw, name: str) -> Record:
    """A city of any province; most often one that asks for no more than given."""
    market = draw.market
    home, today = market.applications[name]["province"], draw.now.date()
    reachable = {home} | {
        one["to"]
        for one in market.coefficients
        if one["from"] == home and one["valid_from"] <= today <= one["valid_to"]
    }
    cities = [code for code, one in market.regions.items() if one["zone"] == "urbanised"]
    good = [code for code in cities if market.regions[code]["province"] in reachable]
    return {
        "do": "city_approve",
        "application": name,
        "city": draw.rng.choice(cities if draw.chance(0.2) else good),
        "work_years": draw.rng.choice((5, 5, 5, 5, 3, 9)),
        "income_proof": True,
        "long_term": True,
    }


def tickets(draw: Draw) -> Iterator[Proposal]:
    """Tickets on their way to an exchange, at home or in another province."""
    market, now = draw.market, draw.now
    for name, ticket in market.tickets.items():
        if ticket["state"] != "issued":
            continue
        city = market.applications[ticket["application"]]["city"]
        if city is None:
            continue
        to = market.regions[city]["province"]
        if to == ticket["home"]:
            yield 3, now, {"do": "hand_in", "ticket": name}
        else:
            identity = draw.new_id("transfers", "x")
            before = sum(one["ticket"] == name for one in market.transfers.values())
            step = {"do": "outflow", "id": identity, "ticket": name, "to": to}
            yield 3 / (1 + 8 * before), now, step


def provinces(draw: Draw) -> Iterator[Proposal]:
    """Transfers and the settlement between two provinces."""
    market, rng, now = draw.market, draw.rng, draw.now
    for name, transfer in market.transfers.items():
        by = rng.choice(("receiver", "ministry"))
        reject = {"do": "reject_transfer", "transfer": name, "by": by}
        if transfer["state"] == "requested":
            yield 3, now, {"do": "accept_transfer", "transfer": name}
            yield 0.3, now, reject
        if transfer["state"] == "accepted":
            yield 3, now, {"do": "approve_transfer", "transfer": name}
            yield 0.4, now, reject
    codes = sorted(market.policies)
    for a in codes:
        for b in codes:
            if market.positions.get((a, b)):
                pair = rng.sample((a, b), 2)
                yield 0.3, now, {"do": "settle_provinces", "a": pair[0], "b": pair[1]}


def land(draw: Draw) -> Iterator[Proposal]:
    """Plots chosen with a certificate, and their sale."""
    market, rng, now = draw.market, draw.rng, draw.now
    for lot, certificate in market.certificates.items():
        free = free_area(market, lot)
        counties = [
            code
            for code, one in market.regions.items()
            if one["zone"] == "urbanised" and one["province"] == certificate["province"]
        ]
        if free > 0:
            step: Record = {"do": "select_plot", "id": draw.new_id("plots", "p"), "lot": lot}
            step |= {"bidder": certificate["bidder"], "county": rng.choice(counties)}
            area = rng.choice((free, rng.randint(1, free), max(1, free // 3)))
            step["area_m2"] = to_text(area)
            if draw.chance(0.6):
                step["collective"] = rng.choice(sorted(market.collectives))
            yield 0.8, now, step
    for name, plot in market.plots.items():
        enough = market.regions[plot["county"]]["cropland"] >= plot["area"]
        if not plot["sold"] and (enough or draw.chance(0.03)):
            sale: Record = {"do": "land_sale", "plot": name}
            sale["winner"] = rng.choice(sorted(market.bidders))
            sale["new_land_fee_cny"] = to_text(draw.scale.money(2))
            sale["reclamation_fee_cny"] = to_text(draw.scale.money(3))
            yield 0.8, now, sale
