"""Transfers between nodes per second, from the request to both books, and with 31 provinces.

First three real nodes, each a process with a database of its own: tickets are asked out, accepted,
approved and applied, so many at once. The floor is what the same nodes need for as many bare signed
letters over the same links. Then one ministry and 2, 8 or 31 provinces that answer as they should
and keep no books: what remains is the ministry's own work, and how it grows with its links.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from _nodes import (
    HERE,
    MINISTRY,
    THERE,
    Place,
    before,
    create,
    furnish,
    giver_case,
    ministry_case,
    receiver_case,
    template,
    until,
)
from _provinces import Provinces, codes

from app import nodes
from app.nodes import Message, NodeRole
from app.platform import logs
from app.platform.db import Tx
from app.platform.postgres import PrivateCluster

TRANSFERS = int(sys.argv[1]) if len(sys.argv) > 1 else 200
AT_ONCE = 32
SIZES = (2, 8, 31)
NODE = "000000"
LETTERS = (
    (HERE, MINISTRY, 2),  # propose, applied
    (HERE, THERE, 1),  # who it is
    (MINISTRY, HERE, 1),  # decision
    (MINISTRY, THERE, 2),  # offer, decision
    (THERE, MINISTRY, 2),  # accept, applied
)
"""How many letters a transfer is, by link."""
VOID = "node.void"


async def states(place: Place) -> Mapping[str, str]:
    """How far every transfer is at a node."""
    rows = await place.rows("SELECT id, state FROM crossing")
    return {row.id: row.state for row in rows}  # type: ignore[attr-defined]


class Watch:
    """What three nodes know of all transfers, looked at again and again."""

    def __init__(self, ministry: Place, there: Place) -> None:
        self.ministry, self.there = ministry, there
        self.seen: tuple[Mapping[str, str], Mapping[str, str], set[str]] = ({}, {}, set())
        self.changed = asyncio.Condition()

    async def run(self) -> None:
        """For ever."""
        while True:
            persons = await self.there.rows("SELECT transfer FROM crossing_person")
            known = {row.transfer for row in persons}  # type: ignore[attr-defined]
            self.seen = await states(self.ministry), await states(self.there), known
            async with self.changed:
                self.changed.notify_all()
            await asyncio.sleep(0.05)

    async def until(self, transfer: str, *, offered: bool = False, state: str = "") -> None:
        """Wait until it is offered with its person at the receiver, or so far at the ministry."""
        async with self.changed:
            await self.changed.wait_for(
                lambda: (
                    self.seen[1].get(transfer) == "offered" and transfer in self.seen[2]
                    if offered
                    else self.seen[0].get(transfer) == state
                )
            )


async def cross(name: str, places: Mapping[str, Place], watch: Watch) -> float:
    """One transfer from the request to both books; answers with its seconds."""
    begun = time.perf_counter()
    id_ = f"{HERE}-x.{name}"
    asked = {"id": f"x.{name}", "ticket": f"t.{name}", "to": THERE}
    await must(places[HERE], "province", HERE, "/v1/transfers", asked)
    await watch.until(id_, offered=True)
    await must(places[THERE], "province", THERE, "/v1/transfer-acceptances", {"transfer": id_})
    await watch.until(id_, state="accepted")
    decided = {"transfer": id_, "document": "文号"}
    await must(places[MINISTRY], "ministry", NODE, "/v1/transfer-approvals", decided)
    await watch.until(id_, state="done")
    return time.perf_counter() - begun


async def must(place: Place, role: str, party: str, path: str, body: dict[str, object]) -> None:
    """Send a command that is accepted."""
    assert place.market is not None, "it runs"
    answer = await place.market.send(role, party, path, body)
    assert "code" not in answer, answer


async def letters(places: Mapping[str, Place], count: int, turn: int) -> float:
    """Seconds for as many bare letters as the transfers are, over the same links."""

    async def work(tx: Tx, messages: list[Message]) -> None:
        await nodes.send(tx, messages)

    begun = time.perf_counter()
    for sender, to, each in LETTERS:
        mail = [Message(to, VOID, f"b-{turn}-{n}", 1, {}) for n in range(each * count)]
        await places[sender].db.transact(work, mail)

    async def answered() -> bool:
        waiting = "SELECT count(*) AS n FROM outbox WHERE answered_at IS NULL"
        return not any([(await p.rows(waiting))[0].n for p in places.values()])  # type: ignore[attr-defined]

    await until(answered)
    return time.perf_counter() - begun


async def three(cluster: PrivateCluster, folder: Path) -> None:
    """Two provinces and the ministry."""
    households = [f"h{n}" for n in range(TRANSFERS + 1)]
    roles = {HERE: NodeRole.PROVINCE, THERE: NodeRole.PROVINCE, MINISTRY: NodeRole.MINISTRY}
    places = {name: await create(cluster, folder, name, role) for name, role in roles.items()}
    for place in places.values():
        for other in places.values():
            if other is not place:
                await place.know(await other.card())
    at = await before(places[MINISTRY])
    await furnish(places[MINISTRY], ministry_case(at, [(HERE, THERE)]))
    await furnish(places[THERE], receiver_case(at))
    await furnish(places[HERE], giver_case(at, households))
    try:
        await asyncio.gather(*(place.start() for place in places.values()))
        known = "SELECT count(*) AS n FROM coefficient WHERE approved_by IS NOT NULL"

        async def agreed() -> bool:
            return all([(await p.rows(known))[0].n for p in places.values()])  # type: ignore[attr-defined]

        await until(agreed)
        watch = Watch(places[MINISTRY], places[THERE])
        watching = asyncio.create_task(watch.run())
        alone = await cross(households[0], places, watch)
        print(f"one transfer alone                    {alone:8.2f} s")
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(name: str) -> float:
            async with gate:
                return await cross(name, places, watch)

        begun = time.perf_counter()
        took = await asyncio.gather(*(one(name) for name in households[1:]))
        seconds = time.perf_counter() - begun
        watching.cancel()
        bare = await letters(places, TRANSFERS, 1)
        label = f"{TRANSFERS} transfers, {AT_ONCE} at once"
        print(
            f"{label:38}{TRANSFERS / seconds:8.2f} per second"
            f"   median {statistics.median(took):6.2f} s"
            f"   {bare / seconds:6.3f} of the speed of their {8 * TRANSFERS:,} bare letters"
        )
    finally:
        for place in places.values():
            place.stop()


async def many(cluster: PrivateCluster, folder: Path) -> None:
    """One ministry and ever more provinces."""
    first = 0.0
    for size in SIZES:
        place = await create(cluster, folder / str(size), MINISTRY, NodeRole.MINISTRY)
        async with AsyncExitStack() as stack:
            provinces = Provinces(folder / str(size), codes(size))
            await provinces.meet(place)
            pairs = provinces.pairs()
            await furnish(place, ministry_case(await before(place), pairs))
            try:
                await stack.enter_async_context(provinces.serving())
                await place.start()
                seconds = await provinces.transfer(place, TRANSFERS, AT_ONCE)
            finally:
                place.stop()
        rate = TRANSFERS / seconds
        first = first or rate
        print(
            f"ministry with {size:2} provinces            {rate:8.2f} transfers per second"
            f"   {rate / first:6.2f} of the rate with {SIZES[0]}"
        )
        cluster.drop_database(f"bench_{MINISTRY}")


async def main(cluster: PrivateCluster, folder: Path) -> None:
    """Measure and print."""
    logs.configure(quiet=True)
    await three(cluster, folder)
    cluster.drop_database(f"bench_{MINISTRY}")
    await many(cluster, folder)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="hrt-bench-") as name:
        server = PrivateCluster(Path(name) / "pg")
        with server:
            template(server)
            asyncio.run(main(server, Path(name)))
        server.destroy()
