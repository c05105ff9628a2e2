"""Leaves per second sequenced, and what the sequencer costs the writers of the ledger.

The floor of sequencing is the tree alone: the same leaf hashes appended in memory. The floor of
the writers is themselves, alone, in turns with and without the sequencer of a running node.
"""

import asyncio
import itertools
import os
import statistics
import tempfile
import time
from pathlib import Path

from _floor import database, run

from app import ledger, transparency
from app.ledger.rules import AccountKind, AccountRef, Draft, EntryKind, Note, move
from app.platform.db import Database, Tx
from app.platform.settings import Settings
from app.transparency import sequencer, tiles

BACKLOG, PER_TRANSACTION, TASKS, ENTRIES, TURNS = 100_000, 1_000, 8, 50, 8
numbers = itertools.count()


async def fill(db: Database, count: int) -> None:
    """Queue records of the size of a bid's."""

    async def work(tx: Tx, first: int) -> None:
        notes = [
            Note(kind="bench.noted", province="000000", subject=f"s{n}", body={"text": "x" * 150})
            for n in range(first, first + PER_TRANSACTION)
        ]
        await ledger.record(tx, notes)

    for first in range(0, count, PER_TRANSACTION):
        await db.transact(work, first)


async def drain(db: Database, batch: int) -> float:
    """Leaves per second, until the queue is empty."""
    done = 0
    begun = time.perf_counter()
    while taken := await sequencer.sequence(db, batch):
        done += taken
    return done / (time.perf_counter() - begun)


def in_memory() -> float:
    """Leaves per second of the tree alone."""
    appender = tiles.Appender(0, {})
    leaves = [os.urandom(32) for _ in range(BACKLOG)]
    begun = time.perf_counter()
    for leaf in leaves:
        appender.append(leaf)
    appender.root()
    return BACKLOG / (time.perf_counter() - begun)


async def write(db: Database) -> float:
    """Ledger entries per second from eight tasks, one per transaction."""

    async def one(task: int) -> None:
        for n in range(ENTRIES):
            account = f"b{task}.{n}"
            entry = Draft(
                kind=EntryKind.CASH_IN,
                key=f"cash-in:{next(numbers)}",
                province="000000",
                subject=account,
                moves=move(
                    AccountRef(AccountKind.BANK, account),
                    AccountRef(AccountKind.BIDDER_CASH, account),
                    100,
                ),
            )
            await db.transact(ledger.post, [entry])

    begun = time.perf_counter()
    await asyncio.gather(*(one(task) for task in range(TASKS)))
    return TASKS * ENTRIES / (time.perf_counter() - begun)


async def main(dsn: str, _owner_dsn: str) -> None:
    """Measure and print."""
    db = database(dsn)
    with tempfile.TemporaryDirectory(prefix="hrt-bench-") as home:
        settings = Settings(home=Path(home))
        keys = transparency.load_keys(settings)
        for publisher in await transparency.open_log(db, settings, keys):
            await publisher.http.aclose()
        floor = in_memory()
        for batch in (1_000, 10_000):
            await fill(db, BACKLOG)
            rate = await drain(db, batch)
            label = f"sequenced in batches of {batch:,}"
            print(f"{label:42} {rate:10,.0f} per second   {rate / floor:6.3f} of its floor")

        await write(db)
        alone, beside = [], []
        for _ in range(TURNS):
            alone.append(await write(db))
            async with transparency.running(db, settings, keys):
                beside.append(await write(db))
        rates = statistics.median(alone), statistics.median(beside)
        print(f"{'ledger writers alone':42} {rates[0]:10,.0f} per second")
        print(
            f"{'ledger writers beside the sequencer':42} {rates[1]:10,.0f} per second"
            f"   {rates[1] / rates[0]:6.3f} of alone"
        )
    await db.close()


if __name__ == "__main__":
    run(main)
