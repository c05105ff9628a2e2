"""The command behind `POST /v1/coefficient-approvals`: a second person of the ministry approves."""

from dataclasses import replace

from app import ledger
from app.kernel.ids import NODE
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx
from app.policy import rules, store
from app.policy.share_coefficient import refuse_elsewhere, share_coefficient


async def approve_coefficient(tx: Tx, coefficient: str) -> rules.Coefficient:
    """Approve a coefficient: not by its proposer, and not twice."""
    await refuse_elsewhere(tx)
    found = await store.lock_coefficient(tx, coefficient)
    if found is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "coefficient")
    refusal = rules.decide_approval(found.proposed_by, found.approved_by, tx.actor)
    if refusal is not None:
        raise Rejected(refusal)

    await store.approve_coefficient(tx, coefficient, tx.actor)
    (leaf,) = await ledger.record(
        tx, [ledger.Note(kind="coefficient.approved", province=NODE, subject=coefficient)]
    )
    approved = replace(found, approved_by=tx.actor)
    await share_coefficient(tx, approved, leaf)
    return approved
