"""The ministry's node keeps a province's books itself: it hears itself at once, and writes half."""

from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
import structlog

from app import nodes
from app.platform import logs
from app.platform.settings import ClockKind
from tests.clearing import Line, account_of, register_account, switch_on
from tests.nodes.linked import linked
from tests.nodes.settling import close, instructions, owed, sign, take
from tests.nodes.three import HERE, START, THERE, Three, case_of, opened, sell, whole
from tests.story import Story, a_market


class Two(Three):
    """The giver's node, and the ministry's, which is the receiver's as well."""

    @property
    def all(self):
        return (self.here, self.there)


@pytest.fixture
async def two(cluster, tmp_path):
    logs.configure(quiet=True)
    coefficients = a_market(START, (), ()).coefficients
    cases = {
        HERE: case_of(HERE, ["h0"]),
        THERE: replace(case_of(THERE, ()), coefficients=coefficients),
    }
    roles = {HERE: nodes.NodeRole.PROVINCE, THERE: nodes.NodeRole.MINISTRY}
    async with AsyncExitStack() as stack:
        made = [
            await stack.enter_async_context(
                linked(cluster, tmp_path, name, role, clock=ClockKind.SIMULATED)
            )
            for name, role in roles.items()
        ]
        await made[0].know(made[1])
        await made[1].know(made[0])
        offices = [await opened(stack, node) for node in made]
        for office in reversed(offices):
            office.story = await Story.begin(office.market, cases[office.node.name])
        yield Two(offices[0], offices[1], offices[1])
    structlog.reset_defaults()


async def test_the_ministrys_node_settles_for_a_province_of_its_own(two):
    for office, province in ((two.here, HERE), (two.there, THERE)):
        await register_account(office.market, province)
    arrived = await two.cross("h0", "x0")
    await sell(two, [arrived], "l0")
    await switch_on(two.ministry.market, "bilateral")
    (statement,) = await close(two, "terms")
    # The last approval is the one that comes by a letter.
    await sign(two, statement, two.there)
    await sign(two, statement, two.here)
    assert [await office.refused() for office in two.all] == [[], []]
    (due,) = await instructions(two.here)
    assert [due] == await instructions(two.there)
    assert (due["payer"], due["payee"]) == (THERE, HERE)
    line = Line("r1", due["id"], int(due["amount_cny"].replace(".", "")), account_of(THERE))
    assert await take(two.here, "f1", line) == ["confirmed"]
    await two.quiet()
    assert await owed(two) == {}
    await whole(two)
