"""The log: every committed record gets one place, and what was published stands."""

import asyncio
import json

import asyncpg
import pytest

from app import ledger, transparency
from app.platform.db import open_database
from app.transparency import guard, merkle, read, sequencer, store, suites
from app.transparency.checkpoints import open_checkpoint
from app.transparency.notes import parse_vkey, vkey
from app.transparency.proofs import parse_add_checkpoint, parse_proof


def note(n):
    return ledger.Note(kind="test.noted", province="000000", subject=f"s{n}", body={"n": n})


async def write(db, *numbers):
    """Records of one transaction."""

    async def work(tx, _):
        return await ledger.record(tx, [note(n) for n in numbers])

    return await db.transact(work, None)


@pytest.fixture
def keys(settings):
    return transparency.load_keys(settings)


@pytest.fixture
async def publishers(db, settings, keys):
    opened = await transparency.open_log(db, settings, keys)
    yield opened
    for publisher in opened:
        await publisher.http.aclose()


@pytest.fixture
async def owner(cluster, database):
    connection = await asyncpg.connect(cluster.dsn("postgres", database))
    yield connection
    await connection.close()


async def bodies(db):
    async with db.read() as reader:
        head = (await store.heads(reader))[store.SHA256]
        return head, await store.read_entries(reader, 0, head.size)


async def shown(db, keys):
    async with db.read() as reader:
        published = await store.last_publication(reader, store.SHA256)
    return open_checkpoint(published.note, parse_vkey(vkey(keys.log)), ())[0]


async def test_the_tree_is_that_of_the_records_bytes(db, publishers, keys):
    for n in range(5):
        await write(db, n)
        await transparency.advance(db, publishers)
    await write(db, *range(5, 600))
    await transparency.advance(db, publishers)

    head, entries = await bodies(db)
    assert [json.loads(e)["body"]["n"] for e in entries] == list(range(600))
    assert head.root == merkle.root_of([merkle.leaf_hash(e) for e in entries])
    checkpoint = await shown(db, keys)
    assert (checkpoint.size, checkpoint.root) == (600, head.root)


@pytest.mark.parametrize("limit", [1, 3, 256, 300])
async def test_the_size_of_batches_does_not_matter(db, publishers, limit):
    await write(db, *range(517))
    while await sequencer.sequence(db, limit):
        pass
    head, entries = await bodies(db)
    assert head.root == merkle.root_of([merkle.leaf_hash(e) for e in entries])
    async with db.read() as reader:
        assert await transparency.verify_log(reader) == []


async def test_a_record_that_commits_late_is_taken_late_and_never_skipped(db, publishers):
    begun, finish = asyncio.Event(), asyncio.Event()

    async def slow(tx, _):
        await ledger.record(tx, [note("slow")])
        begun.set()
        await finish.wait()

    late = asyncio.create_task(db.transact(slow, None))
    await begun.wait()
    await write(db, "quick")
    assert await sequencer.sequence(db) == 1
    finish.set()
    await late
    assert await sequencer.sequence(db) == 1

    _, entries = await bodies(db)
    assert [json.loads(e)["body"]["n"] for e in entries] == ["quick", "slow"]


async def test_what_is_rolled_back_is_never_logged(db, publishers):
    async def failing(tx, _):
        await ledger.record(tx, [note("gone")])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await db.transact(failing, None)
    assert await sequencer.sequence(db) == 0


async def test_many_sequencers_at_once_place_every_record_once(db, dsn, settings, publishers):
    rivals = [open_database(settings, dsn) for _ in range(4)]

    async def sequence(rival):
        while (await bodies(rival))[0].size < 398:
            await sequencer.sequence(rival, 7)

    tasks = [asyncio.create_task(sequence(rival)) for rival in rivals]
    await asyncio.gather(*(write(db, n, -n) for n in range(1, 200)))
    await asyncio.gather(*tasks)
    for rival in rivals:
        await rival.close()

    _, entries = await bodies(db)
    numbers = [json.loads(e)["body"]["n"] for e in entries]
    assert sorted(numbers) == sorted([*range(1, 200), *range(-199, 0)])
    async with db.read() as reader:
        assert await transparency.verify_log(reader) == []


async def test_every_record_can_be_proved_and_every_growth_too(db, publishers, keys):
    ids = await write(db, *range(300))
    await transparency.advance(db, publishers)
    _, entries = await bodies(db)
    checkpoint = await shown(db, keys)
    key = parse_vkey(vkey(keys.log))
    async with db.read() as reader:
        for record, entry in list(zip(ids, entries, strict=True))[::37]:
            proof = parse_proof((await read.prove_record(reader, record)).encode())
            assert proof.verify(entry, key, None) == checkpoint
        for old in (0, 1, 2, 255, 256, 299, 300):
            grown = parse_add_checkpoint((await read.prove_growth(reader, old)).encode())
            before = merkle.root_of([merkle.leaf_hash(e) for e in entries[:old]])
            merkle.verify_consistency(old, 300, before, checkpoint.root, grown.hashes)
        assert await read.prove_growth(reader, 301) is None
        assert await read.prove_index(reader, 300) is None


async def test_nothing_is_shown_that_is_not_published(db, publishers):
    await transparency.advance(db, publishers)
    (record,) = await write(db, 1)
    await sequencer.sequence(db)
    async with db.read() as reader:
        assert await read.prove_record(reader, record) is None
        assert await read.tile(reader, store.SHA256, 0, 0, 1) is None
    await transparency.advance(db, publishers)
    async with db.read() as reader:
        assert await read.prove_record(reader, record) is not None
        assert await read.tile(reader, store.SHA256, 0, 0, 1) is not None
        assert await read.tile(reader, store.SHA256, None, 0, 1) is not None


async def test_a_database_that_is_behind_what_was_published_is_not_served(
    cluster, database, db, settings, publishers, keys
):
    await write(db, 1)
    await transparency.advance(db, publishers)
    await db.close()
    cluster.create_database("backup", template=database)
    later = open_database(settings, cluster.dsn("hrt_app", database))
    await write(later, 2)
    for publisher in publishers:
        publisher.db = later
    await transparency.advance(later, publishers)
    await later.close()

    restored = open_database(settings, cluster.dsn("hrt_app", "backup"))
    with pytest.raises(guard.LogForkedError, match="behind: its log has 1 entries, but 2 were"):
        await transparency.open_log(restored, settings, keys)

    # Even when it has caught up in size: it is another history.
    await write(restored, 3)
    await write(restored, 4)
    await sequencer.sequence(restored)
    with pytest.raises(guard.LogForkedError, match="another history"):
        await transparency.open_log(restored, settings, keys)
    await restored.close()
    cluster.drop_database("backup")


async def test_a_backup_that_is_put_back_under_a_running_node_is_not_signed(
    cluster, database, db, settings, publishers, keys
):
    await write(db, 1)
    await transparency.advance(db, publishers)
    await db.close()
    backup = f"{database}_backup"
    cluster.create_database(backup, template=database)
    later = open_database(settings, cluster.dsn("hrt_app", database))
    await write(later, 2)
    for publisher in publishers:
        publisher.db = later
    await transparency.advance(later, publishers)
    await later.close()

    restored = open_database(settings, cluster.dsn("hrt_app", backup))
    for publisher in publishers:
        publisher.db = restored
    # Nothing new stands in it: what it shows is old, and true.
    await transparency.advance(restored, publishers)
    assert (await shown(restored, keys)).size == 1
    await write(restored, 3)
    with pytest.raises(guard.LogForkedError, match="another history"):
        await transparency.advance(restored, publishers)
    await write(restored, 4)
    with pytest.raises(guard.LogForkedError, match="another history"):
        await transparency.advance(restored, publishers)
    assert (await shown(restored, keys)).size == 1
    await restored.close()
    cluster.drop_database(backup)


async def test_a_second_tree_that_is_begun_late_catches_up(db, settings, publishers, keys):
    await write(db, *range(40))
    await transparency.advance(db, publishers)
    with_sm3 = settings.model_copy(update={"log_sm3": True})
    both = await transparency.open_log(db, with_sm3, keys)
    await write(db, *range(40, 45))
    await sequencer.sequence(db, 20)
    await sequencer.sequence(db, 20)
    await sequencer.sequence(db, 20)
    await transparency.advance(db, both)

    head, entries = await bodies(db)
    async with db.read() as reader:
        second = (await store.heads(reader))[store.SM3]
        assert await transparency.verify_log(reader) == []
    assert (head.size, second.size) == (45, 45)
    assert second.root == merkle.root_of(
        [merkle.leaf_hash(e, suites.sm3) for e in entries], suites.sm3
    )
    for publisher in both:
        await publisher.http.aclose()


async def test_a_log_goes_on_with_its_own_key_only(db, settings, publishers, tmp_path):
    other = settings.model_copy(update={"home": tmp_path / "another"})
    with pytest.raises(guard.LogForkedError, match="HRT_KEYS_FILE"):
        await transparency.open_log(db, other, transparency.load_keys(other))


async def test_damaged_tiles_stop_the_log_before_it_signs_anything(db, owner, publishers, keys):
    await write(db, *range(5))
    await transparency.advance(db, publishers)
    await owner.execute("SET session_replication_role = replica")
    await owner.execute("ALTER TABLE tlog_tile DISABLE TRIGGER ALL")
    await owner.execute("UPDATE tlog_tile SET hashes = overlay(hashes placing '\\x00' from 33)")
    await write(db, 6)
    with pytest.raises(sequencer.LogDamagedError, match="hrt verify"):
        await sequencer.sequence(db)
    assert (await shown(db, keys)).size == 5
    async with db.read() as reader:
        assert any("tile 0/0" in f for f in await transparency.verify_log(reader))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE tlog_leaf SET record_id = record_id + 100",
        "DELETE FROM tlog_leaf",
        "TRUNCATE tlog_leaf",
        "UPDATE tlog_tile SET hashes = sha256('')",
        "DELETE FROM tlog_tile",
        "UPDATE tlog_head SET size = size - 1",
        "UPDATE tlog_head SET size = size + 1",
        "UPDATE tlog_head SET vkey = 'another'",
        "DELETE FROM tlog_head",
        "UPDATE tlog_checkpoint SET root = sha256('')",
        "DELETE FROM tlog_checkpoint",
        "DELETE FROM tlog_publication",
        "UPDATE tlog_publication SET note = ''",
    ],
)
@pytest.mark.parametrize("role", ["hrt_app", "hrt_owner"])
async def test_the_database_itself_refuses_to_change_the_log(
    cluster, database, db, publishers, role, change
):
    await write(db, *range(3))
    await transparency.advance(db, publishers)
    connection = await asyncpg.connect(cluster.dsn(role, database))
    with pytest.raises(asyncpg.PostgresError):
        await connection.execute(change)
    await connection.close()
