"""Between provinces: a ticket flows out, its account follows, the provinces settle (R179-R188)."""

from fractions import Fraction
from typing import TYPE_CHECKING

from .naive_world import Record, floor

if TYPE_CHECKING:
    from .naive_market import NaiveMarket


def outflow(market: "NaiveMarket", step: Record) -> str | None:
    """The holder asks that the ticket may go to another province."""
    ticket = market.tickets[step["ticket"]]
    if ticket["state"] != "issued":
        return "wrong-state"
    city = market.applications[ticket["application"]]["city"]
    if (
        step["to"] == ticket["home"]
        or city is None
        or market.regions[city]["province"] != step["to"]
    ):
        return "city-approval-missing"
    if step["id"] in market.transfers:
        return "id-taken"
    ticket["state"] = "locked"
    market.transfers[step["id"]] = {
        "ticket": step["ticket"],
        "home": ticket["home"],
        "to": step["to"],
        "state": "requested",
        "sent": ticket["area"],
        "received": None,
    }
    return None


def accept_transfer(market: "NaiveMarket", step: Record) -> str | None:
    """The receiving province accepts."""
    transfer = market.transfers[step["transfer"]]
    if transfer["state"] != "requested":
        return "wrong-state"
    transfer["state"] = "accepted"
    return None


def converted_area(market: "NaiveMarket", transfer: Record) -> int:
    """What the area sent becomes by the coefficient in force today; 0 when there is none."""
    today = market.time().date()
    for one in market.coefficients:
        pair = (one["from"], one["to"]) == (transfer["home"], transfer["to"])
        if pair and one["valid_from"] <= today <= one["valid_to"]:
            return floor(Fraction(transfer["sent"] * one["yield_out"], one["yield_in"]))
    return 0


def approve_transfer(market: "NaiveMarket", step: Record) -> str | None:
    """The ministry approves: a new ticket at the receiving exchange, the account moves there."""
    transfer = market.transfers[step["transfer"]]
    if transfer["state"] in ("approved", "rejected"):
        return "wrong-state"
    if transfer["state"] != "accepted":
        return "not-accepted-by-receiver"
    received = converted_area(market, transfer)
    if received == 0:
        return "no-coefficient"
    old = market.tickets[transfer["ticket"]]
    new = f"{transfer['ticket']}/{transfer['to']}"
    market.tickets[new] = old | {
        "state": "handed_in",
        "area": received,
        "province": transfer["to"],
    }
    old["state"] = "transferred"
    transfer["state"] = "approved"
    transfer["received"] = received
    account = market.accounts[old["household"]]
    account["province"] = transfer["to"]
    market.positions[transfer["home"], transfer["to"]] += account["balance"]
    return None


def reject_transfer(market: "NaiveMarket", step: Record) -> str | None:
    """The receiver or the ministry says no; the ticket is free again."""
    transfer = market.transfers[step["transfer"]]
    if transfer["state"] not in ("requested", "accepted"):
        return "wrong-state"
    transfer["state"] = "rejected"
    market.tickets[transfer["ticket"]]["state"] = "issued"
    return None


def settle_provinces(market: "NaiveMarket", step: Record) -> str | None:
    """What two provinces owe each other is netted and paid."""
    a, b = step["a"], step["b"]
    a_owes, b_owes = market.positions[a, b], market.positions[b, a]
    if a == b or (a_owes == 0 and b_owes == 0):
        return "nothing-due"
    payer, payee = (a, b) if a_owes >= b_owes else (b, a)
    amount = abs(a_owes - b_owes)
    market.positions[a, b] = 0
    market.positions[b, a] = 0
    market.money_out[payer] += amount
    market.money_in[payee] += amount
    settlement = {"payer": payer, "payee": payee, "amount": amount}
    market.provincial_settlements.append(settlement)
    return None
