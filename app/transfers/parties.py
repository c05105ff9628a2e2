"""What nodes speak for: codes of provinces, and the ministry where one is its node."""

from app import nodes
from app.platform.db import Reader
from app.transfers.rules_protocol import MINISTRY


async def parties_here(reader: Reader) -> frozenset[str]:
    """What this node speaks for: nothing, where it was never initialised."""
    own = await nodes.own(reader)
    return frozenset() if own is None else _parties(own)


async def parties_of(reader: Reader, name: str) -> frozenset[str]:
    """What a peer speaks for."""
    for peer in await nodes.peers(reader):
        if peer.name == name:
            return _parties(peer)
    return frozenset()


def _parties(node: nodes.Node | nodes.Peer) -> frozenset[str]:
    is_ministry = node.role is nodes.NodeRole.MINISTRY
    return frozenset(node.provinces) | ({MINISTRY} if is_ministry else set())
