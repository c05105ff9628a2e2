"""Every SQL statement about rounds, cases and corrections."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from app.ledger.rules import AccountRef
from app.platform.db import Reader, Tx
from app.reconciliation.rules import (
    Case,
    CaseKind,
    Cause,
    Correction,
    CorrectionReason,
    Debt,
    Held,
    PartState,
    RoundOutcome,
)

_ROUNDS = "SELECT number, size, cause, opened_at, closed_at, outcome FROM reconciliation"
_PARTS = """
    SELECT round, node, provinces, size, state, fault, totals, asked, pages, found
    FROM reconciliation_part
"""
_CASES = """
    SELECT id, round, kind, subject, accounts, found, opened_at, closed_round, closed_at
    FROM reconciliation_case
"""
_CORRECTIONS = """
    SELECT id, case_id, province, source, target, amount, reason, document, proposed_by,
           approved_by, obligation, obligation_kind
    FROM correction
"""


@dataclass(frozen=True, slots=True)
class Round:
    """A round: the size of the ministry's own log that it is about, and how it ended."""

    number: int
    size: int
    cause: Cause
    opened_at: datetime
    closed_at: datetime | None = None
    outcome: RoundOutcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One node's part of a round.

    `totals` are the pages of its answer by number, `asked` the groups still to be looked at by
    account, each with the code behind which to go on; `pages` counts what was asked for so far.
    """

    round: int
    node: str
    provinces: tuple[str, ...]
    size: int | None = None
    state: PartState = PartState.WAITING
    fault: str | None = None
    totals: Mapping[str, Any] = field(default_factory=dict)
    asked: Sequence[Sequence[str]] = ()
    pages: int = 0
    found: tuple[Held, ...] = ()


# -------------------------------------------------------------------------------------- rounds


async def hold_rounds(tx: Tx) -> None:
    """Whoever opens, feeds or closes a round waits here for whoever does the same."""
    await tx.run(text("SELECT pg_advisory_xact_lock(hashtextextended('reconciliation', 0))"))


async def open_round(reader: Reader) -> Round | None:
    """The round that is not closed yet; there is one at most."""
    rows = await reader.run(text(_ROUNDS + " WHERE closed_at IS NULL"))
    row = rows.one_or_none()
    return None if row is None else _round(row)


async def last_round(reader: Reader) -> Round | None:
    """The round that was opened last."""
    rows = await reader.run(text(_ROUNDS + " ORDER BY number DESC LIMIT 1"))
    row = rows.one_or_none()
    return None if row is None else _round(row)


async def list_rounds(reader: Reader, before: int, limit: int) -> list[Round]:
    """Rounds, newest first."""
    rows = await reader.run(
        text(_ROUNDS + " WHERE number < :before ORDER BY number DESC LIMIT :limit"),
        {"before": before, "limit": limit},
    )
    return [_round(row) for row in rows]


async def insert_round(tx: Tx, round_: Round, parts: Sequence[Part]) -> None:
    """Open a round with a part for each node."""
    await tx.run(
        text("""
            INSERT INTO reconciliation (number, size, cause, opened_at)
            VALUES (:number, :size, :cause, :at)
        """),
        {
            "number": round_.number,
            "size": round_.size,
            "cause": round_.cause.value,
            "at": round_.opened_at,
        },
    )
    await tx.run(
        text("""
            INSERT INTO reconciliation_part (round, node, provinces, state)
            VALUES (:round, :node, :provinces, 'waiting')
        """),
        [
            {"round": part.round, "node": part.node, "provinces": list(part.provinces)}
            for part in parts
        ],
    )


async def close_round(tx: Tx, number: int, outcome: RoundOutcome, at: datetime) -> None:
    """End a round."""
    await tx.run(
        text("""
            UPDATE reconciliation SET outcome = :outcome, closed_at = :at WHERE number = :number
        """),
        {"number": number, "outcome": outcome.value, "at": at},
    )


async def list_parts(reader: Reader, rounds: Collection[int]) -> list[Part]:
    """The parts of rounds, in order of node."""
    rows = await reader.run(
        text(_PARTS + " WHERE round = ANY(:rounds) ORDER BY round, node"),
        {"rounds": sorted(rounds)},
    )
    return [_part(row) for row in rows]


async def put_part(tx: Tx, part: Part) -> None:
    """Write how a part stands."""
    await tx.run(
        text("""
            UPDATE reconciliation_part
            SET size = :size, state = :state, fault = :fault, totals = CAST(:totals AS jsonb),
                asked = CAST(:asked AS jsonb), pages = :pages, found = CAST(:found AS jsonb)
            WHERE round = :round AND node = :node
        """),
        {
            "round": part.round,
            "node": part.node,
            "size": part.size,
            "state": part.state.value,
            "fault": part.fault,
            "totals": json.dumps(part.totals),
            "asked": json.dumps([list(one) for one in part.asked]),
            "pages": part.pages,
            "found": json.dumps([list(one) for one in part.found]),
        },
    )


def _round(row: Row[Any]) -> Round:
    outcome = None if row.outcome is None else RoundOutcome(row.outcome)
    return Round(row.number, row.size, Cause(row.cause), row.opened_at, row.closed_at, outcome)


def _part(row: Row[Any]) -> Part:
    return Part(
        round=row.round,
        node=row.node,
        provinces=tuple(row.provinces),
        size=row.size,
        state=PartState(row.state),
        fault=row.fault,
        totals=row.totals,
        asked=tuple(tuple(one) for one in row.asked),
        pages=row.pages,
        found=tuple(Held(*one) for one in row.found),
    )


# --------------------------------------------------------------------------------------- cases


async def insert_case(tx: Tx, case: Case, here: Collection[str]) -> None:
    """Open a case; `here` are those of its accounts that are kept in this node's books."""
    await tx.run(
        text("""
            INSERT INTO reconciliation_case
                (id, round, kind, subject, accounts, found, opened_at)
            VALUES (:id, :round, :kind, :subject, CAST(:accounts AS jsonb), CAST(:found AS jsonb),
                    :at)
        """),
        {
            "id": case.id,
            "round": case.round,
            "kind": case.kind.value,
            "subject": case.subject,
            "accounts": json.dumps([list(one) for one in case.accounts]),
            "found": json.dumps(case.found, ensure_ascii=False),
            "at": case.opened_at,
        },
    )
    if here:
        await tx.run(
            text("""
                INSERT INTO account_freeze (case_id, code)
                SELECT :id, unnest(CAST(:codes AS text[]))
            """),
            {"id": case.id, "codes": sorted(here)},
        )


async def close_case(tx: Tx, case: Case, round_: int, at: datetime) -> Case:
    """Close a case, by the round that found it cured."""
    await tx.run(
        text("""
            UPDATE reconciliation_case SET closed_round = :round, closed_at = :at WHERE id = :id
        """),
        {"id": case.id, "round": round_, "at": at},
    )
    return replace(case, closed_round=round_, closed_at=at)


async def lock_case(tx: Tx, id_: str) -> Case | None:
    """A case, held until this transaction ends."""
    rows = await tx.run(text(_CASES + " WHERE id = :id FOR UPDATE"), {"id": id_})
    row = rows.one_or_none()
    return None if row is None else _case(row)


async def lock_open_cases(tx: Tx) -> list[Case]:
    """Every case that is open, in order of id."""
    rows = await tx.run(text(_CASES + " WHERE closed_at IS NULL ORDER BY id FOR UPDATE"))
    return [_case(row) for row in rows]


async def frozen_by(reader: Reader, case: str) -> frozenset[str]:
    """The accounts of this node's books that a case is about."""
    rows = await reader.run(
        text("SELECT code FROM account_freeze WHERE case_id = :case"), {"case": case}
    )
    return frozenset(rows.scalars())


async def frozen_at_odds(reader: Reader) -> list[str]:
    """Accounts whose rows say otherwise than their latest records whether they are frozen."""
    rows = await reader.run(
        text("""
            SELECT coalesce(a.code, r.code) AS code
            FROM (SELECT code FROM ledger_account WHERE frozen) a
            FULL JOIN (
                SELECT code FROM (
                    SELECT DISTINCT ON (code) code, kind FROM (
                        SELECT id, kind,
                               convert_from(body, 'UTF8')::jsonb -> 'body' ->> 'account' AS code
                        FROM record WHERE kind IN ('account.frozen', 'account.unfrozen')) said
                    ORDER BY code, id DESC) latest
                WHERE kind = 'account.frozen') r ON r.code = a.code
            WHERE a.code IS NULL OR r.code IS NULL ORDER BY 1
        """)
    )
    return list(rows.scalars())


async def list_cases(reader: Reader, only: str | None, after: str, limit: int) -> list[Case]:
    """Cases in order of id; those about an account of the books of `only`, where it is given."""
    rows = await reader.run(
        text(
            _CASES
            + """ WHERE id > :after AND (CAST(:only AS text) IS NULL OR EXISTS (
                      SELECT FROM jsonb_array_elements(accounts) one
                      WHERE split_part(one ->> 1, ':', 2) = :only))
                  ORDER BY id LIMIT :limit"""
        ),
        {"only": only, "after": after, "limit": limit},
    )
    return [_case(row) for row in rows]


def _case(row: Row[Any]) -> Case:
    return Case(
        id=row.id,
        round=row.round,
        kind=CaseKind(row.kind),
        subject=row.subject,
        accounts=tuple((node, code) for node, code in row.accounts),
        found=row.found,
        opened_at=row.opened_at,
        closed_round=row.closed_round,
        closed_at=row.closed_at,
    )


# --------------------------------------------------------------------------------- corrections


async def insert_correction(tx: Tx, one: Correction) -> None:
    """Add a proposed correction."""
    await tx.run(
        text("""
            INSERT INTO correction (id, case_id, province, source, target, amount, reason, document,
                                    proposed_by, obligation, obligation_kind)
            VALUES (:id, :case, :province, :source, :target, :amount, :reason, :document, :by,
                    :obligation, :kind)
        """),
        {
            "id": one.id,
            "case": one.case,
            "province": one.province,
            "source": one.source.code,
            "target": one.target.code,
            "amount": one.amount,
            "reason": one.reason.value,
            "document": one.document,
            "by": one.proposed_by,
            "obligation": None if one.obligation is None else one.obligation.transfer,
            "kind": None if one.obligation is None else one.obligation.kind,
        },
    )


async def lock_correction(tx: Tx, id_: str) -> Correction | None:
    """A correction, held until this transaction ends."""
    rows = await tx.run(text(_CORRECTIONS + " WHERE id = :id FOR UPDATE"), {"id": id_})
    row = rows.one_or_none()
    return None if row is None else _correction(row)


async def approve_correction(tx: Tx, id_: str, person: str) -> None:
    """Mark a correction approved."""
    await tx.run(
        text("UPDATE correction SET approved_by = :person WHERE id = :id"),
        {"id": id_, "person": person},
    )


async def list_corrections(
    reader: Reader, only: str | None, after: str, limit: int
) -> list[Correction]:
    """Corrections in order of id; those of one province, where it is given."""
    rows = await reader.run(
        text(
            _CORRECTIONS
            + """ WHERE id > :after AND (CAST(:only AS text) IS NULL OR province = :only)
                  ORDER BY id LIMIT :limit"""
        ),
        {"only": only, "after": after, "limit": limit},
    )
    return [_correction(row) for row in rows]


def _correction(row: Row[Any]) -> Correction:
    return Correction(
        id=row.id,
        case=row.case_id,
        province=row.province,
        source=AccountRef.of(row.source),
        target=AccountRef.of(row.target),
        amount=row.amount,
        reason=CorrectionReason(row.reason),
        document=row.document,
        proposed_by=row.proposed_by,
        approved_by=row.approved_by,
        obligation=None if row.obligation is None else Debt(row.obligation, row.obligation_kind),
    )
