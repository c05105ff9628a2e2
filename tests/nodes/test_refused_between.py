"""What a real node refuses because another one is concerned: each such refusal, over HTTP."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app import nodes
from app.platform import jobs
from app.platform.postgres_process import free_port
from tests.nodes.reconciled import move_log
from tests.nodes.three import HERE, START, THERE, days, freed, sell, three_nodes, whole
from tests.story import COUNTY, THERE_CITY, Story, a_market

HOUSEHOLDS = [f"h{n}" for n in range(5)]
RENT = {"rent_per_m2_cny": "18.00", "subsidy_per_m2_cny": "6.00", "area_m2": "60.00"}


@pytest.fixture(scope="module")
async def three(cluster, tmp_path_factory):
    async with three_nodes(cluster, tmp_path_factory.mktemp("refused"), HOUSEHOLDS) as three:
        yield three


async def code_of(office, role, party, path, **body):
    return (await office.send(role, party, path, body)).get("code")


async def without(office, peer):
    """The node no longer knows a peer."""
    await office.node.db.transact(nodes.remove_peer, peer.node.name)


async def test_who_rents_does_not_leave_and_too_long_a_name_does_not_either(three):
    story = three.here.story
    await story.must("land_income", county=COUNTY, amount_cny="100000.00")
    ticket = await story.issue("h0", THERE_CITY)
    await story.must("subsidise", household="h0")
    await story.must("rent_public", id="r0", household="h0", **RENT)
    asked = {"ticket": ticket, "to": THERE}
    refused = await story.ask("outflow", id="x0", **asked)
    assert refused.json()["code"] == "rental-active"
    await story.must("end_rental", rental="r0")
    refused = await story.ask("outflow", id="x" * 64, **asked)
    assert refused.json()["code"] == "id-too-long"


async def test_nothing_leaves_while_nobody_is_known_who_decides_or_receives(three):
    asked = {"id": "x0", "ticket": "t.h0", "to": THERE}
    await without(three.here, three.ministry)
    assert (await three.here.story.ask("outflow", **asked)).json()["code"] == "ministry-unknown"
    await three.here.node.know(three.ministry.node)
    await without(three.here, three.there)
    assert (await three.here.story.ask("outflow", **asked)).json()["code"] == "receiver-unknown"
    await three.here.node.know(three.there.node)
    assert await three.here.one("SELECT count(*) FROM crossing") == 0


async def test_nobody_is_accepted_of_whom_it_is_not_known_who_they_are(three):
    ticket = await three.leave("h1", "x1")
    forget = text("DELETE FROM crossing_person WHERE transfer = :id")
    await three.there.node.db.transact(lambda tx, id_: tx.run(forget, {"id": id_}), f"{HERE}-x1")
    assert (await three.accept("x1"))["code"] == "person-missing"
    await three.clock(await three.here.now() + days(2))
    await three.quiet()
    await freed(three, ticket, "x1")


async def test_what_is_no_longer_valid_is_not_approved(three):
    """Also in the moment before the ministry's own deadline has ended it."""
    ticket = await three.leave("h2", "x2")
    await three.accept("x2")
    until = "SELECT valid_until FROM crossing WHERE id = :id"
    after = await three.ministry.one(until, id=f"{HERE}-x2") + timedelta(seconds=1)
    await three.ministry.node.db.transact(jobs.set_clock, after)
    assert (await three.approve("x2"))["code"] == "lapsed"
    await three.clock(after)
    await three.quiet()
    await freed(three, ticket, "x2")


async def test_what_is_with_another_node_is_not_done_or_settled_here(three):
    arrived = await three.cross("h3", "x3")
    home = {"price_cny": "1000.00", "surplus": "keep"}
    refused = await three.here.story.ask("buy_affordable", household="h3", **home)
    assert refused.json()["code"] == "account-gone"
    settled = {"a": HERE, "b": THERE}
    path = "/v1/provincial-settlements"
    assert await code_of(three.here, "province", HERE, path, **settled) == "settled-between-nodes"

    # A home that is not known any more could not be paid, so its ticket is not.
    await without(three.there, three.here)
    with pytest.raises(AssertionError, match="home-node-unknown"):
        await sell(three, [arrived], "l3")
    await three.there.node.know(three.here.node)
    await three.there.story.must("pay", lot="l3", bidder="b0")
    await three.quiet()
    assert [await office.refused() for office in three.all] == [[], [], []]


async def test_what_the_givers_log_does_not_show_yet_is_not_approved_and_holds_up_nobody(three):
    where = "SELECT log_url FROM peer WHERE name = :name"
    home = await three.ministry.one(where, name=HERE)
    asked = asyncio.Event()

    async def hang(reader, writer):
        asked.set()
        await reader.read()
        writer.close()

    hole = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = hole.sockets[0].getsockname()[1]
    await move_log(three, three.here, f"http://127.0.0.1:{port}")
    await three.leave("h4", "x4")
    await three.accept("x4")
    await asyncio.wait_for(asked.wait(), 5)
    givers = three.ministry.market.http._transport.app.state.givers
    reading = givers._reading[HERE]
    await asyncio.wait_for(givers.follow(THERE), 5)
    assert not reading.done(), "the other's log was read meanwhile"

    await move_log(three, three.here, f"http://127.0.0.1:{free_port(0)}")
    reading.cancel()
    refused = await three.approve("x4")
    assert refused["code"] == "giver-log-unread"
    assert refused["about"]["log"] == HERE
    assert refused["about"]["fault"] == "log-unreachable"
    shown = {c["id"]: c for c in await three.ministry.market.list("/v1/crossings")}
    waits = shown[f"{HERE}-x4"]
    assert waits["giver_log"]["since"] == refused["about"]["since"]
    for forced in (
        "UPDATE crossing SET state = 'committed' WHERE id = '500000-x4'",
        "UPDATE followed_log SET size = 0, edge = '' WHERE log = '330000'",
    ):
        with pytest.raises(DBAPIError, match=r"nobody has looked|only grows"):
            await three.ministry.node.db.transact(lambda tx, sql: tx.run(text(sql)), forced)

    await move_log(three, three.here, home)
    assert "code" not in await three.approve("x4")
    hole.close()


async def test_at_last_every_node_agrees_with_itself(three):
    await whole(three)


async def test_what_no_other_node_decides_is_rejected_and_not_recalled(market):
    case = a_market(START, ["h0"], [])
    story = await Story.begin(market, case)
    ticket = await story.issue("h0", THERE_CITY)
    await story.must("outflow", id="x0", ticket=ticket, to=THERE)
    asked = {"transfer": "x0"}
    refused = await market.send("province", HERE, "/v1/transfer-cancellations", asked)
    assert refused["code"] == "decided-here"
