"""Real nodes under the schedules of the protocol's model: they end as its clean run does."""

import random

import pytest

from tests.model.protocol_schedule import PLOTS, Cut, Schedule, Step, Story, play, random_actions
from tests.model.protocol_world import PureWorld
from tests.nodes.mishaps import RealWorld
from tests.nodes.three import HERE, MINISTRY, THERE, days, three_nodes, whole
from tests.story import THERE_CITY, each

SEEDS = (4, 5)  # between them every plot but one
STORIES = 3
ACTIONS = 40
AREA = 10_000
NODES = (MINISTRY, HERE, THERE)
# The nodes' clocks stand alike, so a deadline would end every story at once.
REAL_PLOTS = tuple(plot for plot in PLOTS if Step.LAPSE not in plot)


FIRST, SECOND = (Story(f"y{n}", HERE, THERE, AREA, REAL_PLOTS[0]) for n in range(2))


def schedule_of(seed):
    draw = random.Random(seed)
    stories = tuple(
        Story(f"x{seed}-{n}", HERE, THERE, AREA, draw.choice(REAL_PLOTS)) for n in range(STORIES)
    )
    return Schedule(seed, NODES, stories, random_actions(draw, NODES, STORIES, ACTIONS))


def household(story):
    return f"h{story.id[1:]}"


@pytest.fixture(scope="module")
async def world(cluster, tmp_path_factory):
    stories = [*(story for seed in SEEDS for story in schedule_of(seed).stories), FIRST, SECOND]
    folder = tmp_path_factory.mktemp("mishaps")
    async with three_nodes(cluster, folder, [household(story) for story in stories]) as three:
        issued = await each(three.here.story.issue(household(s), THERE_CITY) for s in stories)
        await three.quiet()
        for office in three.all:
            office.node.line.drop = True
            await office.node.line.cut()
        tickets = dict(zip((story.id for story in stories), issued, strict=True))
        yield await RealWorld.of(three, tickets)


@pytest.mark.parametrize("seed", SEEDS)
async def test_real_nodes_in_trouble_end_as_the_model_without_any(world, seed):
    schedule = schedule_of(seed)
    untroubled = Schedule(seed, NODES, schedule.stories, ())
    wanted = await play(PureWorld.of(untroubled), untroubled)
    assert await play(world.only(*schedule.stories), schedule) == wanted, f"seed {seed}"


async def settled(world, *but):
    """Bring every letter, but those of a kind to a node that `but` names."""
    while world.under_way():
        mail = world.wire[0].letter
        await (world.drop(0) if (mail.type, mail.peer) == but else world.deliver(0, Cut.NOT))


async def test_a_node_that_leaves_a_commit_unapplied_for_a_day_may_propose_nothing(world):
    mine = world.only(FIRST, SECOND)
    for step in FIRST.steps:
        assert await mine.person(FIRST, step, Cut.NOT)
        await settled(mine, "xfer.decision", HERE)
    await mine.three.clock(await mine.three.here.now() + days(1))
    assert await mine.person(SECOND, Step.GIVE, Cut.NOT)
    await settled(mine)
    row = "SELECT decision->>'code' FROM crossing WHERE id = :id"
    code = await mine.three.ministry.one(row, id=f"{HERE}-{SECOND.id}")
    assert code == "reports-owed"
    await mine.retry()
    await settled(mine)
    ends = await mine.ends()
    assert [ends[story.id].giver for story in (FIRST, SECOND)] == ["debited", "released"]


async def test_after_all_that_every_nodes_books_and_log_agree(world):
    await whole(world.three)
