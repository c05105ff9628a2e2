"""Requests to redeem in the demo market: one was refused, one waits, one is overdue."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.cli.demo_story import HUNAN
from app.replay import Market

FUND = ("fund_centre", HUNAN)
REQUESTS, REFUSALS = "/v1/redemption-requests", "/v1/redemption-refusals"

# after which lot was listed: whose request, its id, kind and terms beside the household
ASKED: Mapping[str, tuple[str, str, str, dict[str, Any]]] = {
    "hunan-97": (
        "h1",
        "q1",
        "mortgage_offset",
        {"open_principal_cny": "20000.00", "first_home": True, "only_home": True},
    ),
    "hunan-92": (
        "h2",
        "q2",
        "affordable_purchase",
        {"price_cny": "260000.00", "surplus": "keep", "gap": "mortgage"},
    ),
    "hunan-93": (
        "h1",
        "q3",
        "commercial_purchase",
        {"price_cny": "480000.00", "first_home": True},
    ),
}
REFUSED = {"hunan-92": ("q1", "papers_missing")}


@dataclass(slots=True)
class DemoRequests:
    """Asks and decides while the story of the demo is played."""

    market: Market

    async def after(self, do: str, body: Mapping[str, Any]) -> None:
        """What happens on the day on which a lot is listed."""
        lot = str(body["id"]) if do == "list" else ""
        if lot in ASKED:
            household, id_, kind, terms = ASKED[lot]
            named = {"id": id_, "household": household, "kind": kind}
            whole = named | {"terms": {"household": household} | terms}
            await self._send(("villager", household), REQUESTS, whole)
        if lot in REFUSED:
            request, reason = REFUSED[lot]
            await self._send(FUND, REFUSALS, {"request": request, "reason": reason})

    async def _send(self, who: tuple[str, str], path: str, body: Mapping[str, Any]) -> None:
        answer = await self.market.send(*who, path, body)
        assert "commitment" in answer, f"the demo's request was refused: {answer}"
