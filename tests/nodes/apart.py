"""Four nodes as processes whose lines can be made bad: in networks of their own, or behind proxies.

In networks of their own (`tests/spaces.py`) everything of a line can fail, in both directions, down
to packets that are dropped without a word. Where there can be none, the proxy before a node's link
port fails instead: what others bring to it, not what it brings to others.
"""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from app import nodes
from tests import spaces
from tests.nodes.four import Four, four_linked, four_running
from tests.nodes.processes import as_process
from tests.nodes.proxy import way_in, way_out

SLOW_BYTES = 1_500
"""What a slow line carries in a second: a letter with its proof is of some thousand bytes."""
ESTABLISHED = "01"


class Apart:
    """The lines of nodes in networks of their own."""

    kind = "network namespaces"

    def __init__(self, made, linked):
        self._spaces = made
        self._ports = {node.name: node.settings.link_port for node in linked}

    async def part(self, name):
        """The line is pulled out."""
        self._spaces.part(name)

    async def silence(self, name):
        """What goes either way is lost, and nobody is told."""
        self._spaces.silence(name)

    async def slow(self, name):
        self._spaces.slow(name, SLOW_BYTES)

    async def heal(self, name):
        self._spaces.heal(name)

    def held(self, name):
        """How many connections to a node's link port it believes to have."""
        with spaces.inside(self._spaces.space[name]):
            table = Path("/proc/thread-self/net/tcp").read_text(encoding="ascii")
        port = f":{self._ports[name]:04X}"
        rows = [line.split() for line in table.splitlines()[1:]]
        return sum(row[1].endswith(port) and row[3] == ESTABLISHED for row in rows)


class Behind:
    """The lines of nodes behind proxies: only what is brought to a node can fail."""

    def __init__(self, linked):
        self.kind = f"TCP proxies, since {spaces.missing()}"
        self._line = {node.name: node.line for node in linked}

    async def part(self, name):
        self._line[name].drop = True
        await self._line[name].cut()

    async def silence(self, name):
        self._line[name].half_open = True

    async def slow(self, name):
        self._line[name].delay, self._line[name].piece = 1, SLOW_BYTES
        await self._line[name].cut()

    async def heal(self, name):
        self._line[name].heal()
        await self._line[name].cut()

    def held(self, _name):
        return 0


@asynccontextmanager
async def four_apart(cluster, folder, here_to):
    """Four processes and their lines; `here_to` as in `four_running`."""
    async with four_linked(cluster, folder) as made, AsyncExitStack() as stack:
        linked = list(made.values())
        now = await started_back(linked[0])
        async with four_running(made, here_to, now) as ready:
            pass
        sites = []
        if spaces.missing() is None:
            networks = stack.enter_context(spaces.Spaces(list(made)))
            lines = Apart(networks, linked)
            for office in ready.all:
                space = networks.space[office.node.name]
                more = {"space": space, "link_host": networks.address(office.node.name)}
                await stack.enter_async_context(way_out(space, urlsplit(office.node.dsn).port))
                site = await as_process(stack, cluster, folder, office, **more)
                await stack.enter_async_context(way_in(space, site.process.port))
                await move(office.node, networks, site.process.port)
                sites.append(site)
            await exchange_cards(linked)
        else:
            lines = Behind(linked)
            sites = [await as_process(stack, cluster, folder, one) for one in ready.all]
        for site in sites:
            stack.push_async_callback(site.let_go)
            # In a thread: what it still says to its database goes through this one.
            stack.push_async_callback(asyncio.to_thread, site.process.stop)
        await asyncio.gather(*(site.start() for site in sites))
        yield Four(*sites), lines


async def started_back(node):
    """An instant for simulated clocks that lies a moment before the present."""
    async with node.db.read() as reader:
        return (await nodes.system_now(reader) - timedelta(minutes=2)).replace(microsecond=0)


async def move(node, networks, port=8000):
    """Others reach it at the address of its space from now on, once they have its card."""
    address = networks.address(node.name)
    urls = (f"https://{address}:{node.settings.link_port}", f"http://{address}:{port}")
    await node.db.transact(nodes.move_node, urls)


async def exchange_cards(linked):
    """Everybody takes the new card of everybody else."""
    for node in linked:
        await node.know(*(other for other in linked if other is not node), known=True)
