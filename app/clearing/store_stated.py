"""Every SQL statement of what sides state of debts between nodes, and of what they agree on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Row, text

from app.clearing.rules_restated import Said, Why, of_side
from app.clearing.rules_stated import Agreed, Stated, StatedKind, StatedSide
from app.kernel.units import Fen
from app.platform.db import Reader, Tx

_STATED = """
    SELECT s.transfer, s.kind, s.side, s.debtor, s.creditor, s.amount_fen, s.number, s.before_fen,
           s.entry_hash, s.at, s.correction, s.reason, s.document
"""
_IN_ORDER = " ORDER BY s.transfer, s.kind, s.side, s.number"
_MATTERS = f"""{_STATED}, o.statement, a.record IS NOT NULL AS agreed
    FROM (SELECT DISTINCT transfer, kind FROM stated_obligation
          WHERE (transfer, kind) > (:transfer, :kind)
            AND (CAST(:only AS text) IS NULL OR :only IN (debtor, creditor))
          ORDER BY transfer, kind LIMIT :limit) m
    JOIN stated_obligation s ON (s.transfer, s.kind) = (m.transfer, m.kind)
    LEFT JOIN agreed_obligation a ON (a.transfer, a.kind) = (m.transfer, m.kind)
    LEFT JOIN statement_obligation o ON (o.transfer, o.kind) = (m.transfer, m.kind)
    {_IN_ORDER}
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Matter:
    """What both sides have stated of a debt, each from first to last as far as it has come.

    `agreed`: both have said the same, as far as this node has heard both.
    """

    said: tuple[Said, ...]
    agreed: bool
    statement: str | None

    @property
    def first(self) -> Stated:
        """Any of them: all name the same transfer, kind and provinces."""
        return self.said[0].stated

    @property
    def key(self) -> str:
        """By what it is listed."""
        return f"{self.first.transfer} {self.first.kind}"

    def of(self, side: StatedSide) -> Sequence[Said]:
        """What one side has stated."""
        return of_side(self.said, side)


def _stated(row: Row[Any]) -> Stated:
    return Stated(
        transfer=row.transfer,
        kind=StatedKind(row.kind),
        side=StatedSide(row.side),
        debtor=row.debtor,
        creditor=row.creditor,
        amount=Fen(row.amount_fen),
        number=row.number,
        before=Fen(row.before_fen),
    )


def _said(row: Row[Any]) -> Said:
    why = None if row.correction is None else Why(row.correction, row.reason, row.document)
    return Said(_stated(row), row.entry_hash, row.at, why)


async def leaf_hash(reader: Reader, record: int) -> str:
    """The leaf hash of a record of this node, in hex."""
    rows = await reader.run(
        text("SELECT encode(leaf_hash, 'hex') FROM record WHERE id = :id"), {"id": record}
    )
    return str(rows.scalar_one())


async def hold_matters(tx: Tx, transfers: Collection[str]) -> None:
    """Take what is said about each of these transfers one after the other."""
    await tx.run(
        text("""
            SELECT pg_advisory_xact_lock(hashtextextended('stated ' || transfer, 0))
            FROM (SELECT unnest(CAST(:transfers AS text[])) AS transfer ORDER BY 1) held
        """),
        {"transfers": sorted(set(transfers))},
    )


async def put_stated(tx: Tx, said: Said, record: int | None) -> None:
    """Keep what a side has stated; `record` is its entry where it is of this node."""
    stated, why = said.stated, said.why
    await tx.run(
        text("""
            INSERT INTO stated_obligation
                (transfer, kind, side, debtor, creditor, amount_fen, number, before_fen,
                 entry_hash, record, at, correction, reason, document)
            VALUES (:transfer, :kind, :side, :debtor, :creditor, :amount, :number, :before,
                    :entry, :record, :at, :correction, :reason, :document)
        """),
        {
            "transfer": stated.transfer,
            "kind": stated.kind.value,
            "side": stated.side.value,
            "debtor": stated.debtor,
            "creditor": stated.creditor,
            "amount": stated.amount,
            "number": stated.number,
            "before": stated.before,
            "entry": said.entry,
            "record": record,
            "at": said.at,
            "correction": None if why is None else why.correction,
            "reason": None if why is None else why.reason,
            "document": None if why is None else why.document,
        },
    )


async def find_stated(reader: Reader, transfer: str, kind: StatedKind) -> list[Said]:
    """All that has been stated of a debt."""
    rows = await reader.run(
        text(
            _STATED
            + " FROM stated_obligation s WHERE (s.transfer, s.kind) = (:transfer, :kind)"
            + _IN_ORDER
        ),
        {"transfer": transfer, "kind": kind.value},
    )
    return [_said(row) for row in rows]


async def own_stated(reader: Reader, transfers: Collection[str]) -> list[Stated]:
    """What this node has stated last of these transfers, by entries of its own."""
    rows = await reader.run(
        text(
            _STATED
            + """ FROM stated_obligation s
                  WHERE s.transfer = ANY(:transfers) AND s.record IS NOT NULL
                    AND NOT EXISTS (
                        SELECT FROM stated_obligation n
                        WHERE (n.transfer, n.kind, n.side) = (s.transfer, s.kind, s.side)
                          AND n.number > s.number)"""
            + _IN_ORDER
        ),
        {"transfers": list(transfers)},
    )
    return [_stated(row) for row in rows]


async def is_settled(reader: Reader, transfer: str, kind: StatedKind) -> bool:
    """Whether a debt is agreed, or stands in a statement that the own books bear out."""
    rows = await reader.run(
        text("""
            SELECT EXISTS (SELECT FROM agreed_obligation
                           WHERE (transfer, kind) = (:transfer, :kind))
                OR EXISTS (SELECT FROM statement_obligation
                           WHERE (transfer, kind) = (:transfer, :kind))
        """),
        {"transfer": transfer, "kind": kind.value},
    )
    return bool(rows.scalar_one())


async def insert_agreed(tx: Tx, stated: Stated, record: int) -> None:
    """Keep what both sides have stated alike, by the record that says so."""
    await tx.run(
        text("""
            INSERT INTO agreed_obligation (transfer, kind, debtor, creditor, amount_fen, record)
            VALUES (:transfer, :kind, :debtor, :creditor, :amount, :record)
        """),
        {
            "transfer": stated.transfer,
            "kind": stated.kind.value,
            "debtor": stated.debtor,
            "creditor": stated.creditor,
            "amount": stated.amount,
            "record": record,
        },
    )


async def read_agreed(reader: Reader, first: int, end: int) -> list[Agreed]:
    """What was agreed by the entries [first, end) of the log, in its order."""
    rows = await reader.run(
        text("""
            SELECT l.leaf_index, a.transfer, a.kind, a.debtor, a.creditor, a.amount_fen
            FROM agreed_obligation a JOIN tlog_leaf l ON l.record_id = a.record
            WHERE l.leaf_index >= :first AND l.leaf_index < :end ORDER BY l.leaf_index
        """),
        {"first": first, "end": end},
    )
    return [
        Agreed(
            transfer=row.transfer,
            kind=StatedKind(row.kind),
            debtor=row.debtor,
            creditor=row.creditor,
            amount=Fen(row.amount_fen),
            leaf=row.leaf_index,
        )
        for row in rows
    ]


async def list_matters(
    reader: Reader, only: str | None, after: tuple[str, str], limit: int
) -> list[Matter]:
    """What has been stated, in order of transfer and kind; of the province `only`, where given."""
    rows = await reader.run(
        text(_MATTERS),
        {"transfer": after[0], "kind": after[1], "only": only, "limit": limit},
    )
    return [
        Matter(tuple(_said(row) for row in found), found[0].agreed, found[0].statement)
        for _, group in groupby(rows, key=lambda row: (row.transfer, row.kind))
        for found in [list(group)]
    ]


async def stated_at_odds(reader: Reader) -> list[str]:
    """Debts stated anew that are not what a correction here, or the record of hearing it, says."""
    rows = await reader.run(
        text("""
            WITH said AS (
                SELECT r.kind, r.subject, encode(r.leaf_hash, 'hex') AS hash, r.id,
                       convert_from(r.body, 'UTF8')::jsonb AS whole
                FROM record r WHERE r.kind IN ('entry.correction', 'obligation.restated'))
            SELECT s.transfer || ' ' || s.kind || ' ' || s.side || ' ' || s.number AS found
            FROM stated_obligation s
            WHERE s.number > 1 AND NOT EXISTS (
                SELECT FROM said, jsonb_to_record(coalesce(whole -> 'facts', whole -> 'body'))
                    AS f (transfer text, kind text, side text, number int, before_cny text,
                          amount_cny text, entry text)
                WHERE (f.kind, f.number) = (s.kind, s.number)
                  AND replace(f.before_cny, '.', '')::bigint = s.before_fen
                  AND replace(f.amount_cny, '.', '')::bigint = s.amount_fen
                  AND CASE WHEN s.record IS NULL
                      THEN said.kind = 'obligation.restated' AND said.subject = s.transfer
                           AND (f.side, f.entry) = (s.side, s.entry_hash)
                      ELSE said.id = s.record AND said.hash = s.entry_hash
                           AND f.transfer = s.transfer AND said.subject = s.correction END)
            ORDER BY 1
        """)
    )
    return list(rows.scalars())
