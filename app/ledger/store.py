"""Every SQL statement of posting. Arrays carry the rows: one statement per table, any number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from app.ledger.rules import AccountRef, Draft, leaf_hash
from app.platform.db import Reader, Tx

# Sorted by code: two entries that touch the same accounts take them in the same order, so they
# wait for each other instead of deadlocking.
_LOCK = text("""
    SELECT code, id, balance, frozen FROM ledger_account
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
_SET_FROZEN = text("""
    UPDATE ledger_account a SET frozen = NOT frozen
    WHERE code = ANY(CAST(:codes AS text[])) AND frozen <> EXISTS (
        SELECT FROM account_freeze f JOIN reconciliation_case c ON c.id = f.case_id
        WHERE f.code = a.code AND c.closed_at IS NULL)
    RETURNING code
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
# One statement: an entry is never without its record and its postings, not for a moment.
_INSERT_ENTRIES = text("""
    WITH records AS (
        INSERT INTO record (id, kind, province, subject, at, body, leaf_hash)
        SELECT id, 'entry.' || kind, province, subject, :at, body, leaf_hash
        FROM unnest(CAST(:ids AS bigint[]), CAST(:kinds AS text[]), CAST(:provinces AS text[]),
            CAST(:subjects AS text[]), CAST(:bodies AS bytea[]), CAST(:hashes AS bytea[]))
            AS e (id, kind, province, subject, body, leaf_hash)),
    entries AS (
        INSERT INTO ledger_entry (record_id, kind, key, province, subject, actor, at, policy)
        SELECT id, kind, key, province, subject, :actor, :at, policy
        FROM unnest(CAST(:ids AS bigint[]), CAST(:kinds AS text[]), CAST(:keys AS text[]),
            CAST(:provinces AS text[]), CAST(:subjects AS text[]), CAST(:policies AS text[]))
            AS e (id, kind, key, province, subject, policy))
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
    frozen: bool


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
    return {row.code: LockedAccount(row.id, row.balance, row.frozen) for row in rows}


async def set_frozen(tx: Tx, codes: Sequence[str]) -> list[str]:
    """Let accounts be frozen as their open cases say; answers with those that have changed."""
    rows = await tx.run(_SET_FROZEN, {"codes": list(codes)})
    return sorted(rows.scalars())


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


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry to be appended: its number, its record's bytes, and the balances after each move."""

    id: int
    draft: Draft
    body: bytes
    running: Sequence[tuple[int, int]]


async def insert_entries(
    tx: Tx, rows: Sequence[EntryRow], accounts: dict[str, LockedAccount], at: datetime
) -> None:
    """Append entries with records and postings; the database moves the balances and checks all."""
    postings = [
        (
            row.id,
            position,
            accounts[posting.source.code].id,
            accounts[posting.target.code].id,
            posting.amount,
            source_balance,
            target_balance,
        )
        for row in rows
        for position, (posting, (source_balance, target_balance)) in enumerate(
            zip(row.draft.moves, row.running, strict=True)
        )
    ]
    names = (
        "entries",
        "positions",
        "sources",
        "targets",
        "amounts",
        "source_balances",
        "target_balances",
    )
    await tx.run(
        _INSERT_ENTRIES,
        {
            "at": at,
            "actor": tx.actor,
            "ids": [row.id for row in rows],
            "kinds": [row.draft.kind.value for row in rows],
            "keys": [row.draft.key for row in rows],
            "provinces": [row.draft.province for row in rows],
            "subjects": [row.draft.subject for row in rows],
            "policies": [row.draft.policy for row in rows],
            "bodies": [row.body for row in rows],
            "hashes": [leaf_hash(row.body) for row in rows],
            **{
                name: list(column)
                for name, column in zip(names, zip(*postings, strict=True), strict=True)
            },
        },
    )


async def find_latest(reader: Reader, kind: str, subjects: Sequence[str]) -> dict[str, int]:
    """The highest number of the records of a kind about each subject."""
    rows = await reader.run(
        text("""
            SELECT subject, max(id) AS id FROM record
            WHERE kind = :kind AND subject = ANY(:subjects) GROUP BY subject
        """),
        {"kind": kind, "subjects": list(subjects)},
    )
    return {row.subject: row.id for row in rows}


async def find_actors(reader: Reader, subject: str, kinds: Sequence[str]) -> list[str]:
    """Who wrote records of these kinds about a subject."""
    rows = await reader.run(
        text("""
            SELECT DISTINCT CAST(convert_from(body, 'UTF8') AS jsonb) ->> 'actor' AS actor
            FROM record WHERE kind = ANY(:kinds) AND subject COLLATE "C" = :subject
        """),
        {"kinds": list(kinds), "subject": subject},
    )
    return [row.actor for row in rows if row.actor is not None]
