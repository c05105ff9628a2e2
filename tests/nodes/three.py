"""Three nodes with a market each: a province that gives, one that receives, and the ministry."""

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import httpx

from app import nodes
from app.audit.records import canonical
from app.audit.stream import audit_records
from app.cli.replay import first_credential
from app.kernel.units import decimal, hundredths
from app.main import create_app, verify_node
from app.nodes import Received
from app.platform.settings import ClockKind
from app.replay import Market
from app.replay.client import NODE
from tests.nodes.linked import linked, serving
from tests.story import CITY, HERE, THERE, THERE_CITY, Story, a_market

START = datetime(2027, 1, 5, 1, 0, tzinfo=UTC)
"""Behind today: the keys of nodes are in force from when they are made."""
SECONDS_MAX = 30
MINISTRY = "ministry"
DOCUMENT = "自然资函〔2027〕15号"


@dataclass
class Office:
    """A running node and its market."""

    node: object
    market: Market
    story: Story
    app: object = None
    running: AsyncExitStack | None = None

    @asynccontextmanager
    async def asleep(self):
        """It does not run for a while, and has no connection to its database."""
        await self.running.aclose()
        await self.node.db.close()
        yield
        await self.run()

    async def run(self):
        """Its couriers, its log and its jobs run, and its log is read where its card says."""
        await self.running.enter_async_context(self.app.router.lifespan_context(self.app))
        await self.running.enter_async_context(serving(self.app, self.node.log_port))

    async def send(self, role, party, path, body, person="a"):
        return await self.market.send(role, party, path, body, person)

    async def must(self, role, party, path, body, person="a"):
        answer = await self.send(role, party, path, body, person)
        assert "code" not in answer, (path, answer)
        return answer

    async def now(self):
        async with self.node.db.read() as reader:
            return await reader.now()

    async def rows(self, query, **parameters):
        return await self.node.rows(query, **parameters)

    async def one(self, query, **parameters):
        return (await self.rows(query, **parameters))[0][0]

    async def balance(self, code):
        found = await self.rows("SELECT balance FROM ledger_account WHERE code = :code", code=code)
        return found[0][0] if found else 0

    async def refused(self):
        """The codes with which this node has refused messages."""
        rows = await self.rows("SELECT type, refused FROM inbox WHERE refused IS NOT NULL")
        return [tuple(row) for row in rows]


@dataclass
class Three:
    """The giver's node, the receiver's and the ministry's."""

    here: Office
    there: Office
    ministry: Office

    @property
    def all(self):
        return (self.here, self.there, self.ministry)

    async def quiet(self, seconds=SECONDS_MAX):
        """Wait until every letter that follows from what was said has its answer."""
        for _ in range(seconds * 20):
            waiting = sum([await office.node.backlog() for office in self.all])
            if not waiting:
                return
            await asyncio.sleep(0.05)
        raise AssertionError("letters wait still")

    async def clock(self, to):
        for office in self.all:
            await office.story.clock(to)

    async def leave(self, household, transfer):
        """An issued ticket of the household asks to go to the other province."""
        ticket = await self.here.story.issue(household, THERE_CITY)
        await self.here.story.must("outflow", id=transfer, ticket=ticket, to=THERE)
        await self.quiet()
        return ticket

    async def accept(self, transfer):
        answer = await self.there.send(
            "province", THERE, "/v1/transfer-acceptances", {"transfer": f"{HERE}-{transfer}"}
        )
        await self.quiet()
        return answer

    async def approve(self, transfer, **more):
        body = {"transfer": f"{HERE}-{transfer}", "document": DOCUMENT} | more
        answer = await self.ministry.send("ministry", NODE, "/v1/transfer-approvals", body)
        await self.quiet()
        return answer

    async def cross(self, household, transfer):
        """The whole way; answers with the id under which the ticket stands there."""
        ticket = await self.leave(household, transfer)
        assert "code" not in await self.accept(transfer)
        assert "code" not in await self.approve(transfer)
        return f"{HERE}-{ticket}/{THERE}"


def case_of(which, households, at=START):
    """The parties that a node keeps; it knows the other provinces by the cards of their nodes."""
    whole = a_market(at, households if which == HERE else (), ["b0"] if which == THERE else ())
    own = {
        HERE: lambda code: code[:2] == HERE[:2] or code == THERE_CITY,
        THERE: lambda code: code[:2] == THERE[:2],
        MINISTRY: lambda _code: False,
    }[which]
    return replace(
        whole,
        regions=[r for r in whole.regions if own(r["code"])],
        collectives=[c for c in whole.collectives if own(c["county"])],
        policies={code: p for code, p in whole.policies.items() if code == which},
        coefficients=whole.coefficients if which == MINISTRY else [],
    )


async def opened(stack, node, *, runs=True, at=START):
    """The office of a node that runs as long as the stack, with nobody registered yet.

    Where it does not run, neither its couriers nor its log run, and nobody reads it.
    """
    app = create_app(node.db, node.settings)
    running = await stack.enter_async_context(AsyncExitStack())
    office = Office(node, None, None, app, running)
    if runs:
        await office.run()
    http = httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url=f"http://{node.name}", timeout=60
    )
    await stack.enter_async_context(http)
    office.market = Market(http, await first_credential(node.db))
    await office.market.send("system_admin", NODE, "/v1/clock", {"to": at.isoformat()})
    return office


@asynccontextmanager
async def three_nodes(cluster, folder, households):
    """Three nodes that know each other and run, on simulated clocks that stand alike."""
    async with (
        three_linked(cluster, folder) as made,
        three_running(made, households, START) as three,
    ):
        yield three


@asynccontextmanager
async def three_linked(cluster, folder):
    """Three nodes that know each other and do not run, by their names."""
    async with AsyncExitStack() as stack:
        made = {}
        for name in (HERE, THERE, MINISTRY):
            role = nodes.NodeRole.MINISTRY if name == MINISTRY else nodes.NodeRole.PROVINCE
            made[name] = await stack.enter_async_context(
                linked(cluster, folder, name, role, clock=ClockKind.SIMULATED)
            )
        for node in made.values():
            await node.know(*(other for other in made.values() if other is not node))
        yield made


@asynccontextmanager
async def three_running(made, households, at):
    """They run in this process, with a market each, on clocks that stand at `at`."""
    async with AsyncExitStack() as stack:
        offices = {}
        for name, node in made.items():
            offices[name] = await opened(stack, node, at=at)
        for name in (HERE, THERE, MINISTRY):
            office = offices[name]
            office.story = await Story.begin(office.market, case_of(name, households, at))
        three = Three(*(offices[name] for name in (HERE, THERE, MINISTRY)))
        await three.quiet()
        yield three


async def whole(three):
    """Every node's books, rows and log agree, each by itself."""
    for office in three.all:
        async with office.node.db.read() as reader:
            found = await verify_node(reader)
        assert (office.node.name, found.findings) == (office.node.name, [])
        records = await office.rows("SELECT body FROM record ORDER BY id")
        report = audit_records(bytes(row.body) for row in records)
        assert [finding.line() for finding in report.kept] == []


async def sell(three, tickets, lot):
    """The receiver's exchange sells the tickets, and the buyer pays."""
    story = three.there.story
    now = await three.there.now()
    price = decimal(hundredths("20000.00") * len(tickets))
    terms = {"province": THERE, "mode": "ascending", "start_price_cny": price}
    times = {"opens_at": now + days(1), "closes_at": now + days(2)}
    await three.there.must(
        "exchange",
        THERE,
        "/v1/lots",
        {"id": lot, "tickets": tickets, "increment_cny": "100.00", "deposit_cny": "1000.00"}
        | terms
        | {name: at.isoformat() for name, at in times.items()},
    )
    await story.must("register", lot=lot, bidder="b0")
    await three.clock(now + days(1))
    await story.must("bid", lot=lot, bidder="b0", price_cny=price)
    await three.clock(now + days(2))
    await story.must("pay", lot=lot, bidder="b0")
    await three.quiet()


async def lost(office):
    """The line to a node fails until it is healed."""
    office.node.line.drop = True
    await office.node.line.cut()


async def freed(three, ticket, transfer):
    """The ticket is free at home, the account is usable, and nothing came to the other side."""
    assert await three.here.one("SELECT state FROM ticket WHERE id = :id", id=ticket) == "issued"
    household = ticket.removeprefix("t.")
    standing = "SELECT standing FROM housing_account WHERE household = :household"
    assert await three.here.one(standing, household=household) == "here"
    state = "SELECT state FROM crossing WHERE id = :id"
    crossing = f"{HERE}-{transfer}"
    assert await three.here.one(state, id=crossing) == "released"
    assert await three.ministry.one(state, id=crossing) == "aborted"
    at_receiver = await three.there.rows(state, id=crossing)
    assert [row.state for row in at_receiver] in ([], ["closed"])
    kept = "SELECT count(*) FROM crossing_person WHERE transfer = :id"
    assert await three.there.one(kept, id=crossing) == 0
    assert (
        await three.there.rows("SELECT id FROM ticket WHERE id LIKE :id", id=f"%{ticket}/%") == []
    )


def again(letter, sender, kind, transfer):
    """A letter as it was received, to be handled once more."""
    body = json.loads(letter.note.split("\n")[1])["body"]
    entry = None if letter.entry is None else bytes(letter.entry)
    return Received(sender.node.name, kind, transfer, 1, body, START, "00" * 32, entry, letter.note)


def forged(records, kind, **changed):
    """The log with the first record of a kind changed in its body, or left out."""
    place = next(n for n, record in enumerate(records) if json.loads(record)["kind"] == kind)
    if not changed:
        return records[:place] + records[place + 1 :]
    record = json.loads(records[place])
    member = "facts" if "postings" in record else "body"
    record[member] |= changed
    return [*records[:place], canonical(record), *records[place + 1 :]]


def days(count):
    return timedelta(days=count)


__all__ = [
    "CITY",
    "DOCUMENT",
    "HERE",
    "START",
    "THERE",
    "Office",
    "Three",
    "again",
    "days",
    "forged",
    "freed",
    "lost",
    "opened",
    "sell",
    "three_nodes",
    "whole",
]
