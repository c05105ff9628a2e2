"""The SQL of custodians, their keys and probes, and of sealed bids and their opening."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from app.auction.rules_probe import Probe
from app.auction.rules_seal import Opening, SealedBid
from app.kernel.units import Fen
from app.platform.db import Reader, Tx
from app.seal import Custodian

_SEALED = "SELECT hash, lot, bidder, seq, at, record, note FROM sealed_bid"


def _sealed(row: Row[Any]) -> SealedBid:
    return SealedBid(row.hash, row.lot, row.bidder, row.seq, row.at, row.record, row.note)


def _probe(row: Row[Any]) -> Probe:
    return Probe(
        id=row.id,
        lot=row.lot,
        custodian=row.custodian,
        sealed=bytes(row.sealed),
        nonce_hash=row.nonce_hash,
        at=row.at,
        nonce=None if row.nonce is None else bytes(row.nonce),
        answered_at=row.answered_at,
    )


async def insert_custodians(tx: Tx, lot: str, notice: int, custodians: Sequence[Custodian]) -> None:
    """Write who keeps the shares of bids made under a notice."""
    if not custodians:
        return
    await tx.run(
        text("""
            INSERT INTO notice_custodian (lot, notice, position, custodian, public_key)
            SELECT :lot, :notice, position, custodian, public_key
            FROM unnest(CAST(:custodians AS text[]), CAST(:keys AS bytea[]))
                WITH ORDINALITY AS c (custodian, public_key, position)
        """),
        {
            "lot": lot,
            "notice": notice,
            "custodians": [custodian.id for custodian in custodians],
            "keys": [custodian.public for custodian in custodians],
        },
    )


async def custodians_of(reader: Reader, lot: str, notice: int | None) -> list[Custodian]:
    """The custodians that a notice names, in its order."""
    rows = await reader.run(
        text("""
            SELECT custodian, public_key FROM notice_custodian
            WHERE lot = :lot AND notice = :notice ORDER BY position
        """),
        {"lot": lot, "notice": notice},
    )
    return [Custodian(row.custodian, bytes(row.public_key)) for row in rows]


async def keys_used_elsewhere(reader: Reader, lot: str, keys: Sequence[bytes]) -> bool:
    """Whether any of these public keys stands in a notice of another lot."""
    found = await reader.run(
        text("""
            SELECT EXISTS (SELECT FROM notice_custodian
                           WHERE public_key = ANY(CAST(:keys AS bytea[])) AND lot <> :lot)
        """),
        {"lot": lot, "keys": list(keys)},
    )
    return bool(found.scalar_one())


async def last_seq(reader: Reader, lot: str, bidder: str) -> int:
    """The number of the bidder's last sealed bid for the lot; 0 if there is none."""
    found = await reader.run(
        text("SELECT coalesce(max(seq), 0) FROM sealed_bid WHERE lot = :lot AND bidder = :bidder"),
        {"lot": lot, "bidder": bidder},
    )
    return int(found.scalar_one())


async def insert_sealed_bid(tx: Tx, bid: SealedBid) -> None:
    """Keep a sealed bid until its opening."""
    await tx.run(
        text("""
            INSERT INTO sealed_bid (hash, lot, bidder, seq, at, record, note)
            VALUES (:hash, :lot, :bidder, :seq, :at, :record, :note)
        """),
        {
            "hash": bid.hash,
            "lot": bid.lot,
            "bidder": bid.bidder,
            "seq": bid.seq,
            "at": bid.at,
            "record": bid.record,
            "note": bid.note,
        },
    )


async def find_sealed_bid(reader: Reader, hash_: str) -> SealedBid | None:
    """A sealed bid by the hash of its message."""
    row = (await reader.run(text(_SEALED + " WHERE hash = :hash"), {"hash": hash_})).one_or_none()
    return None if row is None else _sealed(row)


async def sealed_bids_of(reader: Reader, lot: str) -> list[SealedBid]:
    """The sealed bids of a lot in order of arrival."""
    rows = await reader.run(text(_SEALED + " WHERE lot = :lot ORDER BY record"), {"lot": lot})
    return [_sealed(row) for row in rows]


async def insert_openings(tx: Tx, openings: Sequence[Opening]) -> None:
    """Write the verdicts."""
    await tx.run(
        text("""
            INSERT INTO opened_bid (hash, price_fen, void)
            SELECT * FROM unnest(CAST(:hashes AS text[]), CAST(:prices AS bigint[]),
                                 CAST(:voids AS text[]))
        """),
        {
            "hashes": [opening.sealed.hash for opening in openings],
            "prices": [opening.price for opening in openings],
            "voids": [opening.void for opening in openings],
        },
    )


async def list_openings(reader: Reader, lot: str, after: int, limit: int) -> list[Opening]:
    """The opened bids of a lot in order of arrival, from behind record `after`."""
    rows = await reader.run(
        text("""
            SELECT s.hash, s.lot, s.bidder, s.seq, s.at, s.record, s.note, o.price_fen, o.void
            FROM sealed_bid s JOIN opened_bid o ON o.hash = s.hash
            WHERE s.lot = :lot AND s.record > :after ORDER BY s.record LIMIT :limit
        """),
        {"lot": lot, "after": after, "limit": limit},
    )
    return [
        Opening(_sealed(row), None if row.price_fen is None else Fen(row.price_fen), row.void)
        for row in rows
    ]


async def insert_custodian_key(
    tx: Tx, lot: str, custodian: str, private: bytes, now: datetime
) -> None:
    """Keep a key that a custodian published."""
    await tx.run(
        text("""
            INSERT INTO custodian_key (lot, custodian, private_key, at)
            VALUES (:lot, :custodian, :private, :now)
        """),
        {"lot": lot, "custodian": custodian, "private": private, "now": now},
    )


async def custodian_keys(reader: Reader, lot: str) -> dict[str, bytes]:
    """The private keys that custodians of a lot published."""
    rows = await reader.run(
        text(
            "SELECT custodian, private_key FROM custodian_key WHERE lot = :lot ORDER BY custodian"
        ),
        {"lot": lot},
    )
    return {row.custodian: bytes(row.private_key) for row in rows}


async def insert_dek(tx: Tx, hash_: str, dek: bytes, now: datetime) -> None:
    """Keep a key that a bidder published for its own bid."""
    await tx.run(
        text("INSERT INTO bid_dek (hash, dek, at) VALUES (:hash, :dek, :now)"),
        {"hash": hash_, "dek": dek, "now": now},
    )


async def deks_of(reader: Reader, hashes: Sequence[str]) -> dict[str, bytes]:
    """The keys that bidders published, by the hash of the bid."""
    rows = await reader.run(
        text("SELECT hash, dek FROM bid_dek WHERE hash = ANY(:hashes)"), {"hashes": list(hashes)}
    )
    return {row.hash: bytes(row.dek) for row in rows}


async def insert_probe(tx: Tx, probe: Probe) -> None:
    """Ask a custodian for a sign of its key."""
    await tx.run(
        text("""
            INSERT INTO probe (id, lot, custodian, sealed, nonce_hash, at)
            VALUES (:id, :lot, :custodian, :sealed, :nonce_hash, :at)
        """),
        {
            "id": probe.id,
            "lot": probe.lot,
            "custodian": probe.custodian,
            "sealed": probe.sealed,
            "nonce_hash": probe.nonce_hash,
            "at": probe.at,
        },
    )


_PROBES = """
    SELECT p.id, p.lot, p.custodian, p.sealed, p.nonce_hash, p.at, a.nonce, a.at AS answered_at
    FROM probe p LEFT JOIN probe_answer a ON a.probe = p.id
"""


async def find_probe(reader: Reader, id_: str) -> Probe | None:
    """A probe with its answer."""
    row = (await reader.run(text(_PROBES + " WHERE p.id = :id"), {"id": id_})).one_or_none()
    return None if row is None else _probe(row)


async def list_probes(reader: Reader, lot: str, after: str, limit: int) -> list[Probe]:
    """The probes of a lot's custodians, in order of id."""
    rows = await reader.run(
        text(_PROBES + " WHERE p.lot = :lot AND p.id > :after ORDER BY p.id LIMIT :limit"),
        {"lot": lot, "after": after, "limit": limit},
    )
    return [_probe(row) for row in rows]


async def insert_answer(tx: Tx, probe: str, nonce: bytes, now: datetime) -> None:
    """Keep the answer to a probe."""
    await tx.run(
        text("INSERT INTO probe_answer (probe, nonce, at) VALUES (:probe, :nonce, :now)"),
        {"probe": probe, "nonce": nonce, "now": now},
    )
