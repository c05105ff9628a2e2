"""The command behind `POST /v1/settlement-windows`: the ministry closes a window of the log.

- terms are approved, and are those that the sender means;
- the window begins where the last one ended, and ends within what the log has published;
- some obligation between provinces falls in it, and each of them keeps its books here.

What falls in a window is told by the indexes of entries in the log, not by a clock: whoever has
the log finds the same obligations and makes the same statements.
"""

from dataclasses import dataclass

from app import ledger, nodes, transparency
from app.clearing import rules, store
from app.clearing.rules import ClearingRefusal, Statement, StatementState, Window
from app.kernel.ids import NODE
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import decimal
from app.platform.db import Tx


@dataclass(frozen=True, slots=True)
class CloseWindow:
    """The next window, by the terms in force; without `end`, up to all that is published."""

    terms: str
    end: int | None = None


async def close_window(tx: Tx, command: CloseWindow) -> Window:
    """Close the window that follows the last, and state what each pair owes by it."""
    end = command.end
    await store.hold_switch(tx)
    terms = await store.terms_in_force(tx)
    last = await store.last_window(tx)
    first = 0 if last is None else last.end
    shown = await transparency.shown_checkpoint(tx)
    until = rules.decide_window(terms, first, end, 0 if shown is None else shown.size)
    if isinstance(until, ClearingRefusal):
        raise Rejected(until, "end" if end is not None else None)
    assert terms is not None, "a window was decided by the terms in force"
    if terms.id != command.terms:
        raise Rejected(CommonRefusal.NOT_FOUND, "terms")
    pairs = rules.by_pair(rules.obligations(await store.read_movements(tx, first, until)))
    if not pairs:
        raise Rejected(ClearingRefusal.WINDOW_EMPTY)
    for province in sorted({code for pair in pairs for code in pair}):
        if not await nodes.hosts(tx, province):
            raise Rejected(ClearingRefusal.WINDOW_BETWEEN_NODES)

    number = 1 if last is None else last.number + 1
    window = Window(number, first, until, terms.id, terms.netting, await tx.now())
    statements = []
    for pair, owed in pairs.items():
        document = rules.document((number, first, until), terms.netting, pair, owed)
        a_owes, b_owes = (rules.total(owed, code) for code in pair)
        statement = Statement(
            rules.statement_id(number, pair),
            number,
            *pair,
            a_owes,
            b_owes,
            rules.hash_of(document),
            StatementState.OPEN,
        )
        statements.append((statement, document))
    await store.insert_window(tx, window)
    await store.insert_statements(tx, statements)
    await ledger.record(tx, [_note(window, [statement for statement, _ in statements])])
    return window


def _note(window: Window, statements: list[Statement]) -> ledger.Note:
    return ledger.Note(
        kind="settlement_window.closed",
        province=NODE,
        subject=str(window.number),
        body={
            "first": window.first,
            "end": window.end,
            "terms": window.terms,
            "netting": window.netting.value,
            "statements": [
                [one.a, one.b, decimal(one.a_owes), decimal(one.b_owes), one.hash]
                for one in statements
            ],
        },
    )
