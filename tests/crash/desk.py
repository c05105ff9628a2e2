"""Clients that note what was acknowledged, and what must therefore stand in the market."""

import asyncio
import itertools
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
from sqlalchemy import text

from app.kernel.units import hundredths
from app.platform.db import Database
from app.replay.client import ACCEPTED
from tests.story import AREA, DEPOSIT, PRICE, Request, Story

KEY_IN_PROGRESS = "idempotency-key-in-progress"


@dataclass(slots=True)
class Desk:
    """What all clients together sent and were answered."""

    acknowledged: dict[str, tuple[Request, str]] = field(default_factory=dict)
    sent: int = 0
    replayed: int = 0
    in_progress: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def effects(self) -> Counter[tuple[str, ...]]:
        """What the acknowledged requests must have left in the records, each once."""
        return Counter(_identity(request) for request, _ in self.acknowledged.values())


@dataclass(slots=True)
class Client:
    """Sends one request after another, and first of all the one whose answer was lost."""

    story: Story
    desk: Desk
    requests: Iterator[Request]
    rng: random.Random
    pending: Request | None = None

    async def run(self) -> None:
        """Go on until the node dies or there is nothing left to ask for."""
        serving = True
        while serving:
            serving = await self.one()
            await asyncio.sleep(self.rng.uniform(0, 0.02))

    async def one(self) -> bool:
        """Send one request; whether it was answered."""
        request = self.pending or next(self.requests, None)
        if request is None:
            return False
        self.pending = request
        self.desk.sent += 1
        try:
            answer = await self.story.send(request)
        except httpx.TransportError:
            return False
        if answer.status_code in ACCEPTED:
            self.desk.replayed += "Idempotency-Replayed" in answer.headers
            self.desk.acknowledged[request.key] = (request, answer.text)
        elif answer.json()["code"] == KEY_IN_PROGRESS:
            # The server still works for the process that died.
            self.desk.in_progress += 1
            return True
        else:
            assert answer.status_code == 409, answer.text
            self.desk.refused[answer.json()["code"]] += 1
        self.pending = None
        return True

    async def settle(self) -> None:
        """Repeat the request whose answer was lost until it is answered."""
        while self.pending is not None:
            assert await self.one(), "the node serves"


def _identity(request: Request) -> tuple[str, ...]:
    body = request.body
    if request.do == "hand_in_money":
        return ("entry.cash_in", body["id"])
    if request.do == "bid":
        return ("bid.placed", body["lot"], body["bidder"], body["price_cny"])
    if request.do == "register":
        return ("lot.registered", body["lot"], body["bidder"])
    return ("lot.settled", body["lot"])


async def effects_of(db: Database) -> Counter[tuple[str, ...]]:
    """What stands in the records, of the kinds that clients ask for."""
    kinds = ["entry.cash_in", "bid.placed", "lot.registered", "lot.settled"]
    async with db.read() as reader:
        rows = await reader.run(
            text("SELECT kind, subject, body FROM record WHERE kind = ANY(:kinds)"),
            {"kinds": kinds},
        )
        paddles = await reader.run(text("SELECT lot, paddle, bidder FROM registration"))
        holder = {(row.lot, row.paddle): row.bidder for row in paddles}
        return Counter(
            _recorded(row.kind, row.subject, json.loads(row.body), holder) for row in rows
        )


def _recorded(
    kind: str, subject: str, record: dict, holder: dict[tuple[str, int], str]
) -> tuple[str, ...]:
    if kind == "entry.cash_in":
        return (kind, record["facts"]["reference"])
    body = record["body"]
    if kind == "bid.placed":
        return (kind, subject, holder[subject, body["paddle"]], body["price_cny"])
    if kind == "lot.registered":
        return (kind, subject, body["bidder"])
    return (kind, subject)


Holding = tuple[int, int, int]
"""Free cash, deposits held, certificates: in hundredths."""


def _effect(request: Request) -> Holding:
    """What a request does to what its bidder has; each won lot of this test has one price."""
    deposit, price = hundredths(DEPOSIT), hundredths(PRICE)
    if request.do == "hand_in_money":
        return hundredths(request.body["amount_cny"]), 0, 0
    if request.do == "register":
        return -deposit, deposit, 0
    if request.do == "pay":
        return deposit - price, -deposit, hundredths(AREA)
    return 0, 0, 0


def _sum(holdings: Iterator[Holding]) -> Holding:
    total = (0, 0, 0)
    for one in holdings:
        total = (total[0] + one[0], total[1] + one[1], total[2] + one[2])
    return total


async def holdings(story: Story) -> dict[str, Holding]:
    """What every bidder has, as the API shows it."""
    return {
        b["id"]: (
            hundredths(b["cash_cny"]),
            hundredths(b["held_cny"]),
            hundredths(b["certificate_m2"]),
        )
        for b in await story.market.list("/v1/bidders")
    }


def assert_holdings(
    before: dict[str, Holding], after: dict[str, Holding], desk: Desk, pending: list[Request]
) -> None:
    """Everybody has, to the fen, what the acknowledged requests come to.

    A request whose answer was lost was done or not done as a whole.
    """
    booked = [request for request, _ in desk.acknowledged.values()]
    for bidder, had in before.items():
        own = [r for r in booked if r.body["bidder"] == bidder]
        lost = [r for r in pending if r.body["bidder"] == bidder]
        possible = {
            _sum(iter([had, *map(_effect, own), *map(_effect, done)]))
            for n in range(len(lost) + 1)
            for done in itertools.combinations(lost, n)
        }
        assert after[bidder] in possible, (bidder, after[bidder], possible, lost)
