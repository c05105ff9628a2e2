"""Approved terms go from the ministry to all nodes: quota is held there until it is paid for."""

from app import ledger, nodes
from app.clearing import parties, store
from app.clearing.rules import Netting, Terms
from app.clearing.rules_between import ID, TERMS
from app.kernel.ids import NODE
from app.kernel.refusal import CommonRefusal, LetterRefusal, Rejected
from app.platform.db import Tx

APPROVED = "clearing_terms.approved"
"""The kind of record that such a message rests on."""


async def tell_terms(tx: Tx, terms: Terms, leaf: int) -> None:
    """Send approved terms, resting on the record `leaf`, to every other node."""
    await nodes.hold_peers(tx)
    await nodes.send(tx, [_message(peer, terms, leaf) for peer in await nodes.peers(tx)])


async def tell_peer(tx: Tx, peer: nodes.Peer) -> None:
    """Send a peer that comes later the terms in force, where this is the ministry's node."""
    own = await nodes.own(tx)
    if own is None or own.role is not nodes.NodeRole.MINISTRY:
        return
    await nodes.hold_peers(tx)
    terms = await store.terms_in_force(tx)
    if terms is None or terms.id in await nodes.said(tx, peer.name, TERMS):
        return
    leaves = await ledger.latest_records(tx, APPROVED, [terms.id])
    await nodes.send(tx, [_message(peer, terms, leaves[terms.id])])


def _message(peer: nodes.Peer, terms: Terms, leaf: int) -> nodes.Message:
    return nodes.Message(
        to=peer.name,
        type=TERMS,
        transfer=terms.id,
        revision=1,
        body={"netting": terms.netting.value, "hold_until_paid": terms.hold_until_paid},
        leaf=leaf,
    )


async def take_terms(tx: Tx, received: nodes.Received) -> None:
    """Put terms of the ministry's node in force here."""
    await parties.require_ministry(tx, received.sender)
    body, record = received.body, parties.record_of(received)
    hold = body.get("hold_until_paid")
    lawful = set(body) == {"netting", "hold_until_paid"} and isinstance(hold, bool)
    if not lawful or body["netting"] not in set(Netting) or not ID.fullmatch(received.transfer):
        raise Rejected(LetterRefusal.MALFORMED)
    named = (record.get("kind"), record.get("subject"))
    if named != (APPROVED, received.transfer) or record.get("body") != body:
        raise Rejected(LetterRefusal.UNFOUNDED)
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
