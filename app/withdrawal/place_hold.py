"""The command behind `POST /v1/holds`: a household says that it did not agree (R2, R45).

- its application has not ended, and is not held already;
- its ticket, if there is one, is not listed, sold or on its way to another province.

Why is told to whom the application is, and is in no record.
"""

from app import ledger
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx
from app.withdrawal import rules_hold, store, store_hold


async def place_hold(tx: Tx, command: rules_hold.PlaceHold) -> rules_hold.Hold:
    """Stop everything onward until the hold has ended."""
    application = await store.lock(tx, command.application)
    if application is None or not tx.by.concerns(application.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "application")

    hold = rules_hold.decide_hold(command, application, await tx.now())
    if isinstance(hold, rules_hold.HoldRefusal):
        raise Rejected(hold)
    if await store_hold.find_hold(tx, hold.id) is not None:
        raise Rejected(CommonRefusal.ID_TAKEN, "id")

    await store_hold.insert_hold(tx, hold)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="application.held",
                province=application.province,
                subject=application.id,
                policy=application.policy,
                body={"hold": hold.id},
            )
        ],
    )
    return hold
