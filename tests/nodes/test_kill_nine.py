"""Sender and receiver are killed while letters are under way: nothing is lost or doubled.

The letters are announcements of keys that are known already: nothing else is needed for them.
Another process of the same node stands ready for each, so that no time goes by with starting.
"""

import asyncio
from contextlib import ExitStack

from app.nodes import Message
from app.nodes.announce import ROTATED
from app.platform.postgres_process import free_port
from tests.nodes.linked import acquainted
from tests.nodes.linking import ready, started

HERE, THERE = "500000", "410000"
MESSAGES = 45


async def moved_on(node):
    """Wait until some letters more have their answer."""
    before = await node.backlog()
    while await node.backlog() > before - 10:  # noqa: ASYNC110 - in another process
        await asyncio.sleep(0.005)


async def test_kill_nine_of_either_side_loses_and_doubles_nothing(cluster, tmp_path):
    async with acquainted(cluster, tmp_path, HERE, THERE) as linked:
        here, there = linked
        (key,) = (await here.card()).keys
        body = {"vkey": key.vkey, "overlap_seconds": 0}
        spare = free_port(0)
        with ExitStack() as stack:
            near = stack.enter_context(started(there, there.settings.link_port))
            other = stack.enter_context(started(there, spare))
            first = stack.enter_context(started(here, 0))
            await ready(first)
            # It leads: the second carries when the connection of the first is gone.
            second = stack.enter_context(started(here, 0))
            await asyncio.gather(*map(ready, (second, near, other)))
            await here.send(*(Message(THERE, ROTATED, f"k-{n}", 1, body) for n in range(MESSAGES)))
            await moved_on(here)
            near.kill()
            there.line.target = spare
            await moved_on(here)
            first.kill()
            await moved_on(here)
            assert await here.backlog(), "they were killed in the middle"
            await here.delivered()
        numbers = [row.seq for row in await there.rows("SELECT seq FROM inbox ORDER BY seq")]
        assert numbers == list(range(1, MESSAGES + 1))
        pairs = "SELECT seq, hash FROM {} ORDER BY seq"
        assert await here.rows(pairs.format("outbox")) == await there.rows(pairs.format("inbox"))
        ((through,),) = await there.rows("SELECT through FROM link_in")
        assert through == MESSAGES
