"""Every SQL statement of posting. Arrays carry the rows: one statement per table, any number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from app.ledger.rules import AccountRef, Draft, leaf_hash
from app.platform.db import Reader, Tx

# Sorted by code: two entries that touch the same accounts take them in the same order, so they
# wait for each other instead of deadlocking.
_LOCK = text("""
    SELECT code, id, balance FROM ledger_account
    WHERE code = ANY(CAST(:codes AS text[])) ORDER BY code FOR UPDATE
""")
_OPEN = text("""
    INSERT INTO ledger_account (code, kind, owner, province, floor)
    SELECT * FROM unnest(CAST(:codes AS text[]), CAST(:kinds AS text[]), CAST(:owners AS text[]),
                         CAST(:provinces AS text[]), CAST(:floors AS bigint[]))
    ON CONFLICT (code) DO NOTHING
""")
_BALANCES = text("""
    SELECT code, balance FROM ledger_account WHERE code = ANY(CAST(:codes AS text[]))
""")
_BY_HOLDER = text("""
    SELECT split_part(owner, ':', 2) AS holder, sum(balance)::bigint AS total FROM ledger_account
    WHERE kind = :kind AND split_part(owner, ':', 2) = ANY(CAST(:holders AS text[])) GROUP BY 1
""")
_FIND_KEYS = text("""
    SELECT e.key, e.record_id, r.body FROM ledger_entry e JOIN record r ON r.id = e.record_id
    WHERE e.key = ANY(CAST(:keys AS text[]))
""")
# Numbers are taken after the locks, so that along each account they rise in the order of effect.
_NUMBERS = text("SELECT nextval('record_id_seq') FROM generate_series(1, :count)")
_INSERT_RECORDS = text("""
    INSERT INTO record (id, kind, province, subject, at, body, leaf_hash)
    SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:kinds AS text[]),
        CAST(:provinces AS text[]), CAST(:subjects AS text[]), CAST(:ats AS timestamptz[]),
        CAST(:bodies AS bytea[]), CAST(:hashes AS bytea[]))
""")
_INSERT_ENTRIES = text("""
    INSERT INTO ledger_entry (record_id, kind, key, province, subject, actor, at, policy)
    SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:kinds AS text[]), CAST(:keys AS text[]),
        CAST(:provinces AS text[]), CAST(:subjects AS text[]), CAST(:actors AS text[]),
        CAST(:ats AS timestamptz[]), CAST(:policies AS text[]))
""")
_INSERT_POSTINGS = text("""
    INSERT INTO ledger_posting
        (entry_id, position, source_id, target_id, amount, source_balance, target_balance)
    SELECT * FROM unnest(CAST(:entries AS bigint[]), CAST(:positions AS int[]),
        CAST(:sources AS bigint[]), CAST(:targets AS bigint[]), CAST(:amounts AS bigint[]),
        CAST(:source_balances AS bigint[]), CAST(:target_balances AS bigint[]))
""")


@dataclass(frozen=True, slots=True)
class LockedAccount:
    """An account whose row this transaction holds."""

    id: int
    balance: int


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record to be appended."""

    id: int
    kind: str
    province: str
    subject: str
    at: datetime
    body: bytes


async def lock_accounts(tx: Tx, refs: Sequence[AccountRef]) -> dict[str, LockedAccount]:
    """Lock the accounts in sorted order; those that do not exist yet are opened empty."""
    by_code = {ref.code: ref for ref in refs}
    locked = await _lock(tx, sorted(by_code))
    missing = sorted(by_code.keys() - locked.keys())
    if missing:
        new = [by_code[code] for code in missing]
        await tx.run(
            _OPEN,
            {
                "codes": missing,
                "kinds": [ref.kind.value for ref in new],
                "owners": [ref.owner for ref in new],
                "provinces": [ref.province for ref in new],
                "floors": [ref.floor for ref in new],
            },
        )
        locked |= await _lock(tx, missing)
    return locked


async def _lock(tx: Tx, codes: list[str]) -> dict[str, LockedAccount]:
    rows = await tx.run(_LOCK, {"codes": codes})
    return {row.code: LockedAccount(row.id, row.balance) for row in rows}


async def read_balances(reader: Reader, codes: Sequence[str]) -> dict[str, int]:
    """Balances by code; an account that was never used is left out."""
    rows = await reader.run(_BALANCES, {"codes": list(codes)})
    return {row.code: row.balance for row in rows}


async def sum_by_holder(reader: Reader, kind: str, holders: Sequence[str]) -> dict[str, int]:
    """Sums over the accounts of a kind by the second part of their owner."""
    rows = await reader.run(_BY_HOLDER, {"kind": kind, "holders": list(holders)})
    return {row.holder: row.total for row in rows}


async def find_entries(reader: Reader, keys: Sequence[str]) -> dict[str, tuple[int, bytes]]:
    """Entries that stand already under these keys: number and record."""
    rows = await reader.run(_FIND_KEYS, {"keys": list(keys)})
    return {row.key: (row.record_id, bytes(row.body)) for row in rows}


async def take_numbers(tx: Tx, count: int) -> list[int]:
    """The next record numbers, rising."""
    rows = await tx.run(_NUMBERS, {"count": count})
    return sorted(row[0] for row in rows)


async def insert_records(tx: Tx, rows: Sequence[RecordRow]) -> None:
    """Append records."""
    await tx.run(
        _INSERT_RECORDS,
        {
            "ids": [r.id for r in rows],
            "kinds": [r.kind for r in rows],
            "provinces": [r.province for r in rows],
            "subjects": [r.subject for r in rows],
            "ats": [r.at for r in rows],
            "bodies": [r.body for r in rows],
            "hashes": [leaf_hash(r.body) for r in rows],
        },
    )


async def insert_entries(
    tx: Tx,
    drafts: Sequence[tuple[int, Draft, Sequence[tuple[int, int]]]],
    accounts: dict[str, LockedAccount],
    at: datetime,
) -> None:
    """Append entries and their postings; the database moves the balances and checks them again."""
    await tx.run(
        _INSERT_ENTRIES,
        {
            "ids": [id_ for id_, _, _ in drafts],
            "kinds": [d.kind.value for _, d, _ in drafts],
            "keys": [d.key for _, d, _ in drafts],
            "provinces": [d.province for _, d, _ in drafts],
            "subjects": [d.subject for _, d, _ in drafts],
            "actors": [tx.actor] * len(drafts),
            "ats": [at] * len(drafts),
            "policies": [d.policy for _, d, _ in drafts],
        },
    )
    columns: dict[str, list[Any]] = {
        name: []
        for name in (
            "entries",
            "positions",
            "sources",
            "targets",
            "amounts",
            "source_balances",
            "target_balances",
        )
    }
    for id_, draft, running in drafts:
        for position, (posting, (source, target)) in enumerate(
            zip(draft.moves, running, strict=True)
        ):
            columns["entries"].append(id_)
            columns["positions"].append(position)
            columns["sources"].append(accounts[posting.source.code].id)
            columns["targets"].append(accounts[posting.target.code].id)
            columns["amounts"].append(posting.amount)
            columns["source_balances"].append(source)
            columns["target_balances"].append(target)
    await tx.run(_INSERT_POSTINGS, columns)
