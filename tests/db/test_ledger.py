"""The ledger against a real PostgreSQL: what only the database can prove."""

import asyncio
import itertools

import asyncpg
import pytest
from sqlalchemy import event, text

from app import ledger
from app.kernel.refusal import Rejected
from app.ledger.kinds import ASSET, MOVES, UNBOUNDED
from app.ledger.rules import (
    AccountKind,
    AccountRef,
    Draft,
    EntryKind,
    LedgerRefusal,
    Note,
    move,
)
from app.platform.jobs import set_clock
from tests.conftest import START

BANK = AccountRef(AccountKind.BANK, "escrow")


def cash(name):
    return AccountRef(AccountKind.BIDDER_CASH, name)


def cash_in(key, name, amount):
    return Draft(
        kind=EntryKind.CASH_IN,
        key=key,
        province="000000",
        subject=name,
        moves=move(BANK, cash(name), amount),
    )


def resale(key, source, target, amount):
    return Draft(
        kind=EntryKind.CERTIFICATE_RESALE,
        key=key,
        province="000000",
        subject=source,
        moves=move(cash(source), cash(target), amount),
    )


@pytest.fixture
async def funded(db):
    await db.transact(set_clock, START)
    await db.transact(ledger.post, [cash_in(f"in:{n}", n, 1000) for n in "abcd"])
    return db


async def held(db, *names):
    async with db.read() as reader:
        found = await ledger.balances(reader, map(cash, names))
    return [found[cash(name)] for name in names]


async def count(db, table):
    async with db.read() as reader:
        return (await reader.run(text(f"SELECT count(*) FROM {table}"))).scalar_one()


async def test_crossing_moves_at_once_conserve_the_total_and_do_not_deadlock(funded):
    pairs = list(itertools.permutations("abcd", 2)) * 10
    await asyncio.gather(
        *(
            funded.transact(ledger.post, [resale(f"r{n}", s, t, 1)])
            for n, (s, t) in enumerate(pairs)
        )
    )
    assert sum(await held(funded, *"abcd")) == 4000
    assert await count(funded, "ledger_posting") == 4 + len(pairs)
    async with funded.read() as reader:
        assert (await ledger.verify(reader)).findings == []


async def test_a_refused_entry_writes_nothing_and_takes_its_batch_with_it(funded):
    batch = [resale("r1", "a", "b", 1), resale("r2", "a", "b", 1000)]
    with pytest.raises(Rejected) as refused:
        await funded.transact(ledger.post, batch)
    assert refused.value.refusal is LedgerRefusal.BELOW_FLOOR
    assert await held(funded, "a", "b") == [1000, 1000]
    assert await count(funded, "record") == 4


async def test_an_entry_sees_what_the_ones_before_it_in_its_batch_left(funded):
    batch = [resale("r1", "a", "b", 1000), resale("r2", "b", "c", 2000)]
    await funded.transact(ledger.post, batch)
    assert await held(funded, "a", "b", "c") == [0, 0, 3000]


async def test_an_entry_posted_again_has_one_effect_and_the_same_number(funded):
    (first,) = await funded.transact(ledger.post, [resale("r1", "a", "b", 5)])
    (second,) = await funded.transact(ledger.post, [resale("r1", "a", "b", 5)])
    assert (second.id, second.repeated, first.repeated) == (first.id, True, False)
    assert await held(funded, "a", "b") == [995, 1005]


@pytest.mark.parametrize("again", [resale("r1", "a", "b", 6), cash_in("r1", "a", 5)])
async def test_a_key_stands_for_one_content(funded, again):
    await funded.transact(ledger.post, [resale("r1", "a", "b", 5)])
    with pytest.raises(Rejected) as refused:
        await funded.transact(ledger.post, [again])
    assert refused.value.refusal is LedgerRefusal.KEY_REUSED


async def test_sixty_four_posters_of_one_entry_have_one_effect(funded):
    posted = await asyncio.gather(
        *(funded.transact(ledger.post, [resale("r1", "a", "b", 5)]) for _ in range(64))
    )
    assert len({p.id for (p,) in posted}) == 1
    assert sum(not p.repeated for (p,) in posted) == 1
    assert await held(funded, "a", "b") == [995, 1005]


@pytest.mark.parametrize("size", [1, 10, 1000])
async def test_a_batch_takes_the_same_number_of_statements_whatever_its_size(funded, size):
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    engine = funded.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    there_and_back = itertools.cycle([("a", "b"), ("b", "a")])
    batch = [resale(f"r{n}", *next(there_and_back), 1) for n in range(size)]
    await funded.transact(ledger.post, batch)
    event.remove(engine, "before_cursor_execute", note)
    assert len(statements) == 5, statements


async def test_the_database_declares_the_same_kinds_and_moves_as_the_rules(db):
    async with db.read() as reader:
        kinds = await reader.run(
            text("SELECT kind, asset, may_be_negative FROM ledger_account_kind")
        )
        moves = await reader.run(
            text("SELECT entry_kind, source_kind, target_kind FROM ledger_move")
        )
    assert {tuple(row) for row in kinds} == {
        (kind.value, ASSET[kind].value, kind in UNBOUNDED) for kind in AccountKind
    }
    assert {tuple(row) for row in moves} == {
        (entry.value, source.value, target.value)
        for entry in EntryKind
        for source, target in MOVES[entry]
    }


APPEND_ONLY = ("record", "ledger_entry", "ledger_posting")
CHANGES = {
    "record": "UPDATE record SET subject = 'x'",
    "ledger_entry": "UPDATE ledger_entry SET subject = 'x'",
    "ledger_posting": "UPDATE ledger_posting SET amount = 2",
}


@pytest.mark.parametrize("role", ["hrt_app", "hrt_owner"])
@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE", "TRUNCATE"])
async def test_history_cannot_be_rewritten(funded, cluster, database, role, table, verb):
    statement = {
        "UPDATE": CHANGES[table],
        "DELETE": f"DELETE FROM {table}",
        "TRUNCATE": f"TRUNCATE {table} CASCADE",
    }[verb]
    connection = await asyncpg.connect(cluster.dsn(role, database))
    try:
        # The application may not; the owner may, and the trigger stops even that.
        expected = (
            asyncpg.InsufficientPrivilegeError
            if role == "hrt_app"
            else asyncpg.exceptions.RestrictViolationError
        )
        with pytest.raises(expected):
            await connection.execute(statement)
    finally:
        await connection.close()
    assert await held(funded, *"abcd") == [1000] * 4


BALANCE_CHANGES = (
    "UPDATE ledger_account SET balance = balance + 1",
    "UPDATE ledger_account SET floor = NULL",
    "UPDATE ledger_account SET owner = 'x'",
    "DELETE FROM ledger_account",
    "TRUNCATE ledger_account CASCADE",
    """INSERT INTO ledger_account (code, kind, owner, province, floor, balance)
       VALUES ('bidder_cash:000000:z', 'bidder_cash', 'z', '000000', 0, 5)""",
    """INSERT INTO ledger_account (code, kind, owner, province)
       VALUES ('bidder_cash:000000:z', 'bidder_cash', 'z', '000000')""",
)


@pytest.mark.parametrize("role", ["hrt_app", "hrt_owner"])
@pytest.mark.parametrize("statement", BALANCE_CHANGES)
async def test_a_balance_moves_by_postings_only(funded, cluster, database, role, statement):
    connection = await asyncpg.connect(cluster.dsn(role, database))
    try:
        with pytest.raises(
            (
                asyncpg.InsufficientPrivilegeError,
                asyncpg.exceptions.RestrictViolationError,
                asyncpg.CheckViolationError,
            )
        ):
            await connection.execute(statement)
    finally:
        await connection.close()


RECORD = """
    INSERT INTO record (id, kind, province, subject, at, body, leaf_hash)
    VALUES (nextval('record_id_seq'), 'entry.cash_in', '000000', 'a', now(), 'x',
            sha256('\\x00'::bytea || 'x'::bytea)) RETURNING id
"""
ENTRY = """
    WITH e AS (
        INSERT INTO ledger_entry (record_id, kind, key, province, subject, actor, at)
        VALUES ($1, $5, 'forged', '000000', 'a', 'x', now()))
    INSERT INTO ledger_posting
        (entry_id, position, source_id, target_id, amount, source_balance, target_balance)
    SELECT $1, 0, s.id, t.id, $4, 0, 0 FROM ledger_account s, ledger_account t
    WHERE s.code = $2 AND t.code = $3
"""
A, B = "bidder_cash:000000:a", "bidder_cash:000000:b"


async def forge(connection, source, target, amount, kind):
    """Write an entry as the application's role could without the rules."""
    async with connection.transaction():
        id_ = await connection.fetchval(RECORD)
        await connection.execute(ENTRY, id_, source, target, amount, kind)


@pytest.mark.parametrize(
    ("source", "target", "amount", "kind", "what"),
    [
        (A, B, 1, "cash_in", "a move not declared for the entry"),
        (A, BANK.code, 1, "cash_in", "a declared move turned round"),
        (A, "homestead:500000:v1", 1, "cash_in", "an account that does not exist"),
        (BANK.code, A, 0, "cash_in", "nothing"),
        (BANK.code, A, -5, "cash_in", "a negative amount"),
        (A, A, 5, "certificate_resale", "one account"),
        (A, B, 1001, "certificate_resale", "more than there is"),
        (A, B, 1, "gift", "a kind that is not declared"),
    ],
)
async def test_the_database_refuses_what_the_rules_would_even_without_them(
    funded, cluster, database, source, target, amount, kind, what
):
    connection = await asyncpg.connect(cluster.dsn("hrt_app", database))
    try:
        with pytest.raises(asyncpg.CheckViolationError):
            await forge(connection, source, target, amount, kind)
    finally:
        await connection.close()
    assert await held(funded, *"abcd") == [1000] * 4, what


POSTINGS_ALONE = "INSERT INTO ledger_posting" + ENTRY.split("INSERT INTO ledger_posting")[1]
ENTRY_ALONE = """
    INSERT INTO ledger_entry (record_id, kind, key, province, subject, actor, at)
    VALUES ($1, 'cash_in', 'forged', '000000', 'a', 'x', now())
"""


@pytest.mark.parametrize(
    ("statement", "number", "arguments"),
    [
        (ENTRY, 10**9, (BANK.code, A, 5, "cash_in")),
        (POSTINGS_ALONE, None, (BANK.code, A, 5)),
        (ENTRY_ALONE, None, ()),
    ],
    ids=["no record", "no entry", "no postings"],
)
async def test_record_entry_and_postings_exist_together_or_not_at_all(
    cluster, database, funded, statement, number, arguments
):
    connection = await asyncpg.connect(cluster.dsn("hrt_app", database))
    try:
        await connection.execute("BEGIN")
        id_ = number or await connection.fetchval(RECORD)
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(statement, id_, *arguments)
    finally:
        await connection.close()
    assert await held(funded, *"abcd") == [1000] * 4


async def test_nothing_can_be_added_to_an_entry_of_another_transaction(funded, cluster, database):
    connection = await asyncpg.connect(cluster.dsn("hrt_app", database))
    posting = """
        INSERT INTO ledger_posting SELECT min(e.record_id), 9, s.id, t.id, 5, 0, 0
        FROM ledger_entry e, ledger_account s, ledger_account t
        WHERE s.code = $1 AND t.code = $2 GROUP BY s.id, t.id
    """
    try:
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(posting, BANK.code, A)
    finally:
        await connection.close()


async def test_the_database_refuses_a_record_whose_hash_is_not_that_of_its_bytes(cluster, database):
    connection = await asyncpg.connect(cluster.dsn("hrt_app", database))
    try:
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(RECORD.replace("|| 'x'", "|| 'y'"))
    finally:
        await connection.close()


async def test_the_application_owns_nothing(cluster, database):
    connection = await asyncpg.connect(cluster.dsn("hrt_app", database))
    try:
        owned = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relowner = 'hrt_app'::regrole"
        )
    finally:
        await connection.close()
    assert owned == []


async def test_a_note_is_a_record_and_moves_nothing(funded):
    (id_,) = await funded.transact(
        ledger.record, [Note(kind="test.noted", province="000000", subject="a", body={"n": 1})]
    )
    assert id_ > 0
    assert await count(funded, "ledger_entry") == 4
