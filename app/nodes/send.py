"""Puts messages into the outbox, in the transaction of what they tell of."""

from collections.abc import Sequence

from app.nodes import store, store_links
from app.nodes.envelope import Envelope, text_hash
from app.nodes.refusals import NodeError, Objection
from app.nodes.rules import Message
from app.platform.db import Tx


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
        envelope = Envelope(
            sender=own.node.name,
            to=message.to,
            seq=counted[message.to],
            type=message.type,
            transfer=message.transfer,
            revision=message.revision,
            sent_at=at,
            body=message.body,
            leaf=None if message.leaf is None else leaves[message.leaf].hex(),
        )
        text = envelope.text()
        hashes.append(text_hash(text))
        letters.append(
            {
                "peer": message.to,
                "seq": envelope.seq,
                "transfer": message.transfer,
                "type": message.type,
                "revision": message.revision,
                "text": text,
                "hash": bytes.fromhex(hashes[-1]),
                "leaf": message.leaf,
                "vkey": vkey,
                "sent_at": at,
            }
        )
    await store_links.put_out(tx, letters, counted)
    return hashes
