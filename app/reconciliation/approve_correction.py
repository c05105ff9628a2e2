"""The command behind `POST /v1/correction-approvals`: a second officer lets a correction be booked.

- the correction exists and is of the officer's own books;
- it is not approved yet, its case is open, and another person proposed it;
- the debt that it names, if it does, can still be stated anew.

With the entry that debt is stated anew, in the same transaction, resting on the entry. The accounts
stay frozen: only a round that finds the case cured frees them.
"""

from dataclasses import replace

from app import clearing, ledger, nodes
from app.kernel.refusal import CommonRefusal, Rejected
from app.ledger.rules import Draft, EntryKind
from app.platform.db import Tx
from app.reconciliation import rules, store
from app.reconciliation.propose_correction import plan
from app.reconciliation.rules import Correction


async def approve_correction(tx: Tx, correction: str) -> Correction:
    """Book the entry."""
    found = await store.lock_correction(tx, correction)
    if found is None or not rules.acts_for(tx.by, found.province):
        raise Rejected(CommonRefusal.NOT_FOUND, "correction")
    case = await store.lock_case(tx, found.case)
    assert case is not None, "a correction is of a case"
    refusal = rules.decide_approval(case, found, tx.actor)
    if refusal is not None:
        raise Rejected(refusal)
    await book(tx, found)
    return replace(found, approved_by=tx.actor)


async def book(tx: Tx, found: Correction) -> None:
    """Post the entry, and state anew what it corrects."""
    stated = await plan(tx, found)
    await store.approve_correction(tx, found.id, tx.actor)
    draft = Draft(
        kind=EntryKind.CORRECTION,
        key=f"correction:{found.id}",
        province=found.province,
        subject=found.id,
        moves=found.moves,
        facts={
            "case": found.case,
            "reason": found.reason.value,
            "document": found.document,
        }
        | ({} if stated is None else clearing.facts_of(stated)),
    )
    (entry,) = await ledger.post(tx, [draft])
    if stated is not None:
        why = clearing.Why(found.id, found.reason.value, found.document)
        await nodes.send(tx, await clearing.state(tx, stated, entry.id, why))
