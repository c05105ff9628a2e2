"""The command behind `POST /v1/statement-approvals`: an officer of one of the two provinces signs.

- the statement exists and is the officer's province's;
- it is open, and the province has not approved it already;
- the hash that is signed is the statement's;
- the other province's approval is by another person;
- with the second approval: everybody who pays or is paid has an approved bank account.

With the second approval the debts are netted as the terms say, and payments are instructed. No
debt is discharged by an instruction: what is owed stays in the books until the bank's own file
says that it came.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app import ledger
from app.clearing import rules, store, store_bank
from app.clearing.pain import write_instruction
from app.clearing.rules import Act, ClearingRefusal, Netting, Statement, StatementState
from app.clearing.rules_bank import Instruction, InstructionKind
from app.clearing.rules_netting import Debt, Netted, Payment, net
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import Fen, decimal
from app.ledger.rules import Draft, EntryKind
from app.platform.db import Tx


@dataclass(frozen=True, slots=True)
class ApproveStatement:
    """An officer signs a statement by its hash."""

    statement: str
    hash: str


async def approve_statement(tx: Tx, command: ApproveStatement) -> Statement:
    """Approve for one's own province; net and instruct once both have."""
    statements = await store.lock_window_of(tx, command.statement)
    found = next((one for one in statements if one.id == command.statement), None)
    province = tx.by.party
    if found is None or not any(rules.acts_for(tx.by, party) for party in found.parties):
        raise Rejected(CommonRefusal.NOT_FOUND, "statement")
    acts = (await store.list_acts(tx, [found.id]))[found.id]
    both = rules.decide_approval(found, acts, province, tx.actor, command.hash)
    if isinstance(both, ClearingRefusal):
        field = "hash" if both is ClearingRefusal.STATEMENT_DIFFERS else None
        raise Rejected(both, field)

    await store.add_act(tx, found.id, Act(province, None, tx.actor, await tx.now()))
    note = ledger.Note(
        kind="settlement_statement.approved",
        province=province,
        subject=found.id,
        body={"hash": found.hash},
    )
    await ledger.record(tx, [note])
    if not both:
        return found
    await store.approve_statement(tx, found.id)
    approved = [_approved(one) if one.id == found.id else one for one in statements]
    await _instruct(tx, found, approved)
    return _approved(found)


def _approved(statement: Statement) -> Statement:
    return replace(statement, state=StatementState.APPROVED)


async def _instruct(tx: Tx, found: Statement, statements: Sequence[Statement]) -> None:
    """Net and instruct this statement; where nets are multilateral, the window once all are."""
    window = await store.find_window(tx, found.window)
    together = window.netting is Netting.MULTILATERAL
    if together and any(one.state is StatementState.OPEN for one in statements):
        return
    netted = net(window.netting, _debts(statements if together else [found]))
    cause = str(window.number) if together else found.id
    await ledger.post(tx, _drafts(cause, window.number, netted))
    await _pay(tx, netted.payments, window.number, None if together else found.id)


def _debts(statements: Sequence[Statement]) -> list[Debt]:
    return [
        Debt(debtor, creditor, one.debt(debtor))
        for one in statements
        for debtor, creditor in ((one.a, one.b), (one.b, one.a))
        if one.debt(debtor)
    ]


def _drafts(cause: str, window: int, netted: Netted) -> list[Draft]:
    return [
        Draft(
            kind=EntryKind.PROVINCIAL_NETTING,
            key=f"provincial-netting:{cause}:{province}",
            province=province,
            subject=cause,
            moves=moves,
            facts={"window": window},
        )
        for province, moves in netted.moves.items()
    ]


async def _pay(tx: Tx, payments: Sequence[Payment], window: int, statement: str | None) -> None:
    """Make an instruction of each payment, with its file for the bank."""
    parties = sorted({code for one in payments for code in (one.payer, one.payee)})
    accounts = await store_bank.accounts_in_force(tx, parties)
    if any(code not in accounts for code in parties):
        raise Rejected(ClearingRefusal.ACCOUNT_MISSING)
    now = await tx.now()
    made = []
    for payment in payments:
        payer, payee = accounts[payment.payer], accounts[payment.payee]
        instruction = Instruction(
            id=uuid.uuid4().hex,
            kind=InstructionKind.SETTLEMENT,
            window=window,
            statement=statement,
            payer=payment.payer,
            payee=payment.payee,
            amount=payment.amount,
            confirmed=Fen(0),
            payer_account=payer.id,
            payee_account=payee.id,
            at=now,
        )
        made.append((instruction, write_instruction(instruction, payer, payee)))
    await store_bank.insert_instructions(tx, made)
    await ledger.record(tx, [instructed(one) for one, _ in made])


def instructed(instruction: Instruction) -> ledger.Note:
    """The record of an instruction, in the name of who is to pay."""
    return ledger.Note(
        kind="payment.instructed",
        province=instruction.payer,
        subject=instruction.id,
        body={
            "kind": instruction.kind.value,
            "window": instruction.window,
            "statement": instruction.statement,
            "payee": instruction.payee,
            "amount_cny": decimal(instruction.amount),
            "payer_account": instruction.payer_account,
            "payee_account": instruction.payee_account,
        },
    )
