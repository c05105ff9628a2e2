"""Three nodes as they run for good: `hrt serve` each, on the real clock, to be killed and restored.

The market is set up in this process before, with clocks that stand a moment back: what takes people
days is done in seconds. Then each node is a process over its database, and its link port is reached
through a line that can be made bad. A transaction can be held where it is, by a lock that a trigger
asks for in the test's database, until its process is killed: so a crash comes at the very point.
"""

import asyncio
import time
import uuid
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from app import nodes
from app.platform.db import open_database
from app.replay import Market
from app.replay.client import NODE
from tests.nodes import Node
from tests.nodes.three import (
    DOCUMENT,
    HERE,
    MINISTRY,
    THERE,
    Office,
    Three,
    three_linked,
    three_running,
)
from tests.story import THERE_CITY, each

SECONDS_MAX = 30
HELD = ("outbox", "inbox", "crossing")
"""Tables at whose writing a transaction can be held."""
PASSED_ON = ("home", "origin", "link_port", "link_poll_milliseconds", "log_poll_milliseconds")


@dataclass
class Site(Office):
    """A node that is a process of its own."""

    process: Node = None
    owner_dsn: str = ""

    @property
    def name(self):
        return self.node.name

    async def kill(self):
        """As `kill -9`."""
        await asyncio.to_thread(self.process.kill)

    async def start(self):
        await self.process.start()

    async def again(self):
        """Killed with `kill -9`, and started."""
        await self.kill()
        await self.start()

    @asynccontextmanager
    async def holding(self, table):
        """No transaction gets past writing this table; answers when one waits there."""
        connection = await asyncpg.connect(self.owner_dsn)
        key = HELD.index(table)
        await connection.execute("SELECT pg_advisory_lock(4711, $1)", key)

        async def reached():
            waiting = """
                SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                AND classid = 4711 AND objid = $1
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """
            await until(lambda: connection.fetchval(waiting, key))

        try:
            yield reached
        finally:
            await connection.close()

    async def command(self, role, party, path, body):
        """Send a command of which nobody may hear the end."""
        try:
            return await self.market.send(role, party, path, body)
        except Exception:  # noqa: BLE001 - the node was killed
            return None

    async def let_go(self):
        """Close what looks into its database now."""
        await self.node.db.close()

    async def lose(self):
        """Nobody reaches this node until its line is healed."""
        self.node.line.drop = True
        await self.node.line.cut()

    def heal(self):
        self.node.line.heal()


@dataclass
class Sites(Three):
    """The three of them."""

    cluster: object = None

    async def propose(self, name):
        """The household's ticket asks to go to the other province."""
        body = {"id": f"x-{name}", "ticket": f"t.{name}", "to": THERE}
        return await self.here.command("province", HERE, "/v1/transfers", body)

    async def take(self, name):
        body = {"transfer": f"{HERE}-x-{name}"}
        return await self.there.command("province", THERE, "/v1/transfer-acceptances", body)

    async def decide(self, name):
        body = {"transfer": f"{HERE}-x-{name}", "document": DOCUMENT}
        return await self.ministry.command("ministry", NODE, "/v1/transfer-approvals", body)

    async def stands(self, name, *, giver=None, ministry=None, receiver=None):
        """Wait until the transfer is as far as that at these nodes."""
        for office, state in (
            (self.here, giver),
            (self.ministry, ministry),
            (self.there, receiver),
        ):
            if state is not None:
                await until(lambda o=office, s=state: _is_at(o, name, s), f"{office.name}: {state}")

    async def through(self, name):
        """The whole way of a transfer, with nothing in it; answers with its seconds."""
        begun = time.monotonic()
        assert "code" not in await self.propose(name)
        await self.stands(name, receiver="offered")
        await self.person_told(name)
        assert "code" not in await self.take(name)
        await self.stands(name, ministry="accepted")
        assert "code" not in await self.decide(name)
        await self.arrived(name)
        return time.monotonic() - begun

    async def person_told(self, name):
        """Wait until the receiver knows whose ticket it is."""
        told = "SELECT count(*) FROM crossing_person WHERE transfer = :id"
        await until(lambda: self.there.one(told, id=f"{HERE}-x-{name}"), "the person")

    async def arrived(self, name):
        """Wait until it ends as it would without any trouble: m is gone, n is there, once."""
        await self.stands(name, giver="debited", ministry="done", receiver="credited")
        posted = """
            SELECT coalesce(sum(p.amount), 0)::bigint
            FROM ledger_entry e JOIN ledger_posting p ON p.entry_id = e.record_id
            WHERE e.kind = :kind AND e.subject = :subject
        """
        crossing = f"{HERE}-x-{name}"
        assert await self.here.one(posted, kind="conversion_out", subject=f"x-{name}") == 10000
        assert await self.there.one(posted, kind="conversion_in", subject=crossing) == 6666
        ticket = "SELECT state, area FROM ticket WHERE id = :id"
        (gone,) = await self.here.rows(ticket, id=f"t.{name}")
        (came,) = await self.there.rows(ticket, id=f"{HERE}-t.{name}/{THERE}")
        assert (gone.state, came.state, came.area) == ("transferred", "handed_in", 6666)
        records = "SELECT count(*) FROM record WHERE kind = :kind AND subject = :subject"
        assert await self.ministry.one(records, kind="crossing.decided", subject=crossing) == 1
        assert await self.there.one(records, kind="ticket.arrived", subject=crossing) == 1

    async def copied(self, *sites):
        """A copy of the database of each as of now, by node; they are stopped for it."""
        await asyncio.gather(*(asyncio.to_thread(site.process.stop) for site in sites))
        copies = {}
        for site in sites:
            await site.node.db.close()
            name = f"c{uuid.uuid4().hex[:12]}"
            source = site.node.dsn.rsplit("/", 1)[1]
            await asyncio.to_thread(self.cluster.create_database, name, template=source)
            copies[site.name] = name
        await asyncio.gather(*(site.start() for site in sites))
        return copies

    async def restore(self, site, copy):
        """The node, which does not run, is put back to a copy of its database."""
        await site.node.db.close()
        site.node.dsn = self.cluster.dsn("hrt_app", copy)
        site.owner_dsn = self.cluster.dsn("hrt_owner", copy)
        site.node.db = open_database(site.node.settings, site.node.dsn)
        site.process.use(site.node.dsn)


async def _is_at(office, name, state):
    found = await office.rows("SELECT state FROM crossing WHERE id = :id", id=f"{HERE}-x-{name}")
    return [row.state for row in found] == [state]


async def until(holds, what="it"):
    """Wait for something that comes by itself."""
    begun = time.monotonic()
    while not (value := await holds()):
        assert time.monotonic() - begun < SECONDS_MAX, f"{what} does not come"
        await asyncio.sleep(0.02)
    return value


async def _can_be_held(dsn):
    connection = await asyncpg.connect(dsn)
    await connection.execute("""
        CREATE FUNCTION hold_here() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_advisory_xact_lock_shared(4711, TG_ARGV[0]::int);
            RETURN NEW;
        END $$
    """)
    for key, table in enumerate(HELD):
        await connection.execute(f"""
            CREATE TRIGGER hold_here BEFORE INSERT OR UPDATE ON {table}
            FOR EACH ROW EXECUTE FUNCTION hold_here({key})
        """)
    await connection.close()


async def _read_at(cluster, ministry, node, port):
    """The ministry's node reads the log of a process where it is served."""
    connection = await asyncpg.connect(cluster.dsn("hrt_owner", ministry.dsn.rsplit("/", 1)[1]))
    where = "UPDATE peer SET log_url = $1 WHERE name = $2"
    await connection.execute(where, f"http://127.0.0.1:{port}", node.name)
    await connection.close()


async def as_process(stack, cluster, folder, office, **more):
    """What ran in this process and has ended, to be started as one of its own."""
    node = office.node
    await node.db.close()
    node.db = open_database(node.settings, node.dsn)
    passed = {name: getattr(node.settings, name) for name in PASSED_ON} | more
    process = await stack.enter_async_context(
        Node(folder / node.name, node.dsn, require_durable=False, pool_size=5, **passed)
    )
    owner_dsn = cluster.dsn("hrt_owner", node.dsn.rsplit("/", 1)[1])
    market = Market(process.http, office.market.security_token, office.market._tokens)
    return Site(node, market, office.story, process=process, owner_dsn=owner_dsn)


@asynccontextmanager
async def three_processes(cluster, folder, households):
    """Three nodes as processes; each household of the first has a ticket."""
    async with three_linked(cluster, folder) as made, AsyncExitStack() as stack:
        async with made[MINISTRY].db.read() as reader:
            now = (await nodes.system_now(reader) - timedelta(minutes=2)).replace(microsecond=0)
        async with three_running(made, households, now) as ready:
            await each(ready.here.story.issue(name, THERE_CITY) for name in households)
            await ready.quiet()
        sites = [await as_process(stack, cluster, folder, office) for office in ready.all]
        for site in sites:
            await _can_be_held(site.owner_dsn)
            await _read_at(cluster, made[MINISTRY], site.node, site.process.port)
        await asyncio.gather(*(site.start() for site in sites))
        for site in sites:
            stack.push_async_callback(site.let_go)
        yield Sites(*sites, cluster=cluster)


__all__ = ["HERE", "MINISTRY", "THERE", "Site", "Sites", "three_processes", "until"]
