"""Two real nodes and the line between them: what is said once has its effect once."""

import asyncio
import ssl
import time
from datetime import timedelta

import asyncpg
import httpx
import pytest

from app import ledger, nodes
from app.kernel.ids import NODE
from app.kernel.refusal import CommonRefusal, Rejected
from app.nodes import Message
from app.nodes.envelope import parse_answer, text_hash
from app.nodes.keys import add_message_key
from app.nodes.link_app import PATH
from app.nodes.tls import client_context
from app.transparency.notes import parse_note
from tests.nodes.linked import acquainted, linked

HERE, THERE, AWAY = "500000", "410000", "510000"


@pytest.fixture(scope="module")
async def pair(cluster, tmp_path_factory):
    """Two nodes that know each other, both running."""
    folder = tmp_path_factory.mktemp("pair")
    async with (
        acquainted(cluster, folder, HERE, THERE) as (here, there),
        here.running(),
        there.running(),
    ):
        yield here, there


@pytest.fixture
async def nodes_(pair):
    """The pair with good lines, and a memory of nothing."""
    for node in pair:
        node.line.heal()
        node.received.clear()
        node.act = None
    yield pair
    for node in pair:
        node.line.heal()
        node.act = None
    for node in pair:
        await node.delivered()


def message(transfer, to=THERE, **more):
    return Message(to, "test.note", transfer, 1, {"n": "12.34", "name": "值"}, **more)


async def record_something(tx):
    note = ledger.Note(kind="custodian.registered", province=NODE, subject="x")
    return (await ledger.record(tx, [note]))[0]


async def test_a_message_arrives_with_all_that_was_said(nodes_):
    here, there = nodes_
    (hash_,) = await here.send(message("t-said"))
    await here.delivered()
    (received,) = there.received
    assert (received.sender, received.type, received.transfer) == (HERE, "test.note", "t-said")
    assert received.body == {"n": "12.34", "name": "值"}
    assert received.hash == hash_ == text_hash(parse_note(received.note).text)
    assert received.entry is None


async def test_both_sides_keep_what_was_said_and_what_was_answered(nodes_):
    here, there = nodes_
    await here.send(message("t-kept"))
    await here.delivered()
    query = "SELECT seq, hash, answer FROM {} WHERE transfer = 't-kept'"
    ((sent, hash_out, note),) = await here.rows(query.format("outbox"))
    ((received, hash_in, answer),) = await there.rows(query.format("inbox"))
    assert (sent, hash_out) == (received, hash_in)
    assert parse_note(note).text == answer
    assert parse_answer(answer).hash == hash_in.hex()


async def test_a_message_that_rests_on_a_record_brings_it_with_its_proof(nodes_):
    here, there = nodes_

    async def work(tx, _):
        record = await record_something(tx)
        await nodes.send(tx, [message("t-proof", leaf=record)])
        return tx.records[-1].body

    entry = await here.db.transact(work, None)
    await here.delivered()
    (received,) = there.received
    assert received.entry == entry


async def test_what_is_rolled_back_is_never_sent_and_leaves_no_gap(nodes_):
    here, there = nodes_

    async def work(tx, _):
        await nodes.send(tx, [message("t-undone")])
        raise Rejected(CommonRefusal.NOT_FOUND)

    with pytest.raises(Rejected):
        await here.db.transact(work, None)
    await here.send(message("t-done"))
    await here.delivered()
    assert [one.transfer for one in there.received] == ["t-done"]
    numbers = await here.rows("SELECT seq FROM outbox ORDER BY seq")
    assert [row.seq for row in numbers] == list(range(1, len(numbers) + 1))


async def test_numbers_of_a_link_have_no_gap_when_many_send_at_once(nodes_):
    here, there = nodes_
    await asyncio.gather(*(here.send(message(f"t-many-{n}")) for n in range(12)))
    await here.delivered()
    numbers = await here.rows("SELECT seq FROM outbox ORDER BY seq")
    assert [row.seq for row in numbers] == list(range(1, len(numbers) + 1))
    assert len(there.received) == 12


async def test_a_refusal_of_the_handler_is_signed_and_kept_and_its_effects_are_not(nodes_):
    here, there = nodes_

    async def act(tx, _received):
        await record_something(tx)
        raise Rejected(CommonRefusal.ID_TAKEN)

    there.act = act
    records = await there.rows("SELECT count(*) FROM record")
    await here.send(message("t-refused"))
    await here.delivered()
    query = "SELECT refused, answer FROM outbox WHERE transfer = 't-refused'"
    ((refused, answer),) = await here.rows(query)
    assert refused == parse_answer(parse_note(answer).text).refused == "id-taken"
    assert await there.rows("SELECT count(*) FROM record") == records
    ((kept,),) = await there.rows("SELECT refused FROM inbox WHERE transfer = 't-refused'")
    assert kept == "id-taken"


async def test_a_handler_reads_the_clock_after_its_own_locks(nodes_):
    here, there = nodes_
    seen = []

    async def act(tx, _received):
        await asyncio.sleep(0.05)
        seen.append(await tx.now())

    there.act = act
    await here.send(message("t-clock"))
    await here.delivered()
    ((taken,),) = await there.rows("SELECT received_at FROM inbox WHERE transfer = 't-clock'")
    assert seen[0] - taken >= timedelta(milliseconds=50)


async def test_any_other_failure_of_the_handler_keeps_nothing_and_is_tried_again(nodes_):
    here, there = nodes_
    failures = []

    async def act(tx, _received):
        await record_something(tx)
        if not failures:
            failures.append(1)
            raise ZeroDivisionError

    there.act = act
    ((before,),) = await there.rows("SELECT count(*) FROM record")
    await here.send(message("t-failed"))
    await here.delivered()
    assert failures
    ((after,),) = await there.rows("SELECT count(*) FROM record")
    assert after == before + 1


async def test_a_lost_answer_costs_a_repetition_and_no_second_effect(nodes_):
    here, there = nodes_
    there.line.deaf = True
    await here.send(message("t-deaf"))
    await there.until(lambda: there.received)
    there.line.heal()
    await there.line.cut()
    await here.delivered()
    assert len(there.received) == 1


async def test_a_line_that_is_down_comes_back_and_everything_arrives_in_order(nodes_):
    here, there = nodes_
    there.line.drop = True
    await there.line.cut()
    for n in range(3):
        await here.send(message(f"t-down-{n}"))
    await asyncio.sleep(0.1)
    assert not there.received
    there.line.heal()
    await here.delivered()
    assert [one.transfer for one in there.received] == [f"t-down-{n}" for n in range(3)]


async def test_a_slow_line_is_no_failure(nodes_):
    here, there = nodes_
    there.line.delay = 0.05
    await here.send(message("t-slow"))
    await here.delivered()
    assert len(there.received) == 1


async def test_a_dead_link_holds_up_no_other(nodes_, cluster, tmp_path):
    here, there = nodes_
    async with linked(cluster, tmp_path, AWAY) as away:
        away.line.half_open = True
        await here.know(away)
        await here.send(message("t-away", to=AWAY))
        await here.send(message("t-near"))
        begun = time.monotonic()
        while await here.backlog() > 1:
            assert time.monotonic() - begun < 8, "less than one timeout of the dead link"
            await asyncio.sleep(0.02)
        assert [one.transfer for one in there.received] == ["t-near"]
        away.line.heal()
        await away.know(here)
        async with away.running():
            await away.line.cut()
            await here.delivered()
        await here.db.transact(nodes.remove_peer, AWAY)
        assert [one.transfer for one in away.received] == ["t-away"]


async def test_what_a_restored_receiver_has_lost_is_sent_again(nodes_, cluster):
    here, there = nodes_
    for n in range(3):
        await here.send(message(f"t-lost-{n}"))
    await here.delivered()
    there.received.clear()
    database = there.dsn.rpartition("/")[2]
    owner = await asyncpg.connect(cluster.dsn("hrt_owner", database))
    ((seq,),) = await there.rows("SELECT seq FROM inbox WHERE transfer = 't-lost-1'")
    await owner.execute("ALTER TABLE inbox DISABLE TRIGGER append_only")
    await owner.execute("DELETE FROM inbox WHERE seq = $1", seq)
    await owner.execute("UPDATE link_in SET through = $1 - 1", seq)
    await owner.execute("ALTER TABLE inbox ENABLE ALWAYS TRIGGER append_only")
    await owner.close()
    await here.send(message("t-lost-3"))
    await there.until(lambda: len(there.received) > 1)
    assert [one.transfer for one in there.received] == ["t-lost-3", "t-lost-1"]
    ((through, highest),) = await there.rows("SELECT through, highest FROM link_in")
    assert through == highest


async def test_of_two_processes_on_one_database_one_carries(nodes_):
    here, there = nodes_
    async with here.running(link_port=0):
        await asyncio.gather(*(here.send(message(f"t-two-{n}")) for n in range(10)))
        await here.delivered()
        await asyncio.sleep(0.1)
    assert len(there.received) == 10


async def test_a_new_message_key_is_told_and_taken_and_the_old_one_runs_out(nodes_):
    here, there = nodes_
    (old,) = [key for key in (await here.card()).keys if key.valid_until is None]
    new = add_message_key(here.settings, HERE, b"\x07" * 32)
    assert await here.db.transact(nodes.rotate_key, new) == 1
    await here.send(message("t-rotated"))
    await here.delivered()
    (received,) = there.received
    keys = dict(await there.rows("SELECT vkey, valid_until FROM peer_key"))
    assert keys[new] is None
    assert keys[old.vkey] is not None
    assert parse_note(received.note).signatures[0].id.hex() == new.split("+")[1]
    assert {key.vkey for key in (await here.card()).keys} == {old.vkey, new}


async def test_a_link_shows_what_waits_on_it(nodes_):
    here, there = nodes_
    async with here.db.read() as reader:
        (link,) = await nodes.links(reader)
    assert (link.peer, link.provinces, link.backlog) == (THERE, (THERE,), 0)
    assert link.sent == link.acknowledged > 0
    there.line.drop = True
    await there.line.cut()
    await here.send(message("t-shown"))
    async with here.db.read() as reader:
        (waiting,) = await nodes.links(reader)
        assert await nodes.ministry(reader) is None
        assert (await nodes.peer_of(reader, THERE)).name == THERE
        assert await nodes.hosts(reader, HERE)
    assert (waiting.backlog, waiting.acknowledged) == (1, link.acknowledged)
    assert waiting.oldest is not None


async def knock(context, there):
    async with httpx.AsyncClient(verify=context, trust_env=False) as http:
        return await http.post(f"https://127.0.0.1:{there.settings.link_port}{PATH}", json={})


async def test_a_stranger_is_turned_away_by_tls(nodes_, cluster, tmp_path):
    _, there = nodes_
    async with linked(cluster, tmp_path, AWAY) as stranger:
        trusted = (await there.card()).peer(None)
        context = client_context(stranger.keys, trusted)
        with pytest.raises(httpx.TransportError):
            await knock(context, there)
        await there.know(stranger)
        begun = time.monotonic()
        while True:
            try:
                answer = await knock(context, there)
                break
            except httpx.TransportError:
                assert time.monotonic() - begun < 5, "a new peer is let in without a new start"
                await asyncio.sleep(0.1)
        assert answer.status_code == 422
        await there.db.transact(nodes.remove_peer, AWAY)
        await asyncio.sleep(1.2)
        with pytest.raises(httpx.TransportError):
            await knock(context, there)


async def test_who_shows_no_certificate_is_turned_away_by_tls(nodes_):
    _, there = nodes_
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with pytest.raises(httpx.TransportError):
        await knock(context, there)


async def test_tls_before_1_3_is_not_spoken(nodes_):
    here, there = nodes_
    context = client_context(here.keys, (await there.card()).peer(None))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(httpx.TransportError):
        await knock(context, there)


async def test_a_node_that_is_not_the_one_on_the_card_gets_no_message(nodes_):
    here, there = nodes_
    # Its own port answers with its own certificate: not the one that the card shows.
    context = client_context(there.keys, (await there.card()).peer(None))
    with pytest.raises(httpx.TransportError):
        await knock(context, here)


A_GAP = (
    "INSERT INTO outbox (peer, seq, transfer, type, revision, text, hash, sent_at)"
    " VALUES ('410000', 900, 'gap', 'test.note', 1, 'x', sha256('x'), now())"
)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE outbox SET text = text || ' '",
        "UPDATE outbox SET answer = 'x'",
        "DELETE FROM outbox",
        A_GAP,
        "UPDATE inbox SET refused = 'x'",
        "DELETE FROM inbox",
        "DELETE FROM equivocation",
        "UPDATE node SET name = 'x'",
        "UPDATE peer SET name = 'x'",
        "UPDATE peer_key SET vkey = 'x'",
        "DELETE FROM peer",
    ],
    ids=lambda change: change[:24],
)
async def test_the_database_too_holds_what_was_said(nodes_, change):
    here, _ = nodes_
    connection = await asyncpg.connect(here.dsn)
    with pytest.raises(asyncpg.PostgresError):
        await connection.execute(change)
    await connection.close()
