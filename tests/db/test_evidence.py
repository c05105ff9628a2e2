"""The database keeps evidence as it was filed, whoever asks."""

import uuid

import asyncpg
import pytest
from sqlalchemy import text

from app.kernel.principal import Principal, Role
from app.main import verify_node
from app.platform.calls import Query
from app.platform.settings import ClockKind, Settings
from tests import scans
from tests.conftest import TEMPLATE
from tests.http.evidence import CLERK, an_approved_application, piece
from tests.http.support import NODE, open_node
from tests.story import CITY, COUNTY, THERE

SALT = bytes(range(32))
INSERT = """
    INSERT INTO evidence (id, application, number, kind, media_type, size, salt, commitment,
        content, filed_at, filed_by, replaces, record_id)
    VALUES ('x', 'a.h0', $1, $2, $3, $4, $5, $6, $7, now(), 'township', $8,
        (SELECT min(id) FROM record))
"""


@pytest.fixture(scope="module")
async def node(cluster, tmp_path_factory):
    """A market with two pieces of evidence, one in the place of the other."""
    name = f"evidence_{uuid.uuid4().hex[:8]}"
    cluster.create_database(name, template=TEMPLATE)
    home = tmp_path_factory.mktemp("evidence")
    settings = Settings(clock=ClockKind.SIMULATED, require_durable=False, pool_size=5, home=home)
    node = await open_node(cluster, name, settings)
    await an_approved_application(node)
    for id_, replaces in (("e1", None), ("e2", "e1")):
        body = piece(id_, "acceptance_report", scans.pdf(id_), replaces=replaces)
        answer = await node.post(*CLERK, "/v1/evidence", body)
        assert answer.status_code == 201, answer.text
    node.app_role = await asyncpg.connect(cluster.dsn("hrt_app", name))
    yield node
    await node.app_role.close()
    await node.close()
    cluster.drop_database(name)


async def test_nothing_filed_is_changed_or_removed(node):
    for change in (
        "UPDATE evidence SET kind = 'other'",
        "UPDATE evidence SET content = '\\x25'",
        "DELETE FROM evidence",
        "TRUNCATE evidence CASCADE",
    ):
        with pytest.raises(asyncpg.RestrictViolationError):
            await node.owner.execute(change)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await node.app_role.execute(change)


FORM = scans.pdf()
GOOD = {
    "number": 3,
    "kind": "other",
    "type": "application/pdf",
    "size": len(FORM),
    "salt": SALT,
    "commitment": None,
    "content": FORM,
    "replaces": None,
}
BAD = (
    {"number": 51},
    {"number": 0},
    {"number": 2},
    {"kind": "receipt"},
    {"type": "image/png"},
    {"type": "text/html"},
    {"size": len(FORM) - 1},
    {"salt": SALT[1:]},
    {"commitment": "0" * 64},
    {"content": b"<html>", "size": 6},
    {"content": b"", "size": 0},
    {"kind": "photo_after"},
    {"kind": "settlement_proof"},
    {"replaces": "e2"},
    {"kind": "acceptance_report", "replaces": "e1"},
    {"kind": "acceptance_report", "replaces": "nothing"},
    {"kind": "acceptance_report", "replaces": "x"},
)


async def test_what_the_rules_refuse_the_database_refuses_by_itself(node):
    for faults in ({}, *BAD):
        row = GOOD | faults
        if row["commitment"] is None:
            said = "SELECT encode(sha256($1::bytea || $2::bytea), 'hex')"
            row["commitment"] = await node.app_role.fetchval(said, row["salt"], row["content"])
        attempt = node.app_role.transaction()
        await attempt.start()
        if faults:
            with pytest.raises(asyncpg.IntegrityConstraintViolationError):
                await node.app_role.execute(INSERT, *row.values())
        else:
            await node.app_role.execute(INSERT, *row.values())
        await attempt.rollback()


@pytest.mark.parametrize(
    ("role", "party", "seen"),
    [
        (Role.VILLAGER, "h0", 2),
        (Role.VILLAGER, "h1", 0),
        (Role.TOWNSHIP, "v1", 0),
        (Role.COUNTY_CLERK, COUNTY, 2),
        (Role.CITY, CITY, 0),
        (Role.BIDDER, "b1", 0),
        (Role.EXCHANGE, THERE, 0),
        (Role.SUPERVISOR, NODE, 2),
    ],
)
async def test_a_query_without_any_condition_still_sees_only_its_own(node, role, party, seen):
    async with Query(node.db, Principal("c", "p", role, party)).read() as reader:
        rows = await reader.run(text("SELECT content FROM evidence"))
        assert len(rows.all()) == seen


async def test_what_was_exchanged_or_taken_away_in_the_tables_is_found(node):
    async def findings():
        async with node.db.read() as reader:
            return [f for f in (await verify_node(reader)).findings if "evidence" in f]

    assert await findings() == []
    await node.owner.execute("ALTER TABLE evidence DISABLE TRIGGER append_only")
    other = scans.pdf("forged")
    # Commitment and all: only the record still knows.
    await node.owner.execute(
        "UPDATE evidence SET content = $1, size = $2,"
        " commitment = encode(sha256(salt || $1), 'hex') WHERE id = 'e2'",
        other,
        len(other),
    )
    assert await findings() == ["evidence e2: what is kept is not what its record says"]
    await node.owner.execute("DELETE FROM evidence WHERE id = 'e2'")
    assert await findings() == ["evidence e2: what is kept is not what its record says"]
