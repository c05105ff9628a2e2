"""One node lies, with its own certificate: each lie is named, kept, and without effect."""

import uuid
from datetime import timedelta

import pytest

from app import ledger, nodes, transparency
from app.kernel.ids import NODE
from app.nodes import store
from app.nodes.envelope import text_hash
from app.nodes.rules import AHEAD_MAX, SKEW, MessageKey
from app.transparency.merkle import leaf_hash
from app.transparency.notes import CosignatureSigner, Ed25519Signer, parse_note, vkey
from tests.nodes.linked import Liar, acquainted

HONEST, LYING = "500000", "410000"


@pytest.fixture(scope="module")
async def met(cluster, tmp_path_factory):
    """An honest node that runs, and one whose letters are written by hand."""
    folder = tmp_path_factory.mktemp("lies")
    async with acquainted(cluster, folder, HONEST, LYING) as (honest, lying), honest.running():
        yield honest, Liar(lying, honest)


@pytest.fixture
async def honest(met):
    met[0].received.clear()
    return met[0]


@pytest.fixture
async def liar(met):
    await met[1].look()
    return met[1]


async def caught(honest, response, reason, status):
    """It was answered by a problem, put into quarantine, and nothing else was done."""
    assert (response.status_code, response.json()["code"]) == (status, reason), response.text
    assert (await honest.quarantined())[-1] == (LYING, reason)
    assert not honest.received


async def test_the_truth_is_taken(honest, liar):
    response = await liar.say()
    assert response.status_code == 202
    answer = liar.answer(response)
    assert (answer.sender, answer.to, answer.seq) == (HONEST, LYING, liar.seq)
    assert (answer.missing, answer.refused) == ((), None)
    assert len(honest.received) == 1


async def test_a_replay_gets_the_same_answer_and_has_no_effect(honest, liar):
    note = liar.note()
    first, second = await liar.post(note), await liar.post(note)
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert first.status_code == 202
    assert len(honest.received) == 1


async def test_a_line_that_somebody_adds_to_a_note_makes_no_other_message(honest, liar):
    note = liar.note()
    stranger = Ed25519Signer("stranger/msg", b"\x05" * 32)
    both = (
        liar.sign(parse_note(note).text)
        + liar.sign(parse_note(note).text, stranger)[len(parse_note(note).text) + 1 :]
    )
    first, second = await liar.post(note), await liar.post(both)
    assert first.content == second.content
    assert len(honest.received) == 1


async def test_two_messages_for_one_matter_are_kept_as_proof(honest, liar):
    matter = {"transfer": "x-two", "seq": liar.seq + 1}
    one, two = liar.note(**matter), liar.note(**matter, body={"n": "1.00"})
    liar.seq += 1
    assert (await liar.post(one)).status_code == 202
    records = "SELECT body FROM record WHERE kind = 'node.equivocated'"
    response = await liar.post(two)
    assert response.status_code == 409
    answer = liar.answer(response)
    assert (answer.refused, answer.hash) == ("equivocated", text_hash(parse_note(two).text))
    assert (await liar.post(two)).content == response.content, "asked again, the same answer"
    async with honest.db.read() as reader:
        (proof,) = await nodes.equivocations(reader)
    assert (proof.peer, proof.transfer) == (LYING, "x-two")
    assert (proof.held_note, proof.other_note) == (one, two)
    ((body,),) = await honest.rows(records)
    assert text_hash(parse_note(one).text).encode() in body
    assert text_hash(parse_note(two).text).encode() in body
    assert len(honest.received) == 1
    async with honest.db.read() as reader:
        assert [link.equivocations for link in await nodes.links(reader)] == [1]


async def test_a_key_that_is_not_on_the_card(honest, liar):
    key = Ed25519Signer(f"{LYING}/msg", b"\x01" * 32)
    await caught(honest, await liar.say(key=key), "unknown-key", 403)


async def test_a_signature_by_a_known_key_that_does_not_verify(honest, liar):
    note = liar.note(body={"n": "1.00"})
    await caught(honest, await liar.post(note.replace("1.00", "9.00")), "bad-signature", 403)


async def test_a_key_that_is_retired(honest, liar):
    old = Ed25519Signer(f"{LYING}/msg", b"\x02" * 32)

    async def retire(tx, key):
        at = await tx.now()
        key = MessageKey(key, at - timedelta(days=9), at - timedelta(seconds=1))
        await store.put_peer_key(tx, LYING, key)

    await honest.db.transact(retire, vkey(old))
    await caught(honest, await liar.say(key=old), "key-not-in-force", 403)


async def test_a_number_that_stands_on_another_message(honest, liar):
    assert (await liar.say()).status_code == 202
    honest.received.clear()
    response = await liar.say(seq=liar.seq, transfer=uuid.uuid4().hex)
    await caught(honest, response, "number-taken", 409)


async def test_a_number_far_ahead(honest, liar):
    response = await liar.say(seq=liar.seq + AHEAD_MAX + 1)
    await caught(honest, response, "number-ahead", 409)


async def test_a_message_out_of_order_is_taken_and_the_missing_one_is_named(honest, liar):
    late = liar.note()
    response = await liar.say()
    assert liar.seq - 1 in liar.answer(response).missing
    assert liar.seq - 1 not in liar.answer(await liar.post(late)).missing
    assert len(honest.received) == 2


async def test_a_clock_that_is_ahead(honest, liar):
    ahead = liar.now + SKEW + timedelta(minutes=1)
    response = await liar.post(liar.note(sent_at=ahead, seq=liar.seq + 1))
    await caught(honest, response, "clock-ahead", 409)


async def test_a_message_that_waited_for_days_is_no_lie(honest, liar):
    response = await liar.post(liar.note(sent_at=liar.now - timedelta(days=9)))
    assert response.status_code == 202


async def test_another_sender(honest, liar):
    response = await liar.post(liar.note(sender="610000", seq=liar.seq + 1))
    await caught(honest, response, "other-sender", 403)


async def test_another_recipient(honest, liar):
    response = await liar.post(liar.note(to="610000", seq=liar.seq + 1))
    await caught(honest, response, "other-recipient", 409)


async def test_a_type_that_nobody_knows(honest, liar):
    response = await liar.post(liar.note(type="test.unheard_of", seq=liar.seq + 1))
    await caught(honest, response, "unknown-type", 409)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace('"seq":', '"seq": '),
        lambda text: text.replace('{"body"', '{"also":1,"body"'),
        lambda text: text.replace("lqx-msg/1", "lqx-msg/2"),
        lambda text: text.replace('"revision":1', '"revision":1.0'),
        lambda text: text.replace('"body":{}', '"body":[]'),
    ],
    ids=["spaces", "one-member-more", "another-form", "a-fraction", "no-object"],
)
async def test_a_text_that_is_no_message(honest, liar, spoil):
    text = parse_note(liar.note(seq=liar.seq + 1)).text
    await caught(honest, await liar.post(liar.sign(spoil(text))), "malformed", 422)


async def test_a_request_that_is_no_delivery(honest, liar):
    note = liar.note(seq=liar.seq + 1)
    await caught(honest, await liar.post(note, more="x"), "malformed", 422)


async def test_a_note_that_is_too_long(honest, liar):
    text = parse_note(liar.note(seq=liar.seq + 1)).text
    text = text.replace('"body":{}', '"body":{"n":"' + "x" * 65536 + '"}')
    await caught(honest, await liar.post(liar.sign(text)), "malformed", 422)


async def test_a_request_that_is_too_long(honest, liar):
    response = await liar.post("x" * 500_000)
    assert response.status_code == 413
    assert not honest.received


async def in_the_log(node):
    """A record of the node in a published checkpoint: its bytes and the proof."""

    async def work(tx, _):
        note = ledger.Note(kind="custodian.registered", province=NODE, subject="x")
        return (await ledger.record(tx, [note]))[0]

    record = await node.db.transact(work, None)
    keys = transparency.load_keys(node.settings)
    publishers = await transparency.open_log(node.db, node.settings, keys)
    await transparency.advance(node.db, publishers)
    for publisher in publishers:
        await publisher.http.aclose()
    async with node.db.read() as reader:
        entry, proof = await transparency.prove_entry(reader, record)
    return entry.decode(), proof.encode()


async def test_an_entry_of_the_senders_log_is_believed_by_its_proof_alone(honest, liar):
    entry, proof = await in_the_log(liar.node)
    leaf = leaf_hash(entry.encode()).hex()
    note = liar.note(leaf=leaf, seq=liar.seq + 1)
    without = await liar.post(note)
    await caught(honest, without, "proof-missing", 422)
    other = await liar.post(note, entry=entry.replace("registered", "forgotten"), proof=proof)
    await caught(honest, other, "proof-missing", 422)
    forged = proof.replace("\nindex ", "\nindex 1")
    await caught(honest, await liar.post(note, entry=entry, proof=forged), "proof-wrong", 409)
    none = liar.note(seq=liar.seq + 1)
    await caught(honest, await liar.post(none, entry=entry, proof=proof), "proof-missing", 422)
    response = await liar.post(note, entry=entry, proof=proof)
    liar.seq += 1
    assert response.status_code == 202, response.text
    assert honest.received[-1].entry == entry.encode()


async def test_a_proof_without_the_witnesses_of_the_policy(honest, liar):
    witness = vkey(CosignatureSigner("witness.example/w", b"\x03" * 32))
    await honest.know(liar.node, policy=f"witness w {witness}\nquorum w\n", known=True)
    entry, proof = await in_the_log(liar.node)
    note = liar.note(leaf=leaf_hash(entry.encode()).hex(), seq=liar.seq + 1)
    await caught(honest, await liar.post(note, entry=entry, proof=proof), "proof-wrong", 409)


async def test_what_is_kept_of_lies_is_bounded(honest, liar):
    before = len(await honest.quarantined())
    note = liar.note(to="610000", seq=liar.seq + 1)
    for _ in range(3):
        await liar.post(note)
    assert len(await honest.quarantined()) == before + 1
    ((times,),) = await honest.rows("SELECT times FROM quarantine ORDER BY id DESC LIMIT 1")
    assert times == 3
