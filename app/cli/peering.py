"""What `hrt node` does to a node: its name and keys, its card, and taking the card of another."""

import secrets

from app import clearing, identity, nodes, policy, transparency
from app.nodes.rules import KEY_BYTES
from app.platform.db import Database, Tx
from app.platform.settings import Settings
from app.transparency.notes import vkey


async def name_node(
    db: Database, settings: Settings, node: nodes.Node, names: tuple[str, ...], log_url: str
) -> None:
    """Give a node its name and its keys, once; `names` are those of its provinces.

    Raises `NodeError` where it has a name, and `NodeKeysError`.
    """
    async with db.read() as reader:
        if await nodes.own(reader) is not None:
            raise nodes.NodeError(nodes.Objection.ALREADY_INITIALISED)
        now = await nodes.system_now(reader)
    seeds = [secrets.token_bytes(KEY_BYTES) for _ in range(2)]
    key = nodes.make_node_keys(settings, node.name, seeds, now)

    async def initialise(tx: Tx, command: nodes.Initialise) -> None:
        await nodes.initialise(tx, command)
        for code, called in zip(node.provinces, names, strict=True):
            await identity.know_province(tx, code, called)

    await db.transact(initialise, nodes.Initialise(node, names, log_url, key))


async def card_of(db: Database, settings: Settings) -> tuple[nodes.Card, str]:
    """The card of a node, and the signed text that its operator hands out. Raises `NodeError`."""
    log = vkey(transparency.load_keys(settings).log)
    async with db.read() as reader:
        own = await nodes.own(reader)
        if own is None:
            raise nodes.NodeError(nodes.Objection.NOT_INITIALISED)
        keys = nodes.load_node_keys(settings, own.name)
        card, key = await nodes.own_card(reader, keys, log)
    return card, card.signed(keys.messages[key])


async def take_card(tx: Tx, command: nodes.SetPeer) -> list[str]:
    """Take the card of a peer, new or known; answers with provinces that were not known here.

    The ministry's node tells it of the coefficients that concern its provinces, and of the terms of
    clearing.
    """
    peer = await nodes.set_peer(tx, command)
    new = [
        code
        for code, called in command.card.provinces
        if await identity.know_province(tx, code, called)
    ]
    await policy.tell_peer(tx, peer)
    await clearing.tell_peer(tx, peer)
    return new
