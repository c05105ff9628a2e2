"""The message of a sealed bid: its terms, its head, and a parser that takes one spelling only.

A message is canonical JSON: sorted keys, no spaces, ASCII, whole numbers. What is not byte for
byte as `Message.encode` writes it is no message, so that nobody can send one bid in two forms.
"""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from app.kernel.ids import ID_PATTERN
from app.seal import hpke

VERSION = "lqx-seal/1"
SUITE = "x25519-hkdfsha256-aes256gcm"
BID_LENGTH = 512
"""Every bid is filled up to this many bytes, so its length says nothing."""

KEY_LENGTH = 32
CIPHERTEXT_LENGTH = BID_LENGTH + hpke.TAG_LENGTH
SHARE_LENGTH = KEY_LENGTH + 1
SEALED_SHARE_LENGTH = hpke.ENC_LENGTH + SHARE_LENGTH + hpke.TAG_LENGTH
CUSTODIANS_MAX = 32
SEQ_MAX = 2**31 - 1
MESSAGE_LENGTH_MAX = 16_384

_ID = re.compile(ID_PATTERN.removesuffix("$"), re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_HEAD_FIELDS = {
    *("v", "suite", "notice", "auction", "bidder", "seq", "threshold", "custodians"),
}
_MESSAGE_FIELDS = {"head", "ct", "kc", "shares"}


class SealError(Exception):
    """Something about a sealed bid is wrong. `code` is stable, `text` says what in English."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


class VoidError(SealError):
    """A verdict: the bid is void, and everybody who opens it finds the same code."""


class OpeningError(SealError):
    """The keys at hand do not allow a verdict; it says nothing about the bid."""


@dataclass(frozen=True, slots=True)
class Custodian:
    """One who keeps a share: an id and the X25519 public key (32 bytes) made for this auction."""

    id: str
    public: bytes


@dataclass(frozen=True, slots=True)
class Terms:
    """What a lot's notice says about sealing. The order of custodians numbers the shares 1..n."""

    notice_hex: str
    auction: str
    threshold: int
    custodians: tuple[Custodian, ...]

    def __post_init__(self) -> None:
        """Raise `SealError("terms-invalid")` unless a bid can be sealed and opened under them."""
        fault = self._fault()
        if fault:
            raise SealError("terms-invalid", fault)

    def _fault(self) -> str | None:
        ids = {custodian.id for custodian in self.custodians}
        keys = {custodian.public for custodian in self.custodians}
        if _HASH.fullmatch(self.notice_hex) is None:
            return "the notice is named by the 64 hex digits of its SHA-256"
        if not all(_ID.fullmatch(one) for one in (self.auction, *ids)):
            return "an id is not a public reference"
        if not 1 <= self.threshold <= len(self.custodians) <= CUSTODIANS_MAX:
            return f"needs 1 <= threshold <= custodians <= {CUSTODIANS_MAX}"
        if not len(ids) == len(keys) == len(self.custodians):
            return "two custodians share an id or a key"
        if any(len(key) != KEY_LENGTH for key in keys):
            return "a custodian's key has 32 bytes"
        return None


@dataclass(frozen=True, slots=True)
class Head:
    """What is public of a sealed bid: the terms it was made for, its bidder and its number."""

    terms: Terms
    bidder: str
    seq: int

    def __post_init__(self) -> None:
        """Raise `SealError("head-invalid")` for a malformed bidder or number."""
        if _ID.fullmatch(self.bidder) is None or not 1 <= self.seq <= SEQ_MAX:
            raise SealError("head-invalid", "the bidder or the number of the bid is malformed")

    @property
    def notice(self) -> str:
        """The hash of the notice."""
        return self.terms.notice_hex

    @property
    def auction(self) -> str:
        """The lot."""
        return self.terms.auction

    @property
    def threshold(self) -> int:
        """How many custodians open the bid."""
        return self.terms.threshold

    @property
    def custodians(self) -> tuple[Custodian, ...]:
        """Who keeps the shares 1..n."""
        return self.terms.custodians

    def as_json(self) -> dict[str, Any]:
        """The head as it stands in the message."""
        return {
            "v": VERSION,
            "suite": SUITE,
            "notice": self.notice,
            "auction": self.auction,
            "bidder": self.bidder,
            "seq": self.seq,
            "threshold": self.threshold,
            "custodians": [[one.id, _text(one.public)] for one in self.custodians],
        }

    def context(self) -> bytes:
        """`ctx`: the SHA-256 of the head's canonical bytes, to which everything else is bound."""
        return sha256(canonical(self.as_json())).digest()


@dataclass(frozen=True, slots=True)
class Message:
    """A sealed bid: head, padded ciphertext, key commitment, one sealed share per custodian."""

    head: Head
    ct: bytes
    kc: bytes
    shares: tuple[bytes, ...]

    def encode(self) -> bytes:
        """The one spelling of this message."""
        return canonical(
            {
                "head": self.head.as_json(),
                "ct": _text(self.ct),
                "kc": _text(self.kc),
                "shares": [_text(share) for share in self.shares],
            }
        )


def canonical(document: Mapping[str, Any]) -> bytes:
    """Canonical JSON (RFC 8785 for ASCII keys, whole numbers and strings)."""
    return json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def message_hash(message: bytes) -> str:
    """The hex SHA-256 by which a sealed bid is committed to in the log."""
    return sha256(message).hexdigest()


def parse_message(data: bytes) -> Message:
    """Read a message, or raise `VoidError`: it is void for everybody, before any key is known."""
    if len(data) > MESSAGE_LENGTH_MAX:
        raise VoidError("message-malformed", f"longer than {MESSAGE_LENGTH_MAX} bytes")
    try:
        document = json.loads(data.decode("utf-8"), parse_constant=_no_constant)
        message = _message(document)
    except VoidError:
        raise
    except SealError as error:
        raise VoidError("message-malformed", error.text) from None
    except (ValueError, RecursionError):
        raise VoidError("message-malformed", "not a JSON document in UTF-8") from None
    if message.encode() != data:
        raise VoidError("message-malformed", "not in canonical form")
    return message


def _message(document: object) -> Message:
    fields = _closed(document, _MESSAGE_FIELDS, "message")
    head = _head(fields["head"])
    shares = fields["shares"]
    if not isinstance(shares, list) or len(shares) != len(head.custodians):
        raise VoidError("message-malformed", "needs exactly one share per custodian")
    return Message(
        head=head,
        ct=_bytes(fields["ct"], CIPHERTEXT_LENGTH, "ct"),
        kc=_bytes(fields["kc"], KEY_LENGTH, "kc"),
        shares=tuple(_bytes(share, SEALED_SHARE_LENGTH, "share") for share in shares),
    )


def _head(document: object) -> Head:
    fields = _closed(document, _HEAD_FIELDS, "head")
    if fields["v"] != VERSION or fields["suite"] != SUITE:
        raise VoidError("message-malformed", "another version or suite")
    custodians = fields["custodians"]
    if not isinstance(custodians, list):
        raise VoidError("message-malformed", "custodians is not a list")
    terms = Terms(
        notice_hex=_string(fields["notice"]),
        auction=_string(fields["auction"]),
        threshold=_whole(fields["threshold"]),
        custodians=tuple(map(_custodian, custodians)),
    )
    return Head(terms, bidder=_string(fields["bidder"]), seq=_whole(fields["seq"]))


def _custodian(pair: object) -> Custodian:
    if not isinstance(pair, list) or len(pair) != len(("id", "public key")):
        raise VoidError("message-malformed", "a custodian is [id, key]")
    return Custodian(_string(pair[0]), _bytes(pair[1], KEY_LENGTH, "custodian's key"))


def _closed(document: object, names: set[str], what: str) -> dict[str, Any]:
    if not isinstance(document, dict) or set(document) != names:
        raise VoidError("message-malformed", f"the {what} has other fields than {sorted(names)}")
    return document


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise VoidError("message-malformed", "a text is expected")
    return value


def _whole(value: object) -> int:
    if type(value) is not int:
        raise VoidError("message-malformed", "a whole number is expected")
    return value


def _bytes(value: object, length: int, what: str) -> bytes:
    """Strict base64: padded, of the standard alphabet, without stray bits at the end."""
    try:
        decoded = b64decode(_string(value).encode("ascii"), validate=True)
    except ValueError:
        raise VoidError("message-malformed", f"the {what} is not base64") from None
    if len(decoded) != length or _text(decoded) != value:
        raise VoidError("message-malformed", f"the {what} is not {length} bytes in base64")
    return decoded


def _text(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def _no_constant(name: str) -> object:
    raise ValueError(name)
