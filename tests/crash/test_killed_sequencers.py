"""Sequencers are killed within their batches while a rival works and twelve writers write."""

import asyncio
import json
import random
from collections import Counter

import pytest

from app import ledger, transparency
from app.platform.db import open_database
from app.platform.settings import Settings
from app.transparency import merkle, store
from app.transparency.checkpoints import open_checkpoint
from app.transparency.notes import parse_vkey, vkey
from tests import warm
from tests.crash import sequencing

KILLS, WRITERS, SEED = 50, 12, 20261122
READY_SECONDS = 60


def launch(dsn, home):
    """A process that sequences, once it does."""
    said, says = warm.SERVER.Pipe(duplex=False)
    process = warm.start(sequencing.run, dsn, home, says)
    assert said.poll(READY_SECONDS), "it sequences"
    return process


def end(process):
    process.kill()
    process.join()


async def write_on(db, writer, written, stop):
    """One account of its own and one that all share: numbers rise along each."""
    n = 0
    while not stop.is_set():

        async def work(tx, n):
            shared = ledger.Note(
                kind="test.noted", province="000000", subject=f"w{writer}", body={"n": n}
            )
            await ledger.record(tx, [shared])
            await asyncio.sleep(random.random() / 100)

        await db.transact(work, n)
        written[writer] = n = n + 1
        await asyncio.sleep(0.005)


@pytest.mark.timeout(600)
async def test_fifty_killed_sequencers_leave_a_whole_log(dsn, tmp_path, tell):
    settings = Settings(home=tmp_path / "home", require_durable=False, pool_size=WRITERS)
    keys = transparency.load_keys(settings)
    db = open_database(settings, dsn)
    randomly = random.Random(SEED)
    stop, written = asyncio.Event(), Counter()
    writers = [asyncio.create_task(write_on(db, w, written, stop)) for w in range(WRITERS)]
    rival = await asyncio.to_thread(launch, dsn, settings.home)
    for _ in range(KILLS):
        victim = await asyncio.to_thread(launch, dsn, settings.home)
        await asyncio.sleep(randomly.random() / 4)
        await asyncio.to_thread(end, victim)
    stop.set()
    await asyncio.gather(*writers)
    await asyncio.to_thread(end, rival)
    publishers = await transparency.open_log(db, settings, keys)
    await transparency.advance(db, publishers)

    async with db.read() as reader:
        assert await transparency.verify_log(reader) == [], "each stored root is recomputed"
        head = (await store.heads(reader))[store.SHA256]
        entries = await store.read_entries(reader, 0, head.size)
        roots = await store.all_roots(reader, store.SHA256)
        publications = await store.all_publications(reader, store.SHA256)
    numbers = {w: [] for w in range(WRITERS)}
    for entry in entries:
        body = json.loads(entry)
        numbers[int(body["subject"][1:])].append(body["body"]["n"])
    assert numbers == {w: list(range(written[w])) for w in range(WRITERS)}, "gap-free, in order"

    key = parse_vkey(vkey(keys.log))
    shown = [open_checkpoint(row.note, key, ())[0] for row in publications]
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    for checkpoint in shown[:: max(1, len(shown) // 20)]:
        assert checkpoint.root == merkle.root_of(leaves[: checkpoint.size]), "no fork was shown"
    for publisher in publishers:
        await publisher.http.aclose()
    await db.close()
    tell(
        f"{KILLS} sequencers killed, {len(entries)} leaves in {len(roots)} batches,"
        f" {len(shown)} checkpoints published: gap-free, no fork"
    )
