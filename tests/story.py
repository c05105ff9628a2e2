"""Drives a market over HTTP, as its parties would, quickly to the state that a test needs.

Two provinces that follow a policy without waiting times. Every ticket is of 100 m² with costs of
5,000 yuan, so a lot sold for 20,000 pays 12,750 to the household and 2,250 to the collective.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import httpx

from app.kernel.units import decimal, hundredths
from app.replay import Case, Market, play
from app.replay.client import ACCEPTED, NODE
from app.replay.play import PATHS
from app.replay.senders import World

T = TypeVar("T")

HERE, COUNTY, CITY = "500000", "500236", "500112"
THERE, THERE_COUNTY, THERE_CITY = "330000", "330727", "330782"
AT_ONCE = 8
PRICE, DEPOSIT, INCREMENT = "20000.00", "1000.00", "100.00"
AREA, VILLAGERS_SHARE, COLLECTIVES_SHARE, COSTS = "100.00", "12750.00", "2250.00", "5000.00"

POLICY = {
    "cooling_off_days": 0,
    "notice_days": 0,
    "auction_notice_days": 0,
    "extension_seconds": 0,
    "subsidy_pool_share": "1.00",
    "subsidy_rate_cny": "100.00",
}


@dataclass(frozen=True, slots=True)
class Request:
    """A step with its own idempotency key: sent again, it is the same request."""

    do: str
    body: dict[str, Any]
    key: str = field(default_factory=lambda: uuid.uuid4().hex)


def a_market(
    at: datetime, households: Iterable[str], bidders: Iterable[str], cash: str = "1000000.00"
) -> Case:
    """A case without steps; a household whose id begins with `g` is of the other province."""
    counties = {f"v{n}": COUNTY for n in range(4)} | {"w0": THERE_COUNTY}
    return Case(
        name="story",
        policies={HERE: POLICY, THERE: POLICY},
        regions=[
            {"code": HERE, "name": "重庆市"},
            {"code": THERE, "name": "浙江省"},
            *(
                {"code": code, "name": code, "zone": zone, "cropland_m2": "100000.00"}
                for code, zone in (
                    (COUNTY, "farm_product"),
                    (CITY, "urbanised"),
                    (THERE_COUNTY, "farm_product"),
                    (THERE_CITY, "urbanised"),
                )
            ),
        ],
        collectives=[
            {"id": id_, "name": id_, "county": county, "homestead_m2": "90000.00", "members": 30}
            for id_, county in counties.items()
        ],
        households=[
            {
                "id": id_,
                "name": id_,
                "collective": "w0" if id_.startswith("g") else f"v{n % 4}",
                "heads": 3,
            }
            for n, id_ in enumerate(households)
        ],
        bidders=[{"id": id_, "name": id_, "cash_cny": cash} for id_ in bidders],
        coefficients=[
            {"from": giver, "to": taker, "yield_out": 500, "yield_in": 750}
            | {"valid_from": "2000-01-01", "valid_to": "2999-12-31"}
            for giver, taker in ((HERE, THERE), (THERE, HERE))
        ],
        until=at,
        steps=[],
    )


async def each(work: Iterable[Awaitable[T]], at_once: int = AT_ONCE) -> list[T]:
    """Do all of it, so many at a time."""
    gate = asyncio.Semaphore(at_once)

    async def one(item: Awaitable[T]) -> T:
        async with gate:
            return await item

    return list(await asyncio.gather(*map(one, work)))


@dataclass(slots=True)
class Story:
    """A market, and what its parties know of it."""

    market: Market
    world: World

    @classmethod
    async def begin(cls, market: Market, case: Case) -> "Story":
        """Register everybody on an empty node with a simulated clock."""
        await play(case, market)
        return cls(market, World.of(case))

    def through(self, http: httpx.AsyncClient) -> "Story":
        """The same story asked through another node of the same database."""
        market = Market(http, self.market.security_token, self.market._tokens)
        return Story(market, self.world)

    async def send(self, request: Request) -> httpx.Response:
        """Send a request as the party that would send it."""
        role, party, path = "exchange", HERE, "/v1/cash-deposits"
        if request.do != "hand_in_money":
            role, party = self.world.sender(request.do, request.body)
            path = PATHS[request.do]
        headers = {
            "Authorization": f"Bearer {await self.market.token(role, party)}",
            "Idempotency-Key": request.key,
        }
        answer = await self.market.http.post(path, json=request.body, headers=headers)
        if answer.status_code in ACCEPTED:
            self.world.learn(request.do, request.body)
        return answer

    async def ask(self, do: str, **body: Any) -> httpx.Response:
        """Send a new request."""
        return await self.send(Request(do, body))

    async def must(self, do: str, **body: Any) -> dict[str, Any]:
        """Send a new request that is accepted; answers with its result."""
        answer = await self.ask(do, **body)
        assert answer.status_code in ACCEPTED, (do, body, answer.text)
        return dict(answer.json())

    async def clock(self, to: datetime) -> None:
        """Move the simulated clock."""
        moved = await self.market.send("system_admin", NODE, "/v1/clock", {"to": to.isoformat()})
        assert "now" in moved, moved

    async def credentials(self, role: str, parties: Iterable[str]) -> None:
        """Issue credentials beforehand, so that later requests start at one instant."""
        await each(self.market.token(role, party) for party in parties)

    async def approve(self, household: str, city: str = CITY) -> None:
        """From the application `a.<household>` to its approval by county and city."""
        application = f"a.{household}"
        await self.must("apply", id=application, household=household, area_m2=AREA)
        await self.must("village_review", application=application, votes_for=30)
        await self.must("township_determine", application=application)
        await self.must("county_approve", application=application)
        await self.must(
            "city_approve",
            application=application,
            city=city,
            work_years=5,
            income_proof=True,
            long_term=True,
        )

    async def issue(self, household: str, city: str = CITY) -> str:
        """An issued ticket `t.<household>`."""
        await self.approve(household, city)
        await self.must(
            "accept_reclamation",
            application=f"a.{household}",
            accepted_m2=AREA,
            to="cropland",
            reclamation_cost_cny="4000.00",
            financing_cost_cny="1000.00",
        )
        ticket = f"t.{household}"
        await self.must("issue", application=f"a.{household}", id=ticket)
        return ticket

    async def hand_in(self, households: Iterable[str]) -> list[str]:
        """Tickets that lie handed in at the exchange of their own province."""

        async def one(household: str) -> str:
            ticket = await self.issue(household, THERE_CITY if household.startswith("g") else CITY)
            await self.must("hand_in", ticket=ticket)
            return ticket

        return await each(one(household) for household in households)

    async def list_lot(
        self, id_: str, tickets: list[str], opens_at: datetime, closes_at: datetime, **terms: Any
    ) -> dict[str, Any]:
        """A lot of these tickets; ascending from 20,000 yuan each, if no other terms are given."""
        start = decimal(hundredths(PRICE) * len(tickets))
        body = {"mode": "ascending", "start_price_cny": start, "increment_cny": INCREMENT}
        body |= {"deposit_cny": DEPOSIT, "province": HERE} | terms
        body |= {"opens_at": opens_at.isoformat(), "closes_at": closes_at.isoformat()}
        return await self.must("list", id=id_, tickets=tickets, **body)

    async def register(self, lots: Iterable[str], bidders: Iterable[str]) -> None:
        """Register all bidders for all lots."""
        pairs = [(lot, bidder) for bidder in bidders for lot in lots]
        await each(self.must("register", lot=lot, bidder=bidder) for lot, bidder in pairs)
