"""Messages, cards and counting between nodes, in pure code."""

import json
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.nodes.cards import Card, CardError, certificate_hash, check_url, read_card
from app.nodes.envelope import (
    Answer,
    Envelope,
    EnvelopeError,
    parse_answer,
    parse_envelope,
    text_hash,
)
from app.nodes.keys import _certificate
from app.nodes.refusals import Fault, Objection
from app.nodes.rules import (
    AHEAD_MAX,
    BURST,
    MISSING_MAX,
    OVERDUE,
    PER_SECOND,
    RETRY_LAST,
    SKEW,
    Allowance,
    Counted,
    Known,
    Link,
    MessageKey,
    Node,
    NodeRole,
    Peer,
    count,
    judge_number,
    judge_peer,
    longest_pause,
    missing,
    retire,
    try_again,
)
from app.transparency.notes import NOTE_BYTES_MAX, CosignatureSigner, Ed25519Signer, vkey

NOW = datetime(2026, 4, 13, 1, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)

names = st.from_regex(r"\A[a-z0-9-]{1,32}\Z")
instants = st.datetimes(
    datetime(1970, 1, 1),  # noqa: DTZ001 - Hypothesis wants bounds without a zone
    datetime(8999, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab_", max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
envelopes = st.builds(
    Envelope,
    sender=names,
    to=names,
    seq=st.integers(1, 2**53 - 1),
    type=st.sampled_from(["xfer.propose", "node.key", "pay.confirm.late"]),
    transfer=st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._:-]{0,20}\Z"),
    revision=st.integers(0, 1_000_000),
    sent_at=instants,
    body=st.dictionaries(st.text("ab_", max_size=3), values, max_size=4),
    leaf=st.none() | st.binary(min_size=32, max_size=32).map(bytes.hex),
)


def an_envelope(**changed):
    members = {
        "sender": "500000",
        "to": "ministry",
        "seq": 7,
        "type": "xfer.propose",
        "transfer": "x1",
        "revision": 1,
        "sent_at": NOW,
        "body": {"m2": "180.00"},
    }
    return Envelope(**members | changed)


@given(envelopes)
def test_a_message_reads_back_as_it_was_written(envelope):
    text = envelope.text()
    assert parse_envelope(text) == envelope
    assert parse_envelope(text).text() == text


@given(envelopes, st.data())
def test_no_other_spelling_of_a_message_is_read(envelope, data):
    text = envelope.text()
    at = data.draw(st.integers(0, len(text) - 1))
    other = text[:at] + data.draw(st.sampled_from(["", " ", "\n", "0", '"'])) + text[at + 1 :]
    try:
        read = parse_envelope(other)
    except EnvelopeError:
        return
    assert read.text() == other
    assert (other == text) == (read == envelope)


def respelt(**changed):
    first, line, _ = an_envelope().text().split("\n")
    members = json.loads(line) | changed
    line = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{first}\n{line}\n"


@pytest.mark.parametrize(
    "changed",
    [
        {"seq": 0},
        {"seq": True},
        {"seq": 2**53},
        {"revision": -1},
        {"revision": 1.0},
        {"to": "Ministry"},
        {"to": ""},
        {"from": "a" * 33},
        {"type": "propose"},
        {"type": "xfer.Propose"},
        {"transfer": "a b"},
        {"transfer": "-a"},
        {"sent_at": "2026-04-13T01:00:00Z"},
        {"sent_at": "2026-13-13T01:00:00.000000Z"},
        {"body": []},
        {"body": {"n": 1.5}},
        {"body": {"n": 2**53}},
        {"body": {"é": 1}},
        {"body": {"a": [[[[[[[[[1]]]]]]]]]}},
        {"leaf": "ab"},
        {"leaf": "A" * 64},
        {"more": 1},
    ],
    ids=str,
)
def test_a_message_that_is_not_of_the_form_is_refused(changed):
    assert parse_envelope(respelt())
    with pytest.raises(EnvelopeError):
        parse_envelope(respelt(**changed))


@pytest.mark.parametrize("lost", ["to", "leaf", "body", "sent_at"])
def test_a_message_with_a_member_less_is_refused(lost):
    first, line, _ = an_envelope().text().split("\n")
    members = json.loads(line)
    del members[lost]
    line = json.dumps(members, sort_keys=True, separators=(",", ":"))
    with pytest.raises(EnvelopeError):
        parse_envelope(f"{first}\n{line}\n")


@pytest.mark.parametrize("body", [{"n": 0.5}, {"n": object()}, {"n": b"x"}, {"n": float("nan")}])
def test_no_message_is_written_that_no_node_would_read(body):
    with pytest.raises(EnvelopeError):
        an_envelope(body=body).text()


def test_a_message_is_as_long_as_a_note_can_be_with_its_signatures_and_no_longer():
    room = NOTE_BYTES_MAX - 1024 - len(an_envelope(body={"n": ""}).text())
    assert an_envelope(body={"n": "x" * room}).text()
    with pytest.raises(EnvelopeError):
        an_envelope(body={"n": "x" * (room + 1)}).text()


@given(
    st.builds(
        Answer,
        sender=names,
        to=names,
        seq=st.integers(1, 2**53 - 1),
        hash=st.binary(min_size=32, max_size=32).map(bytes.hex),
        at=instants,
        missing=st.sets(st.integers(1, 50), max_size=5).map(sorted).map(tuple),
        refused=st.none() | st.sampled_from(["id-taken", "equivocated"]),
    )
)
def test_an_answer_reads_back_as_it_was_written(answer):
    assert parse_answer(answer.text()) == answer


def test_a_message_is_no_answer_and_an_answer_no_message():
    answer = Answer(sender="a", to="b", seq=1, hash="00" * 32, at=NOW)
    with pytest.raises(EnvelopeError):
        parse_answer(an_envelope().text())
    with pytest.raises(EnvelopeError):
        parse_envelope(answer.text())


def test_the_hash_of_a_message_is_that_of_the_text_that_is_signed():
    assert text_hash("a\n") == "87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7"


@given(st.permutations(range(1, 13)), st.integers(0, 12))
def test_whatever_the_order_the_gaps_are_those_that_have_not_come(order, some):
    counted, come = Counted(), set()
    for number in order[:some]:
        assert judge_number(counted, number, taken=number in come) is None
        come.add(number)
        counted = count(counted, number, [n for n in come if n > counted.through])
        highest = max(come)
        gaps = [n for n in range(1, highest) if n not in come]
        beyond = [n for n in come if n > counted.through]
        assert missing(counted, beyond) == tuple(gaps)
        assert counted == Counted(min(gaps, default=highest + 1) - 1, highest)


def test_a_number_is_taken_once_and_not_far_ahead():
    counted = Counted(through=3, highest=5)
    assert judge_number(counted, 5, taken=True) is Fault.NUMBER_TAKEN
    assert judge_number(counted, 5 + AHEAD_MAX, taken=False) is None
    assert judge_number(counted, 6 + AHEAD_MAX, taken=False) is Fault.NUMBER_AHEAD


def test_no_answer_names_more_missing_numbers_than_it_may():
    counted = Counted(through=0, highest=AHEAD_MAX)
    assert missing(counted, [AHEAD_MAX]) == tuple(range(1, MISSING_MAX + 1))


def test_pauses_double_from_a_second_to_five_minutes():
    pauses = [longest_pause(n) // SECOND for n in range(12)]
    assert pauses == [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert longest_pause(10**9) == RETRY_LAST


INSTANTS = st.integers(0, 30_000)


@given(INSTANTS, INSTANTS)
def test_a_pause_ends_when_it_was_drawn_to_end_if_nobody_is_heard(failed, drawn):
    assert try_again(failed, drawn, None) == drawn


@given(INSTANTS, INSTANTS, INSTANTS)
def test_a_peer_that_is_heard_is_tried_at_once_but_not_sooner_than_the_least_pause(
    failed, drawn, heard
):
    at = try_again(failed, drawn, heard)
    assert at == drawn or at >= failed + 5_000
    assert at <= drawn
    assert at in {drawn, heard, failed + 5_000}
    if heard >= failed + 5_000:
        assert at == min(drawn, heard)


@given(st.lists(st.integers(0, 300), min_size=1, max_size=20))
def test_however_much_a_dead_peer_speaks_it_is_tried_once_in_the_least_pause(silences):
    failed, now, tries = 0, 0, 0
    for silence in silences:
        now += silence * 100
        if try_again(failed, failed + 300_000, now) <= now:
            failed, tries = now, tries + 1
    assert tries <= now // 5_000


@given(st.lists(st.integers(0, 3000), max_size=60))
def test_nobody_sends_more_than_the_burst_and_what_time_gives(pauses):
    allowance, now, sent = Allowance(), 0, 0
    for pause in pauses:
        now += pause
        for _ in range(40):
            allowance, may = allowance.spend(now)
            sent += may
    assert sent <= BURST + now * PER_SECOND // 1000 + 1


def test_who_is_silent_long_enough_may_send_a_burst_again():
    allowance = Allowance()
    for _ in range(BURST):
        allowance, may = allowance.spend(0)
        assert may
    assert not allowance.spend(0)[1]
    assert allowance.spend(1000 // PER_SECOND)[1]


def test_a_link_is_overdue_when_a_message_waits_for_more_than_an_hour():
    link = Link(peer="a", role=NodeRole.PROVINCE, oldest=NOW - OVERDUE)
    assert not link.is_overdue(NOW)
    assert link.is_overdue(NOW + SECOND)
    assert not Link(peer="a", role=NodeRole.PROVINCE).is_overdue(NOW)


def test_a_key_is_in_force_from_its_day_to_its_end():
    key = MessageKey("k", NOW, NOW + SECOND)
    assert key.in_force(NOW - SKEW)
    assert key.in_force(NOW)
    assert not key.in_force(NOW + SECOND)
    assert not key.in_force(NOW - SKEW - SECOND)


def test_a_retired_key_is_never_prolonged():
    keys = [MessageKey("a", NOW, NOW + SECOND), MessageKey("b", NOW)]
    until = NOW + timedelta(days=7)
    assert [k.valid_until for k in retire(keys, until)] == [NOW + SECOND, until]


def a_peer(name, role=NodeRole.PROVINCE, provinces=()):
    return Peer(name, provinces, "https://a", role, "", "", None, b"", b"")


@pytest.mark.parametrize(
    ("card", "objection"),
    [
        (Known("510000", NodeRole.PROVINCE, ("510000",)), None),
        (Known("410000", NodeRole.PROVINCE, ("410000",)), None),
        (Known("500000", NodeRole.PROVINCE, ("510000",)), Objection.NAME_TAKEN),
        (Known("x", NodeRole.PROVINCE, ("500000",)), Objection.PROVINCE_TAKEN),
        (Known("x", NodeRole.PROVINCE, ("410000",)), Objection.PROVINCE_TAKEN),
        (Known("x", NodeRole.MINISTRY, ()), Objection.SECOND_MINISTRY),
        (Known("ministry", NodeRole.MINISTRY, ()), None),
    ],
)
def test_a_province_has_one_node_and_the_ministry_too(card, objection):
    own = Node("500000", NodeRole.PROVINCE, ("500000",), "https://own")
    others = [a_peer("410000", provinces=("410000",)), a_peer("ministry", NodeRole.MINISTRY)]
    assert judge_peer(own, others, card) is objection


_, _, PEM = _certificate("500000", NOW).decode().partition("-----BEGIN CERTIFICATE")
CERTIFICATE = ssl.PEM_cert_to_DER_cert("-----BEGIN CERTIFICATE" + PEM)
SIGNER = Ed25519Signer("500000/msg", b"\x01" * 32)
LOG = Ed25519Signer("chongqing.example/log", b"\x02" * 32)


def a_card(**changed):
    members = {
        "name": "500000",
        "role": NodeRole.PROVINCE,
        "provinces": (("500000", "重庆市"),),
        "keys": (MessageKey(vkey(SIGNER), NOW),),
        "log": vkey(LOG),
        "log_url": "https://chongqing.example",
        "url": "https://chongqing.example:8443",
        "certificate": CERTIFICATE,
        "sealing_key": b"\x03" * 32,
    }
    return Card(**members | changed)


def test_a_card_reads_back_as_it_was_written():
    card = a_card()
    assert read_card(card.signed(SIGNER)) == card
    assert len(card.fingerprint.split()) == 16
    assert card.peer(None).provinces == ("500000",)
    assert len(certificate_hash(card.certificate)) == 64


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "Five"},
        {"provinces": ()},
        {"provinces": (("500236", "x"),)},
        {"provinces": (("500000", "x"), ("500000", "x"))},
        {"provinces": (("500000", ""),)},
        {"keys": ()},
        {"keys": (MessageKey(vkey(Ed25519Signer("410000/msg", b"\x01" * 32)), NOW),)},
        {"log": vkey(CosignatureSigner("w", b"\x01" * 32))},
        {"log": "nonsense"},
        {"url": "http://chongqing.example"},
        {"url": "https://user@chongqing.example"},
        {"url": "https://chongqing.example/?x"},
        {"log_url": "ftp://chongqing.example"},
        {"certificate": b"x"},
        {"certificate": CERTIFICATE + b"x"},
        {"sealing_key": b"x"},
    ],
    # No values: a certificate is made anew by each worker.
    ids=lambda changed: next(iter(changed)),
)
def test_a_card_that_is_not_of_the_form_is_refused(changed):
    with pytest.raises(CardError):
        read_card(a_card(**changed).signed(SIGNER))


def test_a_card_is_signed_by_a_key_that_stands_on_it():
    with pytest.raises(CardError):
        read_card(a_card().signed(Ed25519Signer("500000/msg", b"\x09" * 32)))
    with pytest.raises(CardError):
        read_card(a_card().signed(SIGNER).replace("8443", "8444"))


def test_an_address_is_kept_without_a_slash_at_its_end():
    assert check_url("https://a.example:1/", "url") == "https://a.example:1"
