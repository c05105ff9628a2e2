"""The command behind `POST /v1/settlement-windows`: the ministry closes a window of the log.

- terms are approved, and are those that the sender means;
- the window begins where the last one ended, and ends within what the log has published;
- some obligation between provinces falls in it; of a province of another node, one that both sides
  have stated alike (`agree`), and no more of a pair than a statement can state.

What falls in a window is told by the indexes of entries in the log, not by a clock: whoever has
the log finds the same obligations and makes the same statements. A statement of provinces of other
nodes goes to them by a message.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app import ledger, nodes, transparency
from app.clearing import (
    parties,
    rules,
    rules_stated,
    store,
    store_bank,
    store_between,
    store_stated,
)
from app.clearing.rules import AGENT, ClearingRefusal, Netting, Statement, Window
from app.clearing.rules_between import STATEMENT, BetweenRefusal
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
    await parties.refuse_elsewhere(tx)
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
    local = rules.by_pair(rules.obligations(await store.read_movements(tx, first, until)))
    between = rules_stated.by_pair(await store_stated.read_agreed(tx, first, until))
    await _check(tx, terms.netting, local, between)

    number = 1 if last is None else last.number + 1
    span = (number, first, until)
    window = Window(*span, terms.id, terms.netting, await tx.now())
    documents = {
        pair: rules.document(span, terms.netting, pair, owed) for pair, owed in local.items()
    } | {
        pair: rules_stated.document(span, terms.netting, pair, owed)
        for pair, owed in between.items()
    }
    statements = [
        (rules.statement_of(document, between_nodes=pair in between), document)
        for pair, document in sorted(documents.items())
    ]
    await store.insert_window(tx, window)
    await store.insert_statements(tx, statements)
    for statement, _ in statements:
        if statement.between_nodes:
            await store_between.insert_between(tx, statement.id, between[statement.parties])
        else:
            await store_between.insert_local(tx, statement.id, local[statement.parties])
    (leaf,) = await ledger.record(tx, [_note(window, [one for one, _ in statements])])
    await _tell(tx, statements, leaf)
    return window


async def _check(
    tx: Tx,
    netting: Netting,
    local: Mapping[tuple[str, str], Sequence[rules.Obligation]],
    between: Mapping[tuple[str, str], Sequence[rules_stated.Agreed]],
) -> None:
    """Refuse a window that cannot be stated."""
    if not local and not between:
        raise Rejected(ClearingRefusal.WINDOW_EMPTY)
    for pair in local:
        if pair in between or await parties.hosted_of(tx, pair) != set(pair):
            raise Rejected(ClearingRefusal.WINDOW_BETWEEN_NODES)
    if any(len(owed) > rules_stated.OBLIGATIONS_MAX for owed in between.values()):
        raise Rejected(BetweenRefusal.WINDOW_TOO_LARGE, "end")
    # The last approval comes by a message, and must find all that it needs.
    agent = {AGENT} if between and netting is Netting.MULTILATERAL else set()
    if agent - (await store_bank.accounts_in_force(tx, sorted(agent))).keys():
        raise Rejected(ClearingRefusal.ACCOUNT_MISSING)


async def _tell(
    tx: Tx, statements: Sequence[tuple[Statement, Mapping[str, Any]]], leaf: int
) -> None:
    """Send each statement between nodes to those that keep the books of its provinces."""
    messages = [
        nodes.Message(
            to=name,
            type=STATEMENT,
            transfer=statement.id,
            revision=1,
            body={"document": document},
            leaf=leaf,
        )
        for statement, document in statements
        if statement.between_nodes
        for name in await parties.nodes_of(tx, statement.parties)
    ]
    await nodes.send(tx, messages)


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
