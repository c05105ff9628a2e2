"""The outcome of a case in the exact shape of the case format."""

from typing import TYPE_CHECKING

from .naive_auction import shown_state
from .naive_fields import to_text
from .naive_world import Record

if TYPE_CHECKING:
    from .naive_market import NaiveMarket


def text_or_null(hundredths: int | None) -> str | None:
    """An amount, or null for what does not exist."""
    return None if hundredths is None else to_text(hundredths)


def answers(market: "NaiveMarket") -> list[Record]:
    """Each step with its answer, counted from 1."""
    lines: list[Record] = []
    for n, code in enumerate(market.answers, start=1):
        lines.append({"n": n, "ok": True} if code is None else {"n": n, "ok": False, "code": code})
    return lines


def lots(market: "NaiveMarket") -> Record:
    """Lots with the winner and the price of their close."""
    return {
        name: {
            "state": shown_state(market, lot),
            "winner": lot["winner"],
            "price_cny": text_or_null(lot["price"]),
            "closes_at": lot["closes_at"].isoformat(),
        }
        for name, lot in market.lots.items()
    }


def bidders(market: "NaiveMarket") -> Record:
    """Bidders with free cash, held deposits and what is left of their certificates."""
    shown = {}
    for name, bidder in market.bidders.items():
        own = [one["area"] for one in market.certificates.values() if one["bidder"] == name]
        shown[name] = {
            "cash_cny": to_text(bidder["cash"]),
            "held_cny": to_text(bidder["held"]),
            "certificate_m2": to_text(sum(own)),
        }
    return shown


def housing_accounts(market: "NaiveMarket") -> Record:
    """Housing accounts by household."""
    amounts = ("balance", "base", "subsidy", "housing_paid", "cash_paid", "rent_due")
    return {
        name: {
            "province": account["province"],
            **{key + "_cny": to_text(account[key]) for key in amounts},
            "open": account["open"],
        }
        for name, account in market.accounts.items()
    }


def contracts(market: "NaiveMarket") -> list[Record]:
    """Contracts in order of signing."""
    shown = []
    for contract in market.contracts:
        line = {
            "household": contract["household"],
            "kind": contract["kind"],
            "price_cny": to_text(contract["price"]),
            "from_account_cny": to_text(contract["from_account"]),
            "gap_cny": to_text(contract["gap"]),
            "gap_by": contract["gap_by"],
        }
        if contract["kind"] == "public_purchase":
            line["owned_m2"] = to_text(contract["owned"])
            line["rented_m2"] = to_text(contract["rented"])
        shown.append(line)
    return shown


def land(market: "NaiveMarket") -> Record:
    """Stocks of the counties, of the collectives, and the plots."""
    return {
        "regions": {
            code: {
                key + "_m2": to_text(region[key])
                for key in ("cropland", "construction", "ecological")
            }
            for code, region in market.regions.items()
            if not region["is_province"]
        },
        "collectives": {
            name: {
                "homestead_m2": to_text(one["homestead"]),
                "off_site_right_m2": to_text(one["off_site_right"]),
            }
            for name, one in market.collectives.items()
        },
        "plots": {
            name: {
                "winner": plot["winner"],
                "ticket_cost_cny": text_or_null(plot["ticket_cost"]),
                "offset_cny": text_or_null(plot["offset"]),
            }
            for name, plot in market.plots.items()
        },
    }


def between_provinces(market: "NaiveMarket") -> Record:
    """Transfers, what is due, and what was settled."""
    return {
        "transfers": {
            name: {
                "state": one["state"],
                "sent_m2": to_text(one["sent"]),
                "received_m2": text_or_null(one["received"]),
            }
            for name, one in market.transfers.items()
        },
        "positions": {
            f"{debtor}>{creditor}": to_text(amount)
            for (debtor, creditor), amount in market.positions.items()
            if amount != 0
        },
        "provincial_settlements": [
            {"payer": one["payer"], "payee": one["payee"], "amount_cny": to_text(one["amount"])}
            for one in market.provincial_settlements
        ],
    }


def outcome_of(market: "NaiveMarket") -> Record:
    """Everything, every key always there."""
    return {
        "case": market.name,
        "steps": answers(market),
        "applications": {n: {"state": one["state"]} for n, one in market.applications.items()},
        "tickets": {
            name: {"state": one["state"], "area_m2": to_text(one["area"])}
            for name, one in market.tickets.items()
        },
        "lots": lots(market),
        "bidders": bidders(market),
        "housing_accounts": housing_accounts(market),
        "contracts": contracts(market),
        "parties": {name: to_text(cny) for name, cny in market.parties.items() if cny != 0},
        **land(market),
        **between_provinces(market),
        "ledger": {"balanced": True, "log_verified": True},
    }
