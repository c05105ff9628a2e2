"""A network that drops packets and tells nobody, as no proxy can: each node in one of its own."""

import asyncio
import statistics
import time
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

import pytest

from app.nodes import Message
from app.nodes.announce import ROTATED
from tests import spaces
from tests.nodes.apart import exchange_cards, move
from tests.nodes.four import same_letters
from tests.nodes.linked import acquainted
from tests.nodes.linking import ready, started
from tests.nodes.proxy import way_out

HERE, THERE, AWAY = "500000", "410000", "510000"
SILENT_SECONDS = 4
AT_A_TIME = 8


@asynccontextmanager
async def three_apart(cluster, folder):
    """Three nodes, the links of each in a process and a network of its own."""
    async with acquainted(cluster, folder, HERE, THERE, AWAY) as linked, AsyncExitStack() as stack:
        networks = stack.enter_context(spaces.Spaces([node.name for node in linked]))
        for node in linked:
            port = urlsplit(node.dsn).port
            await stack.enter_async_context(way_out(networks.space[node.name], port))
            await move(node, networks)
        await exchange_cards(linked)

        def process(node):
            place = (networks.space[node.name], networks.address(node.name))
            return stack.enter_context(started(node, node.settings.link_port, *place))

        yield linked, networks, process


async def write(sender, to, about, many):
    """Announcements of a key that is known already: nothing else is needed for them."""
    (key,) = (await sender.card()).keys
    body = {"vkey": key.vkey, "overlap_seconds": 0}
    await sender.send(*(Message(to, ROTATED, f"{about}-{n}", 1, body) for n in range(many)))


async def seconds_to(sender, to, about):
    """How long letters take, one after the other, to be answered by a receiver."""
    waiting = "SELECT count(*) FROM outbox WHERE answered_at IS NULL AND peer = :to"
    found = []
    for number in range(AT_A_TIME):
        begun = time.monotonic()
        await write(sender, to, f"{about}-{number}", 1)
        async with asyncio.timeout(30):
            while (await sender.rows(waiting, to=to))[0][0]:  # noqa: ASYNC110 - by another process
                await asyncio.sleep(0.01)
        found.append(time.monotonic() - begun)
    return statistics.median(found)


async def test_silence_of_one_holds_up_no_other_and_its_letters_come_when_it_ends(
    cluster, tmp_path, tell
):
    reason = spaces.missing()
    if reason is not None:
        pytest.skip(f"{reason}; test_bad_lines has a proxy for a line")
    async with three_apart(cluster, tmp_path) as ((here, there, away), networks, process):
        running = [process(node) for node in (here, there, away)]
        await asyncio.gather(*map(ready, running))
        await write(here, THERE, "before", 1)
        good = await seconds_to(here, AWAY, "good")
        await here.delivered()
        networks.silence(THERE)
        silent = time.monotonic()
        await write(here, THERE, "during", 3)
        await write(there, HERE, "during", 3)
        # Half-open: its process ends, and no packet of that comes through either.
        running[1].kill()
        again = process(there)
        beside = await seconds_to(here, AWAY, "beside")
        await ready(again)
        await asyncio.sleep(max(0, silent + SILENT_SECONDS - time.monotonic()))
        assert (await here.backlog(), await there.backlog()) == (3, 3), "nothing came through"
        networks.heal(THERE)
        healed = time.monotonic()
        await asyncio.gather(here.delivered(), there.delivered())
        tell(
            f"letters past a silent line took {beside * 1000:.0f} ms (before: {good * 1000:.0f});"
            f" those on it came {time.monotonic() - healed:.2f} s after its silence"
        )
        assert beside < good + 1, "held up by it would be as long as it was silent"
        for sender, taker in ((here, there), (there, here), (here, away)):
            await same_letters(sender, taker)
