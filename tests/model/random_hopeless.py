"""Well-formed steps that break just the rule they are aimed at, a fen or 0.01 m2 off the edge."""

from collections.abc import Iterator

from .naive_fields import to_text
from .naive_landing import free_area
from .naive_world import Record
from .random_plausible import Draw
from .random_trade import listings

TOP = 10**15 - 1


def withdrawing(draw: Draw) -> Iterator[Record]:
    """Too early, too much, or with a dispute open."""
    market = draw.market
    for name, application in market.applications.items():
        collective = market.collectives[application["collective"]]
        if application["state"] == "applied":
            votes = collective["members"] + draw.rng.choice((0, 1))
            yield {"do": "village_review", "application": name, "votes_for": votes}
        if application["state"] == "noticed":
            yield {"do": "township_determine", "application": name}
        if application["state"] == "approved":
            least = min(application["lawful_area"], collective["homestead"])
            area = to_text(min(least + 1, TOP))
            accept = {"do": "accept_reclamation", "application": name, "to": "forest"}
            accept["accepted_m2"] = area
            yield accept | {"reclamation_cost_cny": "0.00", "financing_cost_cny": "0.00"}
    for name, objection in market.objections.items():
        if objection["ruled"]:
            yield {"do": "rule", "objection": name, "upheld": True}
        elif market.applications[objection["application"]]["state"] == "noticed":
            yield {"do": "township_determine", "application": objection["application"]}
    free = [one for one in market.households if one not in market.accounts]
    if free:
        step: Record = {"do": "apply", "id": "a999", "household": draw.rng.choice(free)}
        step |= {"area_m2": "1.00", "co_owners": ["甲", "乙"], "consents": ["乙", "丙"]}
        yield step


def listing(draw: Draw) -> Iterator[Record]:
    """A start price under the costs, or a ticket that is not there."""
    market = draw.market
    for _, _, step in listings(draw):
        chosen = [market.tickets[name] for name in step["tickets"]]
        total = sum(one["area"] for one in chosen)
        least = max(-(-one["costs"] * total // one["area"]) for one in chosen)
        if least > 1:
            yield step | {"start_price_cny": to_text(least - 1)}
        others = [name for name in market.tickets if name not in step["tickets"]]
        if others:
            yield step | {"tickets": [*step["tickets"], draw.rng.choice(others)]}


def bidding(draw: Draw) -> Iterator[Record]:
    """Bids a fen short, by the leader, by a stranger, in a frozen lot, and payments that fail."""
    market, rng = draw.market, draw.rng
    for name, lot in market.lots.items():
        for bidder in market.bidders:
            step: Record = {"do": "bid", "lot": name, "bidder": bidder}
            if bidder not in lot["registered"]:
                if rng.random() < 0.1:
                    yield step | {"price_cny": to_text(lot["start"])}
                continue
            if lot["state"] == "frozen":
                yield step | {"price_cny": to_text(lot["start"])}
            if lot["state"] == "open" and lot["mode"] == "ascending":
                last = lot["bids"][-1]["price"] if lot["bids"] else None
                least = lot["start"] if last is None else last + lot["increment"]
                yield step | {"price_cny": to_text(max(1, least - 1))}
                yield step | {"price_cny": to_text(least)}
        if lot["state"] == "sold":
            yield {"do": "pay", "lot": name, "bidder": rng.choice(sorted(market.bidders))}
            yield {"do": "pay", "lot": name, "bidder": lot["winner"]}


def landing(draw: Draw) -> Iterator[Record]:
    """More than a certificate holds, and a plot whose county or buyer lacks what is needed."""
    market = draw.market
    for lot, certificate in market.certificates.items():
        step: Record = {"do": "select_plot", "id": "p999", "lot": lot}
        step["bidder"] = certificate["bidder"]
        step["area_m2"] = to_text(min(free_area(market, lot) + 1, TOP))
        for county, region in market.regions.items():
            if region["province"] == certificate["province"]:
                yield step | {"county": county}
    for plot in market.plots:
        sale = {"do": "land_sale", "plot": plot, "new_land_fee_cny": "1.00"}
        sale["reclamation_fee_cny"] = "0.00"
        yield sale | {"winner": draw.rng.choice(sorted(market.bidders))}


def housing(draw: Draw) -> Iterator[Record]:
    """A price above the balance without a way to pay the gap, a fee a fen short, too early."""
    market = draw.market
    for household, account in market.accounts.items():
        price = to_text(account["balance"] + 1)
        step = {"do": "buy_affordable", "household": household, "price_cny": price}
        yield step | {"surplus": "keep"}
        if account["affordable_homes"]:
            step = {"do": "resell_affordable", "household": household, "land_fee_cny": "1.00"}
            yield step | {"able": True, "fee_paid_cny": "0.99"}
        if account["subsidised_in"]:
            yield {"do": "subsidise", "household": household}
        yield {"do": "subsidise", "household": household, "area_m2": to_text(TOP)}
    for rental in market.rentals:
        price = to_text(market.accounts[market.rentals[rental]["household"]]["balance"] + 1)
        yield {"do": "buy_public", "rental": rental, "price_cny": price}
        yield {"do": "end_rental", "rental": rental}


def provinces(draw: Draw) -> Iterator[Record]:
    """Transfers out of turn, a ticket without its city, provinces that owe nothing."""
    market, rng = draw.market, draw.rng
    for transfer in market.transfers:
        yield {"do": "approve_transfer", "transfer": transfer}
        yield {"do": "accept_transfer", "transfer": transfer}
        yield {"do": "reject_transfer", "transfer": transfer, "by": "receiver"}
    codes = sorted(market.policies)
    for ticket in market.tickets:
        yield {"do": "hand_in", "ticket": ticket}
        yield {"do": "outflow", "id": "x999", "ticket": ticket, "to": rng.choice(codes)}
    yield {"do": "settle_provinces", "a": rng.choice(codes), "b": rng.choice(codes)}


def steps(draw: Draw) -> Iterator[Record]:
    """All of them; some are taken after all."""
    yield from withdrawing(draw)
    yield from listing(draw)
    yield from bidding(draw)
    yield from landing(draw)
    yield from housing(draw)
    yield from provinces(draw)
