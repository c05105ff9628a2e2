"""What other slices ask about nodes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.nodes import store, store_links
from app.nodes.rules import Link, Node, Peer
from app.nodes.store_links import Equivocation, Said
from app.platform.db import Reader, Tx
from app.transparency.proofs import parse_proof

__all__ = [
    "Equivocation",
    "Said",
    "equivocations",
    "heard",
    "hold_peers",
    "hosts",
    "links",
    "ministry",
    "next_revision",
    "own",
    "peer_of",
    "peers",
    "proven_at",
    "said",
    "system_now",
]


async def own(reader: Reader) -> Node | None:
    """The node that this is; None where it was never initialised."""
    card = await store.own(reader)
    return None if card is None else card.node


async def peers(reader: Reader) -> list[Peer]:
    """Every peer, in order of name."""
    return await store.peers(reader)


async def hold_peers(tx: Tx) -> None:
    """Before reading whom to tell of what this transaction changes, or what to tell a new peer.

    Of two that do so the later one sees what the earlier has written: nobody is left out.
    """
    await store.hold_peers(tx)


async def peer_of(reader: Reader, province: str) -> Peer | None:
    """The peer that hosts a province; None: no other node does, so it is hosted here."""
    return await store.peer_of(reader, province)


async def hosts(reader: Reader, province: str) -> bool:
    """Whether a province is hosted here."""
    return await store.peer_of(reader, province) is None


async def ministry(reader: Reader) -> Peer | None:
    """The ministry's node; None: what the ministry decides is decided here."""
    return await store.ministry(reader)


async def links(reader: Reader, after: str = "", limit: int = 1000) -> list[Link]:
    """How the links to all peers stand, in order of name."""
    return await store_links.links(reader, after, limit)


async def said(reader: Reader, peer: str, type_: str) -> dict[str, Said]:
    """What a peer was last told in messages of this type, by matter (`Message.transfer`)."""
    return await store_links.said(reader, peer, type_)


async def heard(
    reader: Reader, peer: str, type_: str, matters: Sequence[str]
) -> dict[str, Mapping[str, Any]]:
    """What a peer has last said in messages of this type about matters, if it was not refused."""
    return await store.heard(reader, peer, type_, matters)


async def proven_at(reader: Reader, peer: str, type_: str, transfer: str) -> int | None:
    """The place in its sender's log of the record on which a letter rests; None: none has come."""
    proof = await store.find_proof(reader, peer, type_, transfer)
    return None if proof is None else parse_proof(proof).index


async def equivocations(reader: Reader) -> list[Equivocation]:
    """Matters of which a peer has signed two different messages, with both notes."""
    return await store_links.evidence(reader)


async def next_revision(tx: Tx, peer: str, type_: str, transfer: str) -> int:
    """The revision of the next letter of a type about a matter to a peer."""
    return await store_links.next_revision(tx, peer, type_, transfer)


async def system_now(reader: Reader) -> datetime:
    """The time of the system, also where that of the market is simulated."""
    return await store.system_now(reader)
