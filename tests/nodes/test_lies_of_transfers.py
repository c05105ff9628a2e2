"""A node lies about a transfer, by its own keys and its own log: it is named by what it signed."""

import asyncio
import json
from collections import Counter
from dataclasses import replace

import asyncpg
import pytest

from app import ledger, nodes, transparency
from app.audit.stream import audit_records
from app.kernel.ids import NODE
from app.kernel.units import Area, decimal
from app.ledger.rules import AccountKind, AccountRef, Draft, EntryKind, move
from app.nodes.envelope import parse_answer, text_hash
from app.transfers.rules_messages import (
    Applied,
    Decision,
    Outcome,
    Reason,
    Side,
    digest,
)
from app.transparency.merkle import leaf_hash, root_of
from app.transparency.notes import Verifier, parse_note, parse_vkey, verified
from app.transparency.proofs import parse_proof
from tests.nodes.linked import Liar
from tests.nodes.three import HERE, MINISTRY, THERE, days, lost, three_nodes
from tests.story import THERE_CITY

HOUSEHOLDS = [f"h{n}" for n in range(8)]
STATE = "SELECT state FROM crossing WHERE id = :id"


@pytest.fixture(scope="module")
async def three(cluster, tmp_path_factory):
    async with three_nodes(cluster, tmp_path_factory.mktemp("liars"), HOUSEHOLDS) as three:
        yield three


async def on_record(office, kind, subject, body, province=NODE):
    """Put it into the log of a node, as its operator can; answers with the entry and its proof."""

    async def work(tx, _):
        note = ledger.Note(kind=kind, province=province, subject=subject, body=body)
        return (await ledger.record(tx, [note]))[0]

    record = await office.node.db.transact(work, None)
    for _ in range(600):
        async with office.node.db.read() as reader:
            proven = await transparency.prove_entry(reader, record)
        if proven is not None:
            return proven[0].decode(), proven[1].encode()
        await asyncio.sleep(0.02)
    raise AssertionError("it does not come into a checkpoint")


async def says(liar_office, office, message, kind, body, **more):
    """A message that rests on a record that was made for it; answers with the response."""
    entry, proof = await on_record(liar_office, kind, message.transfer, body)
    return await brings(liar_office, office, message, entry, proof, **more)


async def brings(liar_office, office, message, entry, proof, **more):
    """A message with the record that it rests on; answers with the response."""
    liar = Liar(liar_office.node, office.node)
    await liar.look()
    (sent,) = await liar_office.rows(
        "SELECT sent FROM link_out WHERE peer = :peer", peer=office.node.name
    )
    note = liar.note(
        **{"seq": sent.sent + 50, "revision": 9}
        | more
        | {
            "type": message.type,
            "transfer": message.transfer,
            "body": message.to_body(),
            "leaf": leaf_hash(entry.encode()).hex(),
        }
    )
    return liar, await liar.post(note, entry=entry, proof=proof)


def decided(decision):
    """What the ministry's log says of a decision."""
    return {
        "outcome": decision.outcome.value,
        "reason": decision.reason.value,
        "code": decision.code,
        "document": decision.document,
        "proposal": digest(decision.terms),
        "acceptance": decision.accept,
        "decision": digest(decision),
    }


async def true_decision(three, transfer):
    decision = "SELECT decision FROM crossing WHERE id = :id"
    return Decision.from_body(await three.ministry.one(decision, id=transfer))


async def named(office):
    """The rules that an audit of a node's log finds broken."""
    rows = await office.rows("SELECT body FROM record ORDER BY id")
    return Counter(audit_records(bytes(row.body) for row in rows).counts)


async def test_a_ministry_that_commits_to_one_and_aborts_to_the_other_has_signed_both(three):
    await three.leave("h0", "x0")
    await three.accept("x0")
    crossing = f"{HERE}-x0"
    await lost(three.there)
    body = {"transfer": crossing, "document": "文号"}
    await three.ministry.must("ministry", NODE, "/v1/transfer-approvals", body)
    truth = await true_decision(three, crossing)
    lie = Decision(crossing, Outcome.ABORT, Reason.REFUSED, truth.terms, code="against_plan")
    (kept,) = await three.ministry.rows(
        "SELECT seq FROM outbox WHERE peer = :peer AND type = 'xfer.decision' AND transfer = :id",
        peer=THERE,
        id=crossing,
    )
    _, response = await says(
        three.ministry,
        three.there,
        lie,
        "crossing.decided",
        decided(lie),
        seq=kept.seq,
        revision=1,
    )
    assert response.status_code == 202, "it is the first that this node hears"
    assert await three.there.one(STATE, id=crossing) == "closed"
    three.there.node.line.heal()
    await three.quiet()
    assert await three.here.one(STATE, id=crossing) == "debited"
    async with three.there.node.db.read() as reader:
        (proof,) = await nodes.equivocations(reader)
    assert (proof.peer, proof.transfer, proof.type) == (MINISTRY, crossing, "xfer.decision")
    (key,) = [parse_vkey(one) for one in three.ministry.node.keys.messages]
    outcomes = set()
    for note in (proof.held_note, proof.other_note):
        assert verified(parse_note(note), [key]), "its own signature stands under both"
        outcomes.add(json.loads(note.split("\n")[1])["body"]["outcome"])
    assert outcomes == {"commit", "abort"}
    on_log = "SELECT count(*) FROM record WHERE kind = 'node.equivocated' AND subject = :name"
    assert await three.there.one(on_log, name=MINISTRY) == 1
    assert (await named(three.ministry))["crossing"] >= 1, "two decisions stand in its own log"


async def test_a_ministry_that_denies_what_it_approved_is_held_to_its_first_word(three):
    await three.cross("h1", "x1")
    crossing = f"{HERE}-x1"
    truth = await true_decision(three, crossing)
    lie = Decision(crossing, Outcome.ABORT, Reason.REFUSED, truth.terms, code="against_plan")
    for office, state in ((three.here, "debited"), (three.there, "credited")):
        liar, response = await says(three.ministry, office, lie, "crossing.decided", decided(lie))
        assert response.status_code == 409
        assert liar.answer(response).refused == "second-decision"
        assert await office.one(STATE, id=crossing) == state
        (first, second) = await office.rows(
            "SELECT note, entry, proof, refused FROM inbox"
            " WHERE type = 'xfer.decision' AND transfer = :id ORDER BY revision",
            id=crossing,
        )
        assert (first.refused, second.refused) == (None, "second-decision")
        proven(first, three.ministry, "crossing.decided")
        proven(second, three.ministry, "crossing.decided")
        assert '"document":"自然资函' in first.note


def proven(letter, office, kind):
    """What anybody finds who is handed a letter: signed, and resting on the sender's log."""
    (key,) = [parse_vkey(one) for one in office.node.keys.messages]
    assert verified(parse_note(letter.note), [key])
    log = Verifier.of(transparency.load_keys(office.node.settings).log)
    parse_proof(letter.proof).verify(bytes(letter.entry), log, None)
    assert json.loads(bytes(letter.entry))["kind"] == kind
    assert json.loads(letter.note.split("\n")[1])["leaf"] == leaf_hash(bytes(letter.entry)).hex()


async def test_who_denies_debit_or_credit_has_signed_and_published_that_it_did(three):
    letters = await three.ministry.rows(
        "SELECT peer, note, entry, proof FROM inbox WHERE type = 'xfer.applied' AND transfer = :id",
        id=f"{HERE}-x1",
    )
    kinds = {HERE: "transfer.approved", THERE: "ticket.arrived"}
    assert {letter.peer for letter in letters} == set(kinds)
    for letter in letters:
        office = three.here if letter.peer == HERE else three.there
        proven(letter, office, kinds[letter.peer])


async def test_who_never_received_the_decision_has_signed_that_it_came(three):
    letters = await three.ministry.rows(
        "SELECT peer, text, answer FROM outbox WHERE type = 'xfer.decision' AND transfer = :id",
        id=f"{HERE}-x1",
    )
    assert {letter.peer for letter in letters} == {HERE, THERE}
    for letter in letters:
        office = three.here if letter.peer == HERE else three.there
        (key,) = [parse_vkey(one) for one in office.node.keys.messages]
        note = parse_note(letter.answer)
        assert verified(note, [key])
        assert parse_answer(note.text).hash == text_hash(letter.text)


async def test_a_receiver_that_credits_another_n_is_refused_with_what_it_said(three):
    crossing = f"{HERE}-x1"
    truth = await true_decision(three, crossing)
    lie = Applied(crossing, Side.RECEIVER, digest(truth), Area(6667))
    body = {"decision": digest(truth)}
    liar, response = await says(three.there, three.ministry, lie, "arrival.closed", body)
    assert response.status_code == 409
    assert liar.answer(response).refused == "other-credit"
    kept = "SELECT note FROM inbox WHERE refused = 'other-credit'"
    assert '"area_m2":"66.67"' in await three.ministry.one(kept)


async def test_a_giver_that_proposes_what_left_already_is_stopped_and_named(three):
    crossing = f"{HERE}-x1"
    terms = (await true_decision(three, crossing)).terms
    lie = replace(terms, transfer=f"{HERE}-lie")
    body = {"proposal": digest(lie)}
    _, response = await says(three.here, three.ministry, lie, "transfer.requested", body)
    assert response.status_code == 202
    assert (await true_decision(three, lie.transfer)).code == "ticket-on-its-way"
    await three.quiet()
    assert sum((await named(three.here)).values()) >= 1, "its own log does not hold such a ticket"


async def test_a_giver_without_a_record_of_the_lock_is_not_heard(three):
    terms = (await true_decision(three, f"{HERE}-x1")).terms
    lie = replace(terms, transfer=f"{HERE}-none", ticket="t.none")
    liar, response = await says(
        three.here, three.ministry, lie, "transfer.requested", {"proposal": "00" * 32}
    )
    assert liar.answer(response).refused == "message-unfounded"
    assert await three.ministry.rows(STATE, id=lie.transfer) == []


async def proposes(three, ticket, transfer, **changed):
    """A giver asks for the ticket with an honest-looking letter, and a lock in its own log."""
    honest = (await true_decision(three, f"{HERE}-x1")).terms
    lie = replace(honest, transfer=f"{HERE}-{transfer}", ticket=ticket, **changed)
    lie = replace(lie, credit=lie.rate.convert(lie.area))
    body = {"ticket": ticket, "crossing": lie.transfer, "proposal": digest(lie)}
    entry, proof = await on_record(three.here, "transfer.requested", transfer, body, HERE)
    # Numbers that neither the giver's own letters nor other lies have.
    seq = 300 + int(transfer.removeprefix("l"))
    _, response = await brings(three.here, three.ministry, lie, entry, proof, seq=seq)
    assert response.status_code == 202, response.text
    return lie


async def sold(three, ticket):
    """Its log says that somebody bought the ticket."""
    draft = Draft(
        kind=EntryKind.SETTLEMENT,
        key=f"settle:l:{ticket}",
        province=HERE,
        subject=ticket,
        moves=move(
            AccountRef(AccountKind.TICKET, ticket, HERE),
            AccountRef(AccountKind.CERTIFICATE, "l:b0", HERE),
            10_000,
        ),
    )
    await three.here.node.db.transact(ledger.post, [draft])


async def test_what_a_givers_own_log_does_not_hold_is_never_committed(three):
    """Never issued, more than there is, sold, handed in; an honest transfer goes on beside them."""
    before = await named(three.ministry)
    larger, gone = [await three.here.story.issue(f"h{n}", THERE_CITY) for n in (3, 4)]
    await sold(three, gone)
    (handed,) = await three.here.story.hand_in(["h5"])
    lies = {
        "none": (await proposes(three, "t.none", "l0"), 0, 1),
        "more": (await proposes(three, larger, "l1", area=Area(10_001)), 10_000, 1),
        "sold": (await proposes(three, gone, "l2"), 0, 1),
        "handed_in": (await proposes(three, handed, "l3"), 10_000, 2),
    }
    await three.cross("h6", "x6")
    shown = {row["id"]: row for row in await three.ministry.market.list("/v1/crossings")}
    for name, (lie, held, claims) in lies.items():
        await until_decided(three, lie.transfer)
        decision = await true_decision(three, lie.transfer)
        ended = (decision.outcome, decision.reason, decision.code)
        assert ended == (Outcome.ABORT, Reason.OBJECTED, "ticket-not-held"), name
        body = await on_log(three, lie.transfer)
        assert (body["held_m2"], len(body["claims"])) == (decimal(held), claims), name
        assert body["claims"][-1] == [body["lock_leaf"], digest(lie)]
        entries = await published(three.here)
        assert json.loads(entries[body["lock_leaf"]])["body"]["proposal"] == digest(lie)
        root = root_of([leaf_hash(entry) for entry in entries[: body["log_size"]]])
        assert body["log_root"] == root.hex(), "everybody can look there again"
        answer = await three.approve(lie.transfer.partition("-")[2])
        assert answer["code"] == "ticket-not-held"
        assert shown[lie.transfer]["code"] == "ticket-not-held"
        assert shown[lie.transfer]["giver_log"]["held_m2"] == decimal(held)
    honest = await on_log(three, f"{HERE}-x6")
    assert (honest["outcome"], honest["held_m2"]) == ("commit", "100.00")
    assert await three.there.one(STATE, id=f"{HERE}-x6") == "credited"
    assert await named(three.ministry) == before, "its own log is in order"


async def test_a_ticket_that_is_sold_behind_its_lock_is_never_committed_either(three):
    ticket = await three.leave("h7", "x7")
    await three.accept("x7")
    looked = "SELECT count(*) FROM crossing WHERE id = :id AND look IS NOT NULL"
    await until(three, looked, f"{HERE}-x7")
    await sold(three, ticket)
    _, proof = await on_record(three.here, "custodian.registered", "x7", {})
    assert proof, "the sale is published"
    await three.ministry.market.http._transport.app.state.givers.follow(HERE)
    assert (await three.approve("x7"))["code"] == "ticket-not-held"
    assert (await on_log(three, f"{HERE}-x7"))["held_m2"] == "0.00"
    assert await three.here.one(STATE, id=f"{HERE}-x7") == "released"


async def published(office):
    """The log of a node, entry by entry."""
    rows = await office.rows("""
        SELECT r.body FROM tlog_leaf l JOIN record r ON r.id = l.record_id ORDER BY l.leaf_index
    """)
    return [bytes(row.body) for row in rows]


async def until_decided(three, transfer):
    decided = "SELECT count(*) FROM crossing WHERE id = :id AND decision IS NOT NULL"
    await until(three, decided, transfer)


async def until(three, holds, transfer):
    """Wait until the ministry is so far with a transfer."""
    for _ in range(600):
        if await three.ministry.one(holds, id=transfer):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{transfer}: {holds}")


async def on_log(three, transfer):
    """What the ministry's log says of its decision."""
    query = "SELECT body FROM record WHERE kind = 'crossing.decided' AND subject = :id"
    return json.loads(bytes(await three.ministry.one(query, id=transfer)))["body"]


async def test_a_decision_whose_letter_is_lost_for_ever_is_asked_for_and_applied(three, cluster):
    """The ministry believes that it was answered: its letter will not come again by itself."""
    await three.leave("h2", "x2")
    await lost(three.here)
    body = {"transfer": f"{HERE}-x2", "by": "ministry", "reason": "against_plan"}
    await three.ministry.must("ministry", NODE, "/v1/transfer-rejections", body)
    await forget(cluster, three.ministry, f"{HERE}-x2")
    # A courier that has the letter in hand gives it up on the dead line.
    await asyncio.sleep(2)
    three.here.node.line.heal()
    await three.quiet()
    assert await three.here.one(STATE, id=f"{HERE}-x2") == "locked"
    now = await three.here.now()
    await three.clock(now + days(29))
    assert await three.here.one("SELECT count(*) FROM outbox WHERE type = 'xfer.status'") == 0
    await three.clock(now + days(30))
    await three.quiet()
    assert await three.here.one(STATE, id=f"{HERE}-x2") == "released"
    asked = await three.here.rows(
        "SELECT transfer, revision FROM outbox WHERE type = 'xfer.status'"
    )
    assert [tuple(row) for row in asked] == [(f"{HERE}-x2", 1)]
    # The lost one may come still, for its number is missed: whichever is second has no effect.
    told = "SELECT max(revision) FROM inbox WHERE type = 'xfer.decision' AND transfer = :id"
    assert await three.here.one(told, id=f"{HERE}-x2") == 2
    answer = "SELECT note FROM inbox WHERE type = 'xfer.status'"
    assert '"state":"aborted"' in await three.here.one(answer)


async def forget(cluster, office, transfer):
    """The sender has an answer, and the receiver has lost the letter with its memory."""
    name = office.node.dsn.rsplit("/", 1)[1]
    connection = await asyncpg.connect(cluster.dsn("hrt_owner", name))
    await connection.execute(
        "UPDATE outbox SET answer = 'lost', answered_at = now()"
        " WHERE type = 'xfer.decision' AND transfer = $1 AND peer = $2",
        transfer,
        HERE,
    )
    await connection.close()
