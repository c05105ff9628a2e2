"""What people did about transfers between nodes, done again for a node that was restored.

`nodes.rehearse` calls these with the instant and the person of a published record. What the record
does not say stands in the letter that this node wrote then, and that its peers have kept.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app import accounts, tickets
from app.nodes import Act, RecoveryError, Rehearsal, Said
from app.tickets.rules import TicketState
from app.transfers import crossing, rules, store, store_crossing
from app.transfers.rules_crossing import Goods, local_of
from app.transfers.rules_held import Look
from app.transfers.rules_messages import Outcome, Propose, Reason, Side
from app.transfers.rules_protocol import (
    Approve,
    Decline,
    Looked,
    Refuse,
    Replayed,
    Take,
    TakeBack,
    Tick,
)
from app.transfers.rules_wire import MalformedError

Record = Mapping[str, Any]


async def _request(tx: Rehearsal, record: Record, said: Said) -> None:
    """Propose again what was proposed: the very terms stand in the letter to the ministry."""
    name = record["body"].get("crossing")
    body = None if name is None else said(Propose.type, name)
    if body is None:
        raise RecoveryError(
            f"Nobody but this node knew of transfer {record['subject']}: its proposal had not left."
            " Restore the database to its newest moment from the archive of its WAL."
        )
    try:
        terms = Propose.from_body(body)
        goods = Goods.from_cargo(terms.cargo)
    except MalformedError as error:
        raise RecoveryError(f"The proposal of {name} is malformed: {error}.") from error
    transfer = rules.Transfer(
        id=local_of(terms),
        ticket=terms.ticket,
        home=terms.giver,
        receiver=terms.receiver,
        state=rules.TransferState.REQUESTED,
        sent=terms.area,
        crosses=True,
    )
    if terms.ticket not in await tickets.lock(tx, [terms.ticket]):
        raise RecoveryError(
            f"Ticket {terms.ticket} is not in this backup: it is older than the ticket."
        )
    await store.insert_transfer(tx, transfer, await tx.now())
    await tickets.set_state(tx, [terms.ticket], TicketState.LOCKED)
    await accounts.hold_account(tx, goods.household)
    await crossing.advance(tx, Side.GIVER, terms.transfer, Replayed(terms))


async def _recall(tx: Rehearsal, record: Record, _said: Said) -> None:
    await crossing.advance(tx, Side.GIVER, record["body"]["crossing"], TakeBack())


async def _accept(tx: Rehearsal, record: Record, _said: Said) -> None:
    await crossing.advance(tx, Side.RECEIVER, record["subject"], Take())


async def _reject(tx: Rehearsal, record: Record, _said: Said) -> None:
    await crossing.advance(tx, Side.RECEIVER, record["subject"], Decline(record["body"]["code"]))


async def _decide(tx: Rehearsal, record: Record, _said: Said) -> None:
    """By a person of the ministry, by time, or by what stands in the giver's log."""
    body, transfer = record["body"], record["subject"]
    at = datetime.fromisoformat(record["at"])
    await store_crossing.lock(tx, Side.MINISTRY, transfer)
    look = Look.from_body(body) if "log_size" in body else None
    if look is not None:
        # What was seen in the giver's log stands in the record; nobody reads it there again.
        await crossing.advance(tx, Side.MINISTRY, transfer, Looked(look))
    event: Approve | Refuse | Tick = Tick(at)
    if body["outcome"] == Outcome.COMMIT:
        event = Approve(body["document"], at, at_home=look is None)
    elif look is not None:
        return
    elif body["reason"] == Reason.REFUSED:
        event = Refuse(body["code"], body["document"])
    await crossing.advance(tx, Side.MINISTRY, transfer, event)


REDO: Mapping[str, Act] = {
    "transfer.requested": _request,
    "transfer.recalled": _recall,
    "arrival.accepted": _accept,
    "arrival.rejected": _reject,
    "crossing.decided": _decide,
}
"""By the kind of the record that tells of it."""
