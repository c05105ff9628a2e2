"""Every SQL statement of the bank's files, their entries, and how those are resolved."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text

from app.clearing.camt import BankEntry
from app.clearing.rules_bank import Judged, Outcome, Resolution, ResolutionKind, Waiting
from app.kernel.units import Fen
from app.platform.db import Reader, Tx

_ENTRIES = """
    SELECT e.seq, e.file, e.number, e.holder, e.reference, e.end_to_end, e.amount, e.currency,
           e.credit, e.booked, e.reversal, e.debtor_account, e.day, e.outcome, e.instruction,
           r.id AS resolution, r.kind AS resolved
    FROM bank_entry e
    LEFT JOIN evidence_resolution r
        ON r.file = e.file AND r.number = e.number AND r.approved_by IS NOT NULL
"""
_RESOLUTIONS = """
    SELECT id, file, number, kind, instruction, proposed_by, approved_by FROM evidence_resolution
"""
_INSERT_ENTRY = text("""
    INSERT INTO bank_entry (file, number, holder, reference, end_to_end, amount, currency, credit,
                            booked, reversal, debtor_account, day, outcome, instruction)
    VALUES (:file, :number, :holder, :reference, :end_to_end, :amount, :currency, :credit, :booked,
            :reversal, :debtor_account, :day, :outcome, :instruction)
""")
# The entries that a reference may stand for already.
_KNOWN = text("""
    SELECT reference, end_to_end, amount, currency, credit, booked, reversal, debtor_account, day
    FROM bank_entry WHERE holder = :holder AND reference = ANY(:references)
        AND outcome NOT IN ('repeated', 'debit', 'pending', 'duplicate-reference')
""")
# What is kept says nothing but its record; and of every record what it tells of is kept.
_ACCOUNTS_AT_ODDS = text("""
    SELECT coalesce(a.id, r.subject) AS id
    FROM (SELECT subject, body FROM record WHERE kind = 'bank_account.proposed') r
    FULL JOIN (SELECT * FROM bank_account WHERE from_node IS NULL) a ON a.id = r.subject
    WHERE convert_from(r.body, 'UTF8')::jsonb -> 'body' ->> 'commitment'
        IS DISTINCT FROM encode(sha256(a.salt || convert_to(
            '{"bank":' || to_json(a.bank) || ',"name":' || to_json(a.name)
            || ',"number":' || to_json(a.account) || ',"province":' || to_json(a.province) || '}',
            'UTF8')), 'hex')
    ORDER BY 1
""")
_FILES_AT_ODDS = text("""
    SELECT coalesce(f.id, r.subject) AS id
    FROM (SELECT subject, body FROM record WHERE kind = 'bank_file.received') r
    FULL JOIN bank_file f ON f.id = r.subject,
        LATERAL (SELECT convert_from(r.body, 'UTF8')::jsonb -> 'body' AS body) said
    WHERE said.body ->> 'commitment'
            IS DISTINCT FROM encode(sha256(f.salt || f.content), 'hex')
        OR (said.body ->> 'entries')::int IS DISTINCT FROM (
            SELECT count(*) FROM bank_entry e WHERE e.file = f.id)
    ORDER BY 1
""")
_INSTRUCTIONS_AT_ODDS = text("""
    SELECT coalesce(i.id, r.subject) AS id
    FROM (
        SELECT subject, sum(replace(convert_from(body, 'UTF8')::jsonb -> 'body' ->> 'amount_cny',
                                    '.', '')::bigint) AS came
        FROM record WHERE kind IN ('payment.confirmed', 'payment.heard') GROUP BY subject) r
    FULL JOIN payment_instruction i ON i.id = r.subject
    WHERE coalesce(r.came, 0) IS DISTINCT FROM i.confirmed_fen
    ORDER BY 1
""")


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A bank's file as it is kept, without its content."""

    id: str
    holder: str
    message: str
    entries: int
    salt: bytes = field(repr=False)
    commitment: str
    received_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class KeptEntry:
    """An entry as it is listed; `seq` counts all of them."""

    seq: int
    file: str
    number: int
    holder: str
    reference: str
    amount: Fen
    currency: str
    day: date | None
    outcome: Outcome
    instruction: str | None
    resolved: ResolutionKind | None


def _bank_entry(row: Row[Any]) -> BankEntry:
    return BankEntry(
        reference=row.reference,
        end_to_end=row.end_to_end,
        amount=Fen(row.amount),
        currency=row.currency,
        credit=row.credit,
        booked=row.booked,
        reversal=row.reversal,
        debtor_account=row.debtor_account,
        day=row.day,
    )


# -------------------------------------------------------------------------- the bank's files


async def hold_references(tx: Tx, holder: str) -> None:
    """Take the files of one account one after the other."""
    await tx.run(
        text("SELECT pg_advisory_xact_lock(hashtextextended('bank:' || :holder, 0))"),
        {"holder": holder},
    )


async def find_known(tx: Tx, holder: str, references: Sequence[str]) -> dict[str, BankEntry]:
    """Entries that stand already under these references of one holder's bank."""
    rows = await tx.run(_KNOWN, {"holder": holder, "references": list(references)})
    return {row.reference: _bank_entry(row) for row in rows}


async def is_file_taken(tx: Tx, id_: str) -> bool:
    """Whether there is a file of this id."""
    rows = await tx.run(text("SELECT EXISTS (SELECT FROM bank_file WHERE id = :id)"), {"id": id_})
    return bool(rows.scalar_one())


async def insert_file(tx: Tx, kept: KeptFile, content: bytes, judged: Sequence[Judged]) -> None:
    """Keep a file with what its entries were found to be."""
    await tx.run(
        text("""
            INSERT INTO bank_file (id, holder, message, content, salt, entries, received_by, at)
            VALUES (:id, :holder, :message, :content, :salt, :entries, :by, :at)
        """),
        {
            "id": kept.id,
            "holder": kept.holder,
            "message": kept.message,
            "content": content,
            "salt": kept.salt,
            "entries": kept.entries,
            "by": kept.received_by,
            "at": kept.at,
        },
    )
    if judged:
        await tx.run(_INSERT_ENTRY, [_row(kept, one) for one in judged])


def _row(kept: KeptFile, one: Judged) -> dict[str, Any]:
    return {
        "file": kept.id,
        "number": one.number,
        "holder": kept.holder,
        "reference": one.entry.reference,
        "end_to_end": one.entry.end_to_end,
        "amount": one.entry.amount,
        "currency": one.entry.currency,
        "credit": one.entry.credit,
        "booked": one.entry.booked,
        "reversal": one.entry.reversal,
        "debtor_account": one.entry.debtor_account,
        "day": one.entry.day,
        "outcome": one.outcome.value,
        "instruction": one.instruction,
    }


async def list_entries(reader: Reader, only: str | None, after: int, limit: int) -> list[KeptEntry]:
    """Entries of the bank's files in the order of their arrival."""
    rows = await reader.run(
        text(
            _ENTRIES
            + """ WHERE e.seq > :after AND (CAST(:only AS text) IS NULL OR e.holder = :only)
                  ORDER BY e.seq LIMIT :limit"""
        ),
        {"only": only, "after": after, "limit": limit},
    )
    return [
        KeptEntry(
            r.seq,
            r.file,
            r.number,
            r.holder,
            r.reference,
            Fen(r.amount),
            r.currency,
            r.day,
            Outcome(r.outcome),
            r.instruction,
            None if r.resolved is None else ResolutionKind(r.resolved),
        )
        for r in rows
    ]


async def lock_waiting(tx: Tx, file: str, number: int) -> Waiting | None:
    """An entry of a file; whoever resolves one waits here for the other."""
    await tx.run(
        text("SELECT pg_advisory_xact_lock(hashtextextended('entry:' || :file || :number, 0))"),
        {"file": file, "number": f":{number}"},
    )
    rows = await tx.run(
        text(_ENTRIES + " WHERE e.file = :file AND e.number = :number"),
        {"file": file, "number": number},
    )
    row = rows.one_or_none()
    if row is None:
        return None
    return Waiting(
        row.file,
        row.number,
        row.holder,
        row.reference,
        Outcome(row.outcome),
        Fen(row.amount),
        row.currency,
        row.debtor_account,
        row.resolution is not None,
    )


# ------------------------------------------------------------------------------- resolutions


async def lock_resolution(tx: Tx, id_: str) -> Resolution | None:
    """A resolution, held until this transaction ends."""
    rows = await tx.run(text(_RESOLUTIONS + " WHERE id = :id FOR UPDATE"), {"id": id_})
    row = rows.one_or_none()
    return None if row is None else _resolution(row)


def _resolution(row: Row[Any]) -> Resolution:
    return Resolution(
        row.id,
        row.file,
        row.number,
        ResolutionKind(row.kind),
        row.instruction,
        row.proposed_by,
        row.approved_by,
    )


async def list_resolutions(
    reader: Reader, only: str | None, after: str, limit: int
) -> list[Resolution]:
    """Resolutions in order of id."""
    rows = await reader.run(
        text(
            _RESOLUTIONS
            + """ WHERE id > :after AND (CAST(:only AS text) IS NULL OR EXISTS (
                      SELECT FROM bank_entry e WHERE e.file = evidence_resolution.file
                          AND e.number = evidence_resolution.number AND e.holder = :only))
                  ORDER BY id LIMIT :limit"""
        ),
        {"only": only, "after": after, "limit": limit},
    )
    return [_resolution(row) for row in rows]


async def insert_resolution(tx: Tx, resolution: Resolution) -> None:
    """Add a proposed resolution."""
    await tx.run(
        text("""
            INSERT INTO evidence_resolution (id, file, number, kind, instruction, proposed_by)
            VALUES (:id, :file, :number, :kind, :instruction, :by)
        """),
        {
            "id": resolution.id,
            "file": resolution.file,
            "number": resolution.number,
            "kind": resolution.kind.value,
            "instruction": resolution.instruction,
            "by": resolution.proposed_by,
        },
    )


async def approve_resolution(tx: Tx, id_: str, person: str) -> None:
    """Mark a resolution approved."""
    await tx.run(
        text("UPDATE evidence_resolution SET approved_by = :person WHERE id = :id"),
        {"id": id_, "person": person},
    )


# ------------------------------------------------------------------------------- verification


async def accounts_at_odds(reader: Reader) -> list[str]:
    """Bank accounts that are not what their records commit to, or of which one of both is gone."""
    return list((await reader.run(_ACCOUNTS_AT_ODDS)).scalars())


async def files_at_odds(reader: Reader) -> list[str]:
    """The same of the bank's files and the number of their entries."""
    return list((await reader.run(_FILES_AT_ODDS)).scalars())


async def instructions_at_odds(reader: Reader) -> list[str]:
    """Instructions for which something else is counted than their records say."""
    return list((await reader.run(_INSTRUCTIONS_AT_ODDS)).scalars())
