"""Proofs as texts: read back, strict, and no byte of a `.tlog-proof` can be changed unnoticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.transparency.checkpoints import Checkpoint
from app.transparency.fields import TrustError
from app.transparency.merkle import (
    ProofError,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_of,
    sha256,
)
from app.transparency.notes import (
    CosignatureSigner,
    Ed25519Signer,
    SignatureError,
    Verifier,
    sign,
    vkey,
)
from app.transparency.proofs import AddCheckpoint, TlogProof, parse_add_checkpoint, parse_proof
from app.transparency.quorum import QuorumError, parse_policy
from app.transparency.suites import Sm2Signer, sm3

ENTRIES = [f"entry {i}".encode() for i in range(20)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
LOG = Ed25519Signer("log.example/1", sha256(b"log"))
KEY = Verifier.of(LOG)
WITNESS = CosignatureSigner("witness.example/w", sha256(b"witness"))
POLICY = parse_policy(f"log {vkey(LOG)}\nwitness w {vkey(WITNESS)}\nquorum w\n")


def node(level, n):
    return root_of(LEAVES[n << level : (n + 1) << level])


def checkpoint(size, signer=LOG):
    note = sign(Checkpoint(signer.name, size, root_of(LEAVES[:size])).text(), signer)
    return note.with_signatures(WITNESS.cosign(note.text, 1_800_000_000)).encode()


def proof_of(index, size, extra=None):
    return TlogProof(index, tuple(inclusion_proof(index, size, node)), checkpoint(size), extra)


@given(st.integers(1, 20), st.data())
def test_a_proof_is_read_back_and_verifies_its_entry_and_no_other(size, data):
    index = data.draw(st.integers(0, size - 1))
    extra = data.draw(st.none() | st.binary(max_size=5))
    proof = proof_of(index, size, extra)
    assert parse_proof(proof.encode()) == proof
    for policy in (None, POLICY):
        assert proof.verify(ENTRIES[index], KEY, policy).size == size
    with pytest.raises(ProofError):
        proof.verify(ENTRIES[index - 1] if size > 1 else b"", KEY, POLICY)


def test_a_proof_has_the_form_of_the_specification():
    lines = proof_of(5, 7, b"extra").encode().split("\n")
    assert lines[:3] == ["c2sp.org/tlog-proof@v1", "extra ZXh0cmE=", "index 5"]
    assert lines[6:9] == ["", "log.example/1", "7"]
    assert (
        proof_of(0, 1).encode().startswith("c2sp.org/tlog-proof@v1\nindex 0\n\nlog.example/1\n1\n")
    )


def test_whoever_asks_for_witnesses_gets_no_proof_without_them():
    bare = sign(Checkpoint(LOG.name, 7, root_of(LEAVES[:7])).text(), LOG).encode()
    proof = TlogProof(5, tuple(inclusion_proof(5, 7, node)), bare)
    assert proof.verify(ENTRIES[5], KEY).size == 7
    with pytest.raises(QuorumError, match="cosigned by no witness"):
        proof.verify(ENTRIES[5], KEY, POLICY)


def test_a_proof_by_another_log_is_none():
    other = Ed25519Signer("log.example/2", sha256(b"other"))
    impostor = Ed25519Signer("log.example/1", sha256(b"impostor"))
    hashes = tuple(inclusion_proof(5, 7, node))
    with pytest.raises(QuorumError, match=r"log\.example/2"):
        TlogProof(5, hashes, checkpoint(7, other)).verify(ENTRIES[5], KEY)
    with pytest.raises(SignatureError, match="not signed"):
        TlogProof(5, hashes, checkpoint(7, impostor)).verify(ENTRIES[5], KEY, POLICY)
    with pytest.raises(QuorumError, match="does not accept"):
        TlogProof(5, hashes, checkpoint(7, other)).verify(ENTRIES[5], Verifier.of(other), POLICY)


def test_the_second_tree_is_proved_with_its_own_digest_and_key():
    signer = Sm2Signer("log.example/1-sm3", sha256(b"sm2"))
    leaves = [leaf_hash(entry, sm3) for entry in ENTRIES[:7]]
    note = sign(Checkpoint(signer.name, 7, root_of(leaves, sm3)).text(), signer)
    hashes = inclusion_proof(
        5, 7, lambda level, n: root_of(leaves[n << level : (n + 1) << level], sm3), sm3
    )
    proof = parse_proof(TlogProof(5, hashes, note.encode()).encode())
    assert proof.verify(ENTRIES[5], Verifier.of(signer), digest=sm3).size == 7
    with pytest.raises(ProofError):
        proof.verify(ENTRIES[5], Verifier.of(signer))


PROOF = proof_of(5, 7)


@pytest.mark.parametrize("value", [0x01, 0x20, 0x80])
def test_every_changed_or_missing_byte_of_a_proof_is_noticed(value):
    data = PROOF.encode().encode()
    for at in range(len(data)):
        for changed in (
            data[:at] + bytes([data[at] ^ value]) + data[at + 1 :],
            data[:at] + data[at + 1 :],
        ):
            with pytest.raises((TrustError, UnicodeDecodeError)):
                parse_proof(changed.decode()).verify(ENTRIES[5], KEY, POLICY)


def test_only_the_extra_data_is_vouched_for_by_nobody():
    data = proof_of(5, 7, b"extra").encode()
    changed = data.replace("ZXh0cmE=", "b3RoZXI=")
    assert parse_proof(changed).extra == b"other"
    assert parse_proof(changed).verify(ENTRIES[5], KEY, POLICY).size == 7


TEXT = PROOF.encode()
HASH = TEXT.split("\n")[2]


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT.replace("@v1", "@v2"),
        TEXT.replace("index 5", "index 05"),
        TEXT.replace("index 5", "index  5"),
        TEXT.replace("index 5", "index -1"),
        TEXT.replace("index 5", "index"),
        TEXT.replace("index 5\n", ""),
        TEXT.replace("index 5\n", "index 5\nindex 5\n"),
        TEXT.replace("index 5\n", "index 5\nextra AAAA\n"),
        TEXT.replace("index 5\n", "extra AAAA\nextra AAAA\nindex 5\n"),
        TEXT.replace("index 5\n", "extra A\nindex 5\n"),
        TEXT.replace("index 5\n", "extra\nindex 5\n"),
        TEXT.replace(HASH, HASH[:-4]),
        TEXT.replace(HASH, HASH + " "),
        TEXT.replace(HASH, ""),
        TEXT.replace(HASH, (HASH + "\n") * 61 + HASH),
        TEXT.replace("\n\nlog", "\nlog"),
        TEXT.replace("\n\nlog", "\n\n\nlog"),
        TEXT.replace("\n", "\r\n"),
        TEXT.split("\n\n")[0] + "\n\n",
        TEXT + "\n",
        TEXT[:-1],
    ],
)
def test_what_is_no_proof_is_refused(text):
    with pytest.raises(ProofError):
        parse_proof(text)


@given(st.integers(0, 20), st.data())
def test_an_add_checkpoint_body_is_read_back(new, data):
    old = data.draw(st.integers(0, new))
    body = AddCheckpoint(old, tuple(consistency_proof(old, new, node)), checkpoint(new))
    text = body.encode()
    assert parse_add_checkpoint(text) == body
    assert text.startswith(f"old {old}\n")
    for wrong in (
        text.replace("old ", "old 0", 1),
        text.replace("old ", "Old ", 1),
        text.replace("\n\n", "\n", 1),
        "\n" + text,
    ):
        with pytest.raises(ProofError):
            parse_add_checkpoint(wrong)


def test_an_add_checkpoint_body_has_at_most_63_hashes():
    text = AddCheckpoint(1, [sha256(b"")] * 63, checkpoint(2)).encode()
    assert len(parse_add_checkpoint(text).hashes) == 63
    with pytest.raises(ProofError, match="more than 63"):
        parse_add_checkpoint(AddCheckpoint(1, [sha256(b"")] * 64, checkpoint(2)).encode())
