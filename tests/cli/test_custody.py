"""When a custodian's key may go, what a log can hide from its reader, and amounts in words."""

import base64
import hashlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli.custody import (
    ReleaseRefusedError,
    canonical,
    check_memory,
    decide_release,
)
from app.cli.logbook import BUNDLES_KEPT, Logbook
from app.cli.secret_files import SecretFileError, read_secret, save, write_new
from app.kernel.capitals import capitals
from app.transparency.fields import TrustError
from app.transparency.notes import CosignatureSigner, Verifier, vkey
from app.transparency.proofs import parse_proof
from app.transparency.quorum import QuorumError, parse_policy
from app.transparency.tiles import TILE_WIDTH, encode_entries, parse_tile_path
from tests.small_log import SmallLog

WITNESSES = [CosignatureSigner(f"w{n}.example", bytes([n + 40]) * 32) for n in range(3)]
PUBLIC = bytes(range(32))
CLOSES = "2026-04-13T10:00:00+08:00"
LATER = "2026-05-13T10:00:00+08:00"


def seconds(text):
    return int(datetime.fromisoformat(text).timestamp())


def policy_of(log, quorum="q"):
    lines = [f"log {vkey(log.verifier)}"]
    lines += [f"witness w{n} {vkey(Verifier.of(w))}" for n, w in enumerate(WITNESSES)]
    return parse_policy("\n".join([*lines, "group q 2 w0 w1 w2", f"quorum {quorum}", ""]))


def record(kind, body, subject="l1"):
    return canonical({"v": 1, "kind": kind, "subject": subject, "body": body})


def listed(number=1, closes_at=CLOSES, public=PUBLIC, **terms):
    custodians = [["other", "AAAA"], ["c1", base64.b64encode(public).decode()]]
    terms = {
        "lot": "l1",
        "sealing": "lqx-seal/1",
        "closes_at": closes_at,
        "custodians": custodians,
    } | terms
    hash_ = hashlib.sha256(canonical(terms)).hexdigest()
    return record("lot.listed", {"number": number, "hash": hash_, "terms": terms})


CLOSED = record("lot.closed", {"state": "closed"})


def served(log, size):
    """The files of a log, as an honest server has them."""

    def fetch(path):
        level, n, width = parse_tile_path(path)
        if level is None:
            return encode_entries(log.entries[n * TILE_WIDTH : n * TILE_WIDTH + width])
        assert level == 1
        return b"".join(log.node(8, n * TILE_WIDTH + i) for i in range(width))

    return fetch


def book_of(log, *times, fetch=None):
    size = len(log.entries)
    note = log.note(size)
    lines = [w.cosign(note.text, at) for w, at in zip(WITNESSES, times, strict=False)]
    note = note.with_signatures(*lines)
    return Logbook(fetch or served(log, size), log.checkpoint(size), note.encode())


def a_log(*entries):
    """A log that holds these among others."""
    return SmallLog(entries=[b'{"subject":"l2"}', *entries]).grow(3)


def decide(log, *times, quorum="q", **more):
    book = book_of(log, *times)
    return decide_release(
        book, "l1", PUBLIC, log=log.verifier, policy=policy_of(log, quorum), **more
    )


AT = seconds(CLOSES)


def test_a_key_may_go_when_a_quorum_has_cosigned_the_close_after_its_time():
    log = a_log(listed(), CLOSED)
    release = decide(log, AT, AT + 5)
    assert (release.proof.index, release.entry, release.custodian) == (2, CLOSED, "c1")
    # What is kept convinces anybody who has the policy.
    again = parse_proof(release.proof.encode())
    assert again.verify(CLOSED, log.verifier, policy_of(log)).size == len(log.entries)


@pytest.mark.parametrize(
    ("entries", "times", "words"),
    [
        ([listed()], (AT, AT), "nothing of a close"),
        ([], (AT, AT), "nothing of a close"),
        ([CLOSED], (AT, AT), "no notice"),
        ([listed(), record("lot.closed", {"state": "unsold"})], (AT, AT), "unsold"),
        ([listed(), CLOSED, CLOSED], (AT, AT), "does not wait"),
        ([listed(public=bytes(32)), CLOSED], (AT, AT), "does not name the public key"),
        ([listed(lot="l2"), CLOSED], (AT, AT), "not sealed to custodians"),
        ([listed(sealing="none"), CLOSED], (AT, AT), "not sealed to custodians"),
        ([listed(), CLOSED], (AT - 1, AT), "has not cosigned since"),
        ([listed(), CLOSED], (AT - 1, AT - 1, AT), "has not cosigned since"),
        ([listed(closes_at=LATER), listed(2), CLOSED], (AT, AT), "has not cosigned since"),
        (
            [listed(), record("lot.resumed", {"closes_at": LATER}), CLOSED],
            (AT, AT),
            "has not cosigned since",
        ),
        # A second first notice does not hide the one behind it.
        ([listed(closes_at=LATER), listed(), CLOSED], (AT, AT), "has not cosigned since"),
        ([listed(), record("lot.frozen", {"closes_at": CLOSES}), CLOSED], (AT, AT), "was frozen"),
    ],
)
def test_a_key_stays_and_the_reason_is_told(entries, times, words):
    with pytest.raises(ReleaseRefusedError, match=words):
        decide(a_log(*entries), *times)


@pytest.mark.parametrize(
    ("plain", "spelled"),
    [(b'"l1"', b'"l\\u0031"'), (b'"subject":', b'"subject": '), (b'"v":1', b'"v":1,"w":2,"v":1')],
)
def test_a_record_in_another_spelling_hides_from_nobody(plain, spelled):
    resumed = record("lot.resumed", {"closes_at": LATER}).replace(plain, spelled)
    assert spelled in resumed
    with pytest.raises(TrustError, match="canonical"):
        decide(a_log(listed(), resumed, CLOSED), AT, AT)


def test_a_reader_keeps_a_bounded_part_of_a_long_log():
    log = SmallLog().grow(300 * TILE_WIDTH + 7)
    book = book_of(log)
    assert sum(1 for _ in book.backwards()) == len(log.entries)
    assert len(book._bundles) <= BUNDLES_KEPT
    assert book.proof(5).verify(log.entries[5], log.verifier).size == len(log.entries)


def test_without_a_quorum_of_one_s_own_witnesses_nothing_goes():
    log = a_log(listed(), CLOSED)
    with pytest.raises(QuorumError):
        decide(log, AT)
    with pytest.raises(QuorumError):
        decide(log)


def test_who_trusts_the_log_alone_gets_its_word_alone():
    assert decide(a_log(listed(), CLOSED), quorum="none").custodian == "c1"


def test_an_earlier_notice_with_a_later_close_counts_until_the_custodian_says_otherwise():
    last = listed(2)
    log = a_log(listed(closes_at=LATER), last, CLOSED)
    hash_ = json.loads(last)["body"]["hash"]
    assert decide(log, AT, AT, notice=hash_).notice == hash_
    first = json.loads(log.entries[1])["body"]["hash"]
    with pytest.raises(ReleaseRefusedError, match="last notice"):
        decide(log, AT, AT, notice=first)
    late = seconds(LATER)
    assert decide(log, late, late).closes_at == datetime.fromtimestamp(late, UTC)


def test_a_notice_logged_after_the_close_changes_nothing():
    log = a_log(listed(), CLOSED, listed(2, closes_at="2020-01-01T00:00:00+08:00"))
    assert decide(log, AT, AT).closes_at == datetime.fromtimestamp(AT, UTC)


def test_a_notice_that_is_not_what_its_hash_says_is_none():
    body = json.loads(listed())["body"] | {"hash": "0" * 64}
    with pytest.raises(ReleaseRefusedError, match="own hash"):
        decide(a_log(record("lot.listed", body), CLOSED), AT, AT)


def test_a_log_that_was_rewritten_or_rolled_back_is_not_believed():
    log = a_log(listed(), CLOSED)
    book = book_of(log)
    size = len(log.entries)
    for old in range(size + 1):
        check_memory(book, log.root(old), old)
    for old in range(1, size + 1):
        with pytest.raises(ReleaseRefusedError, match="another history"):
            check_memory(book, log.fork(0).root(old), old)
    with pytest.raises(ReleaseRefusedError, match="shows"):
        check_memory(book, bytes(32), size + 1)


sizes = st.one_of(st.integers(0, 5), st.integers(250, 260), st.integers(508, 518))


@given(sizes, st.data())
def test_a_reader_sees_every_entry_and_every_earlier_root(size, data):
    log = SmallLog().grow(size)
    book = book_of(log)
    assert list(book.backwards()) == list(enumerate(log.entries))[::-1]
    old = data.draw(st.integers(0, size))
    assert book.root_at(old) == log.root(old)
    if size:
        index = data.draw(st.integers(0, size - 1))
        assert book.proof(index).verify(log.entries[index], log.verifier).size == size


@pytest.mark.parametrize("size", [5, 256, 300, 520])
@pytest.mark.parametrize("at", [0, 3, 255, 257, 299])
def test_a_server_that_changes_hides_or_swaps_an_entry_is_found_out(size, at):
    log = SmallLog().grow(size)
    if at >= size:
        return
    changed = log.fork(at)
    hidden = SmallLog(entries=[*log.entries[:at], *log.entries[at + 1 :], b"filler"])
    for other in (changed, hidden):
        for tiles_too in (False, True):
            honest, lying = served(log, size), served(other, size)

            def fetch(path, *, honest=honest, lying=lying, tiles_too=tiles_too):
                return lying(path) if tiles_too or "entries" in path else honest(path)

            with pytest.raises(TrustError):
                list(book_of(log, fetch=fetch).backwards())


def test_keys_are_readable_by_their_owner_alone_and_never_written_over(tmp_path):
    file = tmp_path / "folder" / "l1.key"
    write_new(file, {"kind": "k", "private": "x"})
    assert file.stat().st_mode & 0o777 == 0o600
    assert read_secret(file, "k")["private"] == "x"
    with pytest.raises(SecretFileError, match="never written over"):
        write_new(file, {"kind": "k"})
    with pytest.raises(SecretFileError, match="kind"):
        read_secret(file, "other")
    file.chmod(0o640)
    with pytest.raises(SecretFileError, match="chmod 600"):
        read_secret(file, "k")
    save(tmp_path / "a", b"1")
    save(tmp_path / "a", b"2")
    assert [f.name for f in tmp_path.iterdir() if f.is_file()] == ["a"]


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角整"),
        (105, "壹元零伍分"),
        (1_05_00, "壹佰零伍元整"),
        (10_010_00, "壹万零壹拾元整"),
        (66_000_000_50, "陆仟陆佰万元伍角整"),
        (100_000_100_00, "壹亿零壹佰元整"),
        (105_000_000_00, "壹亿零伍佰万元整"),
        (1_000_010_000_00, "壹拾亿零壹万元整"),
        (1_000_000_000_001_01, "壹万亿零壹元零壹分"),
        (9_999_999_999_999_99, "玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    ],
)
def test_amounts_are_written_as_on_cheques(fen, words):
    assert capitals(fen) == f"人民币{words}"


@given(st.integers(0, 10**15 - 1))
def test_different_amounts_have_different_words_without_two_zeros_in_a_row(fen):
    assert "零零" not in capitals(fen)
    assert read_back(capitals(fen).removeprefix("人民币")) == fen


def read_back(text):
    """The amount that the words say."""
    total = section = digit = 0
    yuan = 0
    for letter in text:
        if letter in "零壹贰叁肆伍陆柒捌玖":
            digit = "零壹贰叁肆伍陆柒捌玖".index(letter)
        elif letter in "拾佰仟":
            section, digit = section + digit * 10 ** ("拾佰仟".index(letter) + 1), 0
        elif letter == "万":
            total, section, digit = total + (section + digit) * 10**4, 0, 0
        elif letter == "亿":
            total, section, digit = (total + section + digit) * 10**8, 0, 0
        elif letter == "元":
            yuan, section, digit, total = total + section + digit, 0, 0, 0
        elif letter == "角":
            section, digit = section + digit * 10, 0
        elif letter == "分":
            section, digit = section + digit, 0
    return yuan * 100 + section
