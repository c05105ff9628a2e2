"""What a counted entry of the bank's file does: the books and the instruction, in one transaction.

The one place where a debt between provinces ends. `take_evidence` comes here with what matched,
`approve_resolution` with what two people assigned. Where another node keeps the payer's books, it
is told, and the ministry's node as well (`take_confirmed`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from app import ledger, nodes
from app.clearing import parties, rules_bank, store_bank, store_between
from app.clearing.rules import AGENT
from app.clearing.rules_bank import Instruction, InstructionKind
from app.clearing.rules_between import CONFIRMED
from app.clearing.rules_letters import Part
from app.kernel.units import Fen
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


async def confirm(tx: Tx, arrived: Sequence[Arrived]) -> list[nodes.Message]:
    """Count money for its instructions, discharge the debts, and say so in the log.

    Answers with the messages to be sent.
    """
    amounts: dict[str, int] = {}
    for one in arrived:
        amounts[one.instruction.id] = amounts.get(one.instruction.id, 0) + one.amount
    payers = {one.instruction.payer for one in arrived}
    payees = {one.instruction.payee for one in arrived}
    hosted = await parties.hosted_of(tx, payers | payees)
    messages = await _messages(tx, arrived, payers - hosted)
    await store_bank.confirm(tx, amounts)
    await ledger.post(tx, [draft for one in arrived for draft in _drafts(one, hosted)])
    leaves = await ledger.record(tx, [_note(one) for one in arrived])
    return [
        replace(message, leaf=leaf)
        for told, leaf in zip(messages, leaves, strict=True)
        for message in told
    ]


async def _messages(
    tx: Tx, arrived: Sequence[Arrived], elsewhere: Collection[str]
) -> list[list[nodes.Message]]:
    """What of each is told to the payer's node and, of a settlement, to the ministry's."""
    counted: dict[str, int] = {}
    messages: list[list[nodes.Message]] = []
    for one in arrived:
        instruction = one.instruction
        if instruction.payer not in elsewhere:
            messages.append([])
            continue
        if instruction.id not in counted:
            counted[instruction.id] = await store_between.parts_of(tx, instruction.id)
        counted[instruction.id] += 1
        number = counted[instruction.id]
        settles = instruction.kind is InstructionKind.SETTLEMENT
        concerned = {instruction.payer} | ({AGENT} if settles else set())
        messages.append(
            [
                nodes.Message(
                    to=name,
                    type=CONFIRMED,
                    transfer=instruction.id,
                    revision=number,
                    body=_part(one, number).to_body(),
                )
                for name in await parties.nodes_of(tx, concerned)
            ]
        )
    return messages


def _part(one: Arrived, number: int = 0) -> Part:
    return Part(
        one.instruction.id,
        number,
        one.file,
        one.number,
        rules_bank.reference_hash(one.reference),
        one.amount,
        one.remaining,
    )


def _drafts(one: Arrived, hosted: Collection[str]) -> list[Draft]:
    """One entry in each one's books that this node keeps; the payer's first."""
    return [
        Draft(
            kind=EntryKind.PROVINCIAL_PAYMENT,
            key=f"provincial-payment:{one.file}:{one.number}:{province}",
            province=province,
            subject=one.instruction.id,
            moves=moves,
            facts=_part(one).to_body(),
        )
        for province, moves in rules_bank.discharge(one.instruction, one.amount).items()
        if province in hosted
    ]


def _note(one: Arrived) -> ledger.Note:
    return ledger.Note(
        kind="payment.confirmed",
        province=one.instruction.payee,
        subject=one.instruction.id,
        body=_part(one).to_body(),
    )
