"""What can be refused about holds, and the requests of those who place and end them."""

from datetime import timedelta

from tests.conftest import START
from tests.story import (
    AREA,
    CITY,
    COUNTY,
    HERE,
    POLICY,
    PRICE,
    THERE,
    THERE_CITY,
    Story,
    a_market,
)

HOLDS, RELEASES = "/v1/holds", "/v1/hold-releases"
APPROVER, WINDOW = ("county_approver", COUNTY), ("operator", HERE)


async def a_story(node, households, **policy):
    """A market of these households, whose policy may have waiting times."""
    case = a_market(START, households, ["b1"])
    case.policies[HERE] = POLICY | policy
    return await Story.begin(node.market, case)


async def hold(node, household, id_, *, by=None, reason="not_asked", **more):
    """The household says that it did not agree, or the window for it."""
    body = {"id": id_, "application": f"a.{household}", "reason": reason}
    return await node.post(*(by or ("villager", household)), HOLDS, body, **more)


async def release(node, id_, outcome, by, **more):
    return await node.post(*by, RELEASES, {"hold": id_, "outcome": outcome}, **more)


async def take_back(node, household, id_):
    return await release(node, id_, "taken_back", ("villager", household))


def a_lot(*tickets):
    """A body for `POST /v1/lots` of tickets here."""
    return {
        "id": "l-held",
        "province": HERE,
        "tickets": list(tickets),
        "mode": "ascending",
        "start_price_cny": PRICE,
        "increment_cny": "100.00",
        "deposit_cny": "1000.00",
        "opens_at": (START + timedelta(days=1)).isoformat(),
        "closes_at": (START + timedelta(days=2)).isoformat(),
    }


async def refused_in_every_way(node):
    """From a step that is held to land that is reclaimed."""
    story = await a_story(node, ["h0", "h1", "h2", "h3"])
    await story.must("apply", id="a.h0", household="h0", area_m2=AREA)
    assert (await hold(node, "h0", "s0")).status_code == 201
    await story.ask("village_review", application="a.h0", votes_for=30)
    await hold(node, "h0", "s1")
    await release(node, "s0", "confirmed", ("villager", "h0"))
    assert (await take_back(node, "h0", "s0")).status_code == 201
    await take_back(node, "h0", "s0")
    assert (await hold(node, "h0", "s1", by=WINDOW)).status_code == 201
    await release(node, "s1", "withdrawn", WINDOW)
    assert (await release(node, "s1", "withdrawn", APPROVER, person="b")).status_code == 201
    await hold(node, "h0", "s2")
    # Of the others the land is reclaimed: one ticket is to go out, one is handed in.
    for household, city in (("h1", THERE_CITY), ("h2", CITY)):
        await story.issue(household, city)
    await story.must("hand_in", ticket="t.h2")
    for household, id_ in (("h1", "s3"), ("h2", "s4")):
        assert (await hold(node, household, id_)).status_code == 201
    await release(node, "s3", "withdrawn", APPROVER, person="b")
    await story.ask("outflow", id="x1", ticket="t.h1", to=THERE)
    await node.post("exchange", HERE, "/v1/lots", a_lot("t.h2"))
    assert (await take_back(node, "h1", "s3")).status_code == 201
    await story.must("outflow", id="x1", ticket="t.h1", to=THERE)
    await hold(node, "h1", "s5")
