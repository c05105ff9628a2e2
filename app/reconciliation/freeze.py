"""Cases open and close: the accounts of this node's books that they are about stand still.

The accounts are locked before the case is written, so whoever posts to one of them has either
posted before it, or sees that it is frozen.
"""

from collections.abc import Collection

from app import ledger
from app.platform.db import Tx
from app.reconciliation import store
from app.reconciliation.rules import Case


async def open_case(tx: Tx, case: Case, here: Collection[str]) -> None:
    """Keep a case, and freeze those of its accounts that are in this node's books."""
    await ledger.lock_balances(tx, [ledger.AccountRef.of(code) for code in sorted(here)])
    await store.insert_case(tx, case, here)
    changed = await ledger.follow_cases(tx, sorted(here))
    await ledger.record(tx, _notes("account.frozen", case, changed))


async def close_case(tx: Tx, case: Case, round_: int) -> Case:
    """Close a case, and free its accounts unless another case is about them."""
    if not case.is_open:
        return case
    here = sorted(await store.frozen_by(tx, case.id))
    await ledger.lock_balances(tx, [ledger.AccountRef.of(code) for code in here])
    closed = await store.close_case(tx, case, round_, await tx.now())
    changed = await ledger.follow_cases(tx, here)
    await ledger.record(tx, _notes("account.unfrozen", case, changed))
    return closed


def _notes(kind: str, case: Case, codes: Collection[str]) -> list[ledger.Note]:
    return [
        ledger.Note(
            kind=kind,
            province=ledger.AccountRef.of(code).province,
            subject=case.id,
            body={"account": code},
        )
        for code in codes
    ]
