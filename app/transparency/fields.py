"""Strict readings that the C2SP formats share: one spelling per value, anything else is refused.

A reading that tolerates a second spelling (a leading zero, unused bits in base64) would let two
texts mean the same and one of them slip past a comparison of bytes.
"""

import base64
import binascii
import re

HASH_BYTES = 32
SIZE_MAX = 2**63 - 1
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class TrustError(ValueError):
    """Base of everything that the log's pure modules refuse; its text says what disagrees."""


class FormatError(TrustError):
    """A text or file is not in the form that its specification prescribes."""


def number(text: str, what: str, error: type[TrustError] = FormatError) -> int:
    """Read an ASCII decimal below 2**63 without leading zeros; `what` names it in the error."""
    if not _NUMBER.fullmatch(text) or int(text) > SIZE_MAX:
        raise error(f"{what} is not a decimal number without leading zeros: {text[:40]!r}")
    return int(text)


def encode64(data: bytes) -> str:
    """Give the standard base64 (RFC 4648, section 4) with padding."""
    return base64.b64encode(data).decode("ascii")


def decode64(text: str, what: str, error: type[TrustError] = FormatError) -> bytes:
    """Read standard base64 in its only canonical spelling; `what` names it in the error."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as cause:
        raise error(f"{what} is not base64: {text[:60]!r}") from cause
    if encode64(data) != text:
        raise error(f"{what} is base64 with stray bits: {text[:60]!r}")
    return data


def hash64(text: str, what: str, error: type[TrustError] = FormatError) -> bytes:
    """Read the base64 of one 32-byte hash; `what` names it in the error."""
    data = decode64(text, what, error)
    if len(data) != HASH_BYTES:
        raise error(f"{what} has {len(data)} bytes instead of {HASH_BYTES}")
    return data
