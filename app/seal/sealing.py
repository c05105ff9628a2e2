"""Seal a bid, open it, and reach a verdict that does not depend on who helped to open it.

Everything in a message but its head is derived from the bid and `dek`, 32 random bytes:

    ct  = AES-256-GCM(dek, nonce 0, AAD ctx, u16be length ‖ JSON bid ‖ zeros to 512)
    kc  = SHA-256("lqx-seal/1 commit" ‖ ctx ‖ dek)            an AEAD does not commit to its key
    e_i = HPKE(custodian i, Shamir share i of dek)            coefficients and ephemerals from dek

So whoever knows `dek` makes the whole message again. A bid stands iff it is what an honest bidder
would have sent, to the byte. Without that comparison a bidder with one colluding custodian could
choose after the close, by the keys that are published, whether its bid opens.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.kernel.units import InvalidAmountError, hundredths
from app.seal import hpke, shamir
from app.seal.message import (
    BID_LENGTH,
    KEY_LENGTH,
    SHARE_LENGTH,
    Head,
    Message,
    OpeningError,
    SealError,
    Terms,
    VoidError,
    canonical,
    parse_message,
)

_NONCE = bytes(12)
_LENGTH_BYTES = 2
_FIELD = 2**255 - 19


@dataclass(frozen=True, slots=True)
class Opened:
    """An honest bid: what it says, and the key with which anyone can repeat the opening."""

    bid: dict[str, Any]
    dek: bytes


def seal(terms: Terms, bidder: str, seq: int, bid: Mapping[str, Any], dek: bytes) -> bytes:
    """The canonical bytes of the sealed bid; the same arguments give the same bytes.

    `bid` is `{"price_cny": "66000000.00"}`; `dek` is 32 fresh random bytes, one draw per message.
    """
    if _bid_fault(dict(bid)) is not None:
        raise SealError("bid-invalid", 'a bid is {"price_cny": "<yuan with two places>"}')
    if len(dek) != KEY_LENGTH:
        raise SealError("dek-invalid", "the key of a bid has 32 bytes")
    head = Head(terms, bidder, seq)
    context = head.context()
    try:
        shares = sealed_shares(head, context, dek)
    except hpke.HpkeError as error:
        raise SealError("terms-invalid", f"a custodian's key is unusable: {error}") from None
    ct = encrypt(context, dek, padded(canonical(bid)))
    return Message(head, ct, commitment(context, dek), shares).encode()


def open_with_keys(message: Message, keys: Mapping[str, bytes]) -> Opened:
    """Open with the private keys (32 bytes) of at least `threshold` custodians, by their ids.

    Raises `OpeningError` when the keys are too few or not those of the head, and `VoidError` when
    the bid is void; which of the sufficient sets of keys is given makes no difference.
    """
    dek = _recovered(message, keys)
    if dek is None:
        raise _not_as_sealed()
    return open_with_dek(message, dek)


def open_with_dek(message: Message, dek: bytes) -> Opened:
    """Open with the bid's own key, as its bidder can when too many custodians have lost theirs.

    A key to which the message does not commit gives `OpeningError("dek-mismatch")`: anybody may
    send a wrong key, and that must not void the bid of another.
    """
    context = message.head.context()
    if len(dek) != KEY_LENGTH or not compare_digest(commitment(context, dek), message.kc):
        raise OpeningError("dek-mismatch", "this is not the key that the bid commits to")
    if _rebuilt(message.head, context, dek) != message.shares:
        raise _not_as_sealed()
    try:
        plain = AESGCM(dek).decrypt(_NONCE, message.ct, context)
    except InvalidTag:
        raise _not_as_sealed() from None
    return Opened(_bid(plain), dek)


def verdict(terms: Terms, bidder: str, data: bytes, keys: Mapping[str, bytes]) -> Opened:
    """The whole judgement of one sealed bid from public data: parse, terms, bidder, opening.

    Raises `VoidError` with the code under which the bid is void, `OpeningError` when the keys do
    not allow a verdict.
    """
    message = parse_message(data)
    check_head(message, terms, bidder)
    return open_with_keys(message, keys)


def check_head(message: Message, terms: Terms, bidder: str) -> None:
    """Raise `VoidError` unless the message was made for these terms by this bidder."""
    if message.head.bidder != bidder:
        raise VoidError("other-bidder", "the bid was sealed for another bidder")
    if message.head.terms != terms:
        raise VoidError("other-terms", "the bid was sealed for another lot, notice or custodians")


def auction_key(private: bytes) -> bytes:
    """The X25519 public key (32 bytes) of a custodian's private key for one auction."""
    try:
        return hpke.public_of(private)
    except hpke.HpkeError as error:
        raise SealError("key-invalid", str(error)) from None


def is_usable(public: bytes) -> bool:
    """Whether shares can be sealed to this X25519 key, and it is spelled in its one canonical way.

    Another spelling would pass for another key, though the same private one opens what is sealed
    to it.
    """
    if len(public) != KEY_LENGTH or int.from_bytes(public, "little") >= _FIELD:
        return False
    try:
        hpke.seal(public, b"", b"", bytes(KEY_LENGTH))
    except hpke.HpkeError:
        return False
    return True


def key_matches(private: bytes, public: bytes) -> bool:
    """Whether a published private key belongs to the public key of the notice."""
    return len(private) == KEY_LENGTH and hpke.public_of(private) == public


def commitment(context: bytes, dek: bytes) -> bytes:
    """`kc`."""
    return sha256(b"lqx-seal/1 commit" + context + dek).digest()


def padded(bid: bytes) -> bytes:
    """Length, bid and zeros: always 512 bytes."""
    if len(bid) > BID_LENGTH - _LENGTH_BYTES:
        raise SealError("bid-invalid", f"longer than {BID_LENGTH - _LENGTH_BYTES} bytes")
    return (len(bid).to_bytes(_LENGTH_BYTES, "big") + bid).ljust(BID_LENGTH, b"\x00")


def encrypt(context: bytes, dek: bytes, plain: bytes) -> bytes:
    """`ct`. The nonce is fixed because a dek encrypts one message only."""
    return AESGCM(dek).encrypt(_NONCE, plain, context)


def shares_of(context: bytes, dek: bytes, threshold: int, count: int) -> tuple[bytes, ...]:
    """The Shamir shares 1..count of `dek`, with the coefficients that `dek` and `ctx` give."""
    stream = _derived(dek, b"lqx-seal/1 shamir" + context, KEY_LENGTH * (threshold - 1))
    coefficients = [stream[i : i + KEY_LENGTH] for i in range(0, len(stream), KEY_LENGTH)]
    return tuple(shamir.share(dek, coefficients, x) for x in range(1, count + 1))


def sealed_share(public: bytes, context: bytes, dek: bytes, x: int, share: bytes) -> bytes:
    """`e_x`: a share sealed to custodian x."""
    place = context + bytes([x])
    ikm = _derived(dek, b"lqx-seal/1 ephemeral" + place, KEY_LENGTH)
    return hpke.seal(public, b"lqx-seal/1 share" + place, share, ikm)


def sealed_shares(head: Head, context: bytes, dek: bytes) -> tuple[bytes, ...]:
    """All of `e_1…e_n`."""
    shares = shares_of(context, dek, head.threshold, len(head.custodians))
    return tuple(
        sealed_share(custodian.public, context, dek, share[-1], share)
        for custodian, share in zip(head.custodians, shares, strict=True)
    )


def _recovered(message: Message, keys: Mapping[str, bytes]) -> bytes | None:
    """The dek that the shares give, or None where a share does not open to a share."""
    head = message.head
    places = {custodian.id: x for x, custodian in enumerate(head.custodians, start=1)}
    for custodian, private in keys.items():
        if custodian not in places:
            raise OpeningError("unknown-custodian", f"{custodian} keeps no share of this bid")
        if not key_matches(private, head.custodians[places[custodian] - 1].public):
            raise OpeningError("key-mismatch", f"not the private key of {custodian}")
    if len(keys) < head.threshold:
        raise OpeningError("too-few-keys", f"{len(keys)} keys, {head.threshold} are needed")
    context = head.context()
    shares = []
    for custodian in sorted(keys, key=places.__getitem__)[: head.threshold]:
        x = places[custodian]
        info = b"lqx-seal/1 share" + context + bytes([x])
        try:
            share = hpke.open_sealed(keys[custodian], info, message.shares[x - 1])
        except hpke.HpkeError:
            return None
        if len(share) != SHARE_LENGTH or share[-1] != x:
            return None
        shares.append(share)
    dek = shamir.combine(shares)
    return dek if compare_digest(commitment(context, dek), message.kc) else None


def _rebuilt(head: Head, context: bytes, dek: bytes) -> tuple[bytes, ...] | None:
    try:
        return sealed_shares(head, context, dek)
    except hpke.HpkeError:
        return None


def _derived(dek: bytes, info: bytes, length: int) -> bytes:
    return hpke.expand(hpke.extract(b"", dek), info, length)


def _not_as_sealed() -> VoidError:
    # One code for every fault up to the rebuilding: which of them is met first depends on the keys.
    return VoidError(
        "not-as-sealed", "its parts are not what an honest bidder derives from its key"
    )


def _bid(plain: bytes) -> dict[str, Any]:
    length = int.from_bytes(plain[:_LENGTH_BYTES], "big")
    text = plain[_LENGTH_BYTES : _LENGTH_BYTES + length]
    try:
        bid: Any = json.loads(text) if padded(text) == plain else None
    except (SealError, ValueError, RecursionError):
        bid = None
    fault = _bid_fault(bid)
    if fault is not None:
        raise VoidError("bid-malformed", fault)
    opened: dict[str, Any] = bid
    if canonical(opened) != text:
        raise VoidError("bid-malformed", "the bid is not in canonical form")
    return opened


def _bid_fault(bid: object) -> str | None:
    if not isinstance(bid, dict) or set(bid) != {"price_cny"}:
        return "a bid is JSON filled up with zeros, with the one field price_cny"
    try:
        hundredths(bid["price_cny"])
    except InvalidAmountError:
        return "price_cny is not an amount with two places"
    return None
