"""The command behind `POST /v1/corrections`: one officer proposes an entry that cures a case.

- the case is known here, and one of the two accounts is frozen by it in the officer's own books;
- the case is open;
- both accounts hold the same kind of value, land in one province's books;
- a debt between nodes that it names is one that the province has stated, or could not state as it
  has refused the sale's letter; in an account that the entry moves, not agreed yet, and not made
  less than nothing.

Nothing that was written is changed: an entry that was wrong stays, and another makes up for it.
"""

from dataclasses import dataclass

from app import clearing, ledger, transfers
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import decimal
from app.ledger.rules import AccountRef
from app.platform.db import Tx
from app.reconciliation import rules, store
from app.reconciliation.rules import Correction, CorrectionReason, Debt, ReconciliationRefusal


@dataclass(frozen=True, slots=True)
class ProposeCorrection:
    """An amount that goes from one account to another, why, and by which document."""

    id: str
    case: str
    source: AccountRef
    target: AccountRef
    amount: int
    reason: CorrectionReason
    document: str
    obligation: Debt | None = None


async def propose_correction(tx: Tx, command: ProposeCorrection) -> Correction:
    """Keep a proposal; it moves nothing until a second person approves it."""
    case = await store.lock_case(tx, command.case)
    frozen = frozenset() if case is None else await store.frozen_by(tx, case.id)
    books = {AccountRef.of(code).province for code in frozen}
    if case is None or not any(rules.acts_for(tx.by, province) for province in books):
        raise Rejected(CommonRefusal.NOT_FOUND, "case")
    mine = [code for code in frozen if rules.acts_for(tx.by, AccountRef.of(code).province)]
    refusal = rules.decide_correction(case, mine, command.source, command.target)
    if refusal is not None:
        wrong_state = refusal is ReconciliationRefusal.WRONG_STATE
        raise Rejected(refusal, None if wrong_state else "target")
    correction = Correction(
        id=command.id,
        case=command.case,
        province=tx.by.party,
        source=command.source,
        target=command.target,
        amount=command.amount,
        reason=command.reason,
        document=command.document,
        proposed_by=tx.actor,
        obligation=command.obligation,
    )
    try:
        await plan(tx, correction)
    except Rejected as refused:
        raise Rejected(refused.refusal, "obligation") from refused
    if await store.lock_correction(tx, command.id) is not None:
        raise Rejected(CommonRefusal.ID_TAKEN, "id")
    await put(tx, correction)
    return correction


async def plan(tx: Tx, correction: Correction) -> clearing.Stated | None:
    """What the province will have stated of the debt that a correction names, if it names one."""
    if correction.obligation is None:
        return None
    transfer, kind = correction.obligation
    named = clearing.Named(transfer, clearing.StatedKind(kind), correction.province)
    unstated = None
    if named.kind is clearing.StatedKind.SALE:
        unstated = await transfers.unstated_sale(tx, transfer, correction.province)
    return await clearing.plan_restatement(tx, named, correction.moves, unstated)


async def put(tx: Tx, correction: Correction) -> None:
    """Write a proposal down, in the rows and in the log."""
    await store.insert_correction(tx, correction)
    note = ledger.Note(
        kind="correction.proposed",
        province=correction.province,
        subject=correction.id,
        body={
            "case": correction.case,
            "source": correction.source.code,
            "target": correction.target.code,
            "amount": decimal(correction.amount),
            "reason": correction.reason.value,
            "document": correction.document,
        }
        | ({} if correction.obligation is None else correction.obligation._asdict()),
    )
    await ledger.record(tx, [note])
