"""Corrections of people, done again for a node that was restored (`nodes.rehearse`).

Everything that an entry of a correction says stands in the log, and the case came by a letter. The
debt that it states anew is stated again by the same step, under the old number.
"""

from collections.abc import Mapping
from typing import Any

from app.kernel.units import hundredths
from app.ledger.rules import AccountRef
from app.nodes import Act, RecoveryError, Rehearsal, Said
from app.reconciliation import store
from app.reconciliation.approve_correction import book
from app.reconciliation.propose_correction import put
from app.reconciliation.rules import Correction, CorrectionReason, Debt

Record = Mapping[str, Any]


async def _propose(tx: Rehearsal, record: Record, _said: Said) -> None:
    body = record["body"]
    if await store.lock_case(tx, body["case"]) is None:
        raise RecoveryError(
            f"Case {body['case']} is not in this backup, and no letter tells of it."
        )
    correction = Correction(
        id=record["subject"],
        case=body["case"],
        province=record["province"],
        source=AccountRef.of(body["source"]),
        target=AccountRef.of(body["target"]),
        amount=hundredths(body["amount"]),
        reason=CorrectionReason(body["reason"]),
        document=body["document"],
        proposed_by=record["actor"],
        obligation=Debt(body["transfer"], body["kind"]) if "transfer" in body else None,
    )
    await put(tx, correction)


async def _approve(tx: Rehearsal, record: Record, _said: Said) -> None:
    found = await store.lock_correction(tx, record["subject"])
    if found is None:
        raise RecoveryError(f"Correction {record['subject']} is not in this backup.")
    await book(tx, found)


REDO: Mapping[str, Act] = {"correction.proposed": _propose, "entry.correction": _approve}
"""By the kind of the record that tells of it."""
