"""A new message key, made known to every peer by a message that the old one has signed.

Both are in force for `OVERLAP`; what the old one signs later goes to quarantine. The announcement
is a letter like others: it waits for peers that are away, in front of all that the new key signs.
"""

from datetime import timedelta

from app.kernel.refusal import CommonRefusal, Rejected
from app.nodes import store
from app.nodes.cards import CardError, check_vkey
from app.nodes.refusals import NodeError, Objection
from app.nodes.rules import OVERLAP, Message, MessageKey, Received, message_key_name, retire
from app.nodes.send import write
from app.platform.db import Tx

ROTATED = "node.key"
VOID = "node.void"


async def rotate_key(tx: Tx, vkey: str) -> int:
    """Sign with the key `vkey` from now on, and tell every peer; answers with how many.

    Raises `NodeError` where the node was never initialised.
    """
    if await store.own(tx) is None:
        raise NodeError(Objection.NOT_INITIALISED)
    old = await store.own_key_in_use(tx)
    peers = await store.peers(tx)
    at = await tx.now()
    number = len(await store.own_keys(tx))
    announcements = [
        Message(
            to=peer.name,
            type=ROTATED,
            transfer=f"key-{number}",
            revision=1,
            body={"vkey": vkey, "overlap_seconds": OVERLAP // timedelta(seconds=1)},
        )
        for peer in peers
    ]
    await write(tx, announcements, old)
    await store.change_own_key(tx, vkey, at, at + OVERLAP)
    return len(peers)


async def take_key(tx: Tx, received: Received) -> None:
    """A peer signs with another key from now on."""
    overlap, vkey = received.body.get("overlap_seconds"), received.body.get("vkey")
    if (
        received.body.keys() != {"overlap_seconds", "vkey"}
        or type(overlap) is not int
        or not 0 <= overlap <= OVERLAP // timedelta(seconds=1)
        or type(vkey) is not str
    ):
        raise Rejected(CommonRefusal.INVALID_REQUEST, "body")
    try:
        check_vkey(vkey, message_key_name(received.sender))
    except CardError as error:
        raise Rejected(CommonRefusal.INVALID_REQUEST, "body") from error
    keys = await store.peer_keys(tx, received.sender)
    if any(key.vkey == vkey for key in keys):
        # From its card it was known already, or it was retired and does not come back.
        return
    for key in retire(keys, await tx.now() + timedelta(seconds=overlap)):
        await store.put_peer_key(tx, received.sender, key)
    await store.put_peer_key(tx, received.sender, MessageKey(vkey, received.sent_at))


async def take_void(_tx: Tx, _received: Received) -> None:
    """A number that stands on nothing: a node that lost its memory has lost this letter, too."""


HANDLERS = {ROTATED: take_key, VOID: take_void}
