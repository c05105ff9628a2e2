"""Clearing as other slices ask for it."""

from app import nodes
from app.clearing import store
from app.clearing.rules import ClearingRefusal
from app.kernel.refusal import Rejected
from app.platform.db import Tx


async def require_direct(tx: Tx) -> None:
    """Let a pair pay each other without the bank only while no clearing terms are approved here.

    Afterwards a statement may count on every debt that stands, so none is settled around it.
    Nobody approves terms until this transaction ends. Where the ministry has a node of its own, its
    terms are for debts between nodes: what two provinces of this node owe each other is in none of
    its statements.
    """
    await store.hold_switch(tx, shared=True)
    decided_here = await nodes.ministry(tx) is None
    if decided_here and await store.terms_in_force(tx) is not None:
        raise Rejected(ClearingRefusal.PAID_THROUGH_THE_BANK)


async def require_paid(tx: Tx, lot: str) -> None:
    """Refuse to land the quota of a lot while the terms hold it and a home is not paid for it.

    Held are tickets that came from another province: their home is owed costs and shares (R134).
    """
    terms = await store.terms_in_force(tx)
    if terms is not None and terms.hold_until_paid and await store.is_unpaid(tx, lot):
        raise Rejected(ClearingRefusal.QUOTA_UNPAID, "lot")
