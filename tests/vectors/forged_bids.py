"""Every kind of bad sealed bid that we know, each with the code under which it is void.

The table serves the tests of the Python package and, through the vectors, of its TypeScript twin.
"""

import json
from base64 import b64decode, b64encode
from dataclasses import replace
from hashlib import sha256

from app.seal import hpke, message, sealing
from app.seal.message import Custodian, Head, Message, Terms, canonical


def draw(label):
    """32 bytes that look random and are the same in every run."""
    return sha256(f"hrt test vector: {label}".encode()).digest()


NAMES = ("ministry", "audit-office", "notary", "seller-province", "exchange")
PRIVATE = {name: draw(name) for name in NAMES}
CUSTODIANS = tuple(Custodian(name, hpke.public_of(key)) for name, key in PRIVATE.items())
TERMS = Terms(sha256(b"notice").hexdigest(), "lot-2026-17", 3, CUSTODIANS)
BIDDER = "bidder-a"
DEK = draw("dek")
BID = {"price_cny": "66000000.00"}
HONEST = sealing.seal(TERMS, BIDDER, 1, BID, DEK)
PARSED = message.parse_message(HONEST)
CONTEXT = PARSED.head.context()


def sealed_plain(text, filling=b"\x00", length=None):
    """A message that hides any 510 bytes, honest in everything else."""
    length = len(text) if length is None else length
    plain = length.to_bytes(2, "big") + text
    plain += filling * (message.BID_LENGTH - len(plain))
    return replace(PARSED, ct=sealing.encrypt(CONTEXT, DEK, plain)).encode()


def with_shares(**by_place):
    """The honest message with other sealed shares at the places s1..s5."""
    shares = list(PARSED.shares)
    for place, sealed in by_place.items():
        shares[int(place[1]) - 1] = sealed
    return replace(PARSED, shares=tuple(shares)).encode()


def sealed_as(x, share, ikm=None):
    """A share sealed to custodian x by hand."""
    ikm = ikm or draw(f"ephemeral {x}")
    info = b"lqx-seal/1 share" + CONTEXT + bytes([x])
    return hpke.seal(CUSTODIANS[x - 1].public, info, share, ikm)


def true_share(x):
    return sealing.shares_of(CONTEXT, DEK, 3, 5)[x - 1]


def other_share(x):
    return sealing.shares_of(CONTEXT, draw("other dek"), 3, 5)[x - 1]


def flipped(data, at=-1):
    return bytes(
        byte ^ (1 if i == (at if at >= 0 else len(data) - 1) else 0) for i, byte in enumerate(data)
    )


def document(**changes):
    """The honest message's JSON with other fields; None takes a field away."""
    fields = {**json.loads(HONEST), **changes}
    return {name: value for name, value in fields.items() if value is not None}


def with_head(**changes):
    """The honest message with other fields in its head: its context is another one."""
    return canonical(document(head={**json.loads(HONEST)["head"], **changes}))


def sealed_for(**changes):
    """A bid sealed with all care, for other terms."""
    return sealing.seal(replace(TERMS, **changes), BIDDER, 1, BID, DEK)


def stray_bits(text):
    """Other base64 of the same bytes: the unused bits of the last character are set."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    body = text.rstrip("=")
    last = alphabet[alphabet.index(body[-1]) + 1]
    changed = body[:-1] + last + text[len(body) :]
    assert b64decode(changed) == b64decode(text)
    return changed


def mallory():
    keys = [Custodian(name, hpke.public_of(draw(f"mallory {name}"))) for name in NAMES]
    return tuple(keys)


def other_kc(text):
    return replace(PARSED, kc=sealing.commitment(CONTEXT, draw(text))).encode()


HEAD = json.loads(HONEST)["head"]
KC = json.loads(HONEST)["kc"]
SHARES = json.loads(HONEST)["shares"]
SMALL_ORDER = bytes(32)

NOT_AS_SEALED = {
    "a byte of the first share flipped": with_shares(s1=flipped(PARSED.shares[0])),
    "a byte of the last share flipped": with_shares(s5=flipped(PARSED.shares[4])),
    "a byte of an ephemeral key flipped": with_shares(s2=flipped(PARSED.shares[1], at=3)),
    "garbage for a share": with_shares(s3=(draw("g") * 3)[:81]),
    "a point of small order as ephemeral key": with_shares(s2=SMALL_ORDER + PARSED.shares[1][32:]),
    "garbage for three shares": with_shares(s1=bytes(81), s2=bytes(81), s3=bytes(81)),
    "the true share under another ephemeral key": with_shares(s4=sealed_as(4, true_share(4))),
    "the share of another polynomial for one colluding custodian": with_shares(
        s1=sealed_as(1, other_share(1))
    ),
    "shares of another polynomial for two custodians": with_shares(
        s1=sealed_as(1, other_share(1)), s5=sealed_as(5, other_share(5))
    ),
    "shares of another polynomial for all": with_shares(
        **{f"s{x}": sealed_as(x, other_share(x)) for x in range(1, 6)}
    ),
    "a share that names another place": with_shares(s2=sealed_as(2, true_share(3))),
    "a share that names place 0": with_shares(s2=sealed_as(2, bytes(33))),
    "two shares exchanged": with_shares(s1=PARSED.shares[1], s2=PARSED.shares[0]),
    "the shares of another bid": replace(
        PARSED,
        shares=message.parse_message(sealing.seal(TERMS, BIDDER, 2, BID, DEK)).shares,
    ).encode(),
    "a byte of the ciphertext flipped": replace(PARSED, ct=flipped(PARSED.ct)).encode(),
    "a ciphertext under another key": replace(
        PARSED,
        ct=sealing.encrypt(CONTEXT, draw("other"), sealing.padded(canonical(BID))),
    ).encode(),
    "a commitment to another key": other_kc("other dek"),
    "a byte of the commitment flipped": replace(PARSED, kc=flipped(PARSED.kc)).encode(),
    "another number in the head": with_head(seq=2),
    "commitment and shares of another key": replace(
        PARSED,
        kc=sealing.commitment(CONTEXT, draw("other dek")),
        shares=sealing.sealed_shares(PARSED.head, CONTEXT, draw("other dek")),
    ).encode(),
}

BAD_BIDS = {
    "filled up with ones": sealed_plain(canonical(BID), filling=b"\x01"),
    "one byte of the filling set": sealed_plain(canonical(BID) + b"\x00\x01", length=27),
    "a length that is too long": sealed_plain(canonical(BID), length=0xFFFF),
    "a length that is one too short": sealed_plain(canonical(BID), length=26),
    "a length that takes filling in": sealed_plain(canonical(BID), length=28),
    "no bid at all": sealed_plain(b""),
    "a bid that is not JSON": sealed_plain(b"66000000.00"),
    "a bid that is a list": sealed_plain(b'["66000000.00"]'),
    "a bid with a further field": sealed_plain(b'{"price_cny":"1.00","x":1}'),
    "a bid with a field twice": sealed_plain(b'{"price_cny":"2.00","price_cny":"1.00"}'),
    "a bid with a space": sealed_plain(b'{"price_cny": "1.00"}'),
    "a bid with an escape": sealed_plain(b'{"price_cny":"\\u0031.00"}'),
    "a bid in UTF-16": sealed_plain('{"price_cny":"1.00"}'.encode("utf-16-le")),
    "a bid with a byte order mark": sealed_plain(b'\xef\xbb\xbf{"price_cny":"1.00"}'),
    "a price that is a number": sealed_plain(b'{"price_cny":66000000}'),
    "a price without places": sealed_plain(b'{"price_cny":"66000000"}'),
    "a negative price": sealed_plain(b'{"price_cny":"-1.00"}'),
    "a price in Arabic digits": sealed_plain('{"price_cny":"١.00"}'.encode()),
    "a price with a line end": sealed_plain(b'{"price_cny":"1.00\\n"}'),
    "a price that is no text in UTF-8": sealed_plain(b'{"price_cny":"\xff.00"}'),
    "half a surrogate": sealed_plain(b'{"price_cny":"\\ud800"}'),
}

OTHER_TERMS = {
    "sealed for another lot": sealed_for(auction="lot-2026-18"),
    "sealed for another notice": sealed_for(notice_hex=sha256(b"older notice").hexdigest()),
    "sealed for another threshold": sealed_for(threshold=2),
    "sealed to custodians in another order": sealed_for(custodians=CUSTODIANS[::-1]),
    "sealed to the bidder's own keys": sealed_for(custodians=mallory()),
    "sealed to four custodians": sealed_for(custodians=CUSTODIANS[:4]),
    "another threshold in the head": with_head(threshold=1),
}

OTHER_BIDDER = {
    "copied under another name": with_head(bidder="bidder-b"),
    "another bidder's bid": sealing.seal(TERMS, "bidder-b", 1, BID, DEK),
}

MALFORMED = {
    "empty": b"",
    "not JSON": HONEST[:-1],
    "not UTF-8": HONEST.replace(b"bidder-a", b"bidder-\xff"),
    "a list": b"[" + HONEST + b"]",
    "null": b"null",
    "a line end behind it": HONEST + b"\n",
    "a space in it": HONEST.replace(b'"ct":', b'"ct": '),
    "a byte order mark before it": b"\xef\xbb\xbf" + HONEST,
    "fields in another order": json.dumps(document(), separators=(",", ":")).encode()[:-1]
    + b',"ct":"'
    + b64encode(PARSED.ct)
    + b'"}',
    "an escape in a text": HONEST.replace(b"bidder-a", b"bidder-\\u0061"),
    "a field twice": HONEST.replace(b'"kc":', b'"kc":"x","kc":'),
    "a further field": canonical(document(note="please")),
    "a further field in the head": with_head(note="please"),
    "a field missing": canonical(document(kc=None)),
    "a field missing in the head": canonical(
        document(head={name: HEAD[name] for name in HEAD if name != "seq"})
    ),
    "one share too few": canonical(document(shares=SHARES[:4])),
    "one share too many": canonical(document(shares=[*SHARES, SHARES[0]])),
    "no shares": canonical(document(shares=[])),
    "shares in an object": canonical(document(shares={"0": SHARES[0]})),
    "a share one byte short": canonical(
        document(shares=[*SHARES[:4], b64encode(PARSED.shares[4][:-1]).decode()])
    ),
    "a ciphertext one byte short": canonical(document(ct=b64encode(PARSED.ct[:-1]).decode())),
    "base64 without its padding": canonical(document(kc=KC.rstrip("="))),
    "base64 with stray bits": canonical(document(kc=stray_bits(KC))),
    "base64 with a line end": canonical(document(kc=KC + "\n")),
    "base64 of the other alphabet": canonical(
        document(ct=b64encode(b"\xff" * 528).decode().replace("/", "_"))
    ),
    "a commitment that is a number": canonical(document(kc=1)),
    "a number with a fraction": HONEST.replace(b'"seq":1', b'"seq":1.0'),
    "a number with an exponent": HONEST.replace(b'"seq":1', b'"seq":1e0'),
    "number 0": with_head(seq=0),
    "a negative number": with_head(seq=-1),
    "a number too large": with_head(seq=2**31),
    "a number of many digits": HONEST.replace(b'"seq":1', b'"seq":1' + b"0" * 5000),
    "a number that is true": with_head(seq=True),
    "a number that is a text": with_head(seq="1"),
    "not a number": HONEST.replace(b'"seq":1', b'"seq":NaN'),
    "a threshold of 0": with_head(threshold=0),
    "a threshold above the custodians": with_head(threshold=6),
    "a notice in capitals": with_head(notice=HEAD["notice"].upper().replace("0", "A")),
    "a bidder with a space": with_head(bidder="bidder a"),
    "a bidder with a line end": with_head(bidder="bidder-a\n"),
    "a bidder in Chinese": with_head(bidder="竞买人"),
    "no bidder": with_head(bidder=""),
    "the version of tomorrow": with_head(v="lqx-seal/2"),
    "another suite": with_head(suite="x25519-hkdfsha256-chacha20poly1305"),
    "custodians in an object": with_head(custodians={}),
    "a custodian with three parts": with_head(
        custodians=[[*HEAD["custodians"][0], "x"], *HEAD["custodians"][1:]]
    ),
    "a custodian twice": with_head(custodians=[HEAD["custodians"][0], *HEAD["custodians"][:4]]),
    "a key of 31 bytes": with_head(
        custodians=[["ministry", b64encode(bytes(31)).decode()], *HEAD["custodians"][1:]]
    ),
    "deeply nested": b"[" * 8_000 + b"]" * 8_000,
    "too long": HONEST + b" " * 16_384,
}

FORGED = {
    name: (code, data)
    for code, group in (
        ("not-as-sealed", NOT_AS_SEALED),
        ("bid-malformed", BAD_BIDS),
        ("other-terms", OTHER_TERMS),
        ("other-bidder", OTHER_BIDDER),
        ("message-malformed", MALFORMED),
    )
    for name, data in group.items()
}

assert isinstance(PARSED, Message)
assert isinstance(PARSED.head, Head)
