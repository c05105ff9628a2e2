"""The command behind `POST /v1/clearing-terms`: one person proposes how to clear.

- it is at the ministry's node;
- the id is free.
"""

from dataclasses import dataclass

from app import ledger
from app.clearing import parties, rules, store
from app.kernel.ids import NODE
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx


@dataclass(frozen=True, slots=True)
class ProposeTerms:
    """Terms to be approved by a second person of the ministry."""

    id: str
    netting: rules.Netting
    hold_until_paid: bool = False


async def propose_terms(tx: Tx, command: ProposeTerms) -> rules.Terms:
    """Keep a proposal; it has no effect until a second person approves it."""
    await parties.refuse_elsewhere(tx)
    if await store.lock_terms(tx, command.id) is not None:
        raise Rejected(CommonRefusal.ID_TAKEN, "id")

    wanted = rules.Terms(
        command.id, command.netting, tx.actor, hold_until_paid=command.hold_until_paid
    )
    await store.insert_terms(tx, wanted)
    body = {"netting": wanted.netting.value, "hold_until_paid": wanted.hold_until_paid}
    note = ledger.Note(kind="clearing_terms.proposed", province=NODE, subject=wanted.id, body=body)
    await ledger.record(tx, [note])
    return wanted
