"""Approved terms go from the ministry's node to all others: they hold quota until it is paid for.

A node that joins later is not told of terms that were approved before; the next ones reach it.
"""

from app import ledger, nodes
from app.clearing import parties, store
from app.clearing.rules import Netting, Terms
from app.clearing.rules_between import ID, TERMS, BetweenRefusal
from app.kernel.ids import NODE
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx


async def tell_terms(tx: Tx, terms: Terms, leaf: int) -> None:
    """Send approved terms, resting on the record `leaf`, to every other node."""
    messages = [
        nodes.Message(
            to=peer.name,
            type=TERMS,
            transfer=terms.id,
            revision=1,
            body={"netting": terms.netting.value, "hold_until_paid": terms.hold_until_paid},
            leaf=leaf,
        )
        for peer in await nodes.peers(tx)
    ]
    await nodes.send(tx, messages)


async def take_terms(tx: Tx, received: nodes.Received) -> None:
    """Put terms of the ministry's node in force here."""
    await parties.require_ministry(tx, received.sender)
    body, record = received.body, parties.record_of(received)
    hold = body.get("hold_until_paid")
    lawful = set(body) == {"netting", "hold_until_paid"} and isinstance(hold, bool)
    if not lawful or body["netting"] not in set(Netting) or not ID.fullmatch(received.transfer):
        raise Rejected(BetweenRefusal.MALFORMED)
    named = (record.get("kind"), record.get("subject"))
    if named != ("clearing_terms.approved", received.transfer) or record.get("body") != body:
        raise Rejected(BetweenRefusal.UNFOUNDED)
    await store.hold_switch(tx)
    if await store.lock_terms(tx, received.transfer) is not None:
        raise Rejected(CommonRefusal.ID_TAKEN)
    terms = Terms(
        received.transfer,
        Netting(str(body["netting"])),
        received.sender,
        hold_until_paid=bool(hold),
    )
    await store.insert_terms(tx, terms, received.sender)
    note = ledger.Note(kind="clearing_terms.received", province=NODE, subject=terms.id, body=body)
    await ledger.record(tx, [note])
