"""Every SQL statement about this node and its peers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from app.nodes.envelope import open_note, parse_envelope
from app.nodes.rules import MessageKey, Node, NodeRole, Peer
from app.platform.db import Reader, Tx

_OWN = text("SELECT name, role, provinces, province_names, url, log_url FROM node")
_INSERT_NODE = text("""
    INSERT INTO node (name, role, provinces, province_names, url, log_url)
    VALUES (:name, :role, :provinces, :province_names, :url, :log_url)
    ON CONFLICT (only_row) DO NOTHING
""")
_MOVE_NODE = text("UPDATE node SET url = :url, log_url = :log_url")
_HOLD_PEERS = text("SELECT pg_advisory_xact_lock(hashtextextended('peers', 0))")
_SYSTEM_NOW = text("SELECT clock_timestamp()")
_OWN_KEYS = text("SELECT vkey, valid_from, valid_until FROM node_key ORDER BY valid_from, vkey")
_RETIRE_OWN_KEYS = text("UPDATE node_key SET valid_until = :until WHERE valid_until IS NULL")
_OWN_KEY_IN_USE = text("SELECT vkey FROM node_key WHERE valid_until IS NULL")
_ADD_OWN_KEY = text("INSERT INTO node_key (vkey, valid_from) VALUES (:vkey, :valid_from)")
_PEERS = """
    SELECT p.name, p.role, p.url, p.log_vkey, p.log_url, p.policy, p.certificate, p.sealing_key,
           coalesce((SELECT array_agg(province ORDER BY province) FROM peer_province
                     WHERE peer = p.name), '{}') AS provinces
    FROM peer p WHERE p.removed_at IS NULL
"""
_ALL_PEERS = text(f"{_PEERS} ORDER BY p.name")
_PEER = text(f"{_PEERS} AND p.name = :name")
_OF_PROVINCE = "(SELECT peer FROM peer_province WHERE province = :province)"
_PEER_OF = text(f"{_PEERS} AND p.name = {_OF_PROVINCE}")
_MINISTRY = text(f"{_PEERS} AND p.role = 'ministry'")
_PUT_PEER = text("""
    INSERT INTO peer (name, role, url, log_vkey, log_url, policy, certificate, sealing_key)
    VALUES (:name, :role, :url, :log, :log_url, :policy, :certificate, :sealing_key)
    ON CONFLICT (name) DO UPDATE
    SET role = excluded.role, url = excluded.url, log_vkey = excluded.log_vkey,
        log_url = excluded.log_url, policy = excluded.policy, certificate = excluded.certificate,
        sealing_key = excluded.sealing_key, removed_at = NULL
""")
_CLEAR_PROVINCES = text("DELETE FROM peer_province WHERE peer = :name")
_ADD_PROVINCES = text("""
    INSERT INTO peer_province (peer, province) SELECT :name, unnest(CAST(:provinces AS text[]))
""")
_OPEN_LINKS = (
    text("INSERT INTO link_out (peer) VALUES (:name) ON CONFLICT (peer) DO NOTHING"),
    text("INSERT INTO link_in (peer) VALUES (:name) ON CONFLICT (peer) DO NOTHING"),
)
_REMOVE_PEER = text("""
    UPDATE peer SET removed_at = clock_timestamp() WHERE name = :name AND removed_at IS NULL
""")
_PEER_KEYS = text("""
    SELECT vkey, valid_from, valid_until FROM peer_key WHERE peer = :peer
    ORDER BY valid_from, vkey
""")
_PUT_PEER_KEY = text("""
    INSERT INTO peer_key (peer, vkey, valid_from, valid_until)
    VALUES (:peer, :vkey, :valid_from, :valid_until)
    ON CONFLICT (peer, vkey) DO UPDATE SET valid_until = excluded.valid_until
    WHERE peer_key.valid_until IS DISTINCT FROM excluded.valid_until
""")
_PROOF = text("""
    SELECT proof FROM inbox
    WHERE peer = :peer AND transfer = :transfer AND type = :type AND refused IS NULL
    ORDER BY revision LIMIT 1
""")
_HEARD = text("""
    SELECT DISTINCT ON (transfer) transfer, note FROM inbox
    WHERE peer = :peer AND type = :type AND transfer = ANY(:matters) AND refused IS NULL
    ORDER BY transfer, revision DESC
""")


@dataclass(frozen=True, slots=True)
class OwnCard:
    """What others are told of this node: beside it names of its provinces, and its log's place."""

    node: Node
    province_names: tuple[str, ...]
    log_url: str


async def own(reader: Reader) -> OwnCard | None:
    """The node that this is; None where it was never initialised."""
    row = (await reader.run(_OWN)).one_or_none()
    if row is None:
        return None
    node = Node(row.name, NodeRole(row.role), tuple(row.provinces), row.url)
    return OwnCard(node, tuple(row.province_names), row.log_url)


async def insert_node(tx: Tx, card: OwnCard) -> bool:
    """Initialise this node; False when it was already."""
    node = card.node
    inserted = await tx.run(
        _INSERT_NODE,
        {
            "name": node.name,
            "role": node.role.value,
            "provinces": list(node.provinces),
            "province_names": list(card.province_names),
            "url": node.url,
            "log_url": card.log_url,
        },
    )
    return inserted.rowcount == 1


async def move_node(tx: Tx, url: str, log_url: str) -> None:
    """Note under which addresses others reach this node now."""
    await tx.run(_MOVE_NODE, {"url": url, "log_url": log_url})


async def hold_peers(tx: Tx) -> None:
    """Follow or precede every other transaction that does the same."""
    await tx.run(_HOLD_PEERS)


async def system_now(reader: Reader) -> datetime:
    """The time of the system, also where that of the market is simulated: certificates go by it."""
    now = (await reader.run(_SYSTEM_NOW)).scalar_one()
    assert isinstance(now, datetime)
    return now


async def own_keys(reader: Reader) -> list[MessageKey]:
    """The message keys of this node, oldest first."""
    return [_key(row) for row in await reader.run(_OWN_KEYS)]


async def own_key_in_use(reader: Reader) -> str:
    """The verifier key of the message key that signs what leaves now."""
    return str((await reader.run(_OWN_KEY_IN_USE)).scalar_one())


async def change_own_key(tx: Tx, vkey: str, at: datetime, old_until: datetime) -> None:
    """Sign with this key from now on; those before are in force until `old_until`."""
    await tx.run(_RETIRE_OWN_KEYS, {"until": old_until})
    await tx.run(_ADD_OWN_KEY, {"vkey": vkey, "valid_from": at})


async def peers(reader: Reader) -> list[Peer]:
    """Every peer that was not removed, in order of name."""
    return [_peer(row) for row in await reader.run(_ALL_PEERS)]


async def peer(reader: Reader, name: str) -> Peer | None:
    """The peer of this name, unless it was removed."""
    row = (await reader.run(_PEER, {"name": name})).one_or_none()
    return None if row is None else _peer(row)


async def peer_of(reader: Reader, province: str) -> Peer | None:
    """The peer that hosts a province."""
    row = (await reader.run(_PEER_OF, {"province": province})).one_or_none()
    return None if row is None else _peer(row)


async def ministry(reader: Reader) -> Peer | None:
    """The ministry's node, where it is another."""
    row = (await reader.run(_MINISTRY)).one_or_none()
    return None if row is None else _peer(row)


async def put_peer(tx: Tx, peer: Peer, keys: Sequence[MessageKey]) -> None:
    """Write a peer as its card has it, new or known."""
    await tx.run(
        _PUT_PEER,
        {
            "name": peer.name,
            "role": peer.role.value,
            "url": peer.url,
            "log": peer.log,
            "log_url": peer.log_url,
            "policy": peer.policy,
            "certificate": peer.certificate,
            "sealing_key": peer.sealing_key,
        },
    )
    await tx.run(_CLEAR_PROVINCES, {"name": peer.name})
    await tx.run(_ADD_PROVINCES, {"name": peer.name, "provinces": list(peer.provinces)})
    for statement in _OPEN_LINKS:
        await tx.run(statement, {"name": peer.name})
    for key in keys:
        await put_peer_key(tx, peer.name, key)


async def remove_peer(tx: Tx, name: str) -> bool:
    """Take a peer out; what was exchanged with it stays."""
    await tx.run(_CLEAR_PROVINCES, {"name": name})
    return (await tx.run(_REMOVE_PEER, {"name": name})).rowcount == 1


async def peer_keys(reader: Reader, peer: str) -> list[MessageKey]:
    """The message keys that are known of a peer, oldest first."""
    return [_key(row) for row in await reader.run(_PEER_KEYS, {"peer": peer})]


async def put_peer_key(tx: Tx, peer: str, key: MessageKey) -> None:
    """Write a message key of a peer, or until when a known one is in force."""
    await tx.run(
        _PUT_PEER_KEY,
        {
            "peer": peer,
            "vkey": key.vkey,
            "valid_from": key.valid_from,
            "valid_until": key.valid_until,
        },
    )


async def heard(
    reader: Reader, peer: str, type_: str, matters: Sequence[str]
) -> dict[str, Mapping[str, Any]]:
    """The body of the last letter of a type that a peer has sent about each of these matters."""
    rows = await reader.run(_HEARD, {"peer": peer, "type": type_, "matters": list(matters)})
    return {row.transfer: parse_envelope(open_note(row.note).text).body for row in rows}


async def find_proof(reader: Reader, peer: str, type_: str, transfer: str) -> str | None:
    """The proof that came with the letter of a type about a matter."""
    parameters = {"peer": peer, "type": type_, "transfer": transfer}
    return (await reader.run(_PROOF, parameters)).scalar_one_or_none()


def _key(row: Row[Any]) -> MessageKey:
    return MessageKey(row.vkey, row.valid_from, row.valid_until)


def _peer(row: Row[Any]) -> Peer:
    return Peer(
        name=row.name,
        provinces=tuple(row.provinces),
        url=row.url,
        role=NodeRole(row.role),
        log=row.log_vkey,
        log_url=row.log_url,
        policy=row.policy,
        certificate=bytes(row.certificate),
        sealing_key=bytes(row.sealing_key),
    )
