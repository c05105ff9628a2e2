"""What a counted entry of the bank's file does: both books and the instruction, in one transaction.

The one place where a debt between provinces ends. `take_evidence` comes here with what matched,
`approve_resolution` with what two people assigned.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app import ledger
from app.clearing import rules_bank, store_bank
from app.clearing.rules_bank import Instruction
from app.kernel.units import Fen, decimal
from app.ledger.rules import Draft, EntryKind
from app.platform.db import Tx


@dataclass(frozen=True, slots=True)
class Arrived:
    """Money on the payee's account: by which entry of which file, for what, and what is left."""

    file: str
    number: int
    instruction: Instruction
    amount: Fen
    remaining: Fen
    reference: str


async def confirm(tx: Tx, arrived: Sequence[Arrived]) -> None:
    """Count money for its instructions, discharge the debts, and say so in the log."""
    amounts: dict[str, int] = {}
    for one in arrived:
        amounts[one.instruction.id] = amounts.get(one.instruction.id, 0) + one.amount
    await store_bank.confirm(tx, amounts)
    await ledger.post(tx, [draft for one in arrived for draft in _drafts(one)])
    await ledger.record(tx, [_note(one) for one in arrived])


def _facts(one: Arrived) -> dict[str, str | int]:
    return {
        "file": one.file,
        "entry": one.number,
        "reference": rules_bank.reference_hash(one.reference),
        "amount_cny": decimal(one.amount),
        "remaining_cny": decimal(one.remaining),
    }


def _drafts(one: Arrived) -> list[Draft]:
    """One entry in each one's books; the payer's first."""
    return [
        Draft(
            kind=EntryKind.PROVINCIAL_PAYMENT,
            key=f"provincial-payment:{one.file}:{one.number}:{province}",
            province=province,
            subject=one.instruction.id,
            moves=moves,
            facts=_facts(one),
        )
        for province, moves in rules_bank.discharge(one.instruction, one.amount).items()
    ]


def _note(one: Arrived) -> ledger.Note:
    return ledger.Note(
        kind="payment.confirmed",
        province=one.instruction.payee,
        subject=one.instruction.id,
        body=_facts(one),
    )
