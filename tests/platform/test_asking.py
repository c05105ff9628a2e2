"""Another machine is waited for and listened to no longer than was said, however it drips."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from app.platform.asking import TooLongError, ask


def saying(parts, pause):
    """A client whose every answer comes in these parts."""

    async def said():
        for part in parts:
            await asyncio.sleep(pause)
            yield part

    transport = httpx.MockTransport(lambda _request: httpx.Response(200, content=said()))
    return httpx.AsyncClient(transport=transport, timeout=60)


@pytest.mark.parametrize(
    ("parts", "pause", "outcome"),
    [
        ([b"abc", b"de"], 0, (200, b"abcde")),
        ([b"abc", b"def"], 0, TooLongError),
        ([b"a"] * 4, 0.05, httpx.ReadTimeout),
    ],
)
async def test_an_answer_is_bounded_in_bytes_and_in_the_whole_of_its_time(parts, pause, outcome):
    async with saying(parts, pause) as http:
        asked = ask(http, "GET", "http://log/x", most=5, within=timedelta(seconds=0.12))
        if isinstance(outcome, tuple):
            assert await asked == outcome
            return
        with pytest.raises(outcome):
            await asked
