"""Whatever a superuser alters behind the application's back, verification names the fault."""

import asyncpg
import pytest

from app.main import verify_node
from app.replay import load_case, play
from tests.conftest import ROOT

# What is altered, and the words by which the findings must name it.
TAMPERINGS = {
    "a posting is made larger": (
        "UPDATE ledger_posting SET amount = amount + 1 WHERE entry_id = {entry}",
        "entry {entry}:",
    ),
    "a posting is sent to another account": (
        """UPDATE ledger_posting SET target_id =
             (SELECT id FROM ledger_account WHERE code = 'bidder_cash:000000:b2')
           WHERE entry_id = {entry} AND position = 0""",
        "entry {entry}:",
    ),
    "a posting is deleted": (
        "DELETE FROM ledger_posting WHERE entry_id = {entry} AND position = 0",
        "entry {entry}:",
    ),
    "an entry is deleted with its postings": (
        """WITH p AS (DELETE FROM ledger_posting WHERE entry_id = {entry})
           DELETE FROM ledger_entry WHERE record_id = {entry}""",
        "entry {entry}:",
    ),
    "an entry is called something else": (
        "UPDATE ledger_entry SET kind = 'payment' WHERE record_id = {entry}",
        "entry {entry}:",
    ),
    "an entry is dated back": (
        "UPDATE ledger_entry SET at = at - interval '1 day' WHERE record_id = {entry}",
        "entry {entry}:",
    ),
    "an entry names another policy": (
        "UPDATE ledger_entry SET policy = 'other' WHERE record_id = {entry}",
        "entry {entry}:",
    ),
    "a record is rewritten, hash and all": (
        r"""UPDATE record SET body = convert_to(replace(convert_from(body, 'UTF8'),
              '"actor":"', '"actor":"not-'), 'UTF8'),
              leaf_hash = sha256('\x00'::bytea || convert_to(replace(convert_from(body, 'UTF8'),
              '"actor":"', '"actor":"not-'), 'UTF8')) WHERE id = {entry}""",
        "entry {entry}:",
    ),
    "a record is rewritten and its hash kept": (
        """ALTER TABLE record DROP CONSTRAINT leaf_hash_of_body;
           UPDATE record SET body = body || ' '::bytea WHERE id = {entry}""",
        "record {entry}:",
    ),
    "a balance is raised": (
        "UPDATE ledger_account SET balance = balance + 1 WHERE code = 'housing:500000:h1'",
        "account housing:500000:h1:",
    ),
    "a balance is moved to a friend": (
        """UPDATE ledger_account SET balance = balance
             + CASE WHEN code = 'bidder_cash:000000:b1' THEN 100 ELSE -100 END
           WHERE code IN ('bidder_cash:000000:b1', 'bidder_cash:000000:b2')""",
        "account bidder_cash:000000:b1:",
    ),
    "a household's counter is raised": (
        "UPDATE housing_account SET base_fen = base_fen + 1 WHERE household = 'h1'",
        "housing account h1: base",
    ),
    "money is forged with a record of its own": (
        r"""INSERT INTO record (id, kind, province, subject, at, body, leaf_hash) VALUES (99999,
              'entry.cash_in', '000000', 'b1', now(), '{{}}',
              sha256('\x00'::bytea || '{{}}'::bytea));
            INSERT INTO ledger_entry (record_id, kind, key, province, subject, actor, at)
              VALUES (99999, 'cash_in', 'forged', '000000', 'b1', 'x', now());
            INSERT INTO ledger_posting SELECT 99999, 0, s.id, t.id, 5, 0, 0
              FROM ledger_account s, ledger_account t WHERE s.code = 'bank:000000:escrow'
              AND t.code = 'bidder_cash:000000:b1'""",
        "entry 99999:",
    ),
}


@pytest.fixture
async def settled(market, db):
    """A market with a settled lot; and the number of its settlement entry."""
    await play(load_case(ROOT / "cases" / "a-one-household.yaml"), market)
    async with db.read() as reader:
        found = await verify_node(reader)
        assert found.findings == []
        assert found.entries > 60
    return db


@pytest.mark.parametrize("what", TAMPERINGS)
async def test_a_tampering_is_found_and_named(settled, cluster, database, what):
    statement, named = TAMPERINGS[what]
    connection = await asyncpg.connect(cluster.dsn("postgres", database))
    try:
        entry = await connection.fetchval(
            "SELECT record_id FROM ledger_entry WHERE kind = 'settlement'"
        )
        # Not even replica mode goes around these triggers; a superuser has to disable them.
        for table in (
            "record",
            "ledger_entry",
            "ledger_posting",
            "ledger_account",
            "housing_account",
        ):
            await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        await connection.execute(statement.format(entry=entry))
    finally:
        await connection.close()
    async with settled.read() as reader:
        found = await verify_node(reader)
    assert not (found.balanced and found.log_verified)
    assert any(named.format(entry=entry) in finding for finding in found.findings), found.findings


async def test_a_session_that_plays_replica_does_not_go_around_the_triggers(
    settled, cluster, database
):
    connection = await asyncpg.connect(cluster.dsn("postgres", database))
    try:
        await connection.execute("SET session_replication_role = replica")
        with pytest.raises(asyncpg.exceptions.RestrictViolationError):
            await connection.execute("DELETE FROM ledger_posting")
    finally:
        await connection.close()
