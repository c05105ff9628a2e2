"""Two provinces of one node, the ministry at another: one decision, and both sides in one log."""

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import pytest

from app import nodes
from app.audit.stream import audit_records
from app.kernel.units import hundredths
from app.platform.settings import ClockKind
from app.replay.client import NODE
from tests.clearing import switch_on
from tests.nodes.linked import linked
from tests.nodes.test_crossing import forged
from tests.nodes.three import HERE, MINISTRY, START, THERE, Three, opened, sell, whole
from tests.story import COLLECTIVES_SHARE, COSTS, COUNTY, THERE_CITY, VILLAGERS_SHARE, a_market
from tests.story import Story as TheStory

JOINT = "southwest"
HOUSEHOLDS = [f"h{n}" for n in range(4)]


@asynccontextmanager
async def two_nodes(cluster, folder):
    """The node of both provinces, in two parts at once, and the ministry's, which knew it late."""
    simulated = {"clock": ClockKind.SIMULATED}
    role = nodes.NodeRole.MINISTRY
    market = a_market(START, HOUSEHOLDS, ["b0"])
    provinces = [region for region in market.regions if region["code"].endswith("0000")]
    nobody = replace(
        market, regions=provinces, collectives=[], households=[], bidders=[], policies={}
    )
    async with AsyncExitStack() as stack:
        made = [
            await stack.enter_async_context(linked(cluster, folder, *given, **simulated))
            for given in (
                (JOINT, nodes.NodeRole.PROVINCE, (HERE, THERE)),
                (MINISTRY, role),
            )
        ]
        joint, ministry = [await opened(stack, node) for node in made]
        ministry.story = await TheStory.begin(ministry.market, nobody)
        joint.story = await TheStory.begin(joint.market, replace(market, coefficients=[]))
        yield Three(joint, joint, ministry)


async def told(three):
    """How many coefficients the ministry's node has sent."""
    return await three.ministry.one("SELECT count(*) FROM outbox WHERE type = 'coefficient.set'")


@pytest.fixture(scope="module")
async def two(cluster, tmp_path_factory):
    async with two_nodes(cluster, tmp_path_factory.mktemp("two")) as three:
        assert await told(three) == 0
        await three.here.node.know(three.ministry.node)
        await three.ministry.node.know(three.here.node)
        yield three


async def test_a_node_that_comes_later_is_told_of_the_coefficients_in_force_once(two):
    await two.quiet()
    assert await told(two) == 2
    approved = "SELECT id, giver, receiver, yield_out FROM coefficient ORDER BY id"
    ours, theirs = [await office.rows(approved) for office in (two.here, two.ministry)]
    assert ours == theirs
    assert len(ours) == 2
    await two.ministry.node.know(two.here.node, known=True)
    assert await told(two) == 2


async def test_a_ticket_crosses_within_a_node_by_the_ministrys_decision(two):
    story = two.here.story
    await story.must("land_income", county=COUNTY, amount_cny="1000.00")
    ticket = await story.issue("h0", THERE_CITY)
    await story.must("subsidise", household="h0")
    await story.must("outflow", id="x0", ticket=ticket, to=THERE)
    await two.quiet()
    assert (await story.ask("subsidise", household="h0")).json()["code"] == "account-leaving"
    assert (await story.ask("accept_transfer", transfer="x0")).json()["code"] == "decided-elsewhere"
    assert "code" not in await two.accept("x0")
    assert await two.here.one("SELECT state FROM ticket WHERE id = 't.h0'") == "locked"
    assert "code" not in await two.approve("x0")

    assert [await office.refused() for office in two.all] == [[], [], []]
    stands = await two.here.rows("SELECT id, state, area, province FROM ticket ORDER BY id")
    assert [tuple(row) for row in stands] == [
        ("t.h0", "transferred", 10000, HERE),
        (f"t.h0/{THERE}", "handed_in", 6666, THERE),
    ]
    crossings = await two.here.rows("SELECT role, state FROM crossing ORDER BY role")
    assert [tuple(row) for row in crossings] == [("giver", "debited"), ("receiver", "credited")]
    assert await two.ministry.one("SELECT state FROM crossing") == "done"
    for province, own in ((HERE, ["giver"]), (THERE, ["receiver"])):
        assert await parts_of(two, "province", province) == own
    assert await parts_of(two, "supervisor", NODE) == ["giver", "receiver"]
    account = await two.here.rows("SELECT household, province, standing FROM housing_account")
    assert [tuple(row) for row in account] == [("h0", THERE, "here")]
    assert await two.here.balance(f"housing:{THERE}:h0") == 30000
    assert await two.here.balance(f"conversion:{HERE}:{THERE}") == 10000
    assert await two.here.balance(f"conversion:{THERE}:{HERE}") == -6666
    assert await two.here.balance(f"due_to:{HERE}:{THERE}") == 30000
    assert await two.here.balance(f"due_from:{THERE}:{HERE}") == -30000
    assert await two.here.one("SELECT count(*) FROM household WHERE is_guest") == 0
    letters = "SELECT count(*) FROM outbox WHERE type = 'xfer.person'"
    assert await two.here.one(letters) == 0
    await whole(two)


async def parts_of(two, role, party):
    """Which parts somebody is shown, read in pages of one."""
    headers = {"Authorization": f"Bearer {await two.here.market.token(role, party)}"}
    parts, cursor = [], ""
    while cursor is not None:
        answer = await two.here.market.http.get(
            "/v1/crossings", params={"limit": 1, "cursor": cursor}, headers=headers
        )
        page = answer.json()
        parts += [part["role"] for part in page["items"]]
        cursor = page["next"]
    return parts


async def test_what_was_handed_over_is_sold_and_paid_in_both_books_at_once(two):
    await sell(two, [f"t.h0/{THERE}"], "l0")
    due = hundredths(COSTS) + hundredths(COLLECTIVES_SHARE)
    assert await two.here.balance(f"due_to:{THERE}:{HERE}") == due
    assert await two.here.balance(f"county:{HERE}:{COUNTY}") == hundredths(COSTS)
    share = hundredths(VILLAGERS_SHARE)
    assert await two.here.balance(f"housing:{THERE}:h0") == 30000 + share
    assert (await two.here.story.ask("subsidise", household="h0")).status_code < 500
    await whole(two)


async def test_what_they_owe_each_other_is_settled_in_their_node_whatever_the_ministrys_terms(two):
    await switch_on(two.ministry.market)
    await two.quiet()
    assert await two.here.one("SELECT from_node FROM clearing_terms") == MINISTRY
    pair = {"a": HERE, "b": THERE}
    await two.here.must("province", HERE, "/v1/provincial-settlements", pair)
    for debtor, creditor in ((HERE, THERE), (THERE, HERE)):
        assert await two.here.balance(f"due_to:{debtor}:{creditor}") == 0
        assert await two.here.balance(f"due_from:{creditor}:{debtor}") == 0
    await whole(two)


async def test_what_is_declined_or_taken_back_within_a_node_is_free_again(two):
    ticket = await two.leave("h1", "x1")
    body = {"transfer": f"{HERE}-x1", "by": "receiver", "reason": "no_need"}
    await two.there.must("province", THERE, "/v1/transfer-rejections", body)
    await two.quiet()
    assert await two.here.one("SELECT state FROM ticket WHERE id = :id", id=ticket) == "issued"
    await two.here.story.must("outflow", id="x1.again", ticket=ticket, to=THERE)
    await two.quiet()
    asked = {"transfer": "x1.again"}
    await two.here.must("province", HERE, "/v1/transfer-cancellations", asked)
    await two.quiet()
    assert await two.here.one("SELECT state FROM ticket WHERE id = :id", id=ticket) == "issued"
    standing = "SELECT standing FROM housing_account WHERE household = 'h1'"
    assert await two.here.one(standing) == "here"
    states = await two.here.rows("SELECT id, role, state FROM crossing WHERE id LIKE '%-x1%'")
    assert {row.state for row in states if row.role == "giver"} == {"released"}
    assert {row.state for row in states if row.role == "receiver"} == {"closed"}
    await whole(two)


FORGERIES = [
    ("entry.conversion_in", {}, "incomplete"),
    ("entry.conversion_in", {"received_m2": "6667.00"}, "conversion"),
    ("entry.account_moved_in", {"balance": "300.01"}, "account-moved"),
    ("transfer.approved", {"decision": "00" * 32}, "transfer"),
    ("arrival.accepted", {}, "crossing"),
]


async def test_what_is_forged_within_a_node_is_named(two):
    rows = await two.here.rows("SELECT body FROM record ORDER BY id")
    records = [bytes(row.body) for row in rows]
    found = [audit_records(forged(records, kind, **changed)) for kind, changed, _ in FORGERIES]
    missed = [
        (kind, changed, rule, dict(report.counts))
        for (kind, changed, rule), report in zip(FORGERIES, found, strict=True)
        if rule not in report.counts
    ]
    assert missed == []
