"""What falls due happens by itself, exactly once, whatever crashes.

What is due is a question to the tables, not a queue: a lot whose closing time has passed is due
until it is closed. Each event runs in its own transaction, which locks its row and looks again,
so any number of processes may run the same jobs. A simulated clock runs the same events in order
of their due time, and by kind and id within one instant.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import text

from app.platform.db import Database, Reader, Tx

log = structlog.get_logger()

BATCH = 100

_SET_CLOCK = text("""
    INSERT INTO simulated_clock (instant) VALUES (:instant)
    ON CONFLICT (only_row) DO UPDATE SET instant = excluded.instant
""")


@dataclass(frozen=True, slots=True)
class Due:
    """An event: when it fell due, and the id of what it happens to."""

    at: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Job:
    """A kind of event. `find` lists what is due by an instant, earliest first, then by id.

    `work` is given the id and a transaction at the due time; it must lock, look again, and do
    nothing if the event has happened already.
    """

    kind: str
    find: Callable[[Reader, datetime, int], Awaitable[Sequence[Due]]]
    work: Callable[[Tx, str], Awaitable[None]]


async def run_due(db: Database, jobs: Sequence[Job]) -> int:
    """Do what is due on the database's clock; a failing event is logged and tried at the next call.

    Returns how many events were handled.
    """
    done = 0
    for job in jobs:
        async with db.read() as reader:
            events = await job.find(reader, await reader.now(), BATCH)
        for event in events:
            try:
                await db.transact(job.work, event.id, at=event.at)
                done += 1
            except Exception as error:  # noqa: BLE001 - one bad event must not stop the others
                log.warning("job-failed", kind=job.kind, id=event.id, error=type(error).__name__)
    return done


async def run_forever(db: Database, jobs: Sequence[Job], poll_seconds: int) -> None:
    """The loop of a running node: at once again while there is more, else after a pause."""
    while True:
        try:
            done = await run_due(db, jobs)
        except Exception as error:  # noqa: BLE001 - the database may be away for a while
            log.warning("jobs-unavailable", error=type(error).__name__)
            done = 0
        if done == 0:
            await asyncio.sleep(poll_seconds)


async def advance(db: Database, jobs: Sequence[Job], to: datetime) -> None:
    """Move a simulated clock, doing everything due at or before `to` at its own time, in order."""
    while (event := await _earliest(db, jobs, to)) is not None:
        job, due = event
        await db.transact(job.work, due.id, at=due.at)
    await db.transact(set_clock, to)


async def set_clock(tx: Tx, instant: datetime) -> None:
    """Write the simulated instant."""
    await tx.run(_SET_CLOCK, {"instant": instant})


async def _earliest(db: Database, jobs: Sequence[Job], to: datetime) -> tuple[Job, Due] | None:
    found: list[tuple[datetime, int, str]] = []
    async with db.read() as reader:
        for order, job in enumerate(jobs):
            found += [(due.at, order, due.id) for due in await job.find(reader, to, 1)]
    if not found:
        return None
    at, order, id_ = min(found)
    return jobs[order], Due(at, id_)
