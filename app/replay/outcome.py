"""Reads what everyone ends with, all of it through the API, in the shape of the case format."""

from typing import Any

from app.kernel.ids import is_province
from app.replay.client import Market

ZERO = "0.00"


async def read_outcome(name: str, results: list[dict[str, Any]], market: Market) -> dict[str, Any]:
    """The outcome of a case; all keys are always there."""
    regions = await market.list("/v1/regions")
    verification = await market.read("/v1/ledger/verification")
    return {
        "case": name,
        "steps": results,
        "applications": await _by_id(market, "/v1/applications", "id", "state"),
        "tickets": await _by_id(market, "/v1/tickets", "id", "state", "area_m2"),
        "lots": await _by_id(market, "/v1/lots", "id", "state", "winner", "price_cny", "closes_at"),
        "bidders": await _by_id(
            market, "/v1/bidders", "id", "cash_cny", "held_cny", "certificate_m2"
        ),
        "housing_accounts": await _by_id(
            market,
            "/v1/housing-accounts",
            "household",
            "province",
            "balance_cny",
            "base_cny",
            "subsidy_cny",
            "housing_paid_cny",
            "cash_paid_cny",
            "rent_due_cny",
            "open",
        ),
        "contracts": [_contract(c) for c in await market.list("/v1/contracts")],
        "parties": {
            party["party"]: party["balance_cny"]
            for party in await market.list("/v1/ledger/parties")
            if party["balance_cny"] != ZERO
        },
        "regions": {
            region["code"]: _pick(region, "cropland_m2", "construction_m2", "ecological_m2")
            for region in regions
            if not is_province(region["code"])
        },
        "collectives": await _by_id(
            market, "/v1/collectives", "id", "homestead_m2", "off_site_right_m2"
        ),
        "plots": await _by_id(market, "/v1/plots", "id", "winner", "ticket_cost_cny", "offset_cny"),
        "transfers": await _by_id(market, "/v1/transfers", "id", "state", "sent_m2", "received_m2"),
        "positions": {
            f"{position['debtor']}>{position['creditor']}": position["amount_cny"]
            for position in await market.list("/v1/positions")
            if position["amount_cny"] != ZERO
        },
        "provincial_settlements": [
            _pick(settlement, "payer", "payee", "amount_cny")
            for settlement in await market.list("/v1/provincial-settlements")
        ],
        "ledger": _pick(verification, "balanced", "log_verified"),
    }


async def _by_id(market: Market, path: str, key: str, *names: str) -> dict[str, Any]:
    return {item[key]: _pick(item, *names) for item in await market.list(path)}


def _pick(item: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: item[name] for name in names}


def _contract(contract: dict[str, Any]) -> dict[str, Any]:
    shown = _pick(
        contract, "household", "kind", "price_cny", "from_account_cny", "gap_cny", "gap_by"
    )
    if contract["kind"] == "public_purchase":
        shown |= _pick(contract, "owned_m2", "rented_m2")
    return shown
