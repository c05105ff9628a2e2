"""The command behind `POST /v1/evidence-resolutions`: what to do with money that matched nothing.

- the entry exists, and came to the officer's own account;
- it waits, and may be resolved so: returned to a registered account, assigned to an instruction to
  the same payee that it does not exceed, or set aside because the bank says no money is behind it.
"""

from dataclasses import dataclass

from app import ledger
from app.clearing import rules, rules_bank, store_bank, store_evidence
from app.clearing.rules_bank import Instruction, Resolution, ResolutionKind, Waiting
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx


@dataclass(frozen=True, slots=True)
class ProposeResolution:
    """One officer says what is to be done with an entry of a file."""

    id: str
    file: str
    entry: int
    kind: ResolutionKind
    instruction: str | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """An entry that may be resolved as wanted, with all that this touches."""

    waiting: Waiting
    instruction: Instruction | None
    return_to: str | None


async def propose_resolution(tx: Tx, command: ProposeResolution) -> Resolution:
    """Keep a proposal; nothing happens until a second officer approves it."""
    wanted = Resolution(
        command.id, command.file, command.entry, command.kind, command.instruction, tx.actor
    )
    fit = await fitting(tx, wanted)
    if await store_evidence.lock_resolution(tx, command.id) is not None:
        raise Rejected(CommonRefusal.ID_TAKEN, "id")

    await store_evidence.insert_resolution(tx, wanted)
    note = ledger.Note(
        kind="bank_entry.resolution_proposed",
        province=fit.waiting.holder,
        subject=wanted.id,
        body=body_of(wanted),
    )
    await ledger.record(tx, [note])
    return wanted


async def fitting(tx: Tx, wanted: Resolution) -> Fit:
    """The entry of a resolution, held; raises `Rejected` where it may not be resolved so."""
    waiting = await store_evidence.lock_waiting(tx, wanted.file, wanted.number)
    if waiting is None or not rules.acts_for(tx.by, waiting.holder):
        raise Rejected(CommonRefusal.NOT_FOUND, "file")
    instruction = None
    if wanted.instruction is not None:
        found = await store_bank.lock_instructions(tx, [wanted.instruction])
        if wanted.instruction not in found:
            raise Rejected(CommonRefusal.NOT_FOUND, "instruction")
        instruction = found[wanted.instruction]
    number = waiting.debtor_account
    return_to = None if number is None else await store_bank.holder_of(tx, number)
    refusal = rules_bank.decide_resolution(waiting, wanted.kind, instruction, return_to)
    if refusal is not None:
        raise Rejected(refusal)
    return Fit(waiting, instruction, return_to)


def body_of(resolution: Resolution) -> dict[str, str | int | None]:
    """What the log says of a resolution."""
    return {
        "file": resolution.file,
        "entry": resolution.number,
        "kind": resolution.kind.value,
        "instruction": resolution.instruction,
    }
