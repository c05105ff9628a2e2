"""The keys that a node talks with, in two files outside the database.

`message-keys.json` holds the keys that sign messages and the key that opens what is sealed for
this node; `link.pem` the key and certificate of its link port, in the form that TLS reads. Others
than their owner may read neither.
"""

import base64
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from app.nodes.rules import KEY_BYTES, message_key_name
from app.platform.settings import Settings
from app.transparency.notes import Ed25519Signer, vkey

KEYS = "message-keys.json"
LINK = "link.pem"
CERTIFICATE_DAYS = 3652
_OTHERS = 0o077


class NodeKeysError(RuntimeError):
    """The files of keys cannot be used; the text says what to do."""


@dataclass(frozen=True, slots=True)
class NodeKeys:
    """What the node talks with. `messages` by verifier key, `sealing` the private X25519 key.

    `link` is the file with the private key and the certificate of the link port, `certificate` the
    certificate in DER.
    """

    messages: Mapping[str, Ed25519Signer]
    sealing: bytes
    link: Path
    certificate: bytes

    @property
    def sealing_public(self) -> bytes:
        """The X25519 key that others seal for."""
        return X25519PrivateKey.from_private_bytes(self.sealing).public_key().public_bytes_raw()


class KeyRing:
    """The keys of a running node, read again when a key is asked for that was made meanwhile."""

    def __init__(self, settings: Settings, node: str) -> None:
        self._settings = settings
        self._node = node
        self.keys = load_node_keys(settings, node)

    def signer(self, key: str) -> Ed25519Signer:
        """The message key with this verifier key. Raises `NodeKeysError`."""
        if key not in self.keys.messages:
            self.keys = load_node_keys(self._settings, self._node)
        found = self.keys.messages.get(key)
        if found is None:
            raise NodeKeysError(
                "The message key in use is not in the file of keys. Restore it from its backup."
            )
        return found


def folder_of(settings: Settings) -> Path:
    """Where the keys are kept."""
    return settings.node_keys_folder or settings.home / "node"


def load_node_keys(settings: Settings, node: str) -> NodeKeys:
    """Read the keys of the node of this name. Raises `NodeKeysError`."""
    folder = folder_of(settings)
    try:
        kept = json.loads(_secret(folder / KEYS))
        signers = [Ed25519Signer(message_key_name(node), _seed(one)) for one in kept["messages"]]
        pem = _secret(folder / LINK)
        load_pem_private_key(pem, None)
        certificate = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
        sealing = _seed(kept["sealing"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NodeKeysError(
            f"The keys in {folder} cannot be read ({type(error).__name__}). Restore the folder"
            " from its backup."
        ) from error
    return NodeKeys({vkey(one): one for one in signers}, sealing, folder / LINK, certificate)


def make_node_keys(settings: Settings, node: str, seeds: Sequence[bytes], now: datetime) -> str:
    """Make the first keys of a node; answers with the verifier key of its message key.

    `seeds` are two times 32 random bytes, for messages and for sealing. Files that stand from an
    attempt before go on to be used. Raises `NodeKeysError`.
    """
    folder = folder_of(settings)
    folder.mkdir(parents=True, exist_ok=True)
    message, sealing = seeds
    if not (folder / KEYS).exists():
        _write_keys(folder, [message], sealing)
    if not (folder / LINK).exists():
        _write(folder / LINK, _certificate(node, now))
    return next(iter(load_node_keys(settings, node).messages))


def add_message_key(settings: Settings, node: str, seed: bytes) -> str:
    """Put one more message key into the file; answers with its verifier key."""
    keys = load_node_keys(settings, node)
    folder = folder_of(settings)
    kept = json.loads(_secret(folder / KEYS))
    _write_keys(folder, [*map(_seed, kept["messages"]), seed], keys.sealing)
    return vkey(Ed25519Signer(message_key_name(node), seed))


def forget_node_keys(settings: Settings) -> None:
    """Give up the keys of a private database that is deleted: its numbers would begin anew."""
    for name in (KEYS, LINK):
        (folder_of(settings) / name).unlink(missing_ok=True)


def renew_certificate(settings: Settings, node: str, now: datetime) -> None:
    """Replace key and certificate of the link port; peers need the new card then."""
    load_node_keys(settings, node)
    _write(folder_of(settings) / LINK, _certificate(node, now))


def _secret(file: Path) -> bytes:
    if file.stat().st_mode & _OTHERS:
        raise NodeKeysError(f"{file} can be read by others. Run: chmod 600 {file}")
    return file.read_bytes()


def _seed(text: str) -> bytes:
    seed = base64.b64decode(text, validate=True)
    if len(seed) != KEY_BYTES:
        raise ValueError(f"a key has {len(seed)} bytes instead of {KEY_BYTES}")
    return seed


def _write_keys(folder: Path, messages: Sequence[bytes], sealing: bytes) -> None:
    content = {
        "messages": [base64.b64encode(one).decode() for one in messages],
        "sealing": base64.b64encode(sealing).decode(),
    }
    _write(folder / KEYS, json.dumps(content, indent=1).encode())


def _write(file: Path, content: bytes) -> None:
    """Write a file whole or not at all, for its owner alone."""
    draft = file.with_name(f"{file.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)


def _certificate(node: str, now: datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, node)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # A day back: a peer whose clock is behind would refuse a certificate of the future.
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=CERTIFICATE_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(node)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return secret + certificate.public_bytes(Encoding.PEM)
