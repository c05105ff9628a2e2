"""HPKE, RFC 9180, base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, one message.

The library's own HPKE draws its ephemeral key at random. Here the ephemeral key is derived from an
argument, so that a ciphertext can be made again and compared.
"""

import hmac
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_LENGTH = 32
ENC_LENGTH = 32
TAG_LENGTH = 16

_KEM = b"KEM" + (0x0020).to_bytes(2, "big")
_SUITE = b"HPKE" + bytes.fromhex("0020 0001 0002")
_NONCE_LENGTH = 12
_BASE_MODE = b"\x00"


class HpkeError(ValueError):
    """A key is not usable, or a ciphertext does not open."""


def extract(salt: bytes, key: bytes) -> bytes:
    """HKDF-Extract of RFC 5869 with SHA-256."""
    return hmac.digest(salt or bytes(sha256().digest_size), key, "sha256")


def expand(key: bytes, info: bytes, length: int) -> bytes:
    """HKDF-Expand of RFC 5869 with SHA-256."""
    out, block, counter = b"", b"", 1
    while len(out) < length:
        block = hmac.digest(key, block + info + bytes([counter]), "sha256")
        out += block
        counter += 1
    return out[:length]


def derive_private(ikm: bytes) -> bytes:
    """The private key of `DeriveKeyPair(ikm)`."""
    key = _labeled_extract(_KEM, b"", b"dkp_prk", ikm)
    return _labeled_expand(_KEM, key, b"sk", b"", KEY_LENGTH)


def public_of(private: bytes) -> bytes:
    """The X25519 public key of a private key, both 32 bytes."""
    return _private(private).public_key().public_bytes_raw()


def seal(public: bytes, info: bytes, plaintext: bytes, ikm: bytes) -> bytes:
    """`enc ‖ ciphertext` for the holder of `public`; the ephemeral key is `DeriveKeyPair(ikm)`."""
    ephemeral = derive_private(ikm)
    enc = public_of(ephemeral)
    aead, nonce = _schedule(_exchange(ephemeral, public), enc, public, info)
    return enc + aead.encrypt(nonce, plaintext, b"")


def open_sealed(private: bytes, info: bytes, sealed: bytes) -> bytes:
    """The plaintext of `enc ‖ ciphertext`."""
    if len(sealed) < ENC_LENGTH + TAG_LENGTH:
        raise HpkeError("the ciphertext is too short")
    enc, ciphertext = sealed[:ENC_LENGTH], sealed[ENC_LENGTH:]
    aead, nonce = _schedule(_exchange(private, enc), enc, public_of(private), info)
    try:
        return aead.decrypt(nonce, ciphertext, b"")
    except InvalidTag:
        raise HpkeError("the ciphertext does not open with this key") from None


def shared_secret(dh: bytes, enc: bytes, public: bytes) -> bytes:
    """`ExtractAndExpand` of the KEM over one exchange."""
    key = _labeled_extract(_KEM, b"", b"eae_prk", dh)
    return _labeled_expand(_KEM, key, b"shared_secret", enc + public, 32)


def key_and_nonce(shared: bytes, info: bytes) -> tuple[bytes, bytes]:
    """The key and the base nonce of `KeySchedule` in base mode."""
    context = (
        _BASE_MODE
        + _labeled_extract(_SUITE, b"", b"psk_id_hash", b"")
        + _labeled_extract(_SUITE, b"", b"info_hash", info)
    )
    secret = _labeled_extract(_SUITE, shared, b"secret", b"")
    return (
        _labeled_expand(_SUITE, secret, b"key", context, KEY_LENGTH),
        _labeled_expand(_SUITE, secret, b"base_nonce", context, _NONCE_LENGTH),
    )


def _schedule(dh: bytes, enc: bytes, public: bytes, info: bytes) -> tuple[AESGCM, bytes]:
    key, nonce = key_and_nonce(shared_secret(dh, enc, public), info)
    return AESGCM(key), nonce


def _private(private: bytes) -> X25519PrivateKey:
    if len(private) != KEY_LENGTH:
        raise HpkeError("an X25519 key has 32 bytes")
    return X25519PrivateKey.from_private_bytes(private)


def _exchange(private: bytes, public: bytes) -> bytes:
    if len(public) != KEY_LENGTH:
        raise HpkeError("an X25519 key has 32 bytes")
    try:
        return _private(private).exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:  # a point of small order gives the same secret to everybody
        raise HpkeError("the public key is a point of small order") from None


def _labeled_extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return extract(salt, b"HPKE-v1" + suite + label + ikm)


def _labeled_expand(suite: bytes, key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    return expand(key, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, length)
