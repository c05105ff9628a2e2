"""The line to one node is bad in each way there is: transfers of the others go on as before."""

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import replace

import httpx
import pytest

from app.cli.replay import first_credential
from app.main import create_app
from app.platform.settings import ClockKind
from app.replay import Market
from app.replay.client import NODE
from app.replay.senders import World
from tests.nodes.linked import linked
from tests.nodes.three import (
    HERE,
    MINISTRY,
    START,
    THERE,
    Office,
    Three,
    case_of,
    three_linked,
    three_running,
    whole,
)
from tests.story import THERE_CITY, Story, each

OTHER, OTHER_CITY = "410000", "410122"
FAULTS = ("partition", "half-open", "one byte a second")
TICKETS = ["clear", *(fault[:4].strip() for fault in FAULTS)]
APART_SECONDS = 3
SECONDS_MAX = 60


@pytest.fixture(scope="module")
async def four(cluster, tmp_path_factory):
    """Three nodes as everywhere, and a fourth that receives as well."""
    folder = tmp_path_factory.mktemp("lines")
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(three_linked(cluster, folder))
        node = await stack.enter_async_context(
            linked(cluster, folder, OTHER, clock=ClockKind.SIMULATED)
        )
        for one in made.values():
            await one.know(node)
            await node.know(one)
        households = [*TICKETS, *(f"o.{name}" for name in TICKETS)]
        three = await stack.enter_async_context(three_running(made, households, START))
        app = create_app(node.db, node.settings)
        await stack.enter_async_context(app.router.lifespan_context(app))
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://other")
        await stack.enter_async_context(http)
        market = Market(http, await first_credential(node.db))
        await market.send("system_admin", NODE, "/v1/clock", {"to": START.isoformat()})
        other = Office(node, market, await _begun(market))
        await _agree(three, households)
        await each(three.here.story.issue(name, THERE_CITY) for name in TICKETS)
        await each(three.here.story.issue(f"o.{name}", OTHER_CITY) for name in TICKETS)
        await three.quiet()
        yield three, other


async def _begun(market):
    own = [{"code": OTHER, "name": "河南省"}]
    nobody = replace(case_of(MINISTRY, ()), coefficients=[], regions=own)
    return await Story.begin(market, nobody)


async def _agree(three, households):
    """A coefficient between the giver and the fourth, and a city of the latter at the giver's."""
    city = {"code": OTHER_CITY, "name": "某市", "zone": "urbanised", "cropland_m2": "1000.00"}
    await three.here.send("system_admin", NODE, "/v1/regions", city)
    case = case_of(HERE, households)
    three.here.story.world = World.of(replace(case, regions=[*case.regions, city]))
    days = {"valid_from": "2000-01-01", "valid_to": "2999-12-31"}
    body = {
        "id": "k9",
        "from": HERE,
        "to": OTHER,
        "yield_out": 1,
        "yield_in": 2,
        "document": "文号",
    }
    await three.ministry.must("ministry", NODE, "/v1/coefficients", body | days)
    approval = {"coefficient": "k9"}
    await three.ministry.must("ministry", NODE, "/v1/coefficient-approvals", approval, person="b")


async def reach(office, transfer, state):
    query = "SELECT state FROM crossing WHERE id = :id"
    async with asyncio.timeout(SECONDS_MAX):
        while [row.state for row in await office.rows(query, id=transfer)] != [state]:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def ask(three, name, to):
    body = {"id": f"x.{name}", "ticket": f"t.{name}", "to": to}
    await three.here.must("province", HERE, "/v1/transfers", body)
    return f"{HERE}-x.{name}"


async def accept(office, province, transfer):
    """Offered, and known whose it is: accepted."""
    await reach(office, transfer, "offered")
    told = "SELECT count(*) FROM crossing_person WHERE transfer = :id"
    async with asyncio.timeout(SECONDS_MAX):
        while not await office.one(told, id=transfer):  # noqa: ASYNC110 - by letter
            await asyncio.sleep(0.02)
    body = {"transfer": transfer}
    await office.must("province", province, "/v1/transfer-acceptances", body)


async def decide(three, transfer):
    await reach(three.ministry, transfer, "accepted")
    body = {"transfer": transfer, "document": "文号"}
    await three.ministry.must("ministry", NODE, "/v1/transfer-approvals", body)


async def through(three, office, name, to):
    """A transfer from the request to both books; answers with its seconds."""
    begun = time.monotonic()
    transfer = await ask(three, name, to)
    await accept(office, to, transfer)
    await decide(three, transfer)
    await reach(three.ministry, transfer, "done")
    return time.monotonic() - begun


async def spoil(line, fault):
    """Make a line bad for what is under way, too."""
    if fault == "partition":
        line.drop = True
        await line.cut()
    elif fault == "half-open":
        line.half_open = True
    else:
        line.delay, line.piece = 1, 1
        await line.cut()


@pytest.fixture(scope="module")
async def good(four):
    """Seconds of a transfer to each receiver while every line is good."""
    three, other = four
    await through(three, three.there, "clear", THERE)
    return await through(three, other, "o.clear", OTHER)


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_bad_line_to_one_holds_up_no_transfer_of_another(four, good, fault, tell):
    three, other = four
    line, name = three.there.node.line, fault[:4].strip()
    waiting = await ask(three, name, THERE)
    await accept(three.there, THERE, waiting)
    await reach(three.ministry, waiting, "accepted")
    await spoil(line, fault)
    begun = time.monotonic()
    await decide(three, waiting)
    beside = await through(three, other, f"o.{name}", OTHER)
    apart = max(0, begun + APART_SECONDS - time.monotonic())
    await asyncio.sleep(apart)
    state = "SELECT state FROM crossing WHERE id = :id"
    assert await three.there.one(state, id=waiting) == "accepted", "nothing came through"
    line.heal()
    await line.cut()
    healed = time.monotonic()
    await reach(three.ministry, waiting, "done")
    tell(
        f"{fault}: a transfer past it took {beside:.2f} s (lines good: {good:.2f} s);"
        f" the one on it ended {time.monotonic() - healed:.2f} s after it was good again"
    )


async def test_after_all_that_every_node_agrees_with_itself(four):
    three, other = four
    await three.quiet()
    await whole(Three(three.here, three.there, three.ministry))
    await whole(Three(other, other, other))
