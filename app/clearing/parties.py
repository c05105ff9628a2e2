"""Which node keeps the books of whom, and what a received message rests on."""

import json
from collections.abc import Collection
from typing import Any

from app import nodes
from app.clearing.rules import AGENT
from app.clearing.rules_between import BetweenRefusal
from app.kernel.refusal import Rejected
from app.platform.db import Reader


async def node_of(reader: Reader, code: str) -> nodes.Peer | None:
    """The peer that keeps the books of a province, or of the agent; None: this node does."""
    if code == AGENT:
        return await nodes.ministry(reader)
    return await nodes.peer_of(reader, code)


async def hosted_of(reader: Reader, codes: Collection[str]) -> set[str]:
    """Those of the parties whose books this node keeps."""
    return {code for code in codes if await node_of(reader, code) is None}


async def nodes_of(reader: Reader, codes: Collection[str]) -> list[str]:
    """The names of the peers that keep the books of some of the parties, each once."""
    found = [await node_of(reader, code) for code in sorted(codes)]
    return sorted({peer.name for peer in found if peer is not None})


async def require_speaker(reader: Reader, sender: str, code: str) -> None:
    """Refuse a message of a node that does not keep the books of whom it speaks for."""
    peer = await node_of(reader, code)
    if peer is None or peer.name != sender:
        raise Rejected(BetweenRefusal.WRONG_PARTY)


async def require_ministry(reader: Reader, sender: str) -> None:
    """Refuse a message that only the ministry's node may send."""
    ministry = await nodes.ministry(reader)
    if ministry is None or ministry.name != sender:
        raise Rejected(BetweenRefusal.WRONG_PARTY)


async def refuse_elsewhere(reader: Reader) -> None:
    """Raise `Rejected` where another node is the ministry's."""
    if await nodes.ministry(reader) is not None:
        raise Rejected(BetweenRefusal.DECIDED_ELSEWHERE)


def record_of(received: nodes.Received) -> dict[str, Any]:
    """The record that a message rests on, which its sender's log has proven to hold."""
    record = {} if received.entry is None else json.loads(received.entry)
    return record if isinstance(record, dict) else {}
