"""Signed notes (c2sp.org/signed-note v1.0.0) and the cosignatures that witnesses add to them.

A note is a text and below it signature lines. A key is known by its name and its 4-byte id, which
hashes the signature's type too: so a note needs no field that says how it was signed, and none
can be changed to weaken it. Lines by keys that the reader does not know are passed over; a line by
a known key that does not verify spoils the whole note.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.transparency import suites
from app.transparency.fields import SIZE_MAX, FormatError, TrustError, decode64, encode64
from app.transparency.merkle import sha256

ED25519 = b"\x01"
COSIGNATURE = b"\x04"
ID_BYTES = 4
SIGNATURES_MAX = 100
NOTE_BYTES_MAX = 64 * 1024
_KEY_BYTES = 32
_TIME_BYTES = 8
_DASH = "\u2014 "


class NoteError(FormatError):
    """The text is not a signed note."""


class KeyFormatError(FormatError):
    """The text is not a verifier key of a suite known here."""


class SignatureError(TrustError):
    """A known key's signature does not verify, or a signature that is needed is missing."""


class Key(Protocol):
    """What names a key: its name, the signature type's bytes and the public key."""

    @property
    def name(self) -> str:
        """Name, usually a URL without scheme; no space, no plus sign."""

    @property
    def type(self) -> bytes:
        """Signature type: one byte, or 0xff and an identifier."""

    @property
    def public(self) -> bytes:
        """Public key in the type's encoding."""


class Signer(Key, Protocol):
    """A key that signs: here in memory, in production perhaps in a device."""

    def sign(self, message: bytes) -> bytes:
        """Give the signature of the message."""


def key_id(name: str, type_: bytes, public: bytes) -> bytes:
    """Give the 4-byte id of a key."""
    return sha256(name.encode() + b"\n" + type_ + public)[:ID_BYTES]


def vkey(key: Key) -> str:
    """Give the verifier key: name, id and public key as one text to hand out."""
    identity = key_id(key.name, key.type, key.public)
    return f"{key.name}+{identity.hex()}+{encode64(key.type + key.public)}"


def check_name(name: str, error: type[TrustError] = KeyFormatError) -> None:
    """Refuse a key name that is empty or has a space, a plus sign or a control character."""
    if not name or "+" in name or any(c.isspace() or c < " " for c in name):
        raise error(f"not a key name: {name[:80]!r}")


class Ed25519Signer:
    """Signs notes with Ed25519 (type 0x01); `private` is the key's 32-byte seed."""

    type = ED25519

    def __init__(self, name: str, private: bytes) -> None:
        check_name(name)
        self.name = name
        self._key = Ed25519PrivateKey.from_private_bytes(private)
        self.public = self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Give the 64-byte signature of the message."""
        return self._key.sign(message)


class CosignatureSigner:
    """A witness's key (type 0x04); `private` is its 32-byte seed, used for nothing else."""

    type = COSIGNATURE

    def __init__(self, name: str, private: bytes) -> None:
        check_name(name)
        self.name = name
        self._key = Ed25519PrivateKey.from_private_bytes(private)
        self.public = self._key.public_key().public_bytes_raw()

    def cosign(self, text: str, time: int) -> "Signature":
        """Sign a checkpoint's text as seen at `time` (POSIX seconds, above 0)."""
        if not 0 < time <= SIZE_MAX:
            raise ValueError(f"a cosignature's time is in POSIX seconds, not {time}")
        value = self._key.sign(_cosigned(text, time))
        identity = key_id(self.name, self.type, self.public)
        return Signature(self.name, identity, time.to_bytes(_TIME_BYTES, "big") + value)


def _cosigned(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _check_ed25519(public: bytes, text: str, value: bytes) -> int | None:
    _verify(public, value, text.encode())
    return None


def _check_cosignature(public: bytes, text: str, value: bytes) -> int | None:
    time = int.from_bytes(value[:_TIME_BYTES], "big")
    if not 0 < time <= SIZE_MAX:
        raise InvalidSignature
    _verify(public, value[_TIME_BYTES:], _cosigned(text, time))
    return time


def _check_sm2(public: bytes, text: str, value: bytes) -> int | None:
    if not suites.verify_sm2(public, text.encode(), value):
        raise InvalidSignature
    return None


def _verify(public: bytes, value: bytes, message: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(value, message)
    except ValueError as error:
        raise InvalidSignature from error


class Suite(NamedTuple):
    """A signature type: length of its public keys, and the check, which raises or tells a time."""

    public_bytes: int
    check: Callable[[bytes, str, bytes], int | None]


SUITES: dict[bytes, Suite] = {
    ED25519: Suite(_KEY_BYTES, _check_ed25519),
    COSIGNATURE: Suite(_KEY_BYTES, _check_cosignature),
    suites.SM2_TYPE: Suite(suites.SM2_PUBLIC_BYTES, _check_sm2),
}
"""Signature types that are understood; further ones are further entries."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key that signatures are checked with."""

    name: str
    type: bytes
    public: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        suite = SUITES.get(self.type)
        if suite is None:
            raise KeyFormatError(f"{self.name}: the signature type {self.type!r} is not known here")
        if len(self.public) != suite.public_bytes:
            raise KeyFormatError(f"{self.name}: a key of {len(self.public)} bytes")

    @classmethod
    def of(cls, key: Key) -> "Verifier":
        """Give the verifier of a signer."""
        return cls(key.name, key.type, key.public)

    @property
    def id(self) -> bytes:
        """The 4-byte id."""
        return key_id(self.name, self.type, self.public)

    def verify(self, text: str, signature: bytes) -> int | None:
        """Check the bytes after the key id; give a cosignature's time, None for other types.

        Raises `SignatureError`.
        """
        try:
            return SUITES[self.type].check(self.public, text, signature)
        except InvalidSignature as error:
            raise SignatureError(f"the signature by {self.name} does not verify") from error


def parse_vkey(text: str) -> Verifier:
    """Read a verifier key; other suites than `SUITES` are a `KeyFormatError`."""
    parts = text.split("+", 2)
    if len(parts) != 3:  # noqa: PLR2004 - name, id and key
        raise KeyFormatError(f"not a verifier key (name+id+key): {text[:120]!r}")
    name, identity, encoded = parts
    data = decode64(encoded, "the key", KeyFormatError)
    types = [t for t in SUITES if data.startswith(t)]
    if not types:
        raise KeyFormatError(f"{name[:80]}: the signature type {data[:1].hex()} is not known here")
    verifier = Verifier(name, types[0], data[len(types[0]) :])
    if verifier.id.hex() != identity:
        raise KeyFormatError(f"{name}: the key has the id {verifier.id.hex()}, not {identity[:16]}")
    return verifier


class Signature(NamedTuple):
    """One signature line: key name, 4-byte key id, and the bytes that follow the id."""

    name: str
    id: bytes
    value: bytes

    def encode(self) -> str:
        """Give the line with its newline."""
        return f"{_DASH}{self.name} {encode64(self.id + self.value)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends with a newline, and its signatures in order."""

    text: str
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        if not self.text.endswith("\n"):
            raise NoteError("a note's text ends with a newline")
        if any(c < " " and c != "\n" for c in self.text):
            raise NoteError("a note's text has no control characters but newlines")
        if len(self.signatures) > SIGNATURES_MAX:
            raise NoteError(f"a note has at most {SIGNATURES_MAX} signatures")

    def encode(self) -> str:
        """Give the note as it is sent and stored."""
        return self.text + "\n" + "".join(s.encode() for s in self.signatures)

    def with_signatures(self, *more: Signature) -> "Note":
        """Add signatures; those that stand there already are not repeated."""
        return replace(self, signatures=tuple(dict.fromkeys((*self.signatures, *more))))


def sign(text: str, *signers: Signer) -> Note:
    """Sign a text that ends with a newline."""
    note = Note(text, ())
    lines = [
        Signature(s.name, key_id(s.name, s.type, s.public), s.sign(text.encode())) for s in signers
    ]
    return note.with_signatures(*lines)


def parse_note(text: str) -> Note:
    """Read a note of at most 64 KiB and 100 signatures. Raises `NoteError`.

    The text goes up to the last empty line; so `parse_note(x).encode() == x`.
    """
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise NoteError("the note is not UTF-8") from error
    if size > NOTE_BYTES_MAX:
        raise NoteError(f"the note has {size} bytes, more than {NOTE_BYTES_MAX}")
    body, gap, tail = text.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise NoteError("the note has no empty line with signature lines below")
    lines = tail[:-1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise NoteError(f"the note has more than {SIGNATURES_MAX} signatures")
    return Note(body + "\n", tuple(map(parse_signature, lines)))


def parse_signature(line: str) -> Signature:
    """Read one signature line without its newline. Raises `NoteError`."""
    name, gap, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not gap:
        raise NoteError(f"not a signature line: {line[:80]!r}")
    check_name(name, NoteError)
    data = decode64(encoded, "the signature", NoteError)
    if len(data) <= ID_BYTES:
        raise NoteError(f"the signature by {name[:80]} is too short")
    return Signature(name, data[:ID_BYTES], data[ID_BYTES:])


class Verified(NamedTuple):
    """A signature that holds: the key's name, a cosignature's time (POSIX s), the key's id."""

    name: str
    time: int | None
    id: bytes


def verified(note: Note, verifiers: Iterable[Verifier]) -> list[Verified]:
    """Check every signature by a key given here, and say which keys have signed, each once.

    Lines by other keys are passed over. A bad line by a given key is a `SignatureError`. The
    caller makes sure that the keys it needs are among the answer, which may be empty.
    """
    known = {(v.name, v.id): v for v in verifiers}
    found: dict[tuple[str, bytes], Verified] = {}
    for line in note.signatures:
        verifier = known.get((line.name, line.id))
        if verifier is not None:
            time = verifier.verify(note.text, line.value)
            found.setdefault((line.name, line.id), Verified(line.name, time, line.id))
    return list(found.values())
