"""The witness on a real database: what it has cosigned once binds it for ever."""

import asyncio
import hashlib
import time

import asyncpg
import httpx
import pytest
import structlog
from structlog.testing import capture_logs
from typer.testing import CliRunner

from app.cli import app as command_line
from app.main import create_app
from app.platform.db import Database
from app.transparency import witness_store as store
from app.transparency.notes import (
    CosignatureSigner,
    Ed25519Signer,
    Verifier,
    parse_note,
    parse_vkey,
    verified,
    vkey,
)
from tests.small_log import SmallLog

TABLES = ("witnessed_log", "witnessed_checkpoint", "witness_evidence")
SIZE_TYPE = "text/x.tlog.size"


@pytest.fixture(autouse=True)
def talkative():
    """A node that was served quietly before would leave warnings out."""
    structlog.reset_defaults()


@pytest.fixture
def log():
    return SmallLog().grow(12)


async def know(node, log):
    """Let the node witness a log."""

    async def work(tx, asked):
        return await store.add_log(tx, *asked)

    assert await node.db.transact(work, (log.name, log.verifier))


@pytest.fixture
async def witness(node, log):
    """A node that witnesses the log."""
    await know(node, log)
    return node


async def add(node, body):
    return await node.http.post("/witness/add-checkpoint", content=body)


def place(log):
    return f"/witness/{hashlib.sha256(log.name.encode()).hexdigest()}/checkpoint"


async def key_of(node):
    return parse_vkey((await node.http.get("/witness/vkey")).text.removesuffix("\n"))


async def cosigned(node, log, size, answer):
    """The answer is a cosignature of the checkpoint; answers with its time."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    note = parse_note(log.note(size).text + "\n" + answer.text)
    (found,) = verified(note, [await key_of(node)])
    return found.time


async def test_growth_is_cosigned_step_by_step_and_shown_with_both_signatures(witness, log):
    assert (await witness.http.get(place(log))).status_code == 404
    at = 0
    for size in (0, 1, 5, 5, 12):
        await cosigned(witness, log, size, await add(witness, log.body(at, size)))
        at = size
        shown = await witness.http.get(place(log))
        assert shown.headers["content-type"] == "text/plain; charset=utf-8"
        note = parse_note(shown.text)
        assert note.text == log.checkpoint(size).text()
        found = verified(note, [log.verifier, await key_of(witness)])
        assert [one.name for one in found] == [log.name, (await key_of(witness)).name]
    assert await witness.owner.fetchval("SELECT count(*) FROM witnessed_checkpoint") == 4


REFUSED = [
    ("stale", lambda log: log.body(3, 9), 409, "5\n"),
    ("without memory", lambda log: log.body(0, 9), 409, "5\n"),
    ("rollback", lambda log: log.body(2, 3), 409, "5\n"),
    ("rollback from ours", lambda log: log.body(5, 3, proof=[]), 400, None),
    ("fork", lambda log: log.fork(2).body(5, 9), 422, None),
    ("fork at our size", lambda log: log.fork(2).body(5, 5), 422, None),
    ("unknown", lambda _: SmallLog("log.example/b").grow(3).body(0, 3), 404, None),
    ("wrong key", lambda _: SmallLog(seed=9).grow(9).body(5, 9), 403, None),
    ("malformed", lambda log: log.body(5, 9)[4:], 400, None),
    ("no text", lambda _: b"\xff\xfe", 400, None),
    ("too long", lambda _: b"x" * 100_000, 413, None),
]


@pytest.mark.parametrize(("body", "status", "text"), [row[1:] for row in REFUSED])
async def test_what_is_refused_changes_nothing_that_was_cosigned(witness, log, body, status, text):
    assert (await add(witness, log.body(0, 5))).status_code == 200
    before = await witness.state()
    refused = await add(witness, body(log))
    assert refused.status_code == status
    assert not refused.text.startswith("\u2014")
    if text is not None:
        assert refused.text == text
        assert refused.headers["content-type"] == SIZE_TYPE
    after = await witness.state()
    assert {t for t in before if before[t] != after[t]} <= {"witness_evidence"}
    await cosigned(witness, log, 9, await add(witness, log.body(5, 9)))


async def test_a_fork_is_kept_as_evidence_once_and_logged(witness, log):
    assert (await add(witness, log.body(0, 5))).status_code == 200
    assert (await add(witness, log.body(5, 9))).status_code == 200
    other = log.fork(2)
    with capture_logs() as lines:
        for body in (other.body(0, 5), other.body(9, 9), other.body(9, 12), other.body(0, 5)):
            assert (await add(witness, body)).status_code in {409, 422}
    told = [line for line in lines if line["event"] == "witness-evidence"]
    assert [(line["fault"], line["size"]) for line in told] == [
        ("fork", 5),
        ("fork", 9),
        ("unproven", 12),
    ]
    rows = await witness.owner.fetch(
        "SELECT kind, size, checkpoint, held_size FROM witness_evidence ORDER BY size"
    )
    assert [(r["kind"], r["size"], r["held_size"]) for r in rows] == [
        ("fork", 5, 9),
        ("fork", 9, 9),
        ("unproven", 12, 9),
    ]
    # Both notes together convince anybody: one key, one size, two roots.
    ours = await witness.owner.fetchval(
        "SELECT checkpoint FROM witnessed_checkpoint WHERE size = 5"
    )
    for note in (ours, rows[0]["checkpoint"]):
        assert verified(parse_note(note), [log.verifier])
    assert parse_note(ours).text != parse_note(rows[0]["checkpoint"]).text


async def test_a_forgery_by_another_key_leaves_no_evidence(witness, log):
    assert (await add(witness, log.body(0, 5))).status_code == 200
    forged = log.note(5, root=bytes(32), signer=Ed25519Signer(log.name, bytes([9]) * 32))
    assert (await add(witness, log.body(5, 5, note=forged))).status_code == 403
    assert await witness.owner.fetchval("SELECT count(*) FROM witness_evidence") == 0


async def test_of_concurrent_forks_of_one_size_exactly_one_is_cosigned(witness, log):
    at = 0
    winner = log
    for size in (3, 6, 9, 12):
        # Each continues what was cosigned last, and each tells the rest differently.
        rivals = [winner.fork(i) for i in range(at, size)] + [winner]
        answers = await asyncio.gather(
            *(add(witness, rival.body(at, size)) for rival in rivals for _ in range(2))
        )
        statuses = [answer.status_code for answer in answers]
        won = [i // 2 for i, status in enumerate(statuses) if status == 200]
        assert len(won) == 1, statuses
        assert set(statuses) == {200, 409}
        winner, at = rivals[won[0]], size
        await cosigned(witness, winner, size, answers[statuses.index(200)])
    roots = await witness.owner.fetch("SELECT size, root FROM witnessed_checkpoint ORDER BY size")
    assert [(r["size"], r["root"]) for r in roots] == [(s, winner.root(s)) for s in (3, 6, 9, 12)]
    assert await witness.owner.fetchval("SELECT count(*) FROM witness_evidence") == 12


async def test_a_concurrent_smaller_checkpoint_does_not_roll_the_witness_back(witness, log):
    assert (await add(witness, log.body(0, 2))).status_code == 200
    await asyncio.gather(*(add(witness, log.body(2, size)) for size in (3, 12, 4, 11, 5)))
    held = await witness.owner.fetchval("SELECT size FROM witnessed_log")
    assert held == await witness.owner.fetchval("SELECT max(size) FROM witnessed_checkpoint")
    assert await witness.owner.fetchval("SELECT count(*) FROM witnessed_checkpoint") == 2


async def test_a_restart_keeps_what_was_cosigned(witness, log, settings):
    assert (await add(witness, log.body(0, 5))).status_code == 200
    transport = httpx.ASGITransport(create_app(witness.db, settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://node") as http:
        refused = await http.post("/witness/add-checkpoint", content=log.body(0, 9))
        assert (refused.status_code, refused.text) == (409, "5\n")
        grown = await http.post("/witness/add-checkpoint", content=log.body(5, 9))
        assert grown.status_code == 200


async def test_an_answer_lost_after_the_commit_is_had_by_asking_again(witness, log, monkeypatch):
    transact = Database.transact

    async def dies_after_commit(self, *args, **kwargs):
        await transact(self, *args, **kwargs)
        raise RuntimeError("killed")

    monkeypatch.setattr(Database, "transact", dies_after_commit)
    assert (await add(witness, log.body(0, 5))).status_code == 500
    monkeypatch.undo()

    again = await add(witness, log.body(0, 5))
    assert (again.status_code, again.text) == (409, "5\n")
    first = await witness.http.get(place(log))
    await cosigned(witness, log, 5, await add(witness, log.body(5, 5)))
    assert parse_note((await witness.http.get(place(log))).text).text == parse_note(first.text).text
    refused = await add(witness, log.fork(2).body(5, 5))
    assert refused.status_code == 422


async def test_nothing_is_answered_when_the_commit_fails(witness, log, monkeypatch):
    async def fails(*_args):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(store, "keep", fails)
    failed = await add(witness, log.body(0, 5))
    assert failed.status_code == 500
    assert "\u2014" not in failed.text
    monkeypatch.undo()
    # Nothing was promised: the log may still tell it otherwise.
    other = log.fork(2)
    await cosigned(witness, other, 4, await add(witness, other.body(0, 4)))


async def test_the_time_is_real_where_the_market_s_is_simulated_and_never_goes_back(witness, log):
    before = int(time.time())
    at = await cosigned(witness, log, 5, await add(witness, log.body(0, 5)))
    assert before <= at <= time.time()
    future = 4_000_000_000
    await witness.owner.execute("UPDATE witnessed_log SET cosigned_at = $1", future)
    assert await cosigned(witness, log, 9, await add(witness, log.body(5, 9))) == future


async def test_logs_are_witnessed_independently_of_each_other(witness, log):
    other = SmallLog("log.example/b", seed=2).grow(4)
    await know(witness, other)
    await cosigned(witness, other, 4, await add(witness, other.body(0, 4)))
    await cosigned(witness, log, 5, await add(witness, log.body(0, 5)))
    assert (await witness.http.get(place(other))).text.startswith(other.name + "\n4\n")


FORBIDDEN = [
    "UPDATE witnessed_log SET size = 3",
    "UPDATE witnessed_log SET root = sha256('')",
    "UPDATE witnessed_log SET size = 9",
    "UPDATE witnessed_log SET cosigned_at = 1",
    "UPDATE witnessed_log SET root = NULL, checkpoint = NULL, cosigned_at = NULL, size = 0",
    "UPDATE witnessed_log SET vkey = 'x'",
    "DELETE FROM witnessed_log",
    "TRUNCATE witnessed_log CASCADE",
    "UPDATE witnessed_checkpoint SET root = sha256('')",
    "DELETE FROM witnessed_checkpoint",
    "DELETE FROM witness_evidence",
    """INSERT INTO witnessed_checkpoint (origin, size, root, checkpoint)
       SELECT origin, size, sha256(''), '' FROM witnessed_log""",
    """INSERT INTO witnessed_log (origin, origin_hash, vkey, size, root, checkpoint, cosigned_at)
       VALUES ('o', sha256('o'), 'k', 1, sha256(''), 'c', 1)""",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
async def test_the_database_refuses_a_second_history_itself(witness, log, dsn, statement):
    assert (await add(witness, log.body(0, 5))).status_code == 200
    before = await witness.counts(*TABLES), await witness.state()
    app = await asyncpg.connect(dsn)
    try:
        for connection in (app, witness.owner):
            with pytest.raises(asyncpg.PostgresError):
                await connection.execute(statement)
    finally:
        await app.close()
    assert (await witness.counts(*TABLES), await witness.state()) == before


@pytest.fixture
def hrt(dsn, tmp_path, monkeypatch):
    """Runs the command line on the test's database."""
    monkeypatch.setenv("HRT_DATABASE_URL", dsn)
    monkeypatch.setenv("HRT_HOME", str(tmp_path))
    return lambda *words: CliRunner().invoke(command_line, list(words))


def test_the_command_line_adds_and_lists_logs_and_prints_the_key(hrt, log):
    added = hrt("witness", "add", vkey(log.verifier))
    assert (added.exit_code, added.output.split(":")[0]) == (0, log.name)
    assert hrt("witness", "add", vkey(log.verifier)).exit_code == 1
    assert hrt("witness", "add", vkey(log.verifier), "--origin", "log.example/z").exit_code == 0
    witness = Verifier.of(CosignatureSigner("w", bytes(32)))
    assert hrt("witness", "add", vkey(witness)).exit_code == 2
    assert hrt("witness", "add", "log.example/a+00000000+AAAA").exit_code == 2

    listed = hrt("witness", "list")
    assert listed.exit_code == 0
    assert [line.split("\t") for line in listed.output.splitlines()] == [
        [log.name, "0", "-", vkey(log.verifier)],
        ["log.example/z", "0", "-", vkey(log.verifier)],
    ]
    key = hrt("witness", "key").output.strip()
    assert parse_vkey(key).name.endswith("/witness")
    assert hrt("witness", "key").output.strip() == key


async def test_evidence_makes_the_list_fail(witness, log, hrt):
    assert (await add(witness, log.body(0, 5))).status_code == 200
    assert (await add(witness, log.fork(2).body(5, 5))).status_code == 422
    listed = await asyncio.to_thread(hrt, "witness", "list")
    assert listed.exit_code == 1
    assert f"{log.name}: fork at size 5" in listed.stderr
