"""Vectors of lqx-seal/1 for every implementation; written by `python -m tests.vectors.lqx_seal_1`.

Bytes are hex where they are keys or intermediate values; messages are base64 of their exact bytes,
because some of the forged ones are no text.
"""

import json
from base64 import b64encode
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.seal import hpke, message, probe, sealing
from tests.vectors import forged_bids as forged

FILE = Path(__file__).with_name("lqx_seal_1.json")


def terms_json(terms):
    return {
        "notice": terms.notice_hex,
        "auction": terms.auction,
        "threshold": terms.threshold,
        "custodians": [[one.id, b64encode(one.public).decode()] for one in terms.custodians],
    }


def sealed_json(name, terms, bidder, seq, price, dek):
    data = sealing.seal(terms, bidder, seq, {"price_cny": price}, dek)
    context = message.parse_message(data).head.context()
    shares = sealing.shares_of(context, dek, terms.threshold, len(terms.custodians))
    return {
        "name": name,
        "terms": terms_json(terms),
        "bidder": bidder,
        "seq": seq,
        "bid": {"price_cny": price},
        "dek": dek.hex(),
        "context": context.hex(),
        "commitment": sealing.commitment(context, dek).hex(),
        "shares": [share.hex() for share in shares],
        "message": b64encode(data).decode(),
        "hash": message.message_hash(data),
    }


def sealed():
    one = forged.CUSTODIANS[:1]
    lone = message.Terms(forged.TERMS.notice_hex, "lot-1", 1, one)
    all_of = message.Terms(forged.TERMS.notice_hex, "lot-5", 5, forged.CUSTODIANS)
    return [
        sealed_json("three of five", forged.TERMS, forged.BIDDER, 1, "66000000.00", forged.DEK),
        sealed_json("a later bid", forged.TERMS, forged.BIDDER, 2, "66000000.01", bytes(32)),
        sealed_json("the highest", forged.TERMS, "b", 2**31 - 1, "9999999999999.99", b"\xff" * 32),
        sealed_json("one of one", lone, "b", 1, "0.00", forged.draw("dek 2")),
        sealed_json("five of five", all_of, "b.c_d-9", 7, "1.00", forged.draw("dek 3")),
    ]


def probes():
    private, nonce = forged.PRIVATE["notary"], forged.draw("nonce")
    context, ephemeral = b"lot-2026-17/notary", forged.draw("ephemeral")
    data = probe.seal_probe(hpke.public_of(private), nonce, context, ephemeral)
    return {
        "private": private.hex(),
        "nonce": nonce.hex(),
        "context": context.decode(),
        "ephemeral": ephemeral.hex(),
        "sealed": data.hex(),
    }


def note():
    """The honest message in the note that its bidder signs."""
    private = forged.draw("bid key")
    key = Ed25519PrivateKey.from_private_bytes(private)
    public = key.public_key().public_bytes_raw()
    name = f"{forged.BIDDER}/{forged.TERMS.auction}"
    identifier = forged.sha256(name.encode() + b"\n\x01" + public).digest()[:4]
    text = forged.HONEST.decode() + "\n"
    line = b64encode(identifier + key.sign(text.encode())).decode()
    return {
        "private": private.hex(),
        "vkey": "+".join((name, identifier.hex(), b64encode(b"\x01" + public).decode())),
        "note": f"{text}\n\u2014 {name} {line}\n",
    }


def document():
    return {
        "v": message.VERSION,
        "private_keys": {name: key.hex() for name, key in forged.PRIVATE.items()},
        "sealed": sealed(),
        "forged": {
            "terms": terms_json(forged.TERMS),
            "bidder": forged.BIDDER,
            "cases": [
                {"name": name, "void": code, "message": b64encode(data).decode()}
                for name, (code, data) in forged.FORGED.items()
                if len(data) < message.MESSAGE_LENGTH_MAX
            ],
        },
        "probe": probes(),
        "note": note(),
    }


def text():
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
