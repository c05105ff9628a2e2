"""Two processes on one database, and a market on it that a module's tests share."""

import asyncio
import itertools
import uuid
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from app import ledger
from app.cli.replay import first_credential
from app.platform.db import Database, open_database
from app.platform.settings import ClockKind, Settings
from app.replay import Market
from app.replay.client import ACCEPTED
from tests.conftest import START, TEMPLATE
from tests.nodes import Node
from tests.story import Request, Story, a_market


@dataclass(slots=True)
class Town:
    """A market of two nodes whose clocks are one, and who is still free to play a part in it."""

    db: Database
    nodes: list[Node]
    stories: list[Story]
    households: list[str]
    bidders: list[str]
    names: itertools.count = field(default_factory=itertools.count)

    @property
    def story(self) -> Story:
        """The market, for what is done one after the other."""
        return self.stories[0]

    def household(self) -> str:
        """A household that no test has used."""
        return self.households.pop()

    def bidder(self) -> str:
        """A bidder that no test has used."""
        return self.bidders.pop()

    def name(self, kind: str) -> str:
        """An id that no test has used."""
        return f"{kind}{next(self.names)}"

    async def now(self):
        """The instant of the market's clock."""
        async with self.db.read() as reader:
            return await reader.now()

    async def at_once(self, requests):
        """Send all at the same time, to the two nodes in turn; answers in order."""
        stories = itertools.cycle(self.stories)
        return await asyncio.gather(*(next(stories).send(request) for request in requests))

    async def race(self, do, bodies):
        """Send new requests at the same time; how often they were accepted or refused by code."""
        answers = await self.at_once([Request(do, body) for body in bodies])
        return Counter(code_of(answer) for answer in answers)

    async def sell(self, winner, tickets, price):
        """A sold lot that is not paid yet; the clock moves on by two hours."""
        lot, now = self.name("l"), await self.now()
        await self.story.list_lot(lot, tickets, now, now + timedelta(hours=1))
        await self.story.must("register", lot=lot, bidder=winner)
        await self.story.must("bid", lot=lot, bidder=winner, price_cny=price)
        await self.story.clock(now + timedelta(hours=2))
        return lot

    async def holding(self, bidder):
        """Free cash and held deposits of a bidder, as shown."""
        (found,) = [b for b in await self.story.market.list("/v1/bidders") if b["id"] == bidder]
        return found["cash_cny"], found["held_cny"]

    async def assert_sound(self):
        """The ledger agrees with itself, and no node has logged anything but answers."""
        async with self.db.read() as reader:
            found = await ledger.verify(reader)
        assert found.findings == []
        assert [line for node in self.nodes for line in node.faults()] == []


def code_of(answer):
    """`accepted`, or the code of the refusal; anything else is a defect."""
    if answer.status_code in ACCEPTED:
        return "accepted"
    assert answer.status_code in {404, 409}, answer.text
    return answer.json()["code"]


@pytest.fixture(scope="module")
def town_dsn(cluster):
    """The address of a fresh migrated database for a module."""
    name = f"town_{uuid.uuid4().hex[:8]}"
    cluster.create_database(name, template=TEMPLATE)
    yield cluster.dsn("hrt_app", name)
    cluster.drop_database(name)


@pytest.fixture(scope="module")
async def town(town_dsn, request, tmp_path_factory):
    """A town with as many `HOUSEHOLDS` and `BIDDERS` as the module says."""
    settings = Settings(clock=ClockKind.SIMULATED, require_durable=False, pool_size=2)
    db = open_database(settings, town_dsn)
    token = await first_credential(db)
    folder = tmp_path_factory.mktemp("town")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(db.close)
        nodes = [Node(folder, town_dsn, clock="simulated", require_durable="false") for _ in "12"]
        for node in nodes:
            await stack.enter_async_context(node)
        await asyncio.gather(*(node.start() for node in nodes))
        case = a_market(START, request.module.HOUSEHOLDS, request.module.BIDDERS)
        first = await Story.begin(Market(nodes[0].http, token), case)
        stories = [first, first.through(nodes[1].http)]
        yield Town(db, nodes, stories, [*request.module.HOUSEHOLDS], [*request.module.BIDDERS])
