"""The command behind `POST /v1/evidence-resolution-approvals`: a second officer lets it be done.

- the resolution exists, and its entry came to the officer's own account;
- another person proposed it, and it is not approved yet;
- the entry still waits, and still may be resolved so.

A return makes an instruction to pay back; an assignment counts for the instruction it names; what
is set aside counts for nothing, and stays. Money that goes back to a province of another node is
told there, so that its bank's file is understood.
"""

import uuid
from dataclasses import replace

from app import ledger, nodes
from app.clearing import parties, rules, store_bank, store_between, store_evidence
from app.clearing.confirm import Arrived, confirm
from app.clearing.pain import write_instruction
from app.clearing.propose_resolution import Fit, body_of, fitting
from app.clearing.rules import ClearingRefusal
from app.clearing.rules_bank import (
    BankAccount,
    Instruction,
    InstructionKind,
    Resolution,
    ResolutionKind,
    instructed,
)
from app.clearing.rules_between import RETURN
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import Fen, decimal
from app.platform.db import Tx


async def approve_resolution(tx: Tx, resolution: str) -> Resolution:
    """Do what was proposed with an entry that matched nothing."""
    found = await store_evidence.lock_resolution(tx, resolution)
    if found is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "resolution")
    waiting = await store_evidence.lock_waiting(tx, found.file, found.number)
    if waiting is None or not rules.acts_for(tx.by, waiting.holder):
        raise Rejected(CommonRefusal.NOT_FOUND, "resolution")
    refusal = rules.decide_second_person(found.proposed_by, found.approved_by, tx.actor)
    if refusal is not None:
        raise Rejected(refusal)
    fit = await fitting(tx, found)

    await store_evidence.approve_resolution(tx, found.id, tx.actor)
    note = ledger.Note(
        kind="bank_entry.resolved",
        province=fit.waiting.holder,
        subject=found.id,
        body=body_of(found),
    )
    await ledger.record(tx, [note])
    if found.kind is ResolutionKind.ASSIGN:
        await nodes.send(tx, await _assign(tx, fit))
    if found.kind is ResolutionKind.RETURN:
        await nodes.send(tx, await _return(tx, fit))
    return replace(found, approved_by=tx.actor)


async def _assign(tx: Tx, fit: Fit) -> list[nodes.Message]:
    assert fit.instruction is not None, "an assignment names its instruction"
    waiting = fit.waiting
    remaining = Fen(fit.instruction.remaining - waiting.amount)
    arrived = Arrived(
        waiting.file,
        waiting.number,
        fit.instruction,
        waiting.amount,
        remaining,
        waiting.reference,
    )
    return await confirm(tx, [arrived])


async def _return(tx: Tx, fit: Fit) -> list[nodes.Message]:
    """Instruct the holder to pay the money back to whose account it came from."""
    assert fit.return_to is not None, "a return knows where to"
    payer = (await store_bank.accounts_in_force(tx, [fit.waiting.holder])).get(fit.waiting.holder)
    payee = await _account_back(tx, fit, fit.return_to)
    if payer is None or payee is None:
        raise Rejected(ClearingRefusal.ACCOUNT_MISSING)
    peer = await parties.node_of(tx, payee.province)
    instruction = Instruction(
        id=uuid.uuid4().hex,
        kind=InstructionKind.RETURN,
        window=None,
        statement=None,
        payer=payer.province,
        payee=payee.province,
        amount=fit.waiting.amount,
        confirmed=Fen(0),
        payer_account=payer.id,
        payee_account=payee.id,
        at=await tx.now(),
        between_nodes=peer is not None,
    )
    file = write_instruction(instruction, payer, payee)
    await store_bank.insert_instructions(tx, [(instruction, file)])
    (leaf,) = await ledger.record(tx, [instructed(instruction)])
    if peer is None:
        return []
    body = {
        "payer": payer.province,
        "payee": payee.province,
        "amount_cny": decimal(instruction.amount),
    }
    return [
        nodes.Message(
            to=peer.name, type=RETURN, transfer=instruction.id, revision=1, body=body, leaf=leaf
        )
    ]


async def _account_back(tx: Tx, fit: Fit, province: str) -> BankAccount | None:
    """The account of the province in force, or the one that its own node has told."""
    if await parties.node_of(tx, province) is None:
        return (await store_bank.accounts_in_force(tx, [province])).get(province)
    told = await store_between.account_told(tx, province, str(fit.waiting.debtor_account))
    return None if told is None else (await store_bank.find_accounts(tx, [told]))[told]
