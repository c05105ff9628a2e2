"""Recompute everything from the postings and say what does not agree.

Nothing that the application or its database keeps as a convenience is trusted: leaf hashes are
computed from the records' bytes, entries are compared with their records, balances are added up
posting by posting, and both conservation laws are taken over the sums.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from app.ledger.kinds import (
    ASSET,
    FARMLAND,
    MOVES,
    RIGHT_TO_BUILD,
    UNBOUNDED,
    AccountKind,
    Asset,
    EntryKind,
)
from app.ledger.rules import AccountRef, instant_text, leaf_hash
from app.platform.db import Reader

# A row per record and per entry, whichever of the two is missing.
_ENTRIES = text("""
    SELECT r.id AS record, r.kind AS record_kind, r.province AS record_province,
           r.subject AS record_subject, r.at AS record_at, r.body, r.leaf_hash,
           e.record_id AS entry,
           e.kind, e.key, e.province, e.subject, e.actor, e.at, e.policy
    FROM record r FULL JOIN ledger_entry e ON e.record_id = r.id
    ORDER BY coalesce(r.id, e.record_id)
""")
_POSTINGS = text("""
    SELECT entry_id, position, source_id, target_id, amount, source_balance, target_balance
    FROM ledger_posting ORDER BY entry_id, position
""")
_ACCOUNTS = text("SELECT id, code, kind, owner, province, floor, balance FROM ledger_account")
_KINDS = text("SELECT kind, asset, may_be_negative FROM ledger_account_kind")
_MOVES = text("SELECT entry_kind, source_kind, target_kind FROM ledger_move")

FINDINGS_MAX = 1000


@dataclass(slots=True)
class Verification:
    """What was found. `balanced`: balances and laws agree; `log_verified`: records agree."""

    records: int = 0
    entries: int = 0
    postings: int = 0
    balanced: bool = True
    log_verified: bool = True
    findings: list[str] = field(default_factory=list)

    def fault(self, message: str, *, log: bool) -> None:
        """Note one disagreement."""
        if log:
            self.log_verified = False
        else:
            self.balanced = False
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(message)


@dataclass(slots=True)
class _Accounts:
    rows: dict[int, Any]
    sums: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    suspects: set[int] = field(default_factory=set)

    def code(self, id_: int) -> str:
        row = self.rows.get(id_)
        return str(row.code) if row is not None else f"#{id_}"


async def verify(reader: Reader, elsewhere: Collection[str] = ()) -> Verification:
    """Check the whole ledger within one snapshot; names each entry or account at fault.

    Records with their entries and postings are read side by side, both in order of entry, so
    memory does not grow with the ledger. `elsewhere` are provinces whose books other nodes keep:
    what is owed to or by one of them stands in one book here.
    """
    found = Verification()
    rows = (await reader.run(_ACCOUNTS)).all()
    accounts = _Accounts({row.id: row for row in rows})
    named = Counter(row.code for row in rows)
    for code in sorted(code for code, times in named.items() if times > 1):
        found.fault(f"account {code}: it stands more than once", log=False)
    async with (
        reader.connection.stream(_ENTRIES) as entries,
        reader.connection.stream(_POSTINGS) as postings,
    ):
        waiting = await anext(postings, None)
        async for row in entries:
            number = row.entry if row.record is None else row.record
            while waiting is not None and waiting.entry_id < number:
                found.fault(f"entry {waiting.entry_id}: its postings stand alone", log=True)
                _add_posting(waiting, accounts, found)
                waiting = await anext(postings, None)
            own: list[list[str]] = []
            while waiting is not None and waiting.entry_id == number:
                if waiting.position != len(own):
                    found.fault(f"entry {number}: its postings are not numbered in order", log=True)
                own.append(_add_posting(waiting, accounts, found))
                waiting = await anext(postings, None)
            _check_record(row, found)
            _check_entry(row, number, own, found)
        while waiting is not None:
            found.fault(f"entry {waiting.entry_id}: its postings stand alone", log=True)
            _add_posting(waiting, accounts, found)
            waiting = await anext(postings, None)
    _check_balances(accounts, found)
    _check_laws(accounts, frozenset(elsewhere), found)
    await _check_declarations(reader, found)
    return found


def _check_record(row: Any, found: Verification) -> None:
    if row.record is None:
        return
    found.records += 1
    if leaf_hash(bytes(row.body)) != bytes(row.leaf_hash):
        found.fault(f"record {row.record}: its bytes do not have its leaf hash", log=True)
    body = _body(row)
    stated = {
        "kind": row.record_kind,
        "province": row.record_province,
        "subject": row.record_subject,
        "at": instant_text(row.record_at),
    }
    if any(body.get(name) != value for name, value in stated.items()):
        found.fault(f"record {row.record}: its columns do not say what its bytes say", log=True)


def _body(row: Any) -> dict[str, Any]:
    try:
        body = json.loads(bytes(row.body))
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _add_posting(row: Any, accounts: _Accounts, found: Verification) -> list[str]:
    """Add a posting to its accounts; answers with it as its record would say it."""
    found.postings += 1
    if row.amount <= 0:
        found.fault(f"entry {row.entry_id}: a posting is not positive", log=False)
    for id_, delta, stated in (
        (row.source_id, -row.amount, row.source_balance),
        (row.target_id, row.amount, row.target_balance),
    ):
        accounts.sums[id_] += delta
        if accounts.sums[id_] != stated and id_ not in accounts.suspects:
            accounts.suspects.add(id_)
            found.fault(
                f"entry {row.entry_id}: the balance of {accounts.code(id_)} after it is"
                f" stated as {stated}, its postings give {accounts.sums[id_]}",
                log=False,
            )
    return [
        accounts.code(row.source_id),
        accounts.code(row.target_id),
        str(row.amount),
        str(row.source_balance),
        str(row.target_balance),
    ]


def _check_entry(row: Any, number: int, own: list[list[str]], found: Verification) -> None:
    """An entry says what its record says, its moves are declared, and none is missing."""
    if row.entry is None:
        if row.record_kind.startswith("entry.") or own:
            found.fault(f"entry {number}: its record stands, but the entry is gone", log=True)
        return
    found.entries += 1
    if not own:
        found.fault(f"entry {number}: it has no postings", log=False)
    if not _declared(row.kind, own):
        found.fault(f"entry {number}: a move is not declared for {row.kind}", log=False)
    if row.body is None or not _agrees(row, own):
        found.fault(f"entry {number}: it does not say what its record says", log=True)


def _declared(kind: str, postings: list[list[str]]) -> bool:
    try:
        moves = MOVES[EntryKind(kind)]
        return all(
            (AccountKind(p[0].split(":")[0]), AccountKind(p[1].split(":")[0])) in moves
            for p in postings
        )
    except ValueError:
        return False


def _agrees(row: Any, postings: list[list[str]]) -> bool:
    body = _body(row)
    stated = {
        "kind": f"entry.{row.kind}",
        "key": row.key,
        "province": row.province,
        "subject": row.subject,
        "actor": row.actor,
        "at": instant_text(row.at),
        "policy": row.policy,
        "postings": postings,
    }
    return all(body.get(name) == value for name, value in stated.items())


async def _check_declarations(reader: Reader, found: Verification) -> None:
    """What the database lets through is what the rules declare."""
    kinds = {(r.kind, r.asset, r.may_be_negative) for r in await reader.run(_KINDS)}
    moves = {(r.entry_kind, r.source_kind, r.target_kind) for r in await reader.run(_MOVES)}
    declared = {(k.value, ASSET[k].value, k in UNBOUNDED) for k in AccountKind}
    if kinds != declared:
        found.fault("the database's kinds of accounts are not those that are declared", log=False)
    if moves != {(e.value, s.value, t.value) for e, pairs in MOVES.items() for s, t in pairs}:
        found.fault("the database's moves are not those that are declared", log=False)


def _check_balances(accounts: _Accounts, found: Verification) -> None:
    for id_, row in accounts.rows.items():
        total = accounts.sums.get(id_, 0)
        if not _is_named_rightly(row):
            found.fault(f"account {row.code}: its columns do not say what its name says", log=False)
        if row.balance != total:
            found.fault(
                f"account {row.code}: its balance is {row.balance}, its postings give {total}",
                log=False,
            )
        if row.floor is not None and total < row.floor:
            found.fault(f"account {row.code}: {total} is below its floor {row.floor}", log=False)


def _is_named_rightly(row: Any) -> bool:
    if row.kind not in set(AccountKind):
        return False
    ref = AccountRef(AccountKind(row.kind), row.owner, row.province)
    return (ref.code, ref.floor) == (row.code, row.floor)


def _check_laws(accounts: _Accounts, elsewhere: frozenset[str], found: Verification) -> None:
    """Rights to build and farmland are constant by province; money and claims sum to zero."""
    laws: dict[str, int] = defaultdict(int)
    for id_, total in accounts.sums.items():
        row = accounts.rows.get(id_)
        if row is None:
            found.fault(f"account #{id_}: its postings stand, but the account is gone", log=False)
            continue
        if row.kind not in set(AccountKind):
            continue
        both = not elsewhere & {row.province, row.owner}
        for law in _laws_of(AccountKind(row.kind), row.province, row.owner, both_books=both):
            laws[law] += total
    for law, total in sorted(laws.items()):
        if total != 0:
            found.fault(f"{law}: not conserved, off by {total}", log=False)


def _laws_of(kind: AccountKind, province: str, owner: str, *, both_books: bool) -> list[str]:
    """The sums that an account of this kind belongs to; each must be zero."""
    laws = []
    if ASSET[kind] is Asset.CNY:
        laws.append("money")
    if kind in RIGHT_TO_BUILD:
        laws.append(f"right to build in {province}")
    if kind in FARMLAND:
        laws.append(f"farmland in {province}")
    if kind is AccountKind.DUE_TO and both_books:
        laws.append(f"what {province} owes {owner}, in the two books")
    if kind is AccountKind.DUE_FROM and both_books:
        laws.append(f"what {owner} owes {province}, in the two books")
    return laws
