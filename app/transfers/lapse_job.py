"""At the ministry's node: what nobody answers or decides in time is ended by decision."""

from app.platform.db import Tx
from app.platform.jobs import Job
from app.transfers import crossing, store_crossing
from app.transfers.rules_messages import Side
from app.transfers.rules_protocol import Tick


async def lapse(tx: Tx, transfer: str) -> None:
    """Look at the deadlines of a transfer between nodes; alarm where a commit is not applied."""
    await store_crossing.lock(tx, Side.MINISTRY, transfer)
    await crossing.advance(tx, Side.MINISTRY, transfer, Tick(await tx.now()))


LAPSE_JOB = Job("crossing", store_crossing.find_due, lapse)
