"""Setting up this node, and who its peers are: what `hrt node` does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.nodes import store
from app.nodes.cards import Card
from app.nodes.keys import NodeKeys
from app.nodes.refusals import NodeError, Objection
from app.nodes.rules import MessageKey, Node, Peer, judge_peer
from app.nodes.store import OwnCard
from app.platform.db import Reader, Tx


@dataclass(frozen=True, slots=True)
class Initialise:
    """What this node is from now on, the names of its provinces, its log's place, its first key."""

    node: Node
    province_names: tuple[str, ...]
    log_url: str
    vkey: str


async def initialise(tx: Tx, command: Initialise) -> None:
    """Make this database that of a node. Raises `NodeError` where it is one already."""
    card = OwnCard(command.node, command.province_names, command.log_url)
    if not await store.insert_node(tx, card):
        raise NodeError(Objection.ALREADY_INITIALISED)
    at = await tx.now()
    await store.change_own_key(tx, command.vkey, at, at)


async def own_card(reader: Reader, keys: NodeKeys, log_vkey: str) -> tuple[Card, str]:
    """The card of this node, and the verifier key that signs it. Raises `NodeError`."""
    own = await store.own(reader)
    if own is None:
        raise NodeError(Objection.NOT_INITIALISED)
    now = await reader.now()
    node = own.node
    in_force = [key for key in await store.own_keys(reader) if key.in_force(now)]
    card = Card(
        name=node.name,
        role=node.role,
        provinces=tuple(zip(node.provinces, own.province_names, strict=True)),
        keys=tuple(in_force),
        log=log_vkey,
        log_url=own.log_url,
        url=node.url,
        certificate=keys.certificate,
        sealing_key=keys.sealing_public,
    )
    return card, await store.own_key_in_use(reader)


@dataclass(frozen=True, slots=True)
class SetPeer:
    """Take a card as that of a peer, its log trusted under `policy`; `known` says it is no new one.

    For a known peer a policy of None keeps the one that is set.
    """

    card: Card
    policy: str | None
    known: bool


async def set_peer(tx: Tx, command: SetPeer) -> Peer:
    """Add a peer, or put its new card in the place of the old one. Raises `NodeError`."""
    card = command.card
    own = await store.own(tx)
    if own is None:
        raise NodeError(Objection.NOT_INITIALISED)
    others = await store.peers(tx)
    standing = next((peer for peer in others if peer.name == card.name), None)
    if standing is None and command.known:
        raise NodeError(Objection.UNKNOWN_PEER)
    if standing is not None and not command.known:
        raise NodeError(Objection.NAME_TAKEN)
    objection = judge_peer(own.node, others, card.known)
    if objection is not None:
        raise NodeError(objection)
    keys = await _keys(tx, card, await tx.now())
    policy = command.policy or (standing.policy if standing else None)
    peer = card.peer(policy)
    await store.put_peer(tx, peer, keys)
    return peer


async def _keys(tx: Tx, card: Card, now: datetime) -> Sequence[MessageKey]:
    """The keys of the card; those known that are not on it are out of force from now on."""
    known = await store.peer_keys(tx, card.name)
    for key in known:
        on_card = next((one for one in card.keys if one.vkey == key.vkey), None)
        ended = key.valid_until is not None and key.valid_until <= now
        if ended and on_card is not None and on_card.in_force(now):
            raise NodeError(Objection.KEY_RETIRED)
    on_it = {key.vkey for key in card.keys}
    dropped = [
        MessageKey(key.vkey, key.valid_from, max(now, key.valid_from))
        for key in known
        if key.vkey not in on_it and (key.valid_until is None or key.valid_until > now)
    ]
    return [*card.keys, *dropped]


async def remove_peer(tx: Tx, name: str) -> None:
    """Exchange no more messages with a peer. Raises `NodeError` where there is none."""
    if not await store.remove_peer(tx, name):
        raise NodeError(Objection.UNKNOWN_PEER)


async def move_node(tx: Tx, urls: tuple[str, str]) -> None:
    """Note under which addresses (link port, log) others reach this node now."""
    if await store.own(tx) is None:
        raise NodeError(Objection.NOT_INITIALISED)
    await store.move_node(tx, *urls)
