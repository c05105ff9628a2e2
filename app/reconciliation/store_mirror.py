"""Every SQL statement about sums at a log position: of this node's tables, and of mirrored logs."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Row, text

from app.ledger.rules import AccountRef
from app.platform.db import Reader, Tx
from app.reconciliation.rules import ROWS_MAX, Account, Group, GroupKey
from app.reconciliation.rules_borders import Matter
from app.reconciliation.rules_mirror import IN, OUT, Crossed, Effects
from app.transparency.edge import Edge

T = TypeVar("T")

BATCH = 20_000
"""How many rows one statement carries: a first mirror has them by the million."""

_GROUPS = """
    SELECT province, kind, other, sum(total)::bigint AS total,
           encode(sha256(convert_to(string_agg(code || ' ' || total || ' ' || kept, chr(10)
                                               ORDER BY code), 'UTF8')), 'hex') AS digest
    FROM stands WHERE total <> 0 OR kept <> 0 GROUP BY 1, 2, 3
"""
_PAGE = """
    SELECT code, total, kept FROM stands
    WHERE (total <> 0 OR kept <> 0) AND province = :province AND kind = :kind AND other = :other
        AND code > :after AND (CAST(:last AS text) IS NULL OR code <= :last)
    ORDER BY code LIMIT :limit
"""
# Some kinds of accounts name another province: each of these accounts is a group of its own.
# `total` adds up every posting below the position; `kept` is the balance of the account's row less
# what came later. Either alone would leave a changed row of the other table unseen.
_TABLES = """
    WITH stands AS (
        SELECT a.code, a.province, a.kind,
               CASE WHEN a.kind IN ('due_to', 'due_from', 'conversion') THEN a.owner ELSE '' END
                   AS other, coalesce(m.below, 0)::bigint AS total,
               (a.balance - coalesce(m.whole, 0) + coalesce(m.below, 0))::bigint AS kept
        FROM ledger_account a LEFT JOIN (
            SELECT id, sum(delta) AS whole,
                   sum(delta) FILTER (WHERE leaf_index < :size) AS below
            FROM (SELECT entry_id, source_id AS id, -amount AS delta FROM ledger_posting
                  UNION ALL SELECT entry_id, target_id, amount FROM ledger_posting) p
            LEFT JOIN tlog_leaf l ON l.record_id = p.entry_id
            GROUP BY id) m ON m.id = a.id)
"""
_MIRROR = """
    WITH stands AS (
        SELECT code, province, kind,
               CASE WHEN kind IN ('due_to', 'due_from', 'conversion') THEN owner ELSE '' END
                   AS other, balance AS total, balance AS kept
        FROM mirrored_account WHERE log = :log)
"""

_LOG = text("SELECT size, edge, settled FROM mirrored_log WHERE log = :log")
_OPEN = text("INSERT INTO mirrored_log (log) VALUES (:log) ON CONFLICT (log) DO NOTHING")
_GROW = text("""
    UPDATE mirrored_log SET size = :size, edge = :edge WHERE log = :log AND size = :old
""")
_SETTLE = text("UPDATE mirrored_log SET settled = size WHERE log = ANY(:logs)")
_FORGET_TOUCHES = text("DELETE FROM mirrored_touch WHERE log = ANY(:logs)")
_ACCOUNTS = text("""
    INSERT INTO mirrored_account (log, code, kind, province, owner, balance)
    SELECT :log, * FROM unnest(CAST(:codes AS text[]), CAST(:kinds AS text[]),
        CAST(:provinces AS text[]), CAST(:owners AS text[]), CAST(:amounts AS bigint[]))
    ON CONFLICT (log, code) DO UPDATE
    SET balance = mirrored_account.balance + excluded.balance
""")
_TOUCHES = text("""
    INSERT INTO mirrored_touch (log, code, leaf)
    SELECT :log, * FROM unnest(CAST(:codes AS text[]), CAST(:leaves AS bigint[]))
""")
_FLOWS = text("""
    INSERT INTO mirrored_flow (log, province, entry, source, target, amount)
    SELECT :log, * FROM unnest(CAST(:provinces AS text[]), CAST(:entries AS text[]),
        CAST(:sources AS text[]), CAST(:targets AS text[]), CAST(:amounts AS bigint[]))
    ON CONFLICT (log, province, entry, source, target) DO UPDATE
    SET amount = mirrored_flow.amount + excluded.amount
""")
_CROSSED = text("""
    INSERT INTO mirrored_crossing (log, side, id, giver, receiver, sent, received, yield_out,
                                   yield_in, document, leaf)
    VALUES (:log, :side, :id, :giver, :receiver, :sent, :received, :yield_out, :yield_in,
            :document, :leaf)
""")
_DUES = text("""
    INSERT INTO mirrored_due (log, code, matter, amount, leaf)
    SELECT :log, * FROM unnest(CAST(:codes AS text[]), CAST(:matters AS text[]),
        CAST(:amounts AS bigint[]), CAST(:leaves AS bigint[]))
    ON CONFLICT (log, code, matter) DO UPDATE
    SET amount = mirrored_due.amount + excluded.amount
""")


@dataclass(frozen=True, slots=True)
class Flow:
    """All postings of one kind of entry between two kinds of accounts of a book, added up."""

    log: str
    province: str
    entry: str
    source: str
    target: str
    amount: int


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A mirrored log: up to where its entries are reckoned, and where the last round was."""

    edge: Edge
    settled: int


# --------------------------------------------------------------------------------- this node


async def sum_tables(reader: Reader, size: int) -> dict[GroupKey, Group]:
    """What this node's own tables say of the entries below a log position, by group."""
    return _groups(await reader.run(text(_TABLES + _GROUPS), {"size": size}))


async def list_tables(
    reader: Reader, size: int, key: GroupKey, after: str
) -> list[tuple[str, Account]]:
    """The same for the accounts of one group, from behind a code; one more than fit a message."""
    parameters = {"size": size, "after": after, "last": None, "limit": ROWS_MAX + 1}
    rows = await reader.run(text(_TABLES + _PAGE), parameters | key._asdict())
    return [(row.code, Account(row.total, row.kept)) for row in rows]


# ------------------------------------------------------------------------------------ mirrors


async def find_mirrored(reader: Reader, log: str) -> Mirrored:
    """How far a log is mirrored; one that is new is empty."""
    row = (await reader.run(_LOG, {"log": log})).one_or_none()
    if row is None:
        return Mirrored(Edge(), 0)
    return Mirrored(Edge(row.size, bytes(row.edge)), row.settled)


async def grow(tx: Tx, log: str, old: int, edge: Edge, effects: Effects) -> bool:
    """Take verified entries into the mirror; False where another has done so meanwhile."""
    await tx.run(_OPEN, {"log": log})
    moved = await tx.run(_GROW, {"log": log, "old": old, "size": edge.size, "edge": edge.roots})
    if moved.rowcount != 1:
        return False
    for some in _batches(sorted(effects.accounts.items())):
        refs = [AccountRef.of(code) for code, _ in some]
        await tx.run(
            _ACCOUNTS,
            {
                "log": log,
                "codes": [code for code, _ in some],
                "kinds": [ref.kind.value for ref in refs],
                "provinces": [ref.province for ref in refs],
                "owners": [ref.owner for ref in refs],
                "amounts": [amount for _, amount in some],
            },
        )
    for touches in _batches(sorted(effects.touched)):
        codes, leaves = zip(*touches, strict=True)
        await tx.run(_TOUCHES, {"log": log, "codes": list(codes), "leaves": list(leaves)})
    await _grow_flows(tx, log, effects)
    return True


async def _grow_flows(tx: Tx, log: str, effects: Effects) -> None:
    if effects.flows:
        provinces, entries, sources, targets = zip(*effects.flows, strict=True)
        await tx.run(
            _FLOWS,
            {
                "log": log,
                "provinces": list(provinces),
                "entries": list(entries),
                "sources": list(sources),
                "targets": list(targets),
                "amounts": list(effects.flows.values()),
            },
        )
    if effects.crossed:
        await tx.run(_CROSSED, [_crossed_row(one) | {"log": log} for one in effects.crossed])
    for some in _batches(sorted(effects.dues.items())):
        await tx.run(
            _DUES,
            {
                "log": log,
                "codes": [code for (code, _), _ in some],
                "matters": [matter for (_, matter), _ in some],
                "amounts": [due.amount for _, due in some],
                "leaves": [due.leaf for _, due in some],
            },
        )


async def settle(tx: Tx, logs: Collection[str]) -> None:
    """Note that a round has closed over these logs as they are mirrored."""
    await tx.run(_SETTLE, {"logs": sorted(logs)})


async def forget_touches(tx: Tx, logs: Collection[str]) -> None:
    """Which entries touched which accounts matters since the last agreed position only."""
    await tx.run(_FORGET_TOUCHES, {"logs": sorted(logs)})


async def sum_mirror(reader: Reader, log: str) -> dict[GroupKey, Group]:
    """What a mirrored log gives, by group; to be compared with what its node's tables say."""
    return _groups(await reader.run(text(_MIRROR + _GROUPS), {"log": log}))


async def list_mirror(
    reader: Reader, log: str, key: GroupKey, after: str, last: str | None
) -> dict[str, int]:
    """The same for the accounts of a group, from behind a code up to one."""
    parameters = {"log": log, "after": after, "last": last, "limit": None}
    rows = await reader.run(text(_MIRROR + _PAGE), parameters | key._asdict())
    return {row.code: row.total for row in rows}


async def list_touches(
    reader: Reader, log: str, codes: Collection[str], limit: int
) -> dict[str, list[int]]:
    """The latest entries that touched accounts since the last agreed position, by their indexes."""
    rows = await reader.run(
        text("""
            SELECT code, leaf FROM (
                SELECT code, leaf, row_number() OVER (PARTITION BY code ORDER BY leaf DESC) AS n
                FROM mirrored_touch WHERE log = :log AND code = ANY(CAST(:codes AS text[]))) ranked
            WHERE n <= :limit ORDER BY code, leaf
        """),
        {"log": log, "codes": sorted(codes), "limit": limit},
    )
    touches: dict[str, list[int]] = {}
    for row in rows:
        touches.setdefault(row.code, []).append(row.leaf)
    return touches


async def list_borders(reader: Reader) -> list[tuple[str, str, str, str, int]]:
    """Every account between provinces: (log, kind, book, other province, balance)."""
    rows = await reader.run(
        text("""
            SELECT log, kind, province, owner, balance FROM mirrored_account
            WHERE kind IN ('due_to', 'due_from', 'conversion') ORDER BY log, code
        """)
    )
    return [(r.log, r.kind, r.province, r.owner, r.balance) for r in rows]


async def list_crossed(reader: Reader) -> list[tuple[str, Crossed]]:
    """Every conversion of every log, in order of transfer."""
    rows = await reader.run(text("SELECT * FROM mirrored_crossing ORDER BY id, side, leaf"))
    return [
        (
            r.log,
            Crossed(
                side=OUT if r.side == OUT else IN,
                id=r.id,
                giver=r.giver,
                receiver=r.receiver,
                sent=r.sent,
                received=r.received,
                yield_out=r.yield_out,
                yield_in=r.yield_in,
                document=r.document,
                leaf=r.leaf,
            ),
        )
        for r in rows
    ]


async def list_dues(reader: Reader, log: str, code: str) -> dict[str, Matter]:
    """By what matters an account of dues came to its balance; those that cancelled out left out."""
    rows = await reader.run(
        text("""
            SELECT d.matter, d.amount, d.leaf < l.settled AS seen
            FROM mirrored_due d JOIN mirrored_log l ON l.log = d.log
            WHERE d.log = :log AND d.code = :code AND d.amount <> 0
        """),
        {"log": log, "code": code},
    )
    return {r.matter: Matter(r.amount, r.seen) for r in rows}


async def list_flows(reader: Reader) -> list[Flow]:
    """All flows of all logs."""
    rows = await reader.run(text("SELECT * FROM mirrored_flow"))
    return [Flow(r.log, r.province, r.entry, r.source, r.target, r.amount) for r in rows]


async def sum_kinds(reader: Reader) -> dict[tuple[str, str, str], int]:
    """Balances added up by log, book and kind of account."""
    rows = await reader.run(
        text("""
            SELECT log, province, kind, sum(balance)::bigint AS balance FROM mirrored_account
            GROUP BY log, province, kind
        """)
    )
    return {(r.log, r.province, r.kind): r.balance for r in rows}


async def list_sizes(reader: Reader) -> dict[str, int]:
    """At which positions the logs are mirrored."""
    rows = await reader.run(text("SELECT log, size FROM mirrored_log ORDER BY log"))
    return {r.log: r.size for r in rows}


def _groups(rows: Iterable[Row[Any]]) -> dict[GroupKey, Group]:
    return {GroupKey(r.province, r.kind, r.other): Group(r.total, r.digest) for r in rows}


def _crossed_row(one: Crossed) -> dict[str, object]:
    return {name: getattr(one, name) for name in Crossed.__slots__}


def _batches(rows: Sequence[T]) -> list[Sequence[T]]:
    return [rows[i : i + BATCH] for i in range(0, len(rows), BATCH)]
