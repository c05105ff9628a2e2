"""Nodes with a database of their own, keys, cards and a line in front of each link port."""

import asyncio
import secrets
import time
import uuid
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import httpx
import uvicorn
from sqlalchemy import text

from app import nodes, transparency
from app.cli.peering import take_card
from app.nodes.envelope import Envelope, parse_answer
from app.nodes.keys import load_node_keys, make_node_keys
from app.nodes.link_app import PATH
from app.nodes.tls import client_context
from app.platform.db import open_database
from app.platform.postgres_process import free_port
from app.platform.settings import ClockKind, Settings
from app.transparency.notes import parse_note, parse_vkey, sign, verified, vkey
from tests.conftest import TEMPLATE
from tests.nodes.proxy import proxy

NAMES = {"500000": "重庆市", "330000": "浙江省", "410000": "河南省", "510000": "四川省"}
SECONDS_MAX = 30


@dataclass
class Linked:
    """A node that can be run and stopped, and what it has received."""

    name: str
    role: nodes.NodeRole
    settings: Settings
    db: object
    dsn: str
    line: object
    """The line that others reach it by."""
    log_port: int
    """Where its log is read, as long as `serving` runs."""
    received: list = field(default_factory=list)
    act: object = None
    """What a `test.note` does, beside being remembered."""

    @property
    def keys(self):
        return load_node_keys(self.settings, self.name)

    async def card(self):
        log = vkey(transparency.load_keys(self.settings).log)
        async with self.db.read() as reader:
            return (await nodes.own_card(reader, self.keys, log))[0]

    async def know(self, *others, policy=None, known=False):
        """Take the cards of others, as `hrt node peer add` does."""
        for other in others:
            command = nodes.SetPeer(await other.card(), policy, known)
            await self.db.transact(take_card, command)

    async def send(self, *messages):
        """Send in a transaction of its own; answers with the hashes."""
        return await self.db.transact(nodes.send, messages)

    async def take(self, tx, received):
        """Handle what the tests send."""
        self.received.append(received)
        if self.act is not None:
            await self.act(tx, received)

    @asynccontextmanager
    async def running(self, **more):
        """Its links, and its log, for the length of a block."""
        settings = self.settings.model_copy(update=more)
        keys = transparency.load_keys(settings)
        async with (
            transparency.running(self.db, settings, keys),
            nodes.running(self.db, settings, {"test.note": self.take}),
        ):
            yield self

    async def rows(self, query, **parameters):
        async with self.db.read() as reader:
            return (await reader.run(text(query), parameters)).all()

    async def backlog(self):
        return (await self.rows("SELECT count(*) FROM outbox WHERE answered_at IS NULL"))[0][0]

    async def until(self, holds, seconds=SECONDS_MAX):
        """Wait for something that comes by itself."""
        begun = time.monotonic()
        while not holds():
            assert time.monotonic() - begun < seconds, "it does not come"
            await asyncio.sleep(0.02)

    async def delivered(self, seconds=SECONDS_MAX):
        """Wait until every letter has its answer; answers with the seconds that it took."""
        begun = time.monotonic()
        while await self.backlog():
            assert time.monotonic() - begun < seconds, "letters wait still"
            await asyncio.sleep(0.02)
        return time.monotonic() - begun

    async def quarantined(self):
        return [
            tuple(r) for r in await self.rows("SELECT peer, reason FROM quarantine ORDER BY id")
        ]


@asynccontextmanager
async def linked(cluster, folder, name, role=nodes.NodeRole.PROVINCE, provinces=None, **more):
    """A node that is initialised; nobody knows it yet, and it does not run.

    It hosts `provinces`, or the one that it is named after.
    """
    database = f"n{name}_{uuid.uuid4().hex[:8]}"
    cluster.create_database(database, template=TEMPLATE)
    port = free_port(0)
    settings = Settings(
        **{
            "clock": ClockKind.SYSTEM,
            "require_durable": False,
            "pool_size": 8,
            "home": folder / name,
            "origin": f"{name}.example/log",
            "link_port": port,
            "link_poll_milliseconds": 100,
            "log_poll_milliseconds": 120,
        }
        | more
    )
    dsn = cluster.dsn("hrt_app", database)
    db = open_database(settings, dsn)
    async with proxy(port) as line:
        node = Linked(name, role, settings, db, dsn, line, free_port(0))
        own = (name,) if name in NAMES else ()
        await _initialise(node, own if provinces is None else provinces)
        yield node
    await db.close()
    cluster.drop_database(database)


async def _initialise(node, codes):
    async with node.db.read() as reader:
        now = await nodes.system_now(reader)
    seeds = [secrets.token_bytes(32) for _ in range(2)]
    key = make_node_keys(node.settings, node.name, seeds, now)
    own = nodes.Node(node.name, node.role, codes, f"https://127.0.0.1:{node.line.port}")
    names = tuple(NAMES[code] for code in codes)
    command = nodes.Initialise(own, names, f"http://127.0.0.1:{node.log_port}", key)
    await node.db.transact(nodes.initialise, command)


@asynccontextmanager
async def serving(app, port):
    """The application over HTTP: others read the log there."""
    config = uvicorn.Config(app, port=port, lifespan="off", log_level="error")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            assert not task.done(), "it does not serve"
            await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def acquainted(cluster, folder, *names):
    """Nodes that know each other and do not run yet."""
    async with AsyncExitStack() as stack:
        made = [await stack.enter_async_context(linked(cluster, folder, name)) for name in names]
        for node in made:
            await node.know(*(other for other in made if other is not node))
        yield made


@dataclass
class Liar:
    """Speaks for a node by hand: with its certificate, and with whatever it likes to say."""

    node: Linked
    to: Linked
    seq: int = 0

    def note(self, key=None, **changed):
        """A signed note; what is not changed is as it should be."""
        self.seq += "seq" not in changed
        members = {
            "sender": self.node.name,
            "to": self.to.name,
            "seq": self.seq,
            "type": "test.note",
            "transfer": uuid.uuid4().hex,
            "revision": 1,
            "body": {},
        }
        return self.sign(Envelope(**members | {"sent_at": self.now} | changed).text(), key)

    def sign(self, said, key=None):
        return sign(said, key or next(iter(self.node.keys.messages.values()))).encode()

    async def post(self, note, **more):
        """Bring a note; answers with the response."""
        peer = (await self.to.card()).peer(None)
        context = client_context(self.node.keys, peer)
        async with httpx.AsyncClient(verify=context, trust_env=False) as http:
            url = f"https://127.0.0.1:{self.to.settings.link_port}{PATH}"
            return await http.post(url, json={"note": note} | more)

    async def say(self, **changed):
        """Bring one note; answers with the response."""
        await self.look()
        return await self.post(self.note(**changed))

    async def look(self):
        """Read the clock of the node that is spoken to."""
        async with self.to.db.read() as reader:
            self.now = await reader.now()

    def answer(self, response):
        """The answer in a response, which the node spoken to has signed."""
        note = parse_note(response.text)
        (key,) = [parse_vkey(one) for one in self.to.keys.messages]
        assert verified(note, [key])
        return parse_answer(note.text)
