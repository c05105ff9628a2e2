"""Puts messages into the outbox, in the transaction of what they tell of."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.kernel.principal import Principal
from app.nodes import store, store_links
from app.nodes.envelope import Envelope, text_hash
from app.nodes.refusals import NodeError, Objection
from app.nodes.rules import Message
from app.platform.db import Tx


class Rehearsal(Tx):
    """A transaction in which something is done that was done before (`rehearse`).

    What it says is collected: the letters that were written then stand, numbers and all.
    """

    said: list[Message]

    def __init__(self, tx: Tx, principal: Principal | None, at: datetime) -> None:
        super().__init__(tx.connection, tx.clock, principal, at)
        self.said = []


async def send(tx: Tx, messages: Sequence[Message]) -> list[str]:
    """Give each message the next number of its link; answers with the hashes of their texts.

    The links stay locked to the end of the transaction, so numbers have no gap and follow the order
    of commits: call it last, and once. Nothing is signed here, for nothing is committed yet; the
    text never changes any more. Raises `NodeError` where this node has no such peer, and
    `EnvelopeError` for a message that no node would accept.
    """
    return await write(tx, messages, None)


async def write(tx: Tx, messages: Sequence[Message], vkey: str | None) -> list[str]:
    """As `send`, to be signed by the key `vkey` where one is named."""
    if not messages:
        return []
    if isinstance(tx, Rehearsal):
        tx.said += messages
        return []
    own = await store.own(tx)
    if own is None:
        raise NodeError(Objection.NOT_INITIALISED)
    counted = await store_links.lock_out(tx, {message.to for message in messages})
    leaves = await store_links.leaf_hashes(tx, {m.leaf for m in messages if m.leaf is not None})
    at = await tx.now()
    letters = []
    hashes = []
    for message in messages:
        if message.to not in counted:
            raise NodeError(Objection.UNKNOWN_PEER)
        counted[message.to] += 1
        leaf = None if message.leaf is None else leaves[message.leaf].hex()
        letter = row_of(own.node.name, message, counted[message.to], at, leaf)
        hashes.append(letter["hash"].hex())
        letters.append(letter | {"vkey": vkey})
    await store_links.put_out(tx, letters, counted)
    return hashes


def row_of(own: str, message: Message, seq: int, at: datetime, leaf: str | None) -> dict[str, Any]:
    """The row of a message with its number; `leaf` is the hash of the record that it rests on."""
    envelope = Envelope(
        sender=own,
        to=message.to,
        seq=seq,
        type=message.type,
        transfer=message.transfer,
        revision=message.revision,
        sent_at=at,
        body=message.body,
        leaf=leaf,
    )
    text = envelope.text()
    return {
        "peer": message.to,
        "seq": seq,
        "transfer": message.transfer,
        "type": message.type,
        "revision": message.revision,
        "text": text,
        "hash": bytes.fromhex(text_hash(text)),
        "leaf": message.leaf,
        "vkey": None,
        "sent_at": at,
    }
