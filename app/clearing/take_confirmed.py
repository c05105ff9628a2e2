"""The payee's node has confirmed money by its bank's file; here the payer's debt ends as well.

The payee gives up an own claim by it, and its own log says so: whoever lies here lies at its own
cost. The payer's word alone ends nothing, at no node.
"""

from app import ledger, nodes
from app.clearing import parties, rules_bank, store_bank
from app.clearing.rules_bank import Instruction
from app.clearing.rules_between import BetweenRefusal, MalformedError
from app.clearing.rules_letters import Part, read_part
from app.kernel.ids import NODE
from app.kernel.refusal import LetterRefusal, Rejected
from app.kernel.units import Fen, decimal
from app.ledger.rules import Draft, EntryKind
from app.platform.db import Tx


async def take_confirmed(tx: Tx, received: nodes.Received) -> None:
    """Count a part of an instruction that was confirmed at the payee's node."""
    try:
        part = read_part(received.transfer, received.revision, received.body)
    except MalformedError as error:
        raise Rejected(LetterRefusal.MALFORMED) from error
    found = (await store_bank.lock_instructions(tx, [part.instruction])).get(part.instruction)
    if found is None:
        raise Rejected(BetweenRefusal.PAYMENT_UNKNOWN)
    await parties.require_speaker(tx, received.sender, found.payee)
    record = parties.record_of(received)
    named = (record.get("kind"), record.get("province"), record.get("subject"))
    said = ("payment.confirmed", found.payee, part.instruction)
    if named != said or record.get("body") != part.to_body():
        raise Rejected(LetterRefusal.UNFOUNDED)
    # Parts come in any order, so only the sum is held against what was instructed.
    if part.amount > found.remaining or part.amount + part.remaining > found.amount:
        raise Rejected(BetweenRefusal.PAYMENT_EXCEEDS)

    await store_bank.confirm(tx, {found.id: part.amount})
    hosted = await parties.hosted_of(tx, {found.payer})
    facts = _facts(found, part)
    await ledger.post(
        tx, [_draft(found, part, facts)] if found.payer in hosted and _owes(found) else []
    )
    note = ledger.Note(
        kind="payment.heard",
        province=found.payer if found.payer in hosted else NODE,
        subject=found.id,
        body=facts,
    )
    await ledger.record(tx, [note])


def _owes(found: Instruction) -> bool:
    return found.kind is rules_bank.InstructionKind.SETTLEMENT


def _facts(found: Instruction, part: Part) -> dict[str, str | int]:
    return {
        "part": part.number,
        "reference": part.reference,
        "amount_cny": decimal(part.amount),
        "remaining_cny": decimal(Fen(found.remaining - part.amount)),
    }


def _draft(found: Instruction, part: Part, facts: dict[str, str | int]) -> Draft:
    return Draft(
        kind=EntryKind.PROVINCIAL_PAYMENT,
        key=f"provincial-payment:{found.id}:{part.number}:{found.payer}",
        province=found.payer,
        subject=found.id,
        moves=rules_bank.discharge(found, part.amount)[found.payer],
        facts=facts,
    )
