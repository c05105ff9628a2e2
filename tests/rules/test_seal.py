"""lqx-seal/1: every sufficient set of custodians reaches the same verdict, whatever the bid."""

import json
from base64 import b64decode, b64encode
from dataclasses import replace
from itertools import combinations

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import given, settings
from hypothesis import strategies as st

from app import seal
from app.seal import hpke, shamir
from app.seal.message import Custodian
from app.transparency.notes import parse_note, parse_vkey, verified
from tests.vectors import forged_bids as forged
from tests.vectors import lqx_seal_1 as vectors

SUBSETS = [subset for size in (3, 4, 5) for subset in combinations(forged.NAMES, size)]
SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
b32 = st.binary(min_size=32, max_size=32)


def keys(subset):
    return {name: forged.PRIVATE[name] for name in subset}


def judged(data, subset, bidder=forged.BIDDER):
    """The verdict as a value: the bid and its dek, or the code under which it is void."""
    try:
        opened = seal.verdict(forged.TERMS, bidder, data, keys(subset))
    except seal.VoidError as void:
        return void.code
    return opened.bid, opened.dek


def verdicts(data):
    found = [judged(data, subset) for subset in SUBSETS]
    assert len(found) == 16
    assert all(one == found[0] for one in found), dict(zip(SUBSETS, found, strict=True))
    return found[0]


# Honest bids


def test_all_sixteen_sets_of_custodians_open_an_honest_bid():
    assert verdicts(forged.HONEST) == (forged.BID, forged.DEK)


@given(
    price=st.sampled_from(["0.00", "0.01", "9999999999999.99"]),
    seq=st.integers(1, 3),
    dek=b32,
    threshold=st.integers(1, 5),
    data=st.data(),
)
@settings(max_examples=40, deadline=None)
def test_any_sufficient_set_opens_and_no_smaller_set_does(price, seq, dek, threshold, data):
    terms = replace(forged.TERMS, threshold=threshold)
    message = seal.seal(terms, "b", seq, {"price_cny": price}, dek)
    subset = data.draw(st.sets(st.sampled_from(forged.NAMES)))
    parsed = seal.parse_message(message)
    if len(subset) >= threshold:
        assert seal.open_with_keys(parsed, keys(subset)).bid == {"price_cny": price}
    else:
        with pytest.raises(seal.OpeningError) as refused:
            seal.open_with_keys(parsed, keys(subset))
        assert refused.value.code == "too-few-keys"


def test_sealing_is_a_function_of_its_arguments():
    again = seal.seal(forged.TERMS, forged.BIDDER, 1, forged.BID, forged.DEK)
    assert again == forged.HONEST
    assert seal.parse_message(again).encode() == again


def test_every_bid_has_the_same_length():
    prices = ("0.00", "1.00", "9999999999999.99")
    lengths = {
        len(seal.seal(forged.TERMS, "b", 1, {"price_cny": price}, bytes(32))) for price in prices
    }
    assert len(lengths) == 1


def test_the_price_stands_nowhere_in_the_message():
    assert b"66000000" not in forged.HONEST
    assert not any(b"66000000" in b64decode(text) for text in (*forged.SHARES, forged.KC))


@pytest.mark.parametrize("lost", list(combinations(forged.NAMES, 2)))
def test_two_lost_custodians_change_nothing(lost):
    left = [name for name in forged.NAMES if name not in lost]
    assert judged(forged.HONEST, left) == (forged.BID, forged.DEK)


# Bad bids


@pytest.mark.parametrize("name", forged.FORGED)
def test_all_sixteen_sets_of_custodians_find_the_same_fault(name):
    code, data = forged.FORGED[name]
    assert verdicts(data) == code


@pytest.mark.parametrize("name", [*forged.NOT_AS_SEALED, *forged.BAD_BIDS])
def test_the_bidders_own_key_gives_the_same_verdict(name):
    code, data = forged.FORGED[name]
    message = seal.parse_message(data)
    for dek in (forged.DEK, forged.draw("other dek")):
        with pytest.raises(seal.SealError) as refused:
            seal.open_with_dek(message, dek)
        # Either the key is not the one committed to, and no verdict is spoken, or it is the same.
        assert refused.value.code in {code, "dek-mismatch"}
        assert isinstance(refused.value, seal.VoidError) == (refused.value.code == code)


def test_the_bidders_own_key_opens_what_the_custodians_open():
    message = seal.parse_message(forged.HONEST)
    assert seal.open_with_dek(message, forged.DEK) == seal.Opened(forged.BID, forged.DEK)
    for wrong in (bytes(32), b"", forged.DEK[:31], forged.DEK + b"\x00"):
        with pytest.raises(seal.OpeningError):
            seal.open_with_dek(message, wrong)


def test_a_bid_copied_under_another_name_is_void():
    assert judged(forged.HONEST, forged.NAMES, bidder="bidder-b") == "other-bidder"
    renamed = forged.OTHER_BIDDER["copied under another name"]
    assert judged(renamed, forged.NAMES, bidder="bidder-b") == "not-as-sealed"


SHARE_FORGERIES = st.sampled_from(["honest", "flipped", "garbage", "other", "again", "short order"])


@given(st.lists(SHARE_FORGERIES, min_size=5, max_size=5), st.booleans(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_no_mixture_of_bad_parts_lets_the_keys_decide(kinds, good_ct, good_kc):
    shares = [
        {
            "honest": forged.PARSED.shares[x - 1],
            "flipped": forged.flipped(forged.PARSED.shares[x - 1], at=40),
            "garbage": bytes(81),
            "other": forged.sealed_as(x, forged.other_share(x)),
            "again": forged.sealed_as(x, forged.true_share(x)),
            "short order": bytes(32) + forged.PARSED.shares[x - 1][32:],
        }[kind]
        for x, kind in enumerate(kinds, start=1)
    ]
    message = replace(
        forged.PARSED,
        shares=tuple(shares),
        ct=forged.PARSED.ct if good_ct else forged.flipped(forged.PARSED.ct),
        kc=forged.PARSED.kc if good_kc else forged.flipped(forged.PARSED.kc),
    )
    honest = good_ct and good_kc and kinds == ["honest"] * 5
    expected = (forged.BID, forged.DEK) if honest else "not-as-sealed"
    assert verdicts(message.encode()) == expected


@given(st.integers(0, len(forged.HONEST) - 1), st.integers(1, 255))
@settings(max_examples=60, deadline=None)
def test_no_change_of_a_single_byte_stands(at, mask):
    changed = bytearray(forged.HONEST)
    changed[at] ^= mask
    assert isinstance(verdicts(bytes(changed)), str)


@given(st.binary(max_size=64) | st.text(max_size=64).map(str.encode))
def test_what_is_no_message_is_void_and_nothing_else(data):
    with pytest.raises(seal.VoidError):
        seal.parse_message(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(st.sampled_from(["ct", "kc", "shares", "head", *forged.HEAD]), json_values)
def test_no_other_value_of_a_field_breaks_the_parser(field, value):
    document = json.loads(forged.HONEST)
    holder = document["head"] if field in forged.HEAD else document
    if holder[field] == value:
        return
    holder[field] = value
    data = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    assert isinstance(judged(data, forged.NAMES), str)


# Keys, terms and what is refused before sealing


def test_keys_that_are_not_the_custodians_say_nothing_about_the_bid():
    message = seal.parse_message(forged.HONEST)
    for wrong, code in (
        ({**forged.PRIVATE, "stranger": bytes(32)}, "unknown-custodian"),
        ({**forged.PRIVATE, "notary": bytes(32)}, "key-mismatch"),
        ({**forged.PRIVATE, "notary": bytes(31)}, "key-mismatch"),
        (keys(forged.NAMES[:2]), "too-few-keys"),
        ({}, "too-few-keys"),
    ):
        with pytest.raises(seal.OpeningError) as refused:
            seal.open_with_keys(message, wrong)
        assert refused.value.code == code


def test_a_published_key_matches_or_it_does_not():
    for custodian in forged.CUSTODIANS:
        assert seal.key_matches(forged.PRIVATE[custodian.id], custodian.public)
        assert seal.auction_key(forged.PRIVATE[custodian.id]) == custodian.public
    assert not seal.key_matches(bytes(32), forged.CUSTODIANS[0].public)
    with pytest.raises(seal.SealError):
        seal.auction_key(bytes(31))


@pytest.mark.parametrize(
    "changes",
    [
        {"notice_hex": "00"},
        {"auction": "a lot"},
        {"threshold": 0},
        {"threshold": 6},
        {"custodians": ()},
        {"custodians": forged.CUSTODIANS[:1] * 3},
        {"custodians": (*forged.CUSTODIANS, Custodian("six", forged.CUSTODIANS[0].public))},
        {"custodians": (*forged.CUSTODIANS, Custodian("six", b"short"))},
        {"custodians": (*forged.CUSTODIANS, Custodian("the sixth", bytes(32)))},
    ],
)
def test_terms_under_which_no_bid_could_be_opened_are_refused(changes):
    with pytest.raises(seal.SealError) as refused:
        replace(forged.TERMS, **changes)
    assert refused.value.code == "terms-invalid"


def test_a_custodian_key_of_small_order_is_refused_when_sealing():
    weak = replace(forged.TERMS, custodians=(Custodian("weak", bytes(32)), *forged.CUSTODIANS))
    with pytest.raises(seal.SealError) as refused:
        seal.seal(weak, "b", 1, forged.BID, bytes(32))
    assert refused.value.code == "terms-invalid"


@pytest.mark.parametrize(
    ("bidder", "seq", "bid", "dek", "code"),
    [
        ("b", 1, {"price_cny": "1"}, bytes(32), "bid-invalid"),
        ("b", 1, {"price_cny": 1}, bytes(32), "bid-invalid"),
        ("b", 1, {}, bytes(32), "bid-invalid"),
        ("b", 1, {"price_cny": "1.00", "note": ""}, bytes(32), "bid-invalid"),
        ("b", 1, {"price_cny": "1.00"}, bytes(31), "dek-invalid"),
        ("b", 0, {"price_cny": "1.00"}, bytes(32), "head-invalid"),
        ("竞买人", 1, {"price_cny": "1.00"}, bytes(32), "head-invalid"),
    ],
)
def test_nothing_is_sealed_that_would_not_open(bidder, seq, bid, dek, code):
    with pytest.raises(seal.SealError) as refused:
        seal.seal(forged.TERMS, bidder, seq, bid, dek)
    assert refused.value.code == code


# The probe


@given(b32, b32, st.binary(max_size=5), b32)
@settings(max_examples=25, deadline=None)
def test_only_the_holder_of_the_key_answers_a_probe(private, nonce, context, ephemeral):
    sealed = seal.seal_probe(hpke.public_of(private), nonce, context, ephemeral)
    assert seal.open_probe(private, sealed, context) == nonce
    for key, about, data in (
        (hpke.derive_private(private), context, sealed),
        (private, context + b"x", sealed),
        (private, context, forged.flipped(sealed)),
        (private, context, sealed[:10]),
    ):
        with pytest.raises(seal.SealError):
            seal.open_probe(key, data, about)


def test_a_share_handed_in_as_a_probe_does_not_open():
    info = b"lqx-seal/1 share" + forged.CONTEXT + b"\x01"
    for context in (b"", info, info.removeprefix(b"lqx-seal/1 ")):
        with pytest.raises(seal.SealError):
            seal.open_probe(forged.PRIVATE["ministry"], forged.PARSED.shares[0], context)
    with pytest.raises(seal.SealError):
        seal.seal_probe(bytes(32), bytes(32), b"", bytes(32))
    with pytest.raises(seal.SealError):
        seal.seal_probe(forged.CUSTODIANS[0].public, bytes(31), b"", bytes(32))


# Building blocks against others


@given(b32, b32, st.binary(max_size=40), st.binary(max_size=40))
@settings(max_examples=30, deadline=None)
def test_the_librarys_hpke_opens_ours_and_ours_opens_the_librarys(private, ikm, info, text):
    public = hpke.public_of(private)
    sealed = hpke.seal(public, info, text, ikm)
    theirs = X25519PrivateKey.from_private_bytes(private)
    assert SUITE.decrypt(sealed, theirs, info=info) == text
    back = SUITE.encrypt(text, X25519PublicKey.from_public_bytes(public), info=info)
    assert hpke.open_sealed(private, info, back) == text


def test_the_key_schedule_is_that_of_rfc_9180(monkeypatch):
    # Appendix A.2.1: the same KEM and KDF; its AEAD differs in the suite's number only.
    monkeypatch.setattr(hpke, "_SUITE", b"HPKE" + bytes.fromhex("0020 0001 0003"))
    hexed = bytes.fromhex
    ephemeral = hpke.derive_private(
        hexed("909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b")
    )
    assert ephemeral == hexed("f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600")
    enc = hpke.public_of(ephemeral)
    assert enc == hexed("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a")
    private = hexed("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb")
    public = hexed("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a")
    assert hpke.public_of(private) == public
    dh = X25519PrivateKey.from_private_bytes(private).exchange(
        X25519PublicKey.from_public_bytes(enc)
    )
    shared = hpke.shared_secret(dh, enc, public)
    assert shared == hexed("0bbe78490412b4bbea4812666f7916932b828bba79942424abb65244930d69a7")
    key, nonce = hpke.key_and_nonce(shared, hexed("4f6465206f6e2061204772656369616e2055726e"))
    assert key == hexed("ad2744de8e17f4ebba575b3f5f5a8fa1f69c2a07f6e7500bc60ca6e3e3ec1c91")
    assert nonce == hexed("5c4d98150661b848853b547f")


def slow_times(a, b):
    """Multiplication in GF(2^8) by its definition."""
    product = 0
    for bit in range(8):
        product ^= (a << bit) if b >> bit & 1 else 0
    for bit in range(14, 7, -1):
        product ^= (0x11B << (bit - 8)) if product >> bit & 1 else 0
    return product


def test_the_field_is_that_of_its_definition():
    for a in range(256):
        for b in range(0, 256, 3):
            assert shamir._times(a, b) == slow_times(a, b)
            if b:
                assert shamir._times(shamir._over(a, b), b) == a


@given(st.binary(min_size=1, max_size=4), st.integers(1, 4), st.data())
def test_shares_as_many_as_the_threshold_give_the_secret_back(secret, threshold, data):
    part = st.binary(min_size=len(secret), max_size=len(secret))
    coefficients = data.draw(st.lists(part, min_size=threshold - 1, max_size=threshold - 1))
    places = data.draw(
        st.lists(st.integers(1, 255), min_size=threshold, max_size=threshold, unique=True)
    )
    assert shamir.combine([shamir.share(secret, coefficients, x) for x in places]) == secret


def test_shares_at_impossible_places_are_refused():
    for x in (0, 256):
        with pytest.raises(ValueError, match="x = 1 to 255"):
            shamir.share(b"s", [], x)
    for shares in ([], [b"a\x01", b"b\x01"], [b"a\x00"]):
        with pytest.raises(ValueError, match="different points"):
            shamir.combine(shares)


# Vectors


def test_the_vectors_are_those_that_this_code_gives():
    assert vectors.FILE.read_text(encoding="utf-8") == vectors.text(), (
        "write them anew: python -m tests.vectors.lqx_seal_1"
    )


def test_the_published_transcript_is_enough_to_repeat_the_opening():
    document = json.loads(vectors.FILE.read_text(encoding="utf-8"))
    private = {name: bytes.fromhex(key) for name, key in document["private_keys"].items()}
    for case in document["sealed"]:
        message = seal.parse_message(b64decode(case["message"]))
        ids = {one.id for one in message.head.custodians}
        opened = seal.open_with_keys(message, {n: k for n, k in private.items() if n in ids})
        assert opened.bid == case["bid"]
        assert b64encode(message.encode()).decode() == case["message"]


def test_a_bid_travels_in_a_note_that_its_bidder_has_signed():
    document = json.loads(vectors.FILE.read_text(encoding="utf-8"))["note"]
    note = parse_note(document["note"])
    assert note.text.encode() == forged.HONEST + b"\n"
    [signed] = verified(note, [parse_vkey(document["vkey"])])
    assert signed.name == f"{forged.BIDDER}/{forged.TERMS.auction}"
