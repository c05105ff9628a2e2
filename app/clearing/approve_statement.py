"""The command behind `POST /v1/statement-approvals`: an officer of one of the two provinces signs.

- the statement exists and is the officer's province's;
- it is open, and the province has not approved it already;
- the hash that is signed is the statement's;
- the other province's approval is by another person;
- with the second approval: everybody who pays or is paid has an approved bank account.

With the second approval the debts are netted as the terms say, and payments are instructed
(`instruct`). Of a statement that the ministry's node has told, the approval goes there as a
message, and what it has told is compared with the own books once more. It cannot be taken back.
"""

from dataclasses import dataclass, replace

from app import ledger, nodes
from app.clearing import rules, store
from app.clearing.instruct import accounts_of, instruct
from app.clearing.rules import Act, ClearingRefusal, Statement, StatementState
from app.clearing.rules_between import BetweenRefusal
from app.clearing.take_statement import find_objection
from app.clearing.tell_act import tell_act
from app.kernel.refusal import CommonRefusal, Rejected
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
    if any(one.between_nodes for one in statements):
        # What follows may come by a message, and must find all that it needs.
        await accounts_of(tx, [province])
    if found.received and await find_objection(tx, found) is not None:
        raise Rejected(BetweenRefusal.STATEMENT_UNBOOKED)

    act = Act(province, None, tx.actor, await tx.now())
    await store.add_act(tx, found.id, act)
    note = ledger.Note(
        kind="settlement_statement.approved",
        province=province,
        subject=found.id,
        body={"hash": found.hash},
    )
    (leaf,) = await ledger.record(tx, [note])
    if found.received:
        await nodes.send(tx, await tell_act(tx, found, act, leaf))
        return found
    if not both:
        return found
    await nodes.send(tx, await carry_out(tx, found, statements))
    return replace(found, state=StatementState.APPROVED)


async def carry_out(tx: Tx, found: Statement, statements: list[Statement]) -> list[nodes.Message]:
    """Mark a statement approved by both, and do what follows; answers with messages to be sent."""
    await store.approve_statement(tx, found.id)
    approved = replace(found, state=StatementState.APPROVED)
    return await instruct(
        tx, approved, [approved if one.id == found.id else one for one in statements]
    )
