"""A node's card: what others must know to exchange messages with it. Pure.

A C2SP signed note: `lqx-card/1` and one line of canonical JSON, signed by the message key in use.
It can go by any way; what counts is that the fingerprint is compared by another one.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from app.nodes.envelope import spell
from app.nodes.rules import (
    KEY_BYTES,
    Known,
    MessageKey,
    NodeRole,
    Peer,
    are_provinces,
    is_name,
    message_key_name,
)
from app.transparency.fields import FormatError, TrustError, decode64, encode64
from app.transparency.notes import (
    COSIGNATURE,
    ED25519,
    Signer,
    Verifier,
    parse_note,
    parse_vkey,
    sign,
    verified,
)

CARD = "lqx-card/1"
PROVINCES_MAX = 40
KEYS_MAX = 8
TEXT_MAX = 400
_GROUP = 4


class CardError(FormatError):
    """The text is not the card of a node; it says what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a node tells others of itself.

    `provinces` with their names, `keys` that sign its messages, `log` the verifier key of its log
    and `log_url` the base address of its API, `url` that of its link port, `certificate` in DER,
    `sealing_key` the X25519 key that personal data are sealed for.
    """

    name: str
    role: NodeRole
    provinces: tuple[tuple[str, str], ...]
    keys: tuple[MessageKey, ...]
    log: str
    log_url: str
    url: str
    certificate: bytes
    sealing_key: bytes

    @property
    def known(self) -> Known:
        """What decides whether it may be a peer."""
        return Known(self.name, self.role, tuple(code for code, _ in self.provinces))

    def text(self) -> str:
        """The text that is signed."""
        members = {
            "certificate": encode64(self.certificate),
            "keys": [
                [key.vkey, spell(key.valid_from), key.valid_until and spell(key.valid_until)]
                for key in self.keys
            ],
            "log": self.log,
            "log_url": self.log_url,
            "name": self.name,
            "provinces": [list(province) for province in self.provinces],
            "role": self.role.value,
            "sealing_key": encode64(self.sealing_key),
            "url": self.url,
        }
        return f"{CARD}\n{_canonical(members)}\n"

    def signed(self, signer: Signer) -> str:
        """The card as it is handed out."""
        return sign(self.text(), signer).encode()

    @property
    def fingerprint(self) -> str:
        """What two people read to each other: the SHA-256 of the text, in groups of four."""
        digest = hashlib.sha256(self.text().encode()).hexdigest()
        return " ".join(digest[at : at + _GROUP] for at in range(0, len(digest), _GROUP))

    def peer(self, policy: str | None) -> Peer:
        """The node as a peer, its log trusted under this policy."""
        return Peer(
            name=self.name,
            provinces=self.known.provinces,
            url=self.url,
            role=self.role,
            log=self.log,
            log_url=self.log_url,
            policy=policy,
            certificate=self.certificate,
            sealing_key=self.sealing_key,
        )


def read_card(text: str) -> Card:
    """Read a card and check that a message key on it has signed it. Raises `CardError`."""
    try:
        note = parse_note(text)
        card = _card(note.text)
        signed = verified(note, [parse_vkey(key.vkey) for key in card.keys])
    except TrustError as error:
        raise CardError(str(error)) from error
    if not signed:
        raise CardError("it is not signed by a message key that stands on it")
    return card


def read_certificate(der: bytes) -> x509.Certificate:
    """Read a certificate that can be pinned: of its own key, P-256, and no authority.

    A certificate of an authority would let its holder make others that are trusted, too.
    """
    try:
        certificate = x509.load_der_x509_certificate(der)
        key = certificate.public_key()
        limits = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
        certificate.verify_directly_issued_by(certificate)
    except Exception as error:
        raise CardError("its certificate is not one that can be pinned") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise CardError("its certificate's key is not on the curve P-256")
    if limits.value.ca:
        raise CardError("its certificate is that of an authority")
    if certificate.public_bytes(Encoding.DER) != der:
        raise CardError("its certificate is not DER")
    return certificate


def certificate_hash(der: bytes) -> str:
    """The SHA-256 in hex by which a pinned certificate is known."""
    return hashlib.sha256(der).hexdigest()


def check_url(url: str, what: str) -> str:
    """Refuse what is no plain https (or, for a log, http) address. Raises `CardError`."""
    parts = urlsplit(url)
    schemes = {"https"} if what == "url" else {"https", "http"}
    try:
        whole = parts.hostname and parts.port != 0
    except ValueError:
        whole = None
    plain = not (parts.username or parts.password or parts.query or parts.fragment)
    if parts.scheme not in schemes or not whole or not plain or len(url) > TEXT_MAX:
        raise CardError(f"its {what} is not an address of the form {min(schemes)}://host[:port]")
    return url.rstrip("/")


def check_vkey(text: str, name: str | None) -> Verifier:
    """Read the verifier key of a log, or of the message key of that name. Raises `CardError`."""
    try:
        key = parse_vkey(text)
    except TrustError as error:
        raise CardError(str(error)) from error
    if name is None and key.type == COSIGNATURE:
        raise CardError("the key of its log is that of a witness")
    if name is not None and (key.name, key.type) != (name, ED25519):
        raise CardError(f"its message keys are of Ed25519 and named {name}")
    return key


def _card(text: str) -> Card:
    first, _, line = text.partition("\n")
    try:
        members = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise CardError("not JSON") from error
    if first != CARD or type(members) is not dict:
        raise CardError(f"not of the form {CARD}")
    try:
        card = _from(members)
    except (KeyError, ValueError, TypeError) as error:
        if isinstance(error, CardError):
            raise
        raise CardError("its members are malformed") from error
    if card.text() != text:
        raise CardError("not in canonical form")
    return card


def _from(members: Mapping[str, Any]) -> Card:
    name = members["name"]
    if not is_name(name):
        raise CardError("its name is malformed")
    provinces = tuple((str(code), str(called)) for code, called in members["provinces"])
    role = NodeRole(members["role"])
    if len(provinces) > PROVINCES_MAX or not are_provinces([code for code, _ in provinces]):
        raise CardError("its provinces are malformed")
    if not provinces and role is NodeRole.PROVINCE:
        raise CardError("it hosts no province")
    if not all(0 < len(called) <= TEXT_MAX and called.isprintable() for _, called in provinces):
        raise CardError("the names of its provinces are malformed")
    keys = tuple(_key(name, *key) for key in members["keys"])
    if not 0 < len(keys) <= KEYS_MAX:
        raise CardError("it has no message key, or too many")
    sealing_key = decode64(members["sealing_key"], "its sealing key", CardError)
    if len(sealing_key) != KEY_BYTES:
        raise CardError("its sealing key has not 32 bytes")
    certificate = decode64(members["certificate"], "its certificate", CardError)
    read_certificate(certificate)
    check_vkey(members["log"], None)
    return Card(
        name=name,
        role=role,
        provinces=provinces,
        keys=keys,
        log=members["log"],
        log_url=check_url(members["log_url"], "log_url"),
        url=check_url(members["url"], "url"),
        certificate=certificate,
        sealing_key=sealing_key,
    )


def _key(name: str, vkey: str, valid_from: str, valid_until: str | None) -> MessageKey:
    check_vkey(vkey, message_key_name(name))
    until = None if valid_until is None else datetime.fromisoformat(valid_until)
    return MessageKey(vkey, datetime.fromisoformat(valid_from), until)


def _canonical(members: Mapping[str, Any]) -> str:
    return json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
