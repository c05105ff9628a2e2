"""A node that was put back to a backup gets its letters back from its peers, number for number."""

import asyncio
import json
import uuid
from contextlib import asynccontextmanager

import httpx
import pytest

from app import ledger, nodes
from app.kernel.ids import NODE
from app.nodes import AgainError, Message, RecoveryError
from app.nodes.again import PATH
from app.nodes.tls import client_context
from app.platform.db import open_database
from app.transparency.notes import Ed25519Signer, sign
from tests.nodes.linked import acquainted

HERE, THERE = "500000", "410000"
LETTERS = "SELECT seq, transfer, hash, refused FROM outbox ORDER BY seq"
INBOX = "SELECT seq, transfer, hash FROM inbox ORDER BY seq"


@pytest.fixture
async def pair(cluster, tmp_path):
    async with acquainted(cluster, tmp_path, HERE, THERE) as (here, there):
        yield here, there


def message(transfer, to=THERE):
    return Message(to, "test.note", transfer, 1, {"n": "1.00"})


@asynccontextmanager
async def copy_of(cluster, node):
    """Its database as of now, while it does not run; afterwards it is the node's own."""
    await node.db.close()
    name = f"m{uuid.uuid4().hex[:12]}"
    cluster.create_database(name, template=node.dsn.rpartition("/")[2])
    node.db = open_database(node.settings, node.dsn)
    yield
    await node.db.close()
    node.dsn = cluster.dsn("hrt_app", name)
    node.db = open_database(node.settings, node.dsn)


async def recover(node):
    """As `hrt node recover` does, where the log is not behind."""
    async with node.db.read() as reader:
        memory = await nodes.recollect(reader, node.keys, {"test.note": node.take})

    async def work(tx, memory):
        await nodes.rehearse(tx, [], 0, memory, {})

    await node.db.transact(work, memory)


async def test_letters_come_back_with_their_numbers_and_what_is_lost_is_void(pair, cluster):
    here, there = pair

    async def away(_tx, received):
        if received.transfer == "t-2":
            raise ConnectionAbortedError("not now")

    there.act = away
    async with here.running():
        """Its log is published before the backup: it will not be behind."""
    try:
        async with copy_of(cluster, here), there.running():
            async with here.running():
                await here.send(*(message(f"t-{n}") for n in range(1, 4)))
                await there.send(*(message(f"u-{n}", HERE) for n in range(1, 4)))
                await there.delivered()
                for _ in range(300):
                    if await here.backlog() == 1:
                        break
                    await asyncio.sleep(0.02)
            before = await here.rows(INBOX)
            here.received.clear()
        async with there.running():
            await recover(here)
            there.act = None
            written = [tuple(row)[:2] for row in await here.rows(LETTERS)]
            assert written == [(1, "t-1"), (2, "void-2"), (3, "t-3")]
            assert await here.rows(INBOX) == before
            assert [one.transfer for one in here.received] == ["u-1", "u-2", "u-3"]
            async with here.running():
                await here.send(message("t-4"))
                await here.delivered()
        ((through,),) = await there.rows("SELECT through FROM link_in")
        assert through == 4
        taken = [row.transfer for row in await there.rows(INBOX)]
        assert taken == ["t-1", "void-2", "t-3", "t-4"]
        assert await here.rows(LETTERS.replace("refused", "'x'")) == await there.rows(
            "SELECT seq, transfer, hash, 'x' FROM inbox ORDER BY seq"
        )
        assert await there.quarantined() == []
    finally:
        await here.db.close()


async def test_what_a_peer_makes_up_is_not_believed(pair, cluster, monkeypatch):
    here, there = pair
    forger = Ed25519Signer(f"{HERE}/msg", b"\x07" * 32)
    try:
        async with copy_of(cluster, here), there.running(), here.running():
            await here.send(message("t-1"))
            await here.delivered()
        async with there.running():
            true = await tell(there, here, "asker", 0)
            (letter,) = true["letters"]
            text = letter["note"].partition("\n\n")[0].replace("t-1", "t-9") + "\n"
            forged = letter | {"note": sign(text, forger).encode()}
            monkeypatch.setattr("app.nodes.again._page", lambda *_: forged)
            with pytest.raises(AgainError, match="did not sign"):
                await recover(here)
        assert await here.rows(LETTERS) == []
        with pytest.raises(AgainError, match="is not reached"):
            await recover(here)
    finally:
        await here.db.close()


async def tell(asked, asker, writer, after):
    peer = (await asked.card()).peer(None)
    url = f"https://127.0.0.1:{asked.settings.link_port}{PATH}"
    context = client_context(asker.keys, peer)
    async with httpx.AsyncClient(verify=context, trust_env=False) as http:
        answer = await http.post(url, json={"written_by": writer, "after": after})
    assert answer.status_code == (200 if writer == "asker" else 422), answer.text
    return answer.json()


async def test_a_question_that_is_none_gets_no_letters(pair):
    here, there = pair
    async with there.running():
        assert (await tell(there, here, "somebody", 0))["code"] == "malformed"


async def test_an_entry_that_nothing_explains_ends_it_with_nothing_changed(pair):
    here, there = pair
    async with there.running(), here.db.read() as reader:
        memory = await nodes.recollect(reader, here.keys, {})

    async def work(tx, memory):
        note = ledger.Note(kind="bidder.registered", province=NODE, subject="b1")
        await ledger.record(tx, [note])
        body = json.dumps({"kind": "lot.listed", "actor": "x", "at": "2026-01-01T00:00:00Z"})
        await nodes.rehearse(tx, [body.encode()], 7, memory, {})

    count = "SELECT count(*) FROM record"
    before = await here.rows(count)
    with pytest.raises(RecoveryError, match=r"Entry 7 of the log \(lot.listed\)"):
        await here.db.transact(work, memory)
    assert await here.rows(count) == before
