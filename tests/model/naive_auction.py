"""The auction, from listing to payment or default, and the settlement (R118-R125, R133-R147)."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from .naive_housing import credit_account
from .naive_world import Record, days, first_refusal, largest_remainder

if TYPE_CHECKING:
    from .naive_market import NaiveMarket


def listing_rules(market: "NaiveMarket", step: Record) -> Iterator[tuple[bool, str]]:
    """What a listing may break, in order."""
    policy = market.policies[step["province"]]
    notice_ends = market.time() + days(policy["auction_notice_days"])
    yield step["opens_at"] < notice_ends, "notice-too-short"
    yield step["closes_at"] <= step["opens_at"], "invalid-request"
    yield step["mode"] == "ascending" and not step["increment_cny"], "invalid-request"
    drawn = step["mode"] == "sealed" and policy["sealed_tie"] == "draw"
    yield drawn and step["draw_seed"] is None, "invalid-request"
    tickets = [market.tickets[name] for name in step["tickets"]]
    yield not tickets, "ticket-not-available"
    for ticket in tickets:
        here = ticket["state"] == "handed_in" and ticket["province"] == step["province"]
        yield not here, "ticket-not-available"
    total = sum(ticket["area"] for ticket in tickets)
    for ticket in tickets:
        share = Fraction(step["start_price_cny"] * ticket["area"], total)
        yield share < ticket["costs"], "start-price-below-costs"
    yield step["id"] in market.lots, "id-taken"


def list_lot(market: "NaiveMarket", step: Record) -> str | None:
    """The exchange lists tickets as one lot."""
    refusal = first_refusal(listing_rules(market, step))
    if refusal:
        return refusal
    tickets = [market.tickets[name] for name in step["tickets"]]
    for ticket in tickets:
        ticket["state"] = "listed"
    market.lots[step["id"]] = {
        "state": "open",
        "province": step["province"],
        "tickets": list(step["tickets"]),
        "area": sum(ticket["area"] for ticket in tickets),
        "mode": step["mode"],
        "start": step["start_price_cny"],
        "reserve": step["reserve_price_cny"] or 0,
        "increment": step["increment_cny"],
        "deposit": step["deposit_cny"],
        "opens_at": step["opens_at"],
        "closes_at": step["closes_at"],
        "draw_seed": step["draw_seed"],
        "registered": [],
        "bids": [],
        "frozen_at": None,
        "winner": None,
        "price": None,
        "payment_due": None,
    }
    return None


def is_closed(lot: Record) -> bool:
    """Whether the lot has had its close."""
    return lot["state"] not in ("open", "frozen")


def shown_state(market: "NaiveMarket", lot: Record) -> str:
    """The state as the outcome names it: `listed` until the lot opens."""
    if lot["state"] == "open" and market.time() < lot["opens_at"]:
        return "listed"
    return str(lot["state"])


def register(market: "NaiveMarket", step: Record) -> str | None:
    """A bidder registers, and its deposit is held."""
    lot, bidder = market.lots[step["lot"]], market.bidders[step["bidder"]]
    if is_closed(lot):
        return "closed"
    if step["bidder"] in lot["registered"]:
        return "already-registered"
    if bidder["cash"] < lot["deposit"]:
        return "insufficient-funds"
    bidder["cash"] -= lot["deposit"]
    bidder["held"] += lot["deposit"]
    lot["registered"].append(step["bidder"])
    return None


def bidding_rules(market: "NaiveMarket", step: Record) -> Iterator[tuple[bool, str]]:
    """What a bid may break, in order."""
    lot, price = market.lots[step["lot"]], step["price_cny"]
    yield step["bidder"] not in lot["registered"], "not-registered"
    yield lot["state"] == "frozen", "frozen"
    yield market.time() < lot["opens_at"], "not-open"
    yield is_closed(lot), "closed"
    if lot["mode"] == "ascending" and lot["bids"]:
        leading = lot["bids"][-1]
        yield leading["bidder"] == step["bidder"], "already-leading"
        yield price < leading["price"] + lot["increment"], "bid-below-increment"
    elif lot["mode"] == "ascending":
        yield price < lot["start"], "bid-below-start"


def bid(market: "NaiveMarket", step: Record) -> str | None:
    """A bid; in an ascending lot a late one puts the close off."""
    refusal = first_refusal(bidding_rules(market, step))
    if refusal:
        return refusal
    lot = market.lots[step["lot"]]
    if lot["mode"] == "ascending":
        extension = timedelta(seconds=market.policies[lot["province"]]["extension_seconds"])
        if lot["closes_at"] - market.time() < extension:
            lot["closes_at"] = market.time() + extension
    lot["bids"].append({"bidder": step["bidder"], "price": step["price_cny"]})
    return None


def freeze(market: "NaiveMarket", step: Record) -> str | None:
    """The exchange stops an open lot."""
    lot = market.lots[step["lot"]]
    if shown_state(market, lot) != "open":
        return "wrong-state"
    lot["state"] = "frozen"
    lot["frozen_at"] = market.time()
    return None


def resume(market: "NaiveMarket", step: Record) -> str | None:
    """The lot goes on, and gets back the time for which it was frozen."""
    lot = market.lots[step["lot"]]
    if lot["state"] != "frozen":
        return "wrong-state"
    closes_at = lot["closes_at"] + (market.time() - lot["frozen_at"])
    if lot["mode"] == "ascending":
        extension = timedelta(seconds=market.policies[lot["province"]]["extension_seconds"])
        closes_at = max(closes_at, market.time() + extension)
    lot["state"] = "open"
    lot["frozen_at"] = None
    lot["closes_at"] = closes_at
    return None


def bids_that_count(lot: Record) -> list[Record]:
    """Each bidder's last bid, in order of acceptance, without those below the start price."""
    counting = []
    for position, one in enumerate(lot["bids"]):
        later = [other["bidder"] for other in lot["bids"][position + 1 :]]
        if one["bidder"] not in later and one["price"] >= lot["start"]:
            counting.append(one)
    return counting


def draw_number(lot: Record, bidder: str) -> str:
    """The hex number that decides a drawn tie."""
    return hashlib.sha256(f"{lot['draw_seed']}:{bidder}".encode()).hexdigest()


def release(market: "NaiveMarket", lot: Record, bidder: str) -> None:
    """A held deposit becomes free cash again."""
    market.bidders[bidder]["held"] -= lot["deposit"]
    market.bidders[bidder]["cash"] += lot["deposit"]


def close(market: "NaiveMarket", name: str) -> None:
    """The lot closes: sold to the highest bid, or unsold."""
    lot = market.lots[name]
    policy = market.policies[lot["province"]]
    counting = bids_that_count(lot)
    best = max((one["price"] for one in counting), default=0)
    if not counting or len(counting) < policy["min_bidders"] or best < lot["reserve"]:
        lot["state"] = "unsold"
    else:
        highest = [one["bidder"] for one in counting if one["price"] == best]
        if lot["mode"] == "sealed" and policy["sealed_tie"] == "draw":
            highest.sort(key=lambda bidder: draw_number(lot, bidder))
        lot["state"] = "sold"
        lot["winner"], lot["price"] = highest[0], best
        lot["payment_due"] = lot["closes_at"] + days(policy["payment_days"])
    for bidder in lot["registered"]:
        if bidder != lot["winner"]:
            release(market, lot, bidder)
    for ticket in lot["tickets"]:
        market.tickets[ticket]["state"] = "sold" if lot["state"] == "sold" else "handed_in"


def default(market: "NaiveMarket", name: str) -> None:
    """The winner did not pay: its deposit goes to the exchange, the tickets come back."""
    lot = market.lots[name]
    lot["state"] = "defaulted"
    market.bidders[lot["winner"]]["held"] -= lot["deposit"]
    market.money_in[lot["province"]] += lot["deposit"]
    market.parties["exchange:" + lot["province"]] += lot["deposit"]
    for ticket in lot["tickets"]:
        market.tickets[ticket]["state"] = "handed_in"


def pay(market: "NaiveMarket", step: Record) -> str | None:
    """The winner pays, and the lot is settled at once."""
    lot, bidder = market.lots[step["lot"]], market.bidders[step["bidder"]]
    if lot["state"] != "sold":
        return "wrong-state"
    if step["bidder"] != lot["winner"]:
        return "not-winner"
    if lot["deposit"] + bidder["cash"] < lot["price"]:
        return "insufficient-funds"
    release(market, lot, step["bidder"])
    bidder["cash"] -= lot["price"]
    market.money_in[lot["province"]] += lot["price"]
    lot["state"] = "paid"
    market.certificates[step["lot"]] = {
        "bidder": step["bidder"],
        "province": lot["province"],
        "area": lot["area"],
        "cost": lot["price"],
    }
    settle(market, lot)
    return None


def settle(market: "NaiveMarket", lot: Record) -> None:
    """The price goes to the lot's tickets by area, each share to those it belongs to."""
    areas = [market.tickets[name]["area"] for name in lot["tickets"]]
    by_id = sorted(lot["tickets"], key=lambda name: name.encode())
    favourite = [by_id.index(name) for name in lot["tickets"]]
    shares = largest_remainder(lot["price"], areas, favourite)
    for name, share in zip(lot["tickets"], shares, strict=True):
        settle_ticket(market, lot, market.tickets[name], share)


def settle_ticket(market: "NaiveMarket", lot: Record, ticket: Record, share: int) -> None:
    """Costs go back to the county, the net is split by the policy of the ticket's home province."""
    net = share - ticket["costs"]
    assert net >= 0
    split = market.policies[ticket["home"]]["split"]
    weights = [weight for _, weight in split]
    parts = largest_remainder(net, weights, [-i for i in range(len(split))])
    collective = ticket["collective"]
    county = "county:" + market.collectives[collective]["county"]
    market.parties[county] += ticket["costs"]
    owed_home = ticket["costs"]
    for (party, _), part in zip(split, parts, strict=True):
        if party == "villager":
            credit_account(market, market.accounts[ticket["household"]], part)
            continue
        owner = county if party == "county" else f"{party}:{collective}"
        market.parties[owner] += part
        owed_home += part
    if lot["province"] != ticket["home"]:
        market.positions[lot["province"], ticket["home"]] += owed_home
    ticket["state"] = "settled"
