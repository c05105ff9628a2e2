"""The command behind `POST /v1/county-approvals`: the county approves (R39, R40, R49).

- it is not held, and was determined;
- by another person than the one who approves, and filed by another.
"""

from app import ledger
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import decimal
from app.platform.db import Tx
from app.withdrawal import rules, store


async def approve_application(tx: Tx, application: str) -> rules.Application:
    """Approve an application: the agreement is signed and the use right deregistered."""
    found = await store.lock(tx, application)
    if found is None or not tx.by.concerns(found.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "application")

    before = await ledger.actors(tx, found.id, ("application.applied", "application.determined"))
    approved = rules.decide_approval(found, same_person=tx.actor in before)
    if isinstance(approved, rules.WithdrawalRefusal):
        raise Rejected(approved)

    await store.set_state(tx, approved.id, approved.state)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="application.approved",
                province=approved.province,
                subject=approved.id,
                policy=approved.policy,
                body={
                    "area_m2": decimal(approved.area),
                    "lawful_m2": decimal(approved.lawful_area),
                },
            )
        ],
    )
    return approved
