"""The command behind `POST /v1/statement-disputes`: an officer says what is wrong with a statement.

- the statement exists and is the officer's province's, and not both have approved it;
- where the ministry's node has told it, the officer's province has not approved it.

A statement follows from the log alone, so it is not edited: an error in the books is corrected by
new entries, which fall in a later window. The dispute is on record, and the statement stays open
until the same province approves it after all.
"""

from dataclasses import dataclass

from app import ledger, nodes
from app.clearing import rules, store
from app.clearing.rules import Act, DisputeReason, Statement
from app.clearing.tell_act import tell_act
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx


@dataclass(frozen=True, slots=True)
class DisputeStatement:
    """An officer disputes a statement."""

    statement: str
    reason: DisputeReason


async def dispute_statement(tx: Tx, command: DisputeStatement) -> Statement:
    """Put the dispute on record; an approval of the same province before it counts no more."""
    statements = await store.lock_window_of(tx, command.statement)
    found = next((one for one in statements if one.id == command.statement), None)
    if found is None or not any(rules.acts_for(tx.by, party) for party in found.parties):
        raise Rejected(CommonRefusal.NOT_FOUND, "statement")
    acts = (await store.list_acts(tx, [found.id]))[found.id]
    refusal = rules.decide_dispute(found, acts, tx.by.party)
    if refusal is not None:
        raise Rejected(refusal)

    act = Act(tx.by.party, command.reason, tx.actor, await tx.now())
    await nodes.send(tx, await put_dispute(tx, found, act))
    return found


async def put_dispute(tx: Tx, found: Statement, act: Act) -> list[nodes.Message]:
    """Keep a dispute and put it on record; answers with the messages to be sent."""
    assert act.reason is not None, "a dispute has a reason"
    await store.add_act(tx, found.id, act)
    note = ledger.Note(
        kind="settlement_statement.disputed",
        province=act.province,
        subject=found.id,
        body={"hash": found.hash, "reason": act.reason.value},
    )
    (leaf,) = await ledger.record(tx, [note])
    return await tell_act(tx, found, act, leaf) if found.received else []
