"""The line to one node is bad in each way there is: transfers of the others go on as before."""

import asyncio
import time

import pytest

from tests.nodes.four import OTHER, four_linked, four_running, reach
from tests.nodes.three import START, THERE, whole

FAULTS = ("partition", "half-open", "one byte a second")
TICKETS = ["clear", *(fault[:4].strip() for fault in FAULTS)]
APART_SECONDS = 3


@pytest.fixture(scope="module")
async def four(cluster, tmp_path_factory):
    to = dict.fromkeys(TICKETS, THERE) | dict.fromkeys((f"o.{name}" for name in TICKETS), OTHER)
    async with (
        four_linked(cluster, tmp_path_factory.mktemp("lines")) as made,
        four_running(made, to, START) as four,
    ):
        yield four


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
    await four.through("clear", THERE)
    return await four.through("o.clear", OTHER)


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_bad_line_to_one_holds_up_no_transfer_of_another(four, good, fault, tell):
    line, name = four.there.node.line, fault[:4].strip()
    waiting = await four.ask(name, THERE)
    await four.accept(waiting, THERE)
    await reach(four.ministry, waiting, "accepted")
    await spoil(line, fault)
    begun = time.monotonic()
    await four.decide(waiting)
    beside = await four.through(f"o.{name}", OTHER)
    apart = max(0, begun + APART_SECONDS - time.monotonic())
    await asyncio.sleep(apart)
    state = "SELECT state FROM crossing WHERE id = :id"
    assert await four.there.one(state, id=waiting) == "accepted", "nothing came through"
    line.heal()
    await line.cut()
    healed = time.monotonic()
    await reach(four.ministry, waiting, "done")
    tell(
        f"{fault}: a transfer past it took {beside:.2f} s (lines good: {good:.2f} s);"
        f" the one on it ended {time.monotonic() - healed:.2f} s after it was good again"
    )


async def test_after_all_that_every_node_agrees_with_itself(four):
    await four.quiet()
    await whole(four)
    for name in TICKETS:
        await four.went(name, THERE)
        await four.went(f"o.{name}", OTHER)
    await four.written_once()
