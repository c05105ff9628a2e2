"""The command behind `POST /v1/clearing-terms-approvals`: from then on the bank confirms payments.

- the terms exist, were proposed by another person, and are not approved yet.
"""

from dataclasses import replace

from app import ledger
from app.clearing import rules, store
from app.kernel.ids import NODE
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx


async def approve_terms(tx: Tx, terms: str) -> rules.Terms:
    """Approve terms; no pair settles directly afterwards."""
    await store.hold_switch(tx)
    found = await store.lock_terms(tx, terms)
    if found is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "terms")
    refusal = rules.decide_second_person(found.proposed_by, found.approved_by, tx.actor)
    if refusal is not None:
        raise Rejected(refusal)

    await store.approve_terms(tx, terms, tx.actor)
    await ledger.record(
        tx, [ledger.Note(kind="clearing_terms.approved", province=NODE, subject=terms)]
    )
    return replace(found, approved_by=tx.actor)
