"""A peer that is heard ends the pause of the line to it; vanished ones hold no connection here."""

import asyncio
import json
import ssl
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest

from app.nodes import Message, courier, link_app, rules
from app.nodes.link_app import PATH
from app.nodes.tls import client_context
from tests.nodes.linked import acquainted

HERE, THERE = "500000", "410000"
LEAST = timedelta(milliseconds=300)
SOON = 3


@pytest.fixture
def long_pauses(monkeypatch):
    """Every pause after a failure is of five minutes, and the least one before an early try."""
    monkeypatch.setattr(courier, "longest_pause", lambda _failures: timedelta(minutes=5))
    monkeypatch.setattr(courier, "secrets", SimpleNamespace(randbelow=lambda most: most - 1))
    monkeypatch.setattr(rules, "HEARD_PAUSE", LEAST)


@pytest.fixture
async def two(cluster, tmp_path, long_pauses):
    async with acquainted(cluster, tmp_path, HERE, THERE) as nodes_:
        yield nodes_


def note(to, transfer):
    return Message(to, "test.note", transfer, 1, {})


async def failed_once(here, there):
    """A letter waits for a line that has failed, and is good now."""
    there.line.drop = True
    await there.line.cut()
    await here.send(note(THERE, "waits"))
    begun = time.monotonic()
    while not there.line.refused:
        assert time.monotonic() - begun < 10, "nobody tries"
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)


async def test_a_letter_from_a_peer_ends_the_pause_of_the_line_to_it(two):
    here, there = two
    async with here.running(), there.running():
        await failed_once(here, there)
        there.line.heal()
        await asyncio.sleep(2 * LEAST.total_seconds())
        assert await here.backlog() == 1, "nobody has been heard"
        await there.send(note(HERE, "speaks"))
        await here.delivered(SOON)


async def test_what_another_process_of_the_node_receives_ends_the_pause_as_well(two):
    here, there = two
    async with here.running(link_port=0):
        await asyncio.sleep(0.2)  # it leads
        async with here.running(), there.running():
            await failed_once(here, there)
            there.line.heal()
            await asyncio.sleep(2 * LEAST.total_seconds())
            assert await here.backlog() == 1, "nobody has been heard"
            await there.send(note(HERE, "speaks"))
            await here.delivered(SOON)


async def test_a_peer_that_speaks_much_and_cannot_be_reached_is_tried_now_and_then(
    two, monkeypatch
):
    here, there = two
    least = 1
    monkeypatch.setattr(rules, "HEARD_PAUSE", timedelta(seconds=least))
    async with here.running(), there.running():
        await failed_once(here, there)
        begun, before = time.monotonic(), there.line.refused
        for number in range(40):
            await there.send(note(HERE, f"much-{number}"))
            await asyncio.sleep(0.03)
        await there.delivered()
        tries = there.line.refused - before
        assert 1 <= tries <= 1 + (time.monotonic() - begun) / least
        there.line.heal()
        await there.send(note(HERE, "last"))
        await here.delivered(SOON)


PIECES = {
    "nothing at all": b"",
    "half a head": f"POST {PATH} HTTP/1.1\r\nHost: x\r\n".encode(),
    "half a body": f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n12".encode(),
}


async def test_who_does_not_finish_a_request_is_let_go(two, monkeypatch):
    here, there = two
    monkeypatch.setattr(link_app, "EXCHANGE_TIMEOUT", timedelta(seconds=0.5))
    context = client_context(here.keys, (await there.card()).peer(None))
    whole = json.dumps({"note": "x"}).encode()
    whole = (
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(whole)}\r\n\r\n".encode() + whole
    )

    async def ends(said):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", there.settings.link_port, ssl=context
        )
        try:
            writer.write(said)
            async with asyncio.timeout(SOON):
                while await reader.read(4096):
                    pass
        except (ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.transport.abort()

    async with there.running():
        begun = time.monotonic()
        await asyncio.gather(*(ends(said) for said in PIECES.values()))
        # A request that was answered counts no more: the second half-said one has its own time.
        await ends(whole + PIECES["half a body"])
        assert time.monotonic() - begun < SOON
    assert await there.quarantined() == [(HERE, "malformed")]
