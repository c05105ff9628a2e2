"""SM2 and SM3: agree with their standards and OpenSSL, and are loaded only when they are used."""

import hashlib
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from app.transparency.checkpoints import Checkpoint, open_checkpoint
from app.transparency.merkle import EMPTY_ROOT, sha256
from app.transparency.notes import (
    Ed25519Signer,
    KeyFormatError,
    SignatureError,
    Verifier,
    parse_note,
    parse_vkey,
    sign,
    verified,
    vkey,
)
from app.transparency.suites import SM2_TYPE, Sm2Signer, sm3, verify_sm2

PRIVATE = sha256(b"sm2 key")
SM2_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")


@pytest.fixture(scope="module")
def signer():
    return Sm2Signer("log.example/1", PRIVATE)


def test_sm3_gives_the_digests_of_its_standard():
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm3(b"abcd" * 16).hex() == (
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    )


def test_a_checkpoint_carries_both_suites_and_each_reader_checks_those_it_knows(signer):
    ed = Ed25519Signer("log.example/1", sha256(b"log"))
    note = sign(Checkpoint("log.example/1", 0, EMPTY_ROOT).text(), ed, signer)
    assert parse_note(note.encode()) == note
    keys = parse_vkey(vkey(ed)), parse_vkey(vkey(signer))
    assert [v.id for v in verified(note, keys)] == [key.id for key in keys]
    for key in keys:
        assert open_checkpoint(note.encode(), key).checkpoint.size == 0


def test_a_changed_sm2_signature_text_or_key_does_not_verify(signer):
    signature = signer.sign(b"text")
    assert signature == signer.sign(b"text")
    assert verify_sm2(signer.public, b"text", signature)
    other = Sm2Signer("other", sha256(b"other")).public
    off_the_curve = signer.public[:-1] + bytes([signer.public[-1] ^ 1])
    order = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
    beyond = (int.from_bytes(signature[:32], "big") + order).to_bytes(33, "big")[-32:]
    for public, message, value in (
        (signer.public, b"texu", signature),
        (signer.public, b"text", signature[:-1] + bytes([signature[-1] ^ 1])),
        (signer.public, b"text", bytes([signature[0] ^ 1]) + signature[1:]),
        (signer.public, b"text", signature[32:] + signature[:32]),
        (signer.public, b"text", bytes(64)),
        (signer.public, b"text", beyond + signature[32:]),
        (signer.public, b"text", signature[:-1]),
        (signer.public, b"text", signature + b"\0"),
        (other, b"text", signature),
        (off_the_curve, b"text", signature),
        (b"\x06" + signer.public[1:], b"text", signature),
        (signer.public[1:], b"text", signature),
    ):
        assert not verify_sm2(public, message, value)
    with pytest.raises(SignatureError):
        Verifier.of(signer).verify("texu\n", signature)


def test_an_sm2_key_out_of_range_is_refused():
    for private in (bytes(32), b"\xff" * 32, b"\x01" * 31):
        with pytest.raises(ValueError, match="SM2 key"):
            Sm2Signer("x", private)


def test_an_unknown_suite_is_not_taken_for_a_known_one():
    data = b"\xffhrt/sm2-sm3/v2" + bytes(65)
    for key in (data, data[:8], b"\xff", b"\x06" + bytes(32)):
        identity = hashlib.sha256(b"x\n" + key).digest()[:4].hex()
        with pytest.raises(KeyFormatError, match="not known here"):
            parse_vkey(f"x+{identity}+{__import__('base64').b64encode(key).decode()}")


def test_openssl_and_this_suite_verify_each_other(signer, tmp_path):
    """The command `openssl` of version 3 knows SM2; it takes signatures as DER."""
    public = tmp_path / "public.der"
    public.write_bytes(SM2_SPKI + signer.public)
    message = tmp_path / "message"
    message.write_bytes("a checkpoint\n检查点\n".encode())
    own = signer.sign(message.read_bytes())
    der = tmp_path / "signature.der"
    der.write_bytes(
        encode_dss_signature(int.from_bytes(own[:32], "big"), int.from_bytes(own[32:], "big"))
    )
    user = ["-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"]
    done = openssl(
        "-verify", "-pubin", "-keyform", "DER", "-inkey", public, *user,
        "-in", message, "-sigfile", der,
    )  # fmt: skip
    assert b"Verified Successfully" in done

    private = tmp_path / "private.der"
    # ECPrivateKey (RFC 5915) with the curve's name and the public key.
    private.write_bytes(
        bytes.fromhex("30770201010420") + PRIVATE
        + bytes.fromhex("a00a06082a811ccf5501822da144034200") + signer.public
    )  # fmt: skip
    theirs = tmp_path / "theirs.der"
    openssl(
        "-sign", "-keyform", "DER", "-inkey", private, *user,
        "-in", message, "-out", theirs,
    )  # fmt: skip
    r, s = decode_dss_signature(theirs.read_bytes())
    assert verify_sm2(
        signer.public, message.read_bytes(), r.to_bytes(32, "big") + s.to_bytes(32, "big")
    )


def openssl(*arguments):
    return subprocess.run(
        ["openssl", "pkeyutl", *arguments], check=True, capture_output=True
    ).stdout


def test_sm2_is_not_loaded_before_it_is_used():
    code = (
        "import sys\n"
        "from app.transparency import checkpoints, notes, proofs, quorum, suites\n"
        "assert notes.SUITES\n"
        "assert 'gmalg' not in sys.modules\n"
        "suites.Sm2Signer('x', bytes(31) + b'1')\n"
        "assert 'gmalg' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_suite_is_named_by_its_key_id(signer):
    preimage = b"log.example/1\n" + SM2_TYPE + signer.public
    assert Verifier.of(signer).id == hashlib.sha256(preimage).digest()[:4]
