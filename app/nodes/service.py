"""The links of a running node: who comes in by the link port, and the couriers that go out.

Any number of processes may serve one database. Each that has a link port of its own receives; the
couriers are those of one process, which holds the lead as long as its connection lives.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from app.nodes import announce, store, store_links
from app.nodes.courier import Courier, milliseconds
from app.nodes.keys import KeyRing
from app.nodes.link_app import LinkServer, build_server, create_link_app
from app.nodes.receive import Handler
from app.nodes.rules import Counted, Peer
from app.nodes.tls import Pins
from app.platform.db import Database, Tx
from app.platform.settings import Settings

log = structlog.get_logger()

PEERS_EVERY = timedelta(seconds=1)
"""How soon a peer that was added, changed or removed by a command is noticed."""
OVERDUE_EVERY = timedelta(minutes=10)
BACKLOG = 64


@dataclass(slots=True)
class Links:
    """What runs for the links of this process."""

    db: Database
    ring: KeyRing
    pins: Pins
    poll: timedelta
    _couriers: dict[str, tuple[Courier, "asyncio.Task[None]"]] = field(default_factory=dict)
    _come: dict[str, Counted] = field(default_factory=dict)
    _told_at: int = 0

    def hear(self, peer: str) -> None:
        """Tell the courier to a peer, where it runs here, that the peer was heard."""
        if peer in self._couriers:
            self._couriers[peer][0].hear()

    async def pin_forever(self) -> None:
        """Keep the certificates that the link port trusts as the peers are."""
        while True:
            try:
                await self.pin()
            except Exception as error:  # noqa: BLE001 - the database may be away for a while
                log.warning("links-unavailable", error=type(error).__name__)
            await asyncio.sleep(PEERS_EVERY.total_seconds())

    async def pin(self) -> None:
        """Trust the certificates of the peers of now."""
        async with self.db.read() as reader:
            self.pins.trust(await store.peers(reader))

    async def carry_forever(self) -> None:
        """Run the couriers whenever this process has the lead."""
        while True:
            try:
                await self.db.transact(_lead, self)
            except Exception as error:  # noqa: BLE001 - the database may be away for a while
                log.warning("couriers-unavailable", error=type(error).__name__)
            await asyncio.sleep(PEERS_EVERY.total_seconds())

    async def carry(self, tx: Tx) -> None:
        """Run the couriers as long as `tx`, which holds the lead, is alive."""
        looked = 0
        try:
            while True:
                await store_links.still_leads(tx)
                if milliseconds() >= looked:
                    await self._follow_peers()
                    await self._tell_overdue()
                    looked = milliseconds() + PEERS_EVERY // timedelta(milliseconds=1)
                async with self.db.read() as reader:
                    waiting = await store_links.waiting_peers(reader)
                for name, come in waiting.items():
                    # What another process of this node has received is heard here as well.
                    if come != self._come.get(name, come):
                        self.hear(name)
                    if name in self._couriers:
                        self._couriers[name][0].wake.set()
                self._come = waiting
                await asyncio.sleep(self.poll.total_seconds())
        finally:
            for name in list(self._couriers):
                await self._end(name)

    async def _follow_peers(self) -> None:
        async with self.db.read() as reader:
            peers = {peer.name: peer for peer in await store.peers(reader)}
        for name, (courier, task) in list(self._couriers.items()):
            if task.done():
                log.error("courier-ended", peer=name, error=type(task.exception()).__name__)
            if peers.get(name) != courier.peer or task.done():
                await self._end(name)
        for name in peers.keys() - self._couriers.keys():
            self._begin(peers[name])

    def _begin(self, peer: Peer) -> None:
        courier = Courier(self.db, self.ring, peer)
        self._couriers[peer.name] = (courier, asyncio.create_task(courier.run()))

    async def _end(self, name: str) -> None:
        _, task = self._couriers.pop(name)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await task

    async def _tell_overdue(self) -> None:
        if milliseconds() < self._told_at:
            return
        self._told_at = milliseconds() + OVERDUE_EVERY // timedelta(milliseconds=1)
        async with self.db.read() as reader:
            now = await reader.now()
            links = await store_links.links(reader, "", len(self._couriers) + 1)
        for link in links:
            if link.is_overdue(now):
                seconds = link.waits(now) // timedelta(seconds=1)
                log.error("link-overdue", peer=link.peer, backlog=link.backlog, seconds=seconds)


async def _lead(tx: Tx, links: Links) -> None:
    if await store_links.lead(tx):
        await links.carry(tx)


@asynccontextmanager
async def running(
    db: Database, settings: Settings, handlers: Mapping[str, Handler]
) -> AsyncIterator[Links | None]:
    """Receive and carry for the length of the block, where this node was initialised.

    `handlers` by type of message. Raises `NodeKeysError` without the node's keys, and `OSError`
    where the link port cannot be listened on. With port 0 this process does not receive.
    """
    async with db.read() as reader:
        own = await store.own(reader)
    if own is None:
        yield None
        return
    ring = KeyRing(settings, own.node.name)
    pins = Pins(ring.keys)
    links = Links(db, ring, pins, timedelta(milliseconds=settings.link_poll_milliseconds))
    await links.pin()
    app = create_link_app(db, ring, pins, {**announce.HANDLERS, **handlers}, links.hear)
    tasks = [asyncio.create_task(links.pin_forever()), asyncio.create_task(links.carry_forever())]
    try:
        if settings.link_port == 0:
            yield links
            return
        server = build_server(app, pins, settings.link_host, settings.link_port)
        async with _serving(server, settings.link_host, settings.link_port):
            yield links
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def _serving(server: LinkServer, host: str, port: int) -> AsyncIterator[None]:
    """Serve the link port; taken before anything is promised, given back at the end."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP: else asyncio does not turn Nagle's delay off on what is accepted from it.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield
        finally:
            server.should_exit = True
            await task
