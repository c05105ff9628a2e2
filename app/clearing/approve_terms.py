"""The command behind `POST /v1/clearing-terms-approvals`: from then on the bank confirms payments.

- it is at the ministry's node;
- the terms exist, were proposed by another person, and are not approved yet.

Every other node is told (`tell_terms`).
"""

from dataclasses import replace

from app import ledger
from app.clearing import parties, rules, store
from app.clearing.tell_terms import tell_terms
from app.kernel.ids import NODE
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx


async def approve_terms(tx: Tx, terms: str) -> rules.Terms:
    """Approve terms; no pair settles directly afterwards."""
    await parties.refuse_elsewhere(tx)
    await store.hold_switch(tx)
    found = await store.lock_terms(tx, terms)
    if found is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "terms")
    refusal = rules.decide_second_person(found.proposed_by, found.approved_by, tx.actor)
    if refusal is not None:
        raise Rejected(refusal)

    await store.approve_terms(tx, terms, tx.actor)
    body = {"netting": found.netting.value, "hold_until_paid": found.hold_until_paid}
    note = ledger.Note(kind="clearing_terms.approved", province=NODE, subject=terms, body=body)
    (leaf,) = await ledger.record(tx, [note])
    await tell_terms(tx, found, leaf)
    return replace(found, approved_by=tx.actor)
