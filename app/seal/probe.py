"""The probe: does a custodian still have the key of an auction? Asked a day before bids are due.

Anyone seals 32 random bytes to the custodian's public key; who answers with them has the private
key. The answer is public and harmless: a probe opens under another label than a share, so a share
handed in as a probe does not open.
"""

from app.seal import hpke
from app.seal.message import SealError

NONCE_LENGTH = 32
_LABEL = b"lqx-seal/1 probe"


def seal_probe(public: bytes, nonce: bytes, context: bytes, ephemeral: bytes) -> bytes:
    """Seal `nonce` (32 bytes) to `public`; `context` says for what, `ephemeral` is 32 random bytes.

    Raises `SealError("probe-invalid")`.
    """
    if len(nonce) != NONCE_LENGTH or len(ephemeral) != hpke.KEY_LENGTH:
        raise SealError("probe-invalid", "a probe is made of two draws of 32 bytes")
    try:
        return hpke.seal(public, _LABEL + context, nonce, ephemeral)
    except hpke.HpkeError as error:
        raise SealError("probe-invalid", str(error)) from None


def open_probe(private: bytes, sealed: bytes, context: bytes) -> bytes:
    """The nonce of a probe; raises `SealError("probe-unreadable")`."""
    try:
        nonce = hpke.open_sealed(private, _LABEL + context, sealed)
    except hpke.HpkeError as error:
        raise SealError("probe-unreadable", str(error)) from None
    if len(nonce) != NONCE_LENGTH:
        raise SealError("probe-unreadable", "a probe holds 32 bytes")
    return nonce
