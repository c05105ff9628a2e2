"""Chinese cryptography beside SHA-256 and Ed25519: the digest SM3 and signatures by SM2 with SM3.

SM3 is OpenSSL's, through hashlib. SM2 is `gmalg`'s, in pure Python, because neither pyca's wheels
nor hashlib offer it and binding the system's OpenSSL by ctypes would tie the node to one build of
it. It is not in constant time and signs about 60 notes a second: enough for a checkpoint a second
and for tests; a production key belongs into a certified signing device behind the same `Signer`.
The library is loaded at the first SM2 key or signature: a node without this suite needs none.

What the suite fixes, so that no message has to say it: user id `1234567812345678`, keys as 65
bytes (04 ‖ x ‖ y), signatures as 64 (r ‖ s).
"""

import hashlib
import hmac
import importlib
from typing import Any

SM2_TYPE = b"\xffhrt/sm2-sm3/v1"
"""0xff is what the signed-note text keeps for types without a byte of their own."""
SM2_PUBLIC_BYTES = 65
SM2_SIGNATURE_BYTES = 64
SM3_SUFFIX = "-sm3"
"""The second tree's origin is that of the log followed by this."""

_USER_ID = b"1234567812345678"
_PRIVATE_BYTES = 32
_ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123


def sm3(data: bytes) -> bytes:
    """Give the SM3 of the data (GB/T 32905). ValueError where Python's OpenSSL lacks it."""
    return hashlib.new("sm3", data).digest()


def verify_sm2(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether r ‖ s is a signature of the message by the key; malformed ones are not."""
    if len(public) != SM2_PUBLIC_BYTES or public[:1] != b"\x04":
        return False
    if len(signature) != SM2_SIGNATURE_BYTES:
        return False
    sm2 = _gmalg().SM2(pk=public, uid=_USER_ID)
    # A point off the curve lies in a group in which forging may be easy.
    return bool(sm2.verify_pk(public)) and bool(sm2.verify(message, signature[:32], signature[32:]))


class Sm2Signer:
    """Signs notes by SM2 with SM3; `private` is the key's number in 32 big-endian bytes."""

    type = SM2_TYPE

    def __init__(self, name: str, private: bytes) -> None:
        number = int.from_bytes(private, "big")
        if len(private) != _PRIVATE_BYTES or not 1 <= number < _ORDER - 1:
            raise ValueError("an SM2 key is 32 bytes with a number from 1 to n - 2")
        self.name = name
        self._private = private
        self.public = bytes(_gmalg().SM2().generate_pk(private))

    def sign(self, message: bytes) -> bytes:
        """Give r ‖ s; the same message gives the same signature."""
        asked = 0

        def nonce(bits: int) -> int:
            # As in RFC 6979: a nonce drawn from key and message needs no source of chance, whose
            # failure would give the key away. The count matters if a number is out of range.
            nonlocal asked
            asked += 1
            seed = hmac.digest(self._private, bytes([asked]) + message, "sm3")
            return int.from_bytes(seed, "big") >> (8 * len(seed) - bits)

        signer = _gmalg().SM2(sk=self._private, uid=_USER_ID, pk=self.public, rnd_fn=nonce)
        r, s = signer.sign(message)
        # The library drops leading zeros.
        return bytes(r).rjust(32, b"\x00") + bytes(s).rjust(32, b"\x00")


def _gmalg() -> Any:
    return importlib.import_module("gmalg")
