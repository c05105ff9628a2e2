"""Ledger entries per second, one by one and in batches of 1,000, beside a plain insert.

The floor writes the same rows with one statement into a table without index, constraint or
trigger, on the same server in the same run: what no ledger of this kind can beat.
"""

import asyncio
import itertools

from _floor import Floor, database, per_second, run

from app import ledger
from app.ledger.rules import AccountKind, AccountRef, Draft, EntryKind, move
from app.platform.db import Database

SINGLE, BATCH, TASKS, RUNS = 200, 1000, 8, 5
BANK = AccountRef(AccountKind.BANK, "escrow")
numbers = itertools.count()


def draft(account: int) -> Draft:
    """An entry of one posting, to one of a thousand accounts."""
    cash = AccountRef(AccountKind.BIDDER_CASH, f"b{account}")
    bank = AccountRef(AccountKind.BANK, f"bank{account}")
    return Draft(
        kind=EntryKind.CASH_IN,
        key=f"cash-in:{next(numbers)}",
        province="000000",
        subject=f"b{account}",
        moves=move(bank, cash, 100),
    )


async def main(dsn: str, owner_dsn: str) -> None:
    """Measure and print."""
    db, floor = database(dsn), await Floor.open(owner_dsn)

    async def floor_single(_n: int) -> int:
        for _ in range(SINGLE):
            await floor.insert(1)
        return SINGLE

    async def floor_batch(_n: int) -> int:
        return await floor.insert(BATCH)

    async def single(_n: int) -> int:
        for n in range(SINGLE):
            await db.transact(ledger.post, [draft(n % BATCH)])
        return SINGLE

    async def parallel(_n: int) -> int:
        async def one(task: int) -> None:
            for n in range(SINGLE // TASKS):
                await db.transact(ledger.post, [draft(task * 100 + n)])

        await asyncio.gather(*(one(task) for task in range(TASKS)))
        return SINGLE // TASKS * TASKS

    async def batch(_n: int) -> int:
        await db.transact(ledger.post, [draft(n) for n in range(BATCH)])
        return BATCH

    await report(
        {
            "floor, one row per transaction": await per_second(floor_single, RUNS),
            "ledger, one entry per transaction": await per_second(single, RUNS),
            f"ledger, the same from {TASKS} tasks": await per_second(parallel, RUNS),
            "floor, 1,000 rows per transaction": await per_second(floor_batch, RUNS),
            "ledger, 1,000 entries per transaction": await per_second(batch, RUNS),
        },
        db,
    )
    await floor.close()
    await db.close()


async def report(rates: dict[str, float], db: Database) -> None:
    """Print each rate and its ratio to the floor of its kind."""
    single_floor = rates["floor, one row per transaction"]
    batch_floor = rates["floor, 1,000 rows per transaction"]
    for label, rate in rates.items():
        base = batch_floor if "1,000" in label else single_floor
        print(f"{label:42} {rate:10,.0f} per second   {rate / base:6.3f} of its floor")
    async with db.read() as reader:
        found = await ledger.verify(reader)
    print(f"verified: {found.entries} entries, {len(found.findings)} findings")


if __name__ == "__main__":
    run(main)
