"""Plays a case: sets the market up, sends every step at its time, and reads the outcome."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.replay.case import Case, CaseError, Step
from app.replay.client import NODE, Market, refused
from app.replay.outcome import read_outcome
from app.replay.senders import World

PATHS = {
    "apply": "/v1/applications",
    "revoke": "/v1/revocations",
    "village_review": "/v1/village-reviews",
    "object": "/v1/objections",
    "rule": "/v1/rulings",
    "township_determine": "/v1/township-determinations",
    "county_approve": "/v1/county-approvals",
    "city_approve": "/v1/city-approvals",
    "accept_reclamation": "/v1/acceptances",
    "issue": "/v1/tickets",
    "hand_in": "/v1/hand-ins",
    "list": "/v1/lots",
    "register": "/v1/registrations",
    "bid": "/v1/bids",
    "freeze": "/v1/freezes",
    "resume": "/v1/resumptions",
    "pay": "/v1/payments",
    "land_income": "/v1/land-incomes",
    "subsidise": "/v1/subsidies",
    "buy_affordable": "/v1/affordable-purchases",
    "resell_affordable": "/v1/affordable-resales",
    "exchange_low_rent": "/v1/low-rent-exchanges",
    "rent_public": "/v1/rentals",
    "end_rental": "/v1/rental-ends",
    "buy_public": "/v1/public-purchases",
    "refund": "/v1/refunds",
    "buy_commercial": "/v1/commercial-purchases",
    "offset_mortgage": "/v1/mortgage-offsets",
    "withdraw_cash": "/v1/cash-withdrawals",
    "select_plot": "/v1/plots",
    "land_sale": "/v1/land-sales",
    "outflow": "/v1/transfers",
    "accept_transfer": "/v1/transfer-acceptances",
    "approve_transfer": "/v1/transfer-approvals",
    "reject_transfer": "/v1/transfer-rejections",
    "settle_provinces": "/v1/provincial-settlements",
}
"""The resource that each kind of step creates."""

INVALID_REQUEST = "invalid-request"
EMPTY_CASE_STARTS = datetime.fromisoformat("2026-01-01T00:00:00+08:00")


async def play(
    case: Case, market: Market, progress: Callable[[int], None] = lambda _n: None
) -> dict[str, Any]:
    """Play the whole case on a fresh node with a simulated clock; answers with the outcome."""
    results = []
    async for step, code in play_steps(case, market):
        results.append({"n": step.n, "ok": True} if code is None else _refused(step, code))
        progress(step.n)
    return await read_outcome(case.name, results, market)


async def play_steps(case: Case, market: Market) -> AsyncIterator[tuple[Step, str | None]]:
    """Set the market up and send step after step; each comes with the code that refused it."""
    now = case.steps[0].at if case.steps else case.until or EMPTY_CASE_STARTS
    await _move_clock(market, now)
    await _set_up(case, market, now)
    world = World.of(case)
    for step in case.steps:
        if step.at != now:
            now = step.at
            await _move_clock(market, now)
        yield step, await _take(step, world, market)
    if case.until is not None and case.until != now:
        await _move_clock(market, case.until)


def _refused(step: Step, code: str) -> dict[str, Any]:
    return {"n": step.n, "ok": False, "code": code}


async def _take(step: Step, world: World, market: Market) -> str | None:
    """Send one step; answers with the code that refused it."""
    if not isinstance(step.do, str) or step.do not in PATHS:
        return INVALID_REQUEST
    role, party = world.sender(step.do, step.body)
    code = refused(await market.send(role, party, PATHS[step.do], step.body))
    if code is None:
        world.learn(step.do, step.body)
    return code


async def _move_clock(market: Market, to: datetime) -> None:
    moved = await market.send("system_admin", NODE, "/v1/clock", {"to": to.isoformat()})
    code = refused(moved)
    if code is not None:
        raise CaseError(f"the clock cannot be moved to {to.isoformat()}: {code}")


@dataclass(frozen=True, slots=True)
class _Registrar:
    """Sends what must be accepted, as one party in one role."""

    market: Market
    role: str
    party: str

    async def send(self, place: str, path: str, body: dict[str, Any], person: str = "a") -> None:
        answer = await self.market.send(self.role, self.party, path, body, person)
        if refused(answer) is not None:
            faults = ", ".join(f"{e['pointer']}: {e['detail']}" for e in answer["errors"])
            raise CaseError(f"{place}: {answer['code']} ({faults or answer['title_en']})")


async def _set_up(case: Case, market: Market, now: datetime) -> None:
    """Register the parties, their land and cash, the policies and the coefficients."""
    admin = _Registrar(market, "system_admin", NODE)
    for region in case.regions:
        await admin.send(f"the region {region['code']}", "/v1/regions", region)
    for n, collective in enumerate(case.collectives, 1):
        await admin.send(f"collectives[{n}]", "/v1/collectives", collective)
    for n, household in enumerate(case.households, 1):
        await admin.send(f"households[{n}]", "/v1/households", household)
    if (case.bidders or case.steps) and not case.provinces:
        raise CaseError("regions: there is no province, so nobody could take a step or hold cash")
    for n, bidder in enumerate(case.bidders, 1):
        exchange = _Registrar(market, "exchange", case.provinces[0])
        place, id_ = f"bidders[{n}]", bidder["id"]
        await exchange.send(place, "/v1/bidders", {"id": id_, "name": bidder["name"]})
        cash = bidder.get("cash_cny", "0.00")
        if cash != "0.00":
            body = {"id": f"opening.{n}", "bidder": id_, "amount_cny": cash}
            await exchange.send(place, "/v1/cash-deposits", body)
    for province, parameters in case.policies.items():
        office = _Registrar(market, "province", province)
        place, id_ = f"the policy of {province}", f"{province}.case"
        proposal = {"id": id_, "province": province, "valid_from": now.isoformat()}
        await office.send(place, "/v1/policies", {**proposal, "parameters": parameters})
        await office.send(place, "/v1/policy-approvals", {"policy": id_}, person="b")
    ministry = _Registrar(market, "ministry", NODE)
    for n, coefficient in enumerate(case.coefficients, 1):
        place, id_ = f"coefficients[{n}]", f"coefficient.{n}"
        body = {"id": id_, "document": case.name, **coefficient}
        await ministry.send(place, "/v1/coefficients", body)
        await ministry.send(place, "/v1/coefficient-approvals", {"coefficient": id_}, person="b")
