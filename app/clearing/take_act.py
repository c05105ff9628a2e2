"""At the ministry's node: an officer has approved or disputed a statement at the own node.

With the approvals of both provinces it is carried out as if both had been given here. A dispute
that comes behind the approval of the same province was made before it, and changes nothing.
"""

from app import ledger, nodes
from app.clearing import parties, rules, store
from app.clearing.approve_statement import carry_out
from app.clearing.rules import Act, ClearingRefusal, StatementState
from app.clearing.rules_between import APPROVED, BetweenRefusal, MalformedError
from app.clearing.rules_letters import ActTold, is_act, read_act
from app.kernel.ids import NODE
from app.kernel.refusal import LetterRefusal, Rejected
from app.ledger.rules import leaf_hash
from app.platform.db import Tx


async def take_act(tx: Tx, received: nodes.Received) -> None:
    """Count what the officer of another node's province has done."""
    try:
        told = read_act(received.transfer, received.body, approves=received.type == APPROVED)
    except MalformedError as error:
        raise Rejected(LetterRefusal.MALFORMED) from error
    await parties.require_speaker(tx, received.sender, told.province)
    if not is_act(told, parties.record_of(received)):
        raise Rejected(LetterRefusal.UNFOUNDED)
    statements = await store.lock_window_of(tx, told.statement)
    found = next((one for one in statements if one.id == told.statement), None)
    if found is None or told.province not in found.parties or found.received:
        raise Rejected(BetweenRefusal.WRONG_PARTY)
    acts = (await store.list_acts(tx, [found.id]))[found.id]
    mine = rules.standing(acts).get(told.province)
    person = f"{told.province}:{_person(received)}"
    if found.state is not StatementState.OPEN or (mine is not None and mine.approves):
        return
    both = False
    if told.reason is None:
        decided = rules.decide_approval(found, acts, told.province, person, told.hash)
        if isinstance(decided, ClearingRefusal):
            raise Rejected(decided)
        both = decided

    await store.add_act(tx, found.id, Act(told.province, told.reason, person, await tx.now()))
    await _record(tx, told, person, received)
    if both:
        await nodes.send(tx, await carry_out(tx, found, statements))


def _person(received: nodes.Received) -> str:
    """Who has acted, as the record of the other node names the person."""
    return str(parties.record_of(received)["actor"])


async def _record(tx: Tx, told: ActTold, person: str, received: nodes.Received) -> None:
    assert received.entry is not None, "an act rests on its record"
    body = {
        "province": told.province,
        "hash": told.hash,
        "reason": None if told.reason is None else told.reason.value,
        "person": person,
        "entry": leaf_hash(received.entry).hex(),
    }
    note = ledger.Note(
        kind="settlement_statement.heard", province=NODE, subject=told.statement, body=body
    )
    await ledger.record(tx, [note])
