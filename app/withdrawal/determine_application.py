"""The command behind `POST /v1/township-determinations`: the township determines (R35).

- it is not held, and the notice is over;
- no objection waits for its ruling.
"""

from app import ledger
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx
from app.withdrawal import rules, store


async def determine_application(tx: Tx, application: str) -> rules.Application:
    """Determine an application."""
    found = await store.lock(tx, application)
    if found is None or not tx.by.concerns(found.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "application")
    has_open_objection = await store.has_open_objection(tx, found.id)

    determined = rules.decide_determination(
        found, await tx.now(), has_open_objection=has_open_objection
    )
    if isinstance(determined, rules.WithdrawalRefusal):
        raise Rejected(determined)

    await store.set_state(tx, determined.id, determined.state)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="application.determined",
                province=determined.province,
                subject=determined.id,
                policy=determined.policy,
            )
        ],
    )
    return determined
