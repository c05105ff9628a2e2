"""The one door to the ledger: lock, read, judge in memory, write one statement per table."""

import json
from collections.abc import Sequence

from app.kernel.refusal import Rejected
from app.ledger import rules, store
from app.ledger.rules import Draft, LedgerRefusal, Note, Posted
from app.platform.db import Tx, Written


async def post(tx: Tx, drafts: Sequence[Draft]) -> list[Posted]:
    """Append entries, one or ten thousand, in the same number of statements; all or none.

    Each is judged against the balances that the ones before it leave. A draft whose key stands
    already with the same moves is answered with what stands. Drafts without moves are not entries
    and must be left out. Raises `Rejected` (`LedgerRefusal`) with nothing written.
    """
    if not drafts:
        return []
    refs = sorted({ref for d in drafts for m in d.moves for ref in (m.source, m.target)})
    accounts = await store.lock_accounts(tx, refs)
    standing = await store.find_entries(tx, [d.key for d in drafts])

    balances = {code: account.balance for code, account in accounts.items()}
    frozen = frozenset(code for code, account in accounts.items() if account.frozen)
    fresh: list[tuple[Draft, list[tuple[int, int]]]] = []
    seen: set[str] = set()
    for draft in drafts:
        if draft.key in standing:
            _check_same(draft, standing[draft.key][1])
            continue
        if draft.key in seen:
            raise Rejected(LedgerRefusal.KEY_REUSED)
        seen.add(draft.key)
        running = rules.judge(draft, balances, frozen)
        if isinstance(running, LedgerRefusal):
            raise Rejected(running)
        for posting, (source, target) in zip(draft.moves, running, strict=True):
            balances[posting.source.code] = source
            balances[posting.target.code] = target
        fresh.append((draft, running))

    numbers: dict[str, int] = {}
    if fresh:
        at = await tx.now()
        ids = await store.take_numbers(tx, len(fresh))
        numbers = {draft.key: id_ for id_, (draft, _) in zip(ids, fresh, strict=True)}
        rows = [
            store.EntryRow(id_, draft, rules.entry_body(draft, tx.actor, at, running), running)
            for id_, (draft, running) in zip(ids, fresh, strict=True)
        ]
        await store.insert_entries(tx, rows, accounts, at)
        tx.records += [Written(row.id, f"entry.{row.draft.kind}", row.body) for row in rows]
    return [
        Posted(
            numbers[d.key] if d.key in numbers else standing[d.key][0],
            balances,
            repeated=d.key in standing,
        )
        for d in drafts
    ]


async def record(tx: Tx, notes: Sequence[Note]) -> list[int]:
    """Append records of events that moved no value; answers with their numbers."""
    if not notes:
        return []
    at = await tx.now()
    ids = await store.take_numbers(tx, len(notes))
    rows = [
        store.RecordRow(id_, n.kind, n.province, n.subject, at, rules.note_body(n, tx.actor, at))
        for id_, n in zip(ids, notes, strict=True)
    ]
    await store.insert_records(tx, rows)
    tx.records += [Written(row.id, row.kind, row.body) for row in rows]
    return ids


def _check_same(draft: Draft, body: bytes) -> None:
    stands = json.loads(body)
    same = stands["kind"] == f"entry.{draft.kind}" and [p[:3] for p in stands["postings"]] == [
        [m.source.code, m.target.code, str(m.amount)] for m in draft.moves
    ]
    if not same:
        raise Rejected(LedgerRefusal.KEY_REUSED)
