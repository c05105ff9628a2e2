"""A receipt holds by its keys alone, and no byte of it can be changed unnoticed."""

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.transparency.checkpoints import Checkpoint
from app.transparency.merkle import inclusion_proof, leaf_hash, root_of, sha256
from app.transparency.notes import CosignatureSigner, Ed25519Signer, Verifier, sign, vkey
from app.transparency.proofs import TlogProof
from app.transparency.quorum import parse_policy
from app.transparency.receipt_check import (
    ReceiptError,
    Step,
    Trust,
    check_receipt,
    check_request,
)
from app.transparency.receipt_text import ReceiptText, ReceiptTextError, parse_receipt

LOG = Ed25519Signer("log.example/1", sha256(b"log"))
RECEIPTS = Ed25519Signer("log.example/1/receipts", sha256(b"receipts"))
WITNESSES = [CosignatureSigner(f"witness.example/{n}", sha256(b"w%d" % n)) for n in range(3)]
POLICY = parse_policy(
    f"log {vkey(LOG)}\n"
    + "".join(f"witness w{n} {vkey(w)}\n" for n, w in enumerate(WITNESSES))
    + "group two 2 w0 w1 w2\nquorum two\n"
)
TRUST = Trust(Verifier.of(RECEIPTS), None, POLICY)
REQUEST = {"lot": "l1", "bidder": "b1", "price_cny": "54000.00", "note": "竞价"}
ENTRY = '{"at":"2026-04-13T01:00:00.000000Z","body":{"price_cny":"54000.00"},"kind":"bid.placed"}'
SIZE, INDEX = 11, 6
LEAVES = [leaf_hash(b"%d" % n) for n in range(SIZE)]
LEAVES[INDEX] = leaf_hash(ENTRY.encode())

RECEIPT = ReceiptText(
    id="0" * 31 + "a",
    log=LOG.name,
    leaf=LEAVES[INDEX].hex(),
    entry=ENTRY,
    at="2026-04-13T01:00:00.000000Z",
    operation="POST /v1/bids",
    status=201,
    code=None,
    request=hashlib.sha256(
        json.dumps(REQUEST, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest(),
)


def node(level, n):
    return root_of(LEAVES[n << level : (n + 1) << level])


def promise(receipt=RECEIPT, signer=RECEIPTS):
    return sign(receipt.text(), signer).encode()


def checkpoint(*, signer=LOG, witnesses=(0, 2), root=None):
    note = sign(Checkpoint(LOG.name, SIZE, root or root_of(LEAVES)).text(), signer)
    lines = [WITNESSES[n].cosign(note.text, 1_800_000_000) for n in witnesses]
    return note.with_signatures(*lines).encode()


def proven(note=None, *, index=INDEX, extra=None, shown=None):
    extra = (note or promise()).encode() if extra is None else extra
    hashes = tuple(inclusion_proof(INDEX, SIZE, node))
    return TlogProof(index, hashes, shown or checkpoint(), extra).encode()


def fails(step, text, trust=TRUST):
    with pytest.raises(ReceiptError) as caught:
        check_receipt(text, trust)
    assert caught.value.step is step, caught.value


def test_a_promise_holds_by_the_key_of_receipts_alone():
    checked = check_receipt(promise(), Trust(Verifier.of(RECEIPTS)))
    assert (checked.receipt, checked.proven) == (RECEIPT, None)
    assert checked.record["kind"] == "bid.placed"


def test_a_proof_holds_with_the_quorum_of_the_policy():
    checked = check_receipt(proven(), TRUST)
    assert checked.receipt == RECEIPT
    assert checked.proven.index == INDEX
    assert checked.proven.checkpoint.size == SIZE
    assert checked.proven.witnesses == ("w0", "w2")


def test_a_proof_holds_by_the_logs_key_where_no_witness_is_asked_for():
    trust = Trust(Verifier.of(RECEIPTS), Verifier.of(LOG))
    assert check_receipt(proven(shown=checkpoint(witnesses=())), trust).proven.witnesses == ()


def test_the_text_of_a_receipt_is_one_canonical_line():
    assert parse_receipt(RECEIPT.text()) == RECEIPT
    assert RECEIPT.text().count("\n") == 1
    members = json.loads(RECEIPT.text())
    assert members.keys() == {"v", *ReceiptText.__dataclass_fields__}
    assert members["v"] == "hrt-receipt/1"


@given(st.data())
def test_no_byte_of_a_promise_can_be_changed(data):
    whole = promise().encode()
    place = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda b: b != whole[place]))
    changed = whole[:place] + bytes([byte]) + whole[place + 1 :]
    with pytest.raises((ReceiptError, UnicodeDecodeError)):
        check_receipt(changed.decode(), TRUST)


@given(st.data())
def test_no_byte_of_a_proof_can_be_changed(data):
    # Exactly the quorum has cosigned: then every signature is needed.
    whole = proven().encode()
    place = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda b: b != whole[place]))
    changed = whole[:place] + bytes([byte]) + whole[place + 1 :]
    with pytest.raises((ReceiptError, UnicodeDecodeError)):
        check_receipt(changed.decode(), TRUST)


@given(st.data())
def test_no_part_of_a_proof_can_be_left_out_or_doubled(data):
    lines = proven().splitlines(keepends=True)
    place = data.draw(st.integers(0, len(lines) - 1))
    if data.draw(st.booleans()):
        changed = [*lines[:place], *lines[place + 1 :]]
    else:
        changed = [*lines[: place + 1], *lines[place:]]
    # A cosignature that stands twice is still one: that is what the signed-note text says.
    if lines[place].startswith("— ") and len(changed) > len(lines):
        return
    with pytest.raises(ReceiptError):
        check_receipt("".join(changed), TRUST)


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (Step.FILE, ""),
        (Step.FILE, "PK\x03\x04"),
        (Step.FILE, RECEIPT.text()),
        (Step.FILE, proven(extra=b"\xff")),
        (Step.FILE, TlogProof(0, (), checkpoint(), None).encode()),
        (Step.SIGNATURE, promise(signer=LOG)),
        (Step.SIGNATURE, promise(signer=Ed25519Signer(RECEIPTS.name, sha256(b"other")))),
        (Step.RECEIPT, promise(replace(RECEIPT, leaf="0" * 64))),
        (Step.RECEIPT, promise(replace(RECEIPT, status=True))),
        (Step.RECEIPT, promise(replace(RECEIPT, code="Not A Code"))),
        (Step.RECEIPT, promise(replace(RECEIPT, entry="[]", leaf=leaf_hash(b"[]").hex()))),
        (Step.RECEIPT, promise(replace(RECEIPT, entry="{", leaf=leaf_hash(b"{").hex()))),
        (Step.RECEIPT, sign(RECEIPT.text().replace(",", ", ", 1), RECEIPTS).encode()),
        (Step.RECEIPT, sign(RECEIPT.text().replace("receipt/1", "receipt/2"), RECEIPTS).encode()),
        (Step.RECEIPT, sign("a text\n", RECEIPTS).encode()),
        (Step.KEY, promise(replace(RECEIPT, log="log.example/2"))),
        (Step.CHECKPOINT, proven(shown=checkpoint(signer=RECEIPTS))),
        (
            Step.CHECKPOINT,
            proven(shown=checkpoint(signer=Ed25519Signer(LOG.name, sha256(b"other")))),
        ),
        (Step.WITNESSES, proven(shown=checkpoint(witnesses=(1,)))),
        (Step.WITNESSES, proven(shown=checkpoint(witnesses=()))),
        (Step.INCLUSION, proven(index=INDEX - 1)),
        (Step.INCLUSION, proven(index=SIZE)),
        (Step.INCLUSION, proven(shown=checkpoint(root=bytes(32)))),
        (
            Step.INCLUSION,
            proven(promise(replace(RECEIPT, entry="{}", leaf=leaf_hash(b"{}").hex()))),
        ),
    ],
)
def test_what_fails_is_named(step, text):
    fails(step, text)


def test_a_receipt_of_another_log_is_refused():
    other = Ed25519Signer("log.example/2", sha256(b"log"))
    receipts = Ed25519Signer("log.example/2/receipts", sha256(b"receipts"))
    theirs = promise(replace(RECEIPT, log=other.name), receipts)
    assert check_receipt(theirs, Trust(Verifier.of(receipts))).proven is None
    fails(Step.SIGNATURE, theirs)
    # Their receipt in a proof of ours: the key of their log is not the one that was given.
    fails(Step.KEY, proven(theirs), Trust(Verifier.of(receipts), None, POLICY))
    fails(Step.KEY, proven(theirs), Trust(Verifier.of(receipts), Verifier.of(LOG)))
    fails(Step.CHECKPOINT, proven(theirs), Trust(Verifier.of(receipts), Verifier.of(other)))


def test_a_proof_needs_a_key_of_the_log():
    fails(Step.KEY, proven(), Trust(Verifier.of(RECEIPTS)))


def test_a_receipt_answers_one_request_however_it_is_spelled():
    check_request(RECEIPT, json.dumps(REQUEST, indent=2, ensure_ascii=False).encode())
    for other in (json.dumps(REQUEST | {"price_cny": "54000.01"}).encode(), b"{", b"\xff", b"[]"):
        with pytest.raises(ReceiptError) as caught:
            check_request(RECEIPT, other)
        assert caught.value.step is Step.REQUEST


@given(st.text(max_size=40))
def test_what_is_no_receipt_is_refused_in_an_orderly_way(text):
    with pytest.raises(ReceiptError):
        check_receipt(text, TRUST)
    with pytest.raises(ReceiptTextError):
        parse_receipt(text)
