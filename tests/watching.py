"""Watches lots as a browser does: server-sent events over a socket of its own."""

import asyncio
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

PATIENCE_SECONDS = 30


@dataclass(slots=True)
class Event:
    """A server-sent event; `id` is None where it has none."""

    name: str
    id: int | None
    data: dict


class Watch:
    """One connection to a lot's feed."""

    def __init__(self, reader, writer):
        self._reader, self._writer = reader, writer
        self._text = ""
        self.status, self.headers = 0, {}

    @classmethod
    async def open(cls, address, lot, *, after=None, last_event_id=None):
        """Ask for the feed; answers when the header of the answer is there."""
        place = urlsplit(address)
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        query = "" if after is None else f"?after={after}"
        lines = [f"GET /v1/lots/{lot}/feed{query} HTTP/1.1", f"Host: {place.netloc}"]
        if last_event_id is not None:
            lines.append(f"Last-Event-ID: {last_event_id}")
        writer.write("\r\n".join([*lines, "", ""]).encode())
        watch = cls(reader, writer)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        watch.status = int(head[0].split()[1])
        watch.headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        return watch

    async def next(self, *, beats=False):
        """The next event but for heartbeats; None when the stream has ended."""
        while True:
            event = await asyncio.wait_for(self._next(), PATIENCE_SECONDS)
            if event is None or beats or event.name != "beat":
                return event

    async def until(self, name):
        """Every event up to the first of this name."""
        events = [await self.next()]
        while events[-1].name != name:
            events.append(await self.next())
        return events

    async def _next(self):
        while True:
            block, found, rest = self._text.partition("\n\n")
            if found:
                self._text = rest
                fields = dict(line.split(": ", 1) for line in block.split("\n"))
                if "event" in fields:
                    id_ = fields.get("id")
                    data = json.loads(fields["data"])
                    return Event(fields["event"], None if id_ is None else int(id_), data)
                continue
            size = int(await self._reader.readline(), 16)
            if size == 0:
                return None
            self._text += (await self._reader.readexactly(size + 2))[:-2].decode()

    async def cut(self):
        """Go away without a word."""
        self._writer.transport.abort()
        await asyncio.gather(self._writer.wait_closed(), return_exceptions=True)
