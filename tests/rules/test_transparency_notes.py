"""Signed notes and checkpoints: read strictly, and no byte of them can be changed unnoticed."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.transparency.checkpoints import (
    Checkpoint,
    CheckpointError,
    open_checkpoint,
    parse_checkpoint,
)
from app.transparency.fields import TrustError
from app.transparency.merkle import EMPTY_ROOT, sha256
from app.transparency.notes import (
    CosignatureSigner,
    Ed25519Signer,
    KeyFormatError,
    Note,
    NoteError,
    Signature,
    SignatureError,
    Verified,
    Verifier,
    key_id,
    parse_note,
    parse_vkey,
    sign,
    verified,
    vkey,
)
from app.transparency.quorum import parse_policy

# The examples that stand in the texts of signed-note and tlog-cosignature's neighbours.
SPEC_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_NOTE = (
    "This is an example message.\n\n\u2014 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)

LOG = Ed25519Signer("log.example/1", sha256(b"log"))
OTHER = Ed25519Signer("log.example/2", sha256(b"other"))
WITNESS = CosignatureSigner("witness.example/w", sha256(b"witness"))
CHECKPOINT = Checkpoint("log.example/1", 1000, sha256(b"root"))
NOTE = sign(CHECKPOINT.text(), LOG)
COSIGNED = NOTE.with_signatures(WITNESS.cosign(NOTE.text, 1_800_000_000))
POLICY = parse_policy(
    f"log {vkey(LOG)}\nwitness w {vkey(WITNESS)}\nquorum w\n",
)


def test_the_note_of_the_specification_verifies():
    note = parse_note(SPEC_NOTE)
    assert note.text == "This is an example message.\n"
    key = parse_vkey(SPEC_VKEY)
    assert vkey(key) == SPEC_VKEY
    assert verified(note, [key]) == [Verified("example.com/foo", None, key.id)]
    assert note.encode() == SPEC_NOTE


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.just("\n"), max_size=30),
    st.lists(st.sampled_from([LOG, OTHER]), min_size=1, max_size=3),
)
def test_a_note_is_read_back_and_verifies(text, signers):
    note = sign(text + "\n", *signers)
    assert parse_note(note.encode()) == note
    assert {v.name for v in verified(note, map(Verifier.of, [LOG, OTHER]))} == {
        s.name for s in signers
    }


def test_a_key_id_is_the_hash_that_the_specification_gives():
    preimage = b"log.example/1\n\x01" + LOG.public
    assert key_id("log.example/1", b"\x01", LOG.public) == hashlib.sha256(preimage).digest()[:4]
    assert Verifier.of(LOG).id != key_id(LOG.name, b"\x04", LOG.public)


def test_a_cosignature_says_when_and_is_over_the_whole_text():
    line = COSIGNED.signatures[1]
    assert line.value[:8] == (1_800_000_000).to_bytes(8, "big")
    key = Verifier.of(WITNESS)
    assert verified(COSIGNED, [key]) == [Verified("witness.example/w", 1_800_000_000, key.id)]
    for time in (0, -1, 2**63):
        with pytest.raises(ValueError, match="POSIX"):
            WITNESS.cosign(NOTE.text, time)
    later = line._replace(value=(1_800_000_001).to_bytes(8, "big") + line.value[8:])
    undated = line._replace(value=bytes(8) + line.value[8:])
    for wrong in (later, undated):
        with pytest.raises(SignatureError):
            verified(Note(NOTE.text, (wrong,)), [key])


def test_a_line_by_an_unknown_key_is_passed_over_and_a_bad_one_by_a_known_key_is_not():
    known = Verifier.of(LOG)
    line = NOTE.signatures[0]
    strange = [
        Signature("someone.example", line.id, line.value),
        Signature(line.name, b"\0\0\0\0", line.value),
        OTHER_LINE,
    ]
    assert verified(Note(NOTE.text, tuple(strange)), [known]) == []
    assert len(verified(Note(NOTE.text, (*strange, line, line)), [known])) == 1
    bad = Signature(line.name, line.id, line.value[:-1] + b"\0")
    for lines in ((bad,), (line, bad), (bad, line)):
        with pytest.raises(SignatureError, match=r"log\.example/1 does not verify"):
            verified(Note(NOTE.text, lines), [known])
    for length in (0, 63, 65):
        short = Signature(line.name, line.id, (line.value + b"\0")[:length])
        with pytest.raises(SignatureError):
            verified(Note(NOTE.text, (short,)), [known])


OTHER_LINE = sign(NOTE.text, OTHER).signatures[0]


def test_the_same_signature_is_not_added_twice():
    assert NOTE.with_signatures(*NOTE.signatures, OTHER_LINE).signatures == (
        *NOTE.signatures,
        OTHER_LINE,
    )


GOOD = NOTE.encode()
LINE = GOOD.split("\n")[-2]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "\n\n",
        "text\n",
        "text\n\n",
        "text\n\n\n",
        GOOD[:-1],
        GOOD + "\n",
        GOOD + "x",
        GOOD.replace("\n\n", "\n"),
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\u2014", "-"),
        GOOD.replace("\u2014 ", "\u2014"),
        GOOD.replace("\u2014 ", "\u2014  "),
        GOOD.replace("\u2014 log.example/1", "\u2014 log.example+1"),
        GOOD.replace("\u2014 log.example/1", "\u2014 log.example\u00a01"),
        GOOD.replace("\u2014 log.example/1", "\u2014 "),
        GOOD[:-1] + " \n",
        GOOD[:-1] + "=\n",
        GOOD.replace(LINE, LINE.rstrip("=")),
        GOOD.replace(LINE, LINE[:20]),
        GOOD.replace(LINE, LINE[:-6] + "-_==\n"),
        GOOD.replace(LINE, LINE + "\n\n" + LINE + "\nno signature"),
        "\ttext\n\n" + LINE + "\n",
        "te\0xt\n\n" + LINE + "\n",
        "te\ud800xt\n\n" + LINE + "\n",
        "text\n\n" + (LINE + "\n") * 101,
        "t" * 65_536 + "\n\n" + LINE + "\n",
    ],
)
def test_what_is_no_note_is_refused(text):
    with pytest.raises(NoteError):
        parse_note(text)


def test_stray_bits_in_base64_are_refused():
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    stem, digit = GOOD[:-3], GOOD[-3]
    assert GOOD.endswith("=\n")
    twin = stem + last[last.index(digit) ^ 1] + "=\n"
    assert base64.b64decode(twin.split(" ")[-1]) == base64.b64decode(GOOD.split(" ")[-1])
    with pytest.raises(NoteError, match="stray bits"):
        parse_note(twin)


def test_at_least_sixteen_signatures_are_read():
    assert len(parse_note("text\n\n" + (LINE + "\n") * 100).signatures) == 100


@pytest.mark.parametrize("value", [0x01, 0x20, 0x80, 0xFF])
def test_every_changed_byte_of_a_cosigned_checkpoint_is_noticed(value):
    data = COSIGNED.encode().encode()
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ value]) + data[at + 1 :]
        with pytest.raises((TrustError, UnicodeDecodeError)):
            POLICY.check(changed.decode())
    for at in range(len(data)):
        with pytest.raises((TrustError, UnicodeDecodeError)):
            POLICY.check((data[:at] + data[at + 1 :]).decode())


@given(st.integers(0, len(COSIGNED.encode().encode())), st.binary(min_size=1, max_size=2))
def test_bytes_put_into_a_cosigned_checkpoint_are_noticed(at, more):
    data = COSIGNED.encode().encode()
    with pytest.raises((TrustError, UnicodeDecodeError)):
        POLICY.check((data[:at] + more + data[at:]).decode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "log.example/1",
        "log.example/1+00000000",
        SPEC_VKEY.replace("530d903a", "530D903A"),
        SPEC_VKEY.replace("530d903a", "530d903b"),
        SPEC_VKEY.replace("example.com/foo", "example.com/fox"),
        SPEC_VKEY.replace("example.com/foo", ""),
        SPEC_VKEY.replace("example.com/foo", "example com"),
        SPEC_VKEY.replace("+AekyeRrm", "+BukyeRrm"),
        SPEC_VKEY + "=",
        SPEC_VKEY + " ",
        SPEC_VKEY[:-4],
        "example.com/foo+530d903a+",
        "example.com/foo+530d903a+//8=",
    ],
)
def test_what_is_no_verifier_key_is_refused(text):
    with pytest.raises(KeyFormatError):
        parse_vkey(text)


@pytest.mark.parametrize("signer", [LOG, WITNESS])
def test_a_verifier_key_is_read_back(signer):
    assert parse_vkey(vkey(signer)) == Verifier.of(signer)


def test_a_checkpoint_is_read_back_with_its_extension_lines():
    for checkpoint in (
        CHECKPOINT,
        Checkpoint("o", 0, EMPTY_ROOT),
        Checkpoint("o", 2**63 - 1, EMPTY_ROOT, ("more", "and more")),
    ):
        assert parse_checkpoint(checkpoint.text()) == checkpoint
    assert CHECKPOINT.text() == "log.example/1\n1000\n" + (
        base64.b64encode(sha256(b"root")).decode() + "\n"
    )


ROOT = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n1\n",
        f"o\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"o\n\n{ROOT}\n",
        f"o\n1\n{ROOT}\n\n",
        f"o\n1\n{ROOT}\n\nx\n",
        f"o\n01\n{ROOT}\n",
        f"o\n+1\n{ROOT}\n",
        f"o\n-1\n{ROOT}\n",
        f"o\n1 \n{ROOT}\n",
        f"o\n1_0\n{ROOT}\n",
        f"o\n١\n{ROOT}\n",
        f"o\n{2**63}\n{ROOT}\n",
        f"o\n1\n{ROOT[:-4]}\n",
        f"o\n1\n{ROOT[:-1]}\n",
        f"o\n1\n{ROOT[:-2]}B=\n",
        f"o\n1\n {ROOT}\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(CheckpointError):
        parse_checkpoint(text)


def test_a_checkpoint_is_opened_with_the_key_of_its_log_only():
    log, witness = Verifier.of(LOG), Verifier.of(WITNESS)
    opened = open_checkpoint(COSIGNED.encode(), log, [witness])
    assert opened == (
        CHECKPOINT,
        COSIGNED,
        [Verified("witness.example/w", 1_800_000_000, witness.id)],
    )
    assert open_checkpoint(COSIGNED.encode(), log).cosignatures == []
    with pytest.raises(CheckpointError, match="not of"):
        open_checkpoint(COSIGNED.encode(), Verifier.of(OTHER))
    impostor = Ed25519Signer("log.example/1", sha256(b"impostor"))
    with pytest.raises(SignatureError, match="not signed by"):
        open_checkpoint(COSIGNED.encode(), Verifier.of(impostor))
    with pytest.raises(SignatureError, match="not signed by"):
        open_checkpoint(Note(NOTE.text, COSIGNED.signatures[1:]).encode(), log, [witness])


def test_a_signature_for_another_purpose_is_none():
    """One seed as log key and as witness key gives two keys that do not replace each other."""
    both = sha256(b"both")
    log, witness = Ed25519Signer("same.example", both), CosignatureSigner("same.example", both)
    text = Checkpoint("same.example", 1, EMPTY_ROOT).text()
    plain, dated = sign(text, log).signatures[0], witness.cosign(text, 5)
    assert plain.id != dated.id
    for forged in (
        Signature("same.example", dated.id, (5).to_bytes(8, "big") + plain.value),
        Signature("same.example", plain.id, dated.value[8:]),
    ):
        with pytest.raises(SignatureError):
            verified(Note(text, (forged,)), [Verifier.of(log), Verifier.of(witness)])
