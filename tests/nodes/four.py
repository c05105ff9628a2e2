"""Three nodes as everywhere, and a fourth that receives as well: transfers past a bad line."""

import asyncio
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from app.platform.settings import ClockKind
from app.replay.client import NODE
from app.replay.senders import World
from tests.nodes.linked import linked
from tests.nodes.three import (
    DOCUMENT,
    HERE,
    MINISTRY,
    THERE,
    Office,
    Three,
    case_of,
    opened,
    three_linked,
    three_running,
)
from tests.story import THERE_CITY, Story, each

OTHER, OTHER_CITY = "410000", "410122"
SECONDS_MAX = 60
GIVEN = 10_000
ARRIVE = {THERE: 6_666, OTHER: 5_000}
"""What of a ticket's 100 m² arrives, in 0.01 m²."""


@dataclass
class Four(Three):
    """The giver, two receivers, and the ministry."""

    other: Office = None

    @property
    def all(self):
        return (*super().all, self.other)

    def receiver(self, to):
        return self.there if to == THERE else self.other

    async def ask(self, name, to):
        """The household's ticket asks to go; answers with the transfer."""
        body = {"id": f"x.{name}", "ticket": f"t.{name}", "to": to}
        await self.here.must("province", HERE, "/v1/transfers", body)
        return f"{HERE}-x.{name}"

    async def offered(self, transfer, to, seconds=SECONDS_MAX):
        """It was offered to the receiver, which knows whose it is."""
        office = self.receiver(to)
        await reach(office, transfer, "offered", seconds)
        told = "SELECT count(*) FROM crossing_person WHERE transfer = :id"
        async with asyncio.timeout(seconds):
            while not await office.one(told, id=transfer):  # noqa: ASYNC110 - by letter
                await asyncio.sleep(0.02)

    async def accept(self, transfer, to):
        """Accepted by the receiver, as soon as it was offered."""
        await self.offered(transfer, to)
        body = {"transfer": transfer}
        await self.receiver(to).must("province", to, "/v1/transfer-acceptances", body)

    async def decide(self, transfer):
        """Approved by the ministry, as soon as it was accepted."""
        await reach(self.ministry, transfer, "accepted")
        body = {"transfer": transfer, "document": DOCUMENT}
        await self.ministry.must("ministry", NODE, "/v1/transfer-approvals", body)

    async def through(self, name, to):
        """A transfer from the request to both books; answers with its seconds."""
        begun = time.monotonic()
        transfer = await self.ask(name, to)
        await self.accept(transfer, to)
        await self.decide(transfer)
        await reach(self.ministry, transfer, "done")
        return time.monotonic() - begun

    async def went(self, name, to):
        """It ended as it would without any trouble: gone here, come there, each once."""
        crossing = f"{HERE}-x.{name}"
        posted = """
            SELECT coalesce(sum(p.amount), 0)::bigint
            FROM ledger_entry e JOIN ledger_posting p ON p.entry_id = e.record_id
            WHERE e.kind = :kind AND e.subject = :subject
        """
        there = self.receiver(to)
        assert await self.here.one(posted, kind="conversion_out", subject=f"x.{name}") == GIVEN
        assert await there.one(posted, kind="conversion_in", subject=crossing) == ARRIVE[to]
        (gone,) = await self.here.rows("SELECT state FROM ticket WHERE id = :id", id=f"t.{name}")
        (came,) = await there.rows(
            "SELECT state, area FROM ticket WHERE id = :id", id=f"{HERE}-t.{name}/{to}"
        )
        assert (gone.state, came.state, came.area) == ("transferred", "handed_in", ARRIVE[to])
        decided = "SELECT count(*) FROM record WHERE kind = 'crossing.decided' AND subject = :id"
        assert await self.ministry.one(decided, id=crossing) == 1

    async def written_once(self):
        """Every letter that was written was received once, under its number."""
        for sender in self.all:
            for taker in self.all:
                if sender is not taker:
                    await same_letters(sender.node, taker.node)


async def same_letters(sender, taker):
    """What one node wrote another is what that received, each once and under its number."""
    query = "SELECT seq, hash FROM {} WHERE peer = :peer ORDER BY seq"
    sent = await sender.rows(query.format("outbox"), peer=taker.name)
    came = await taker.rows(query.format("inbox"), peer=sender.name)
    assert came == sent, (sender.name, taker.name)
    assert [row.seq for row in came] == list(range(1, len(came) + 1))


async def reach(office, transfer, state, seconds=SECONDS_MAX):
    """Wait until a transfer is in that state at a node."""
    query = "SELECT state FROM crossing WHERE id = :id"
    async with asyncio.timeout(seconds):
        while [row.state for row in await office.rows(query, id=transfer)] != [state]:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@asynccontextmanager
async def four_linked(cluster, folder):
    """Four nodes that know each other and do not run, by their names."""
    async with (
        three_linked(cluster, folder) as made,
        linked(cluster, folder, OTHER, clock=ClockKind.SIMULATED) as node,
    ):
        for one in made.values():
            await one.know(node)
            await node.know(one)
        yield made | {OTHER: node}


@asynccontextmanager
async def four_running(made, here_to, at):
    """They run in this process, on clocks that stand at `at`.

    `here_to` says of each household of the giver to which receiver its ticket may go.
    """
    async with AsyncExitStack() as stack:
        trio = {name: made[name] for name in (HERE, THERE, MINISTRY)}
        three = await stack.enter_async_context(three_running(trio, list(here_to), at))
        other = await opened(stack, made[OTHER], at=at)
        own = [{"code": OTHER, "name": "河南省"}]
        nobody = replace(case_of(MINISTRY, (), at), coefficients=[], regions=own)
        other.story = await Story.begin(other.market, nobody)
        await _agree(three, list(here_to), at)
        city = {THERE: THERE_CITY, OTHER: OTHER_CITY}
        await each(three.here.story.issue(name, city[to]) for name, to in here_to.items())
        four = Four(three.here, three.there, three.ministry, other)
        await four.quiet()
        yield four


async def _agree(three, households, at):
    """A coefficient between the giver and the fourth, and a city of the latter at the giver's."""
    city = {"code": OTHER_CITY, "name": "某市", "zone": "urbanised", "cropland_m2": "100000.00"}
    await three.here.send("system_admin", NODE, "/v1/regions", city)
    case = case_of(HERE, households, at)
    three.here.story.world = World.of(replace(case, regions=[*case.regions, city]))
    days = {"valid_from": "2000-01-01", "valid_to": "2999-12-31"}
    body = {
        "id": "k9",
        "from": HERE,
        "to": OTHER,
        "yield_out": 1,
        "yield_in": 2,
        "document": "文号",
    }
    await three.ministry.must("ministry", NODE, "/v1/coefficients", body | days)
    approval = {"coefficient": "k9"}
    await three.ministry.must("ministry", NODE, "/v1/coefficient-approvals", approval, person="b")
