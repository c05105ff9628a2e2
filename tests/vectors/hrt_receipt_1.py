"""Receipts, good and bad, for every checker; written by `python -m tests.vectors.hrt_receipt_1`.

Each case says at which step of `app.transparency.receipt_check` it fails, or that it holds.
"""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

from app.transparency.checkpoints import Checkpoint
from app.transparency.merkle import inclusion_proof, leaf_hash, root_of, sha256
from app.transparency.notes import CosignatureSigner, Ed25519Signer, sign, vkey
from app.transparency.proofs import TlogProof
from app.transparency.receipt_text import ReceiptText

FILE = Path(__file__).with_name("hrt_receipt_1.json")

LOG = Ed25519Signer("exchange.example/log", sha256(b"log"))
RECEIPTS = Ed25519Signer("exchange.example/log/receipts", sha256(b"receipts"))
OTHER = Ed25519Signer("exchange.example/log/receipts", sha256(b"another key"))
STRANGER = Ed25519Signer("other.example/log/receipts", sha256(b"stranger"))
WITNESSES = [CosignatureSigner(f"witness.example/{n}", sha256(b"w%d" % n)) for n in range(3)]
POLICY = (
    f"log {vkey(LOG)}\n"
    + "".join(f"witness w{n} {vkey(w)}\n" for n, w in enumerate(WITNESSES))
    + "group two 2 w0 w1 w2\nquorum two\n"
)
SIZES = (1, 2, 3, 7, 8, 11)
ENTRY = json.dumps(
    {
        "at": "2026-04-13T01:00:00.000000Z",
        "body": {"closes_at": None, "number": 7, "paddle": 31, "price_cny": "66000000.00"},
        "kind": "bid.placed",
        "province": "500000",
        "subject": "lot-2026-17",
        "v": 1,
    },
    separators=(",", ":"),
)
REFUSED = ENTRY.replace("bid.placed", "bid.refused")
RECEIPT = ReceiptText(
    id="5f0c6a1e9d7b4c3a8e2f1b0d9c8a7e6f",
    log=LOG.name,
    leaf=leaf_hash(ENTRY.encode()).hex(),
    entry=ENTRY,
    at="2026-04-13T01:00:00.000000Z",
    operation="POST /v1/bids",
    status=201,
    code=None,
    request=hashlib.sha256(b'{"lot":"lot-2026-17"}').hexdigest(),
)
REFUSAL = replace(
    RECEIPT,
    entry=REFUSED,
    leaf=leaf_hash(REFUSED.encode()).hex(),
    status=409,
    code="bid-below-increment",
)


def promise(receipt=RECEIPT, signer=RECEIPTS):
    return sign(receipt.text(), signer).encode()


def leaves(size, index, entry=ENTRY):
    hashes = [leaf_hash(b"%d" % n) for n in range(size)]
    hashes[index] = leaf_hash(entry.encode())
    return hashes


def checkpoint(hashes, origin=LOG.name, witnesses=(0, 2), signer=LOG):
    note = sign(Checkpoint(origin, len(hashes), root_of(hashes)).text(), signer)
    lines = [WITNESSES[n].cosign(note.text, 1_800_000_000) for n in witnesses]
    return note.with_signatures(*lines).encode()


def proven(size=11, index=6, note=None, shown=None, claimed=None, hashes=None):
    row = leaves(size, index)
    proof = inclusion_proof(
        index, size, lambda level, n: root_of(row[n << level : (n + 1) << level])
    )
    return TlogProof(
        index if claimed is None else claimed,
        proof if hashes is None else hashes(proof),
        shown or checkpoint(row),
        (note or promise()).encode(),
    ).encode()


def broken(text, old, new):
    assert old in text
    return text.replace(old, new, 1)


def extended(text):
    """The same text with a member more, still signed and canonical."""
    members = {**json.loads(text), "zz": 1}
    return json.dumps(members, sort_keys=True, separators=(",", ":")) + "\n"


def good():
    yield "a promise", promise()
    yield "a promise of a refusal", promise(REFUSAL)
    yield (
        "a promise that further keys have signed",
        sign(RECEIPT.text(), STRANGER, RECEIPTS).encode(),
    )
    for size in SIZES:
        for index in sorted({0, size // 2, size - 1}):
            yield f"entry {index} of {size}", proven(size, index)


def bad_promises():
    text = RECEIPT.text()
    yield "signature", "another key of the same name", promise(signer=OTHER)
    yield "signature", "another log's key", promise(signer=STRANGER)
    yield "signature", "another price", broken(promise(), "66000000.00", "66000001.00")
    yield "signature", "accepted made refused", broken(promise(), '"status":201', '"status":409')
    yield "receipt", "another leaf", promise(replace(RECEIPT, leaf="0" * 64))
    yield "receipt", "another record", promise(replace(RECEIPT, entry=REFUSED))
    yield (
        "receipt",
        "a record that is none",
        promise(replace(RECEIPT, entry="[]", leaf=leaf_hash(b"[]").hex())),
    )
    yield "receipt", "a further member", sign(extended(text), RECEIPTS).encode()
    yield "receipt", "a space in it", sign(broken(text, ",", ", "), RECEIPTS).encode()
    yield (
        "receipt",
        "the version of tomorrow",
        sign(broken(text, "hrt-receipt/1", "hrt-receipt/2"), RECEIPTS).encode(),
    )
    yield "receipt", "an id in capitals", promise(replace(RECEIPT, id="A" * 32))
    yield "receipt", "a time without places", promise(replace(RECEIPT, at="2026-04-13T01:00:00Z"))
    yield (
        "key",
        "a key that signs for another log",
        promise(replace(RECEIPT, log="other.example/log")),
    )
    yield "file", "no signature line", RECEIPT.text()
    yield "file", "empty", ""
    yield "file", "a picture", "\x89PNG"
    yield "file", "no last line end", promise()[:-1]


def bad_proofs():
    row = leaves(11, 6)
    yield "file", "a proof without a receipt", TlogProof(0, [], checkpoint(leaves(1, 0))).encode()
    yield "signature", "a proof of tomorrow", broken(proven(), "tlog-proof@v1", "tlog-proof@v2")
    yield "file", "an index with a zero before it", broken(proven(), "index 6", "index 06")
    yield "file", "a size that is none", broken(proven(), "\n11\n", "\nx\n")
    yield "signature", "a proof with another's receipt", proven(note=promise(signer=OTHER))
    yield (
        "checkpoint",
        "a checkpoint of another log",
        proven(shown=checkpoint(row, origin="other.example/log")),
    )
    yield (
        "checkpoint",
        "a checkpoint signed by another key",
        proven(shown=checkpoint(row, signer=Ed25519Signer(LOG.name, sha256(b"x")))),
    )
    yield "checkpoint", "another size", broken(proven(), "\n11\n", "\n12\n")
    yield (
        "witnesses",
        "one witness where two are needed",
        proven(shown=checkpoint(row, witnesses=(1,))),
    )
    yield "witnesses", "one witness twice", proven(shown=checkpoint(row, witnesses=(1, 1)))
    yield "inclusion", "another index", proven(claimed=7)
    yield "inclusion", "an index beyond the tree", proven(claimed=11)
    yield "inclusion", "a hash too few", proven(hashes=lambda p: p[:-1])
    yield "inclusion", "a hash too many", proven(hashes=lambda p: [*p, p[0]])
    yield "inclusion", "hashes in another order", proven(hashes=lambda p: p[::-1])
    yield (
        "inclusion",
        "a history rewritten and signed anew",
        proven(shown=checkpoint(leaves(11, 6, REFUSED))),
    )
    yield "inclusion", "a history rolled back", proven(shown=checkpoint(row[:5]))
    yield "inclusion", "a history reordered", proven(shown=checkpoint([row[6], *row[:6], *row[7:]]))


def document():
    cases = [
        *({"name": name, "fails": None, "file": file} for name, file in good()),
        *({"name": n, "fails": step, "file": file} for step, n, file in bad_promises()),
        *({"name": n, "fails": step, "file": file} for step, n, file in bad_proofs()),
    ]
    return {"receipts": vkey(RECEIPTS), "policy": POLICY, "cases": cases}


def text():
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
