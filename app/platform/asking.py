"""Asks another machine over HTTP, and waits and reads no longer than was said.

A timeout of the client's is for each step of the line: who sends a byte now and then never meets
it, and who sends for ever fills the memory. Both are bounded here for the whole of an exchange.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import httpx


class TooLongError(httpx.HTTPError):
    """An answer has more bytes than any right one."""


async def ask(  # noqa: PLR0913 - what is asked, and how much may come back
    http: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    most: int,
    within: timedelta,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, bytes]:
    """Status and content of an answer of at most so many bytes.

    Raises `httpx.HTTPError`, also where it did not come whole in time, and `TooLongError`.
    """
    try:
        async with (
            asyncio.timeout(within.total_seconds()),
            http.stream(method, url, content=body, headers=headers) as answer,
        ):
            content = bytearray()
            async for part in answer.aiter_bytes():
                content += part
                if len(content) > most:
                    raise TooLongError(f"more than {most} bytes")
    except TimeoutError as error:
        raise httpx.ReadTimeout(f"not answered in {within}") from error
    return answer.status_code, bytes(content)
