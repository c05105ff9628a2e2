"""What it costs the ministry's node to follow the logs of givers, and how soon a look is taken.

First the log of a province is read from its beginning, over HTTP from this process: entries per
second, with every ticket's balance and claims stored. Then proposals come one by one from another
province, whose log is short: how long each waits for the look into its giver's log.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from _nodes import MINISTRY, before, create, furnish, ministry_case, template, until
from _provinces import Province, Provinces, codes, terms_of

from app.nodes import NodeRole
from app.platform import logs
from app.platform.postgres import PrivateCluster

ENTRIES = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
PROPOSALS = 30
FACTS = dict.fromkeys(("area", "price", "share", "net", "costs"), "123456.78")


def fill(province: Province) -> None:
    """A ticket is issued, handed in and sold, among entries about money, again and again."""
    code, n = province.code, 0
    while len(province.entries) < ENTRIES:
        n += 1
        ticket, county = f"ticket:{code}:t{n}", f"county:{code}:{code[:2]}0236"
        sold = [[ticket, f"certificate:{code}:l{n}", "10000"], [f"escrow:{code}:l{n}", county, "5"]]
        records: tuple[tuple[str, str, dict[str, object]], ...] = (
            ("entry.issue", f"t{n}", {"postings": [[f"accepted:{code}:a{n}", ticket, "10000"]]}),
            ("ticket.handed_in", f"t{n}", {"body": FACTS}),
            ("entry.cash_in", f"b{n}", {"postings": [[f"bank:{code}:x", county, "700"]]}),
            ("bid.placed", f"l{n}", {"body": FACTS}),
            ("entry.settlement", f"t{n}", {"postings": sold, "facts": FACTS}),
        )
        for kind, subject, more in records:
            province.write({"kind": kind, "province": code, "subject": subject} | more)


async def main(cluster: PrivateCluster, folder: Path) -> None:
    """Measure and print."""
    logs.configure(quiet=True)
    place = await create(cluster, folder, MINISTRY, NodeRole.MINISTRY)
    async with AsyncExitStack() as stack:
        provinces = Provinces(folder, codes(2))
        await provinces.meet(place)
        pairs = provinces.pairs()
        await furnish(place, ministry_case(await before(place), pairs))
        long, short = provinces.all
        fill(long)
        size = "SELECT coalesce(max(size), 0) AS n FROM followed_log WHERE log = :log"

        async def read() -> bool:
            rows = await place.rows(size, log=long.code)
            return rows[0].n == len(long.entries)  # type: ignore[attr-defined,no-any-return]

        try:
            await stack.enter_async_context(provinces.serving())
            begun = time.perf_counter()
            await place.start()
            started = time.perf_counter()
            await until(read)
            ended = time.perf_counter()
            print(
                f"first reading of {len(long.entries):,} entries: {ended - begun:.2f} s with the"
                f" start of the node, {ended - started:.2f} s after it:"
                f" at least {len(long.entries) / (ended - begun):,.0f} entries per second"
            )
            waits = [await wait(place, short, n, pairs[1]) for n in range(PROPOSALS)]
            print(
                f"{PROPOSALS} proposals, one by one: looked up {statistics.median(waits):.3f} s"
                f" after they were stored (median), {max(waits):.3f} s at most"
            )
        finally:
            place.stop()


async def wait(place: object, giver: Province, n: int, pair: tuple[str, str]) -> float:
    """Seconds from when a proposal is stored until it was looked up."""
    terms = terms_of(n, 1, *pair)
    giver.waiting.put_nowait(terms)
    query = "SELECT look IS NOT NULL AS looked FROM crossing WHERE id = :id"

    async def stored() -> bool:
        return bool(await place.rows(query, id=terms.transfer))  # type: ignore[attr-defined]

    async def looked() -> bool:
        rows = await place.rows(query, id=terms.transfer)  # type: ignore[attr-defined]
        return bool(rows[0].looked)

    await until(stored)
    begun = time.perf_counter()
    await until(looked)
    return time.perf_counter() - begun


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="hrt-bench-") as name:
        server = PrivateCluster(Path(name) / "pg")
        with server:
            template(server)
            asyncio.run(main(server, Path(name)))
        server.destroy()
