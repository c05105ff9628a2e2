"""A thousand random alterations of the tables under the log, made by a superuser: each is found.

They are drawn over every table and column that the log stands on: a value flipped, taken from
another row or exchanged with it, a row deleted, copied, a table emptied. Each is made in a
transaction of its own in which `hrt verify`'s own function looks, with yesterday's checkpoint.

Left out, because nothing is derived from them: the database's own notes of when and by which
transaction a row was written; accounts that never had a posting; and the newest publication
alone, whose loss only makes the node publish once more.
"""

import random
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from app import ledger, transparency
from app.main import verify_node
from app.platform.db import Reader
from app.platform.settings import ClockKind, sqlalchemy_url
from app.replay import load_case, play
from app.transparency import merkle, store, tiles
from app.transparency.checkpoints import Checkpoint
from app.transparency.notes import sign
from tests.conftest import ROOT

TAMPERINGS, SEED = 1_000, 20261122
IGNORED = {
    ("record", "recorded_at"),
    ("ledger_entry", "written_by"),
    ("tlog_checkpoint", "at"),
    ("tlog_publication", "at"),
}
TABLES = {
    # table: its key
    "record": ("id",),
    "ledger_entry": ("record_id",),
    "ledger_posting": ("entry_id", "position"),
    "ledger_account": ("id",),
    "ledger_account_kind": ("kind",),
    "ledger_move": ("entry_kind", "source_kind", "target_kind"),
    "tlog_pending": ("record_id",),
    "tlog_leaf": ("leaf_index",),
    "tlog_tile": ("tree", "level", "n"),
    "tlog_head": ("tree",),
    "tlog_checkpoint": ("tree", "size"),
    "tlog_publication": ("tree", "number"),
}
_CONSTRAINTS = """
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', conrelid::regclass, conname)
    FROM pg_constraint WHERE conrelid = ANY(CAST(:tables AS regclass[]))
        AND contype IN ('c', 'f', 'u', 'p')
"""


@pytest.fixture
async def superuser(cluster, database, db, market, settings):
    """A market whose log was published yesterday and has grown since; nothing guards its tables."""
    keys = transparency.load_keys(settings)
    publishers = await transparency.open_log(db, settings, keys)
    await play(load_case(ROOT / "cases" / "a-one-household.yaml"), market)
    await transparency.sequence(db, 40)
    await transparency.advance(db, publishers)
    async with db.read() as reader:
        kept = settings.home / "yesterday.checkpoint"
        kept.write_text((await store.last_publication(reader, store.SHA256)).note)
        yesterday = await transparency.memories(reader, settings, [kept])
    for to_be_published in (True, False):
        await db.transact(write_more, "published" if to_be_published else "waiting")
        if to_be_published:
            await transparency.advance(db, publishers)
    for publisher in publishers:
        await publisher.http.aclose()

    engine = create_async_engine(sqlalchemy_url(cluster.dsn("postgres", database)))
    async with engine.connect() as connection:
        for table in TABLES:
            await connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        drops = await connection.execute(text(_CONSTRAINTS), {"tables": list(TABLES)})
        for drop in drops.scalars().all():
            await connection.execute(text(f"DO $$ BEGIN {drop}; EXCEPTION WHEN OTHERS THEN END $$"))
        await connection.commit()
        yield connection, yesterday, keys
    await engine.dispose()


async def write_more(tx, name):
    """Records and an entry of today."""
    bank = ledger.AccountRef(ledger.AccountKind.BANK, name)
    cash = ledger.AccountRef(ledger.AccountKind.BIDDER_CASH, name)
    moves = (*ledger.move(bank, cash, 700), *ledger.move(bank, cash, 7))
    await ledger.post(
        tx,
        [
            ledger.Draft(
                kind=ledger.EntryKind.CASH_IN,
                key=f"cash-in:{name}",
                province="000000",
                subject=name,
                moves=moves,
            )
        ],
    )
    await ledger.record(
        tx, [ledger.Note(kind="test.noted", province="000000", subject=name, body={"a": 1})] * 3
    )


class Tamperer:
    """Draws alterations of the tables as they stand."""

    def __init__(self, rows, types, seed):
        self.rows, self.types = rows, types
        self.random = random.Random(seed)

    def draw(self):
        """What is done, the statement, its values."""
        table = self.random.choice(sorted(TABLES))
        how = self.random.choice(
            (self.flip, self.flip, self.take, self.swap, self.delete, self.copy, self.truncate)
        )
        return how(table)

    def column(self, table):
        columns = [c for c in self.types[table] if (table, c) not in IGNORED]
        return self.random.choice(columns)

    def where(self, table, row, prefix="k"):
        values = {f"{prefix}{n}": row[k] for n, k in enumerate(TABLES[table])}
        keys = " AND ".join(f"{k} = :{prefix}{n}" for n, k in enumerate(TABLES[table]))
        return keys, values

    def set(self, table, row, column, value):
        keys, values = self.where(table, row)
        kind = self.types[table][column]
        statement = f"UPDATE {table} SET {column} = CAST(:v AS {kind}) WHERE {keys}"
        return statement, values | {"v": value}

    def flip(self, table):
        row, column = self.random.choice(self.rows[table]), self.column(table)
        value = self.another(row[column], self.types[table][column])
        return f"flip {table}.{column}", *self.set(table, row, column, value)

    def take(self, table):
        """A value is overwritten by that of another row."""
        column = self.column(table)
        row, other = self.random.choices(self.rows[table], k=2)
        if row[column] == other[column]:
            return self.flip(table)
        return f"take {table}.{column}", *self.set(table, row, column, other[column])

    def swap(self, table):
        """Two rows exchange all but their keys, or their keys where they have nothing else."""
        row, other = self.random.choices(self.rows[table], k=2)
        rest = [
            c for c in self.types[table] if c not in TABLES[table] and (table, c) not in IGNORED
        ]
        if not rest or all(row[c] == other[c] for c in rest):
            return self.flip(table)
        keys, values = self.where(table, row)
        others, more = self.where(table, other, "o")
        assignments = ", ".join(
            f"{c} = CASE WHEN {keys} THEN CAST(:a{n} AS {self.types[table][c]})"
            f" ELSE CAST(:b{n} AS {self.types[table][c]}) END"
            for n, c in enumerate(rest)
        )
        for n, c in enumerate(rest):
            more |= {f"a{n}": other[c], f"b{n}": row[c]}
        statement = f"UPDATE {table} SET {assignments} WHERE ({keys}) OR ({others})"
        return f"swap {table}", statement, values | more

    def delete(self, table):
        rows = self.rows[table]
        if table == "tlog_publication":
            rows = rows[:-1]
        keys, values = self.where(table, self.random.choice(rows))
        return f"delete {table}", f"DELETE FROM {table} WHERE {keys}", values

    def copy(self, table):
        """A row is inserted that looks like another, under a key of its own."""
        row = dict(self.random.choice(self.rows[table]))
        key = self.random.choice(TABLES[table])
        row[key] = self.another(row[key], self.types[table][key])
        names = ", ".join(row)
        values = ", ".join(f"CAST(:{c} AS {self.types[table][c]})" for c in row)
        statement = f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE VALUES ({values})"
        return f"insert {table}", statement, row

    def truncate(self, table):
        return f"truncate {table}", f"TRUNCATE {table}", {}

    def another(self, value, kind):
        """A value of the type that is not this one."""
        if value is None:
            return "7" if kind == "text" else 7
        if isinstance(value, bool):
            return not value
        if isinstance(value, int):
            return value + self.random.choice((-3, -1, 1, 2, 1000))
        if isinstance(value, bytes):
            at = self.random.randrange(len(value))
            return value[:at] + bytes([value[at] ^ 1 << self.random.randrange(8)]) + value[at + 1 :]
        if isinstance(value, str):
            at = self.random.randrange(len(value) + 1)
            return value[:at] + self.random.choice("0x-") + value[at:]
        return value + timedelta(microseconds=self.random.choice((-1, 1, 10**6)))


async def drawn_from(connection):
    """A tamperer for the tables as they stand."""
    types = {
        table: {
            row.attname: row.type
            for row in await connection.execute(
                text(
                    "SELECT attname, format_type(atttypid, atttypmod) AS type FROM pg_attribute"
                    " WHERE attrelid = CAST(:table AS regclass) AND attnum > 0 AND NOT attisdropped"
                    " ORDER BY attnum"
                ),
                {"table": table},
            )
        }
        for table in TABLES
    }
    rows = {}
    for table, keys in TABLES.items():
        found = await connection.execute(text(f"SELECT * FROM {table} ORDER BY {', '.join(keys)}"))
        rows[table] = [dict(row) for row in found.mappings()]
    moved = await connection.execute(
        text("SELECT source_id FROM ledger_posting UNION SELECT target_id FROM ledger_posting")
    )
    used = set(moved.scalars())
    rows["ledger_account"] = [r for r in rows["ledger_account"] if r["id"] in used]
    await connection.rollback()
    return Tamperer(rows, types, SEED)


async def findings(connection, memories):
    return (await verify_node(Reader(connection, ClockKind.SIMULATED), memories)).findings


@pytest.mark.timeout(600)
async def test_each_of_a_thousand_tamperings_is_found(superuser, tell):
    connection, yesterday, _ = superuser
    assert await findings(connection, yesterday) == []
    tamperer = await drawn_from(connection)
    assert all(tamperer.rows.values()), "there is something to alter in every table"
    kinds = Counter()
    while kinds.total() < TAMPERINGS:
        what, statement, values = tamperer.draw()
        try:
            altered = await connection.execute(text(statement), values)
        except DBAPIError:
            await connection.rollback()
            continue
        if altered.rowcount != 0:
            assert await findings(connection, yesterday), (what, statement, values)
            kinds[what.split()[0]] += 1
        await connection.rollback()
    tell(f"{TAMPERINGS} tamperings, each found: {dict(kinds)}")


async def test_an_operator_who_rewrites_everything_alike_is_found_by_yesterdays_checkpoint(
    superuser,
):
    connection, yesterday, keys = superuser
    await rewrite_history(connection, keys)
    assert await findings(connection, ()) == [], "the database agrees with itself"
    found = await findings(connection, yesterday)
    assert any("another root" in finding for finding in found), found


async def rewrite_history(connection, keys):
    """A note of the past says something else; log, roots and signatures are made anew for it."""
    await connection.execute(
        text(r"""
            UPDATE record SET body = convert_to(
                replace(convert_from(body, 'UTF8'), '"actor":"', '"actor":"not-'), 'UTF8')
            WHERE id = (SELECT min(id) FROM record WHERE kind = 'region.registered')
        """)
    )
    await connection.execute(text("UPDATE record SET leaf_hash = sha256('\\x00'::bytea || body)"))
    reader = Reader(connection, ClockKind.SIMULATED)
    head = (await store.heads(reader))[store.SHA256]
    appender, roots = tiles.Appender(0, {}), {0: merkle.EMPTY_ROOT}
    for entry in await store.read_entries(reader, 0, head.size):
        appender.append(merkle.leaf_hash(entry))
        roots[appender.size] = appender.root()
    for (level, n), hashes in appender.changed().items():
        await connection.execute(
            text("UPDATE tlog_tile SET hashes = :h WHERE level = :level AND n = :n"),
            {"h": hashes, "level": level, "n": n},
        )
    await connection.execute(text("UPDATE tlog_head SET root = :r"), {"r": roots[head.size]})
    for row in await store.all_roots(reader, store.SHA256):
        values = {"root": roots[row.size], "size": row.size}
        await connection.execute(
            text("UPDATE tlog_checkpoint SET root = :root WHERE size = :size"), values
        )
        note = sign(Checkpoint(keys.log.name, row.size, roots[row.size]).text(), keys.log)
        await connection.execute(
            text("UPDATE tlog_publication SET note = :note WHERE size = :size"),
            {"note": note.encode(), "size": row.size},
        )
