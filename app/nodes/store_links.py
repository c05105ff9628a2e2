"""Every SQL statement about letters: sent, received, and kept for what is wrong with them."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError

from app.nodes.envelope import Answer, Envelope
from app.nodes.rules import QUARANTINE_MAX, Counted, Delivery, Link, NodeRole
from app.platform.db import Reader, Tx

# One leads the couriers of all processes on this database: held as long as its transaction.
_LEAD = text("SELECT pg_try_advisory_xact_lock(7240125)")
_ALIVE = text("SELECT 1")
_LOCK_OUT = text("""
    SELECT o.peer, o.sent FROM link_out o JOIN peer p ON p.name = o.peer
    WHERE o.peer = ANY(:peers) AND p.removed_at IS NULL ORDER BY o.peer FOR UPDATE OF o
""")
_COUNT_OUT = text("""
    UPDATE link_out o SET sent = n.sent
    FROM unnest(CAST(:peers AS text[]), CAST(:sent AS bigint[])) AS n(peer, sent)
    WHERE o.peer = n.peer
""")
_LEAVES = text("SELECT id, leaf_hash FROM record WHERE id = ANY(:ids)")
_RECORDS_OF = text("SELECT id, leaf_hash FROM record WHERE leaf_hash = ANY(:hashes)")
_PUT_OUT = text("""
    INSERT INTO outbox (peer, seq, transfer, type, revision, text, hash, leaf, vkey, sent_at)
    VALUES (:peer, :seq, :transfer, :type, :revision, :text, :hash, :leaf, :vkey, :sent_at)
""")
_NEXT_REVISION = text("""
    SELECT coalesce(max(revision), 0) + 1 FROM outbox
    WHERE peer = :peer AND type = :type AND transfer = :transfer
""")
_WAITING = text("""
    SELECT i.peer, i.through, i.highest FROM link_in i
    WHERE i.peer IN (SELECT peer FROM outbox WHERE answered_at IS NULL)
""")
_NEXT = text("""
    SELECT peer, seq, text, hash, leaf, vkey, type FROM outbox
    WHERE peer = :peer AND answered_at IS NULL AND seq <> ALL(:without)
    ORDER BY seq LIMIT :limit
""")
_AGAIN = text("""
    SELECT peer, seq, text, hash, leaf, vkey, type FROM outbox
    WHERE peer = :peer AND seq = ANY(:seqs) AND answered_at IS NOT NULL ORDER BY seq
""")
_SAID = text("""
    SELECT DISTINCT ON (transfer) transfer, revision, refused FROM outbox
    WHERE peer = :peer AND type = :type ORDER BY transfer, revision DESC
""")
_SENT = text("""
    SELECT peer, seq, text, hash, leaf, vkey, type, answer FROM outbox
    WHERE peer = :peer AND seq > :after AND answered_at IS NOT NULL ORDER BY seq LIMIT :limit
""")
_RECEIVED = text("""
    SELECT seq, note, entry, proof, answer FROM inbox
    WHERE peer = :peer AND seq > :after ORDER BY seq LIMIT :limit
""")
_ANSWERED = text("""
    UPDATE outbox SET answer = :answer, refused = :refused, answered_at = :at
    WHERE peer = :peer AND seq = :seq AND answered_at IS NULL
""")
_LOCK_IN = text("SELECT through, highest FROM link_in WHERE peer = :peer FOR UPDATE")
_COUNT_IN = text("""
    UPDATE link_in SET through = :through, highest = :highest WHERE peer = :peer
""")
_BEYOND = text("SELECT seq FROM inbox WHERE peer = :peer AND seq > :through ORDER BY seq")
_OF_MATTER = text("""
    SELECT seq, hash, note, answer, refused FROM inbox
    WHERE peer = :peer AND transfer = :transfer AND type = :type AND revision = :revision
""")
_TAKEN = text("SELECT EXISTS (SELECT FROM inbox WHERE peer = :peer AND seq = :seq)")
_PUT_IN = text("""
    INSERT INTO inbox (peer, seq, transfer, type, revision, hash, note, entry, proof, answer,
                       refused, received_at)
    VALUES (:peer, :seq, :transfer, :type, :revision, :hash, :note, :entry, :proof, :answer,
            :refused, :at)
""")
_QUARANTINE = text("""
    INSERT INTO quarantine (peer, reason, hash, note, at, last_at)
    VALUES (:peer, :reason, sha256(:note), :note, :at, :at)
    ON CONFLICT (peer, hash, reason) DO UPDATE
    SET times = quarantine.times + 1, last_at = excluded.last_at
""")
_BOUND = text("""
    DELETE FROM quarantine WHERE peer = :peer AND id <= (
        SELECT id FROM quarantine WHERE peer = :peer ORDER BY id DESC OFFSET :most LIMIT 1)
""")
_ACCUSE = text("""
    INSERT INTO equivocation (peer, transfer, type, revision, held_note, other_note, at)
    VALUES (:peer, :transfer, :type, :revision, :held, :other, :at)
    ON CONFLICT (peer, transfer, type, revision) DO NOTHING
""")
_EVIDENCE = text("""
    SELECT peer, transfer, type, revision, held_note, other_note, at FROM equivocation
    ORDER BY peer, transfer, type, revision
""")
_LINKS = text("""
    SELECT p.name, p.role, p.url, o.sent, i.through, i.highest,
           coalesce((SELECT array_agg(province ORDER BY province) FROM peer_province
                     WHERE peer = p.name), '{}') AS provinces,
           coalesce(w.first - 1, o.sent) AS acknowledged, coalesce(w.backlog, 0) AS backlog,
           w.oldest,
           (SELECT count(*) FROM outbox b WHERE b.peer = p.name AND b.refused IS NOT NULL)
               AS refused,
           (SELECT count(*) FROM quarantine q WHERE q.peer = p.name) AS quarantined,
           (SELECT count(*) FROM equivocation e WHERE e.peer = p.name) AS equivocations
    FROM peer p JOIN link_out o ON o.peer = p.name JOIN link_in i ON i.peer = p.name
    LEFT JOIN (SELECT peer, min(seq) AS first, count(*) AS backlog, min(sent_at) AS oldest
               FROM outbox WHERE answered_at IS NULL GROUP BY peer) w ON w.peer = p.name
    WHERE p.removed_at IS NULL AND p.name > :after ORDER BY p.name LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A letter that waits. `vkey` names the key it must be signed by, None the one in use."""

    peer: str
    seq: int
    text: str
    hash: bytes
    leaf: int | None
    vkey: str | None
    type: str


@dataclass(frozen=True, slots=True)
class Said:
    """The last revision of what was written of a matter; the code, where it was refused."""

    revision: int
    refused: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A letter that was received for a matter, and the text of what it was answered."""

    seq: int
    hash: bytes
    note: str
    answer: str
    refused: str | None


@dataclass(frozen=True, slots=True)
class Equivocation:
    """Two notes of one peer that say different things about one matter."""

    peer: str
    transfer: str
    type: str
    revision: int
    held_note: str
    other_note: str
    at: datetime


class ConflictError(Exception):
    """The database holds that it cannot be so."""


@asynccontextmanager
async def savepoint(tx: Tx) -> AsyncIterator[None]:
    """Undo what is done in the block when it raises; `ConflictError` where the database refuses."""
    try:
        async with tx.connection.begin_nested():
            yield
    except IntegrityError as error:
        raise ConflictError from error


async def lead(tx: Tx) -> bool:
    """Become the one whose couriers run, as long as this transaction does."""
    return bool((await tx.run(_LEAD)).scalar_one())


async def still_leads(tx: Tx) -> None:
    """Fail when the connection that holds the lead is gone."""
    await tx.run(_ALIVE)


async def lock_out(tx: Tx, peers: Collection[str]) -> dict[str, int]:
    """The last numbers given on these links, held until the transaction ends."""
    rows = await tx.run(_LOCK_OUT, {"peers": sorted(set(peers))})
    return {row.peer: row.sent for row in rows}


async def leaf_hashes(reader: Reader, records: Collection[int]) -> dict[int, bytes]:
    """The leaf hashes of records."""
    if not records:
        return {}
    rows = await reader.run(_LEAVES, {"ids": sorted(set(records))})
    return {row.id: bytes(row.leaf_hash) for row in rows}


async def records_of(reader: Reader, hashes: Collection[bytes]) -> dict[str, int]:
    """The records with these leaf hashes, by the hash in hex."""
    rows = await reader.run(_RECORDS_OF, {"hashes": sorted(set(hashes))})
    return {bytes(row.leaf_hash).hex(): row.id for row in rows}


async def put_out(tx: Tx, letters: Sequence[Mapping[str, Any]], counted: Mapping[str, int]) -> None:
    """Write letters in order of their numbers, and the numbers that their links stand at then."""
    await tx.run(_PUT_OUT, letters)
    names = sorted(counted)
    await tx.run(_COUNT_OUT, {"peers": names, "sent": [counted[name] for name in names]})


async def next_revision(tx: Tx, peer: str, type_: str, transfer: str) -> int:
    """The number of the next letter of a type about a matter. Holds the link until the commit."""
    await tx.run(_LOCK_OUT, {"peers": [peer]})
    return int(
        (
            await tx.run(_NEXT_REVISION, {"peer": peer, "type": type_, "transfer": transfer})
        ).scalar_one()
    )


async def waiting_peers(reader: Reader) -> dict[str, Counted]:
    """The peers that letters wait for, and what has come from each."""
    rows = await reader.run(_WAITING)
    return {row.peer: Counted(row.through, row.highest) for row in rows}


async def next_letters(
    reader: Reader, peer: str, without: Collection[int], limit: int
) -> list[Outgoing]:
    """The first letters to a peer that have no answer, but for those numbers."""
    parameters = {"peer": peer, "without": sorted(without), "limit": limit}
    return [_outgoing(row) for row in await reader.run(_NEXT, parameters)]


async def answered_letters(reader: Reader, peer: str, seqs: Collection[int]) -> list[Outgoing]:
    """Letters to a peer that have an answer already, by their numbers."""
    rows = await reader.run(_AGAIN, {"peer": peer, "seqs": sorted(seqs)})
    return [_outgoing(row) for row in rows]


async def said(reader: Reader, peer: str, type_: str) -> dict[str, Said]:
    """What a peer was last written in letters of this type, by their matter."""
    rows = await reader.run(_SAID, {"peer": peer, "type": type_})
    return {row.transfer: Said(row.revision, row.refused) for row in rows}


async def sent_letters(
    reader: Reader, peer: str, after: int, limit: int
) -> list[tuple[Outgoing, str]]:
    """Letters to a peer after a number that it has answered, with the notes of its answers."""
    rows = await reader.run(_SENT, {"peer": peer, "after": after, "limit": limit})
    return [(_outgoing(row), row.answer) for row in rows]


async def received_letters(
    reader: Reader, peer: str, after: int, limit: int
) -> list[tuple[int, Delivery, str]]:
    """Letters of a peer after a number as they came: number, delivery, text of the answer."""
    rows = await reader.run(_RECEIVED, {"peer": peer, "after": after, "limit": limit})
    return [
        (
            row.seq,
            Delivery(row.note, None if row.entry is None else bytes(row.entry), row.proof),
            row.answer,
        )
        for row in rows
    ]


async def keep_answer(
    tx: Tx, letter: Outgoing, note: str, refused: str | None, at: datetime
) -> bool:
    """Keep the first signed answer to a letter; False when there was one."""
    about = {"peer": letter.peer, "seq": letter.seq}
    parameters = about | {"answer": note, "refused": refused, "at": at}
    return (await tx.run(_ANSWERED, parameters)).rowcount == 1


async def lock_in(tx: Tx, peer: str) -> Counted:
    """What has come from a peer so far, held until the transaction ends."""
    row = (await tx.run(_LOCK_IN, {"peer": peer})).one()
    return Counted(row.through, row.highest)


async def beyond(reader: Reader, peer: str, through: int) -> list[int]:
    """The numbers above `through` that have come."""
    return list((await reader.run(_BEYOND, {"peer": peer, "through": through})).scalars())


async def count_in(tx: Tx, peer: str, counted: Counted) -> None:
    """Note what has come from a peer."""
    parameters = {"peer": peer, "through": counted.through, "highest": counted.highest}
    await tx.run(_COUNT_IN, parameters)


async def find_matter(reader: Reader, envelope: Envelope) -> Kept | None:
    """The letter that was received for the matter of this one."""
    row = (await reader.run(_OF_MATTER, _matter(envelope))).one_or_none()
    if row is None:
        return None
    return Kept(row.seq, bytes(row.hash), row.note, row.answer, row.refused)


async def is_taken(reader: Reader, peer: str, seq: int) -> bool:
    """Whether a letter with this number was received."""
    return bool((await reader.run(_TAKEN, {"peer": peer, "seq": seq})).scalar_one())


async def put_in(tx: Tx, envelope: Envelope, delivery: Delivery, answer: Answer) -> None:
    """Keep a letter that was received with all that came along, and its answer."""
    await tx.run(
        _PUT_IN,
        _matter(envelope)
        | {
            "seq": envelope.seq,
            "hash": bytes.fromhex(answer.hash),
            "note": delivery.note,
            "entry": delivery.entry,
            "proof": delivery.proof,
            "answer": answer.text(),
            "refused": answer.refused,
            "at": answer.at,
        },
    )


async def quarantine(tx: Tx, peer: str, reason: str, note: bytes, at: datetime) -> None:
    """Keep what did not verify, or count it once more; the oldest make room for the newest."""
    await tx.run(_QUARANTINE, {"peer": peer, "reason": reason, "note": note, "at": at})
    await tx.run(_BOUND, {"peer": peer, "most": QUARANTINE_MAX})


async def accuse(tx: Tx, envelope: Envelope, held: str, other: str, at: datetime) -> bool:
    """Keep two notes for one matter; False when two are kept already."""
    parameters = _matter(envelope) | {"held": held, "other": other, "at": at}
    return (await tx.run(_ACCUSE, parameters)).rowcount == 1


async def evidence(reader: Reader) -> list[Equivocation]:
    """Every equivocation that is kept."""
    return [
        Equivocation(
            row.peer,
            row.transfer,
            row.type,
            row.revision,
            row.held_note,
            row.other_note,
            row.at,
        )
        for row in await reader.run(_EVIDENCE)
    ]


async def links(reader: Reader, after: str, limit: int) -> list[Link]:
    """How the links stand, in order of the peer's name."""
    rows = await reader.run(_LINKS, {"after": after, "limit": limit})
    return [
        Link(
            peer=row.name,
            role=NodeRole(row.role),
            provinces=tuple(row.provinces),
            url=row.url,
            sent=row.sent,
            acknowledged=row.acknowledged,
            received=row.through,
            highest=row.highest,
            backlog=row.backlog,
            oldest=row.oldest,
            refused=row.refused,
            quarantined=row.quarantined,
            equivocations=row.equivocations,
        )
        for row in rows
    ]


def _matter(envelope: Envelope) -> dict[str, Any]:
    return {
        "peer": envelope.sender,
        "transfer": envelope.transfer,
        "type": envelope.type,
        "revision": envelope.revision,
    }


def _outgoing(row: Row[Any]) -> Outgoing:
    return Outgoing(row.peer, row.seq, row.text, bytes(row.hash), row.leaf, row.vkey, row.type)
