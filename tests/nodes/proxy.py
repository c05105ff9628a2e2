"""A line between two nodes that can be made bad: cut, slow, deaf in one direction, or dead.

It carries TLS and cannot read it, so it works on connections and bytes. A message is duplicated by
losing its answer (`deaf`): the sender sends it again.
"""

import asyncio
import contextlib
from contextlib import asynccontextmanager

from tests.spaces import socket_in

CHUNK = 65536


class Proxy:
    """Carries connections to one port of this machine, or of a space of it.

    `drop`: refuse whoever comes, and cut who is there. `half_open`: take what is sent and never
    answer. `deaf`: bring the requests there, but lose the answers. `delay`: seconds that each piece
    takes, of `piece` bytes at most. `connections` counts those that were let in, `refused` those
    that were not, `carried` bytes in both directions.
    """

    def __init__(self, target, space=None):
        self.target = target
        self.space = space
        self.port = 0
        self.connections = self.refused = 0
        self.carried = 0
        self.heal()
        self._open = set()

    def heal(self):
        """A good line from now on; what hangs goes on hanging until `cut`."""
        self.drop = self.half_open = self.deaf = False
        self.delay = 0
        self.piece = CHUNK

    async def cut(self):
        """End every connection that there is."""
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def take(self, reader, writer):
        """One connection from its beginning to its end."""
        self._open.add(writer)
        there = None
        try:
            if self.drop:
                self.refused += 1
                return
            self.connections += 1
            back, there = await self._reach()
            self._open.add(there)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pipe(reader, there, lambda: self.half_open))
                group.create_task(self._pipe(back, writer, lambda: self.half_open or self.deaf))
        except* OSError:
            pass
        finally:
            for one in (writer, there):
                if one is not None:
                    self._open.discard(one)
                    one.transport.abort()

    async def _reach(self):
        if self.space is None:
            return await asyncio.open_connection("127.0.0.1", self.target)
        made = socket_in(self.space)
        try:
            await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", self.target))
        except OSError:
            made.close()
            raise
        return await asyncio.open_connection(sock=made)

    async def _pipe(self, reader, writer, lost):
        while data := await reader.read(self.piece):
            if self.drop:
                raise ConnectionResetError
            await asyncio.sleep(self.delay)
            if lost():
                continue
            self.carried += len(data)
            writer.write(data)
            await writer.drain()
        with contextlib.suppress(OSError, RuntimeError):
            writer.close()


@asynccontextmanager
async def proxy(target):
    """A good line to `target`, on a port of its own, for the length of a block."""
    async with _carrying(Proxy(target), host="127.0.0.1", port=0) as line:
        yield line


@asynccontextmanager
async def way_in(space, port):
    """A port of a space stands here as well, on the loopback address."""
    async with _carrying(Proxy(port, space), host="127.0.0.1", port=port) as line:
        yield line


@asynccontextmanager
async def way_out(space, port):
    """A port of this machine stands in a space as well, on its loopback address."""
    listener = socket_in(space)
    listener.bind(("127.0.0.1", port))
    async with _carrying(Proxy(port), sock=listener) as line:
        yield line


@asynccontextmanager
async def _carrying(line, **where):
    server = await asyncio.start_server(line.take, **where)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        server.close()
        await line.cut()
