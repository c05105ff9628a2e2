"""The command behind `POST /v1/bank-evidence`: the bank's own file says what came.

- the file is a camt.053 or camt.054 that can be read whole;
- the account it is about is registered, by two people, for the party that sends it.

Nothing in it is lost: every entry is kept with what it was found to be. What fits an instruction
discharges its debt, in whole or in part; what fits none waits for two people.
"""

import secrets
from dataclasses import dataclass, field

from app import ledger, nodes
from app.clearing import rules, rules_bank, store_bank, store_evidence
from app.clearing.camt import BankFile, BankFileError, read_file
from app.clearing.confirm import Arrived, confirm
from app.clearing.rules import ClearingRefusal
from app.clearing.rules_bank import COUNTED, NOTED, Instruction, Judged
from app.clearing.store_evidence import KeptFile
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import decimal
from app.platform.db import Tx

SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class TakeEvidence:
    """A bank's file. It names accounts and stays out of every representation."""

    id: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Taken:
    """A file as it was taken, with what each of its entries was found to be."""

    file: KeptFile
    judged: tuple[Judged, ...]


async def take_evidence(tx: Tx, command: TakeEvidence) -> Taken:
    """Keep a file, and count what it proves."""
    file = _read(command.content)
    holder = await store_bank.holder_of(tx, file.account)
    if holder is None or not rules.acts_for(tx.by, holder):
        raise Rejected(ClearingRefusal.FILE_OF_OTHERS, "content")
    await store_evidence.hold_references(tx, holder)
    instructions = await store_bank.lock_instructions(
        tx, [entry.end_to_end for entry in file.entries if entry.end_to_end is not None]
    )
    if await store_evidence.is_file_taken(tx, command.id):
        raise Rejected(CommonRefusal.ID_TAKEN, "id")
    judged = await _judge(tx, file, holder, instructions)

    salt = secrets.token_bytes(SALT_BYTES)
    kept = KeptFile(
        command.id,
        holder,
        file.message,
        len(judged),
        salt,
        rules_bank.commitment_of(salt, command.content),
        tx.actor,
        await tx.now(),
    )
    await store_evidence.insert_file(tx, kept, command.content, judged)
    await ledger.record(tx, _notes(kept, judged))
    await nodes.send(tx, await confirm(tx, _arrived(kept, judged, instructions)))
    return Taken(kept, tuple(judged))


def _read(content: bytes) -> BankFile:
    try:
        return read_file(content)
    except BankFileError as error:
        about = {"place": error.place}
        raise Rejected(ClearingRefusal.FILE_MALFORMED, "content", about=about) from None


async def _judge(
    tx: Tx, file: BankFile, holder: str, instructions: dict[str, Instruction]
) -> list[Judged]:
    known = await store_evidence.find_known(tx, holder, [one.reference for one in file.entries])
    accounts = await store_bank.find_accounts(
        tx, [one.payer_account for one in instructions.values()]
    )
    numbers = {id_: account.number for id_, account in accounts.items()}
    return rules_bank.judge(file.entries, holder, known, instructions, numbers)


def _notes(kept: KeptFile, judged: list[Judged]) -> list[ledger.Note]:
    """That the file came, and what of it waits for people; without accounts and references."""
    unmatched = [one for one in judged if one.outcome not in COUNTED | NOTED]
    return [
        ledger.Note(
            kind="bank_file.received",
            province=kept.holder,
            subject=kept.id,
            body={
                "message": kept.message,
                "entries": kept.entries,
                "unmatched": len(unmatched),
                "commitment": kept.commitment,
            },
        ),
        *(
            ledger.Note(
                kind="bank_entry.unmatched",
                province=kept.holder,
                subject=kept.id,
                body={
                    "entry": one.number,
                    "code": one.outcome.value,
                    "reference": rules_bank.reference_hash(one.entry.reference),
                    "amount": decimal(one.entry.amount),
                    "currency": one.entry.currency,
                },
            )
            for one in unmatched
        ),
    ]


def _arrived(
    kept: KeptFile, judged: list[Judged], instructions: dict[str, Instruction]
) -> list[Arrived]:
    return [
        Arrived(
            kept.id,
            one.number,
            instructions[one.instruction],
            one.entry.amount,
            one.remaining,
            one.entry.reference,
        )
        for one in judged
        if one.outcome in COUNTED and one.instruction is not None and one.remaining is not None
    ]
