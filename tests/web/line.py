"""A line between a browser and the node, which can die as lines do: nobody is told."""

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

CHUNK = 65536


@dataclass(slots=True)
class Line:
    """Carries bytes to a node, until it is cut and again when it is mended."""

    host: str
    port: int
    address: str = ""
    _dead: bool = False
    _browsers: set[asyncio.StreamWriter] = field(default_factory=set)
    _nodes: set[asyncio.StreamWriter] = field(default_factory=set)
    _carried: list[asyncio.Task] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def to(cls, address):
        """A line to the node at this address; the line's own is `address`."""
        place = urlsplit(address)
        line = cls(place.hostname, place.port)
        server = await asyncio.start_server(line._carry, "127.0.0.1", 0)
        line.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield line
        finally:
            server.close()
            line.cut()
            line.mend()
            await asyncio.gather(*line._carried)

    def cut(self):
        """What is sent is lost. The browser's ends stay open, and so do those it opens now."""
        self._dead = True
        for node in self._nodes:
            node.transport.abort()

    def mend(self):
        """New connections work; the old ones, which the node has forgotten, are reset."""
        self._dead = False
        for browser in self._browsers:
            browser.transport.abort()

    async def _carry(self, reader, writer):
        self._carried.append(asyncio.current_task())
        async with _kept(writer, self._browsers):
            if self._dead:
                await self._lose(reader)
            else:
                await self._join(reader, writer)

    async def _join(self, reader, writer):
        node_reader, node_writer = await asyncio.open_connection(self.host, self.port)
        async with _kept(node_writer, self._nodes):
            await asyncio.gather(self._pass(reader, node_writer), self._pass(node_reader, writer))

    async def _pass(self, reader, writer):
        with suppress(ConnectionError):
            while not self._dead and (data := await reader.read(CHUNK)):
                if not self._dead:
                    writer.write(data)
        if self._dead:
            await self._lose(reader)
        else:
            writer.close()

    async def _lose(self, reader):
        with suppress(ConnectionError):
            while await reader.read(CHUNK):
                pass


@asynccontextmanager
async def _kept(writer, among):
    """One end of a connection, for as long as it is one."""
    among.add(writer)
    yield
    among.discard(writer)
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
