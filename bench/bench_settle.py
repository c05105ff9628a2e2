"""Settlement of lots of 10, 1,000 and 10,000 tickets, each in one transaction.

Prints seconds, the process's peak memory and the number of statements, which must not grow with
the tickets; and the ratio to a plain insert of as many rows as there are postings, in this run.
"""

import resource
import time

from _floor import Floor, database, run
from _market import BUYER, write_parties, write_sold_lot
from sqlalchemy import Connection, event

from app import ledger
from app.auction.rules import LotParty
from app.kernel.principal import Principal, Role
from app.settlement.pay_lot import pay_lot

SIZES = (10, 1_000, 10_000)
POSTINGS_PER_TICKET = 5


async def main(dsn: str, owner_dsn: str) -> None:
    """Measure and print."""
    db, floor = database(dsn), await Floor.open(owner_dsn)
    await write_parties(owner_dsn)
    statements = 0

    def count(_connection: Connection, *_rest: object) -> None:
        nonlocal statements
        statements += 1

    event.listen(db.engine.sync_engine, "before_cursor_execute", count)
    buyer = Principal("bench", "bench", Role.BIDDER, BUYER)
    for size in SIZES:
        lot = await write_sold_lot(db, owner_dsn, size)
        statements = 0
        started = time.perf_counter()
        await db.transact(pay_lot, LotParty(lot, BUYER), principal=buyer)
        seconds = time.perf_counter() - started
        used = statements
        started = time.perf_counter()
        await floor.insert(size * POSTINGS_PER_TICKET)
        least = time.perf_counter() - started
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"{size:6,} tickets  {seconds:7.3f} s  {used:3} statements"
            f"  peak memory {megabytes:4} MB  {least / seconds:6.3f} of a plain insert's speed"
        )
    async with db.read() as reader:
        found = await ledger.verify(reader)
    print(f"verified: {found.entries} entries, {found.postings} postings, {found.findings[:3]}")
    await floor.close()
    await db.close()


if __name__ == "__main__":
    run(main)
