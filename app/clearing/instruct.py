"""Approved statements become what is netted, in the books that this node keeps, and what is paid.

Where another node keeps the books of a party, a record says what is payable, and each node takes
its own side of it (`take_due`). No debt is discharged by an instruction.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence

from app import ledger, nodes
from app.clearing import parties, store, store_bank
from app.clearing.give_account import give_account
from app.clearing.pain import write_instruction
from app.clearing.rules import AGENT, ClearingRefusal, Netting, Statement, StatementState
from app.clearing.rules_bank import BankAccount, Instruction, InstructionKind, instructed
from app.clearing.rules_between import DUE
from app.clearing.rules_letters import Due
from app.clearing.rules_netting import Debt, Netted, Payment, net
from app.kernel.ids import NODE
from app.kernel.refusal import Rejected
from app.kernel.units import Fen
from app.ledger.rules import Draft, EntryKind
from app.platform.db import Tx


async def instruct(
    tx: Tx, found: Statement, statements: Sequence[Statement]
) -> list[nodes.Message]:
    """Net and instruct this statement; where nets are multilateral, the window once all are.

    Answers with the messages to be sent.
    """
    window = await store.find_window(tx, found.window)
    together = window.netting is Netting.MULTILATERAL
    if together and any(one.state is StatementState.OPEN for one in statements):
        return []
    acting = statements if together else [found]
    netted = net(window.netting, debts(acting))
    cause = str(window.number) if together else found.id
    about = None if together else found.id
    codes = {code for one in acting for code in one.parties} | ({AGENT} if together else set())
    hosted = await parties.hosted_of(tx, codes)
    local = [one for one in netted.payments if {one.payer, one.payee} <= hosted]
    await ledger.post(tx, drafts(cause, window.number, netted, hosted))
    await _pay(tx, local, window.number, about)
    if codes <= hosted:
        return []
    far = [one for one in netted.payments if one not in local]
    rows = tuple((uuid.uuid4().hex, one.payer, one.payee, one.amount) for one in far)
    due = Due(cause, window.number, about, tuple(sorted(codes - hosted)), rows)
    return await _tell(tx, due, hosted)


def debts(statements: Sequence[Statement]) -> list[Debt]:
    """What the provinces of statements owe each other, each above zero."""
    return [
        Debt(debtor, creditor, one.debt(debtor))
        for one in statements
        for debtor, creditor in ((one.a, one.b), (one.b, one.a))
        if one.debt(debtor)
    ]


def drafts(cause: str, window: int, netted: Netted, hosted: Collection[str]) -> list[Draft]:
    """The entries of netting in the books of those that this node keeps."""
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
        if province in hosted
    ]


async def _tell(tx: Tx, due: Due, hosted: Collection[str]) -> list[nodes.Message]:
    """Keep what is payable between nodes, say so in the log, and tell the nodes of all parties."""
    note = ledger.Note(kind="payments.due", province=NODE, subject=due.cause, body=due.to_body())
    (leaf,) = await ledger.record(tx, [note])
    messages = [
        nodes.Message(
            to=name, type=DUE, transfer=due.cause, revision=1, body=due.to_body(), leaf=leaf
        )
        for name in await parties.nodes_of(tx, due.elsewhere)
    ]
    return messages + await keep(tx, due, hosted)


async def keep(tx: Tx, due: Due, hosted: Collection[str]) -> list[nodes.Message]:
    """Keep payments between nodes, and tell the other side the account of the own side."""
    payments = {id_: Payment(payer, payee, amount) for id_, payer, payee, amount in due.payments}
    own = {code for one in payments.values() for code in (one.payer, one.payee)} & set(hosted)
    accounts = await accounts_of(tx, own)
    made = [
        await _half(tx, id_, payment, due, accounts) for id_, payment in sorted(payments.items())
    ]
    await store_bank.insert_instructions(tx, [(one, None) for one in made])
    messages = []
    for one in made:
        for province, other in ((one.payer, one.payee), (one.payee, one.payer)):
            if province in accounts:
                messages += await give_account(tx, one.id, accounts[province], other)
    return messages


async def accounts_of(tx: Tx, provinces: Collection[str]) -> dict[str, BankAccount]:
    """The accounts of these parties; refused where one has none that two people approved."""
    accounts = await store_bank.accounts_in_force(tx, sorted(provinces))
    if set(provinces) - accounts.keys():
        raise Rejected(ClearingRefusal.ACCOUNT_MISSING)
    return accounts


async def _half(
    tx: Tx, id_: str, payment: Payment, due: Due, accounts: Mapping[str, BankAccount]
) -> Instruction:
    """A payment as far as this node knows it."""
    own = {code: account.id for code, account in accounts.items()}
    return Instruction(
        id=id_,
        kind=InstructionKind.SETTLEMENT,
        window=due.window,
        statement=due.statement,
        payer=payment.payer,
        payee=payment.payee,
        amount=payment.amount,
        confirmed=Fen(0),
        payer_account=own.get(payment.payer),
        payee_account=own.get(payment.payee),
        at=await tx.now(),
        between_nodes=True,
    )


async def _pay(tx: Tx, payments: Sequence[Payment], window: int, statement: str | None) -> None:
    """Make an instruction of each payment within this node, with its file for the bank."""
    accounts = await accounts_of(tx, {code for one in payments for code in (one.payer, one.payee)})
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
