"""Every SQL statement of terms, windows and statements."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, text

from app.clearing.rules import (
    Act,
    DisputeReason,
    Movement,
    Netting,
    Statement,
    StatementState,
    Terms,
    Window,
)
from app.kernel.units import Fen
from app.ledger.rules import canonical
from app.platform.db import Reader, Tx

_TERMS = """
    SELECT number, id, netting, proposed_by, coalesce(approved_by, from_node) AS approved_by,
           hold_until_paid
    FROM clearing_terms
"""
_WINDOWS = """
    SELECT number, first_index, end_index, terms, netting, closed_at, received
    FROM settlement_window
"""
_STATEMENTS = """
    SELECT id, window_number, a, b, a_owes_fen, b_owes_fen, hash, state, between_nodes, received
    FROM settlement_statement
"""
_OF_ONE_WINDOW = """
    WHERE window_number = (SELECT s.window_number FROM settlement_statement s WHERE s.id = :id)
    ORDER BY id FOR UPDATE
"""
# Held by whoever changes how debts are paid, shared by whoever pays one directly: a payment and
# the switch never pass each other unseen.
_SWITCH = "SELECT {} (hashtextextended('clearing', 0))"
_MOVEMENTS = text("""
    SELECT l.leaf_index, e.kind, a.province AS debtor, a.owner AS creditor, p.amount,
           p.target_id = a.id AS arises
    FROM ledger_account a
    JOIN ledger_posting p ON a.id IN (p.source_id, p.target_id)
    JOIN tlog_leaf l ON l.record_id = p.entry_id
    JOIN ledger_entry e ON e.record_id = p.entry_id
    WHERE a.kind = 'due_to' AND l.leaf_index >= :first AND l.leaf_index < :end
        AND NOT EXISTS (SELECT FROM stated_obligation s WHERE s.record = e.record_id)
    ORDER BY l.leaf_index, p.position
""")
_INSERT_STATEMENT = text("""
    INSERT INTO settlement_statement
        (id, window_number, a, b, a_owes_fen, b_owes_fen, document, hash, between_nodes, received)
    VALUES (:id, :window, :a, :b, :a_owes, :b_owes, :document, :hash, :between, :received)
""")


def _terms(row: Row[Any]) -> Terms:
    return Terms(
        row.id, Netting(row.netting), row.proposed_by, row.approved_by, row.hold_until_paid
    )


def _window(row: Row[Any]) -> Window:
    return Window(
        row.number,
        row.first_index,
        row.end_index,
        row.terms,
        Netting(row.netting),
        row.closed_at,
        row.received,
    )


def _statement(row: Row[Any]) -> Statement:
    return Statement(
        row.id,
        row.window_number,
        row.a,
        row.b,
        Fen(row.a_owes_fen),
        Fen(row.b_owes_fen),
        row.hash,
        StatementState(row.state),
        row.between_nodes,
        row.received,
    )


# ------------------------------------------------------------------------------------- terms


async def hold_switch(tx: Tx, *, shared: bool = False) -> None:
    """Wait until nobody switches clearing on, or pays around it, in another transaction."""
    name = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    await tx.run(text(_SWITCH.format(name)))


async def terms_in_force(reader: Reader) -> Terms | None:
    """The newest approved terms; None while this node does not clear."""
    rows = await reader.run(
        text(
            _TERMS
            + """ WHERE approved_by IS NOT NULL OR from_node IS NOT NULL
                  ORDER BY number DESC LIMIT 1"""
        )
    )
    row = rows.one_or_none()
    return None if row is None else _terms(row)


async def lock_terms(tx: Tx, id_: str) -> Terms | None:
    """Terms, held until this transaction ends."""
    rows = await tx.run(text(_TERMS + " WHERE id = :id FOR UPDATE"), {"id": id_})
    row = rows.one_or_none()
    return None if row is None else _terms(row)


async def list_terms(reader: Reader, after: int, limit: int) -> list[tuple[int, Terms]]:
    """Terms with their numbers, in the order in which they were proposed."""
    rows = await reader.run(
        text(_TERMS + " WHERE number > :after ORDER BY number LIMIT :limit"),
        {"after": after, "limit": limit},
    )
    return [(row.number, _terms(row)) for row in rows]


async def insert_terms(tx: Tx, terms: Terms, node: str | None = None) -> None:
    """Add proposed terms; those of the ministry's `node`, where it is another, are in force."""
    await tx.run(
        text("""
            INSERT INTO clearing_terms (id, netting, proposed_by, hold_until_paid, from_node)
            VALUES (:id, :netting, :by, :hold, :node)
        """),
        {
            "id": terms.id,
            "netting": terms.netting.value,
            "by": terms.proposed_by,
            "hold": terms.hold_until_paid,
            "node": node,
        },
    )


async def approve_terms(tx: Tx, id_: str, person: str) -> None:
    """Mark terms approved."""
    await tx.run(
        text("UPDATE clearing_terms SET approved_by = :person WHERE id = :id"),
        {"id": id_, "person": person},
    )


# ----------------------------------------------------------------------------------- windows


async def last_window(reader: Reader) -> Window | None:
    """The window of this node's log that was closed last."""
    rows = await reader.run(text(_WINDOWS + " WHERE NOT received ORDER BY number DESC LIMIT 1"))
    row = rows.one_or_none()
    return None if row is None else _window(row)


async def find_window(reader: Reader, number: int) -> Window:
    """A window that exists."""
    window = await window_if_any(reader, number)
    assert window is not None, "a statement has its window"
    return window


async def window_if_any(reader: Reader, number: int) -> Window | None:
    """A window."""
    rows = await reader.run(text(_WINDOWS + " WHERE number = :number"), {"number": number})
    row = rows.one_or_none()
    return None if row is None else _window(row)


async def list_windows(reader: Reader, after: int, limit: int) -> list[Window]:
    """Windows in their order."""
    rows = await reader.run(
        text(_WINDOWS + " WHERE number > :after ORDER BY number LIMIT :limit"),
        {"after": after, "limit": limit},
    )
    return [_window(row) for row in rows]


async def read_movements(reader: Reader, first: int, end: int) -> list[Movement]:
    """What changed a debt between provinces in the entries [first, end), in order of the log."""
    rows = await reader.run(_MOVEMENTS, {"first": first, "end": end})
    return [
        Movement(r.leaf_index, r.kind, r.debtor, r.creditor, Fen(r.amount), r.arises) for r in rows
    ]


async def insert_window(tx: Tx, window: Window) -> None:
    """Add the window that follows the last, or one that the ministry's node has told of."""
    await tx.run(
        text("""
            INSERT INTO settlement_window
                (number, first_index, end_index, previous, terms, netting, closed_at, received)
            VALUES (:number, :first, :end, :previous, :terms, :netting, :at, :received)
        """),
        {
            "number": window.number,
            "first": window.first,
            "end": window.end,
            "previous": window.first if window.number > 1 and not window.received else None,
            "terms": window.terms,
            "netting": window.netting.value,
            "at": window.closed_at,
            "received": window.received,
        },
    )


# -------------------------------------------------------------------------------- statements


async def insert_statements(tx: Tx, rows: Sequence[tuple[Statement, Mapping[str, Any]]]) -> None:
    """Add the statements of a window with their documents."""
    await tx.run(
        _INSERT_STATEMENT,
        [
            {
                "id": one.id,
                "window": one.window,
                "a": one.a,
                "b": one.b,
                "a_owes": one.a_owes,
                "b_owes": one.b_owes,
                "document": canonical(document),
                "hash": one.hash,
                "between": one.between_nodes,
                "received": one.received,
            }
            for one, document in rows
        ],
    )


async def find_statement(reader: Reader, id_: str) -> Statement | None:
    """A statement."""
    row = (await reader.run(text(_STATEMENTS + " WHERE id = :id"), {"id": id_})).one_or_none()
    return None if row is None else _statement(row)


async def read_document(reader: Reader, id_: str) -> dict[str, Any]:
    """The document of a statement that exists."""
    rows = await reader.run(
        text("SELECT document FROM settlement_statement WHERE id = :id"), {"id": id_}
    )
    document: dict[str, Any] = json.loads(bytes(rows.scalar_one()))
    return document


async def lock_window_of(tx: Tx, statement: str) -> list[Statement]:
    """All statements of the window of a statement, held until this transaction ends."""
    rows = await tx.run(text(_STATEMENTS + _OF_ONE_WINDOW), {"id": statement})
    return [_statement(row) for row in rows]


async def lock_window(tx: Tx, number: int) -> list[Statement]:
    """All statements of a window, held until this transaction ends."""
    rows = await tx.run(
        text(_STATEMENTS + " WHERE window_number = :number ORDER BY id FOR UPDATE"),
        {"number": number},
    )
    return [_statement(row) for row in rows]


async def list_statements(
    reader: Reader, only: str | None, after: str, limit: int
) -> list[Statement]:
    """Statements in order of id; those of the province `only`, where one is given."""
    rows = await reader.run(
        text(
            _STATEMENTS
            + """ WHERE id > :after AND (CAST(:only AS text) IS NULL OR :only IN (a, b))
                  ORDER BY id LIMIT :limit"""
        ),
        {"only": only, "after": after, "limit": limit},
    )
    return [_statement(row) for row in rows]


async def approve_statement(tx: Tx, id_: str) -> None:
    """Mark a statement approved by both."""
    await tx.run(
        text("UPDATE settlement_statement SET state = 'approved' WHERE id = :id"), {"id": id_}
    )


async def add_act(tx: Tx, statement: str, act: Act) -> None:
    """Keep an approval or dispute."""
    await tx.run(
        text("""
            INSERT INTO statement_act (statement, province, reason, person, at)
            VALUES (:statement, :province, :reason, :person, :at)
        """),
        {
            "statement": statement,
            "province": act.province,
            "reason": None if act.reason is None else act.reason.value,
            "person": act.person,
            "at": act.at,
        },
    )


async def list_acts(reader: Reader, statements: Sequence[str]) -> dict[str, list[Act]]:
    """What was done with statements, in its order."""
    rows = await reader.run(
        text("""
            SELECT statement, province, reason, person, at FROM statement_act
            WHERE statement = ANY(:ids) ORDER BY number
        """),
        {"ids": list(statements)},
    )
    acts: dict[str, list[Act]] = {id_: [] for id_ in statements}
    for row in rows:
        reason = None if row.reason is None else DisputeReason(row.reason)
        acts[row.statement].append(Act(row.province, reason, row.person, row.at))
    return acts


async def is_unpaid(reader: Reader, lot: str) -> bool:
    """Whether something is not confirmed paid that a sold lot made its province owe for tickets."""
    rows = await reader.run(text("SELECT quota_unpaid(:lot)"), {"lot": lot})
    return bool(rows.scalar_one())
