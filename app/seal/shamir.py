"""Shamir's secret sharing over GF(2^8) with the polynomial 0x11b, byte by byte.

A share is the y-bytes followed by its x: the form that common libraries read. The coefficients are
an argument, because in lqx-seal/1 they are derived from the secret: whoever has the secret can make
every share again and compare.
"""

from collections.abc import Sequence


def _tables() -> tuple[bytes, bytes]:
    """Powers of the generator 3, twice over so that sums need no modulus, and logarithms."""
    powers, logarithms = bytearray(510), bytearray(256)
    value = 1
    for exponent in range(255):
        powers[exponent] = powers[exponent + 255] = value
        logarithms[value] = exponent
        value ^= (value << 1) ^ (0x11B if value & 0x80 else 0)
    return bytes(powers), bytes(logarithms)


_POWERS, _LOGARITHMS = _tables()


def _times(a: int, b: int) -> int:
    return _POWERS[_LOGARITHMS[a] + _LOGARITHMS[b]] if a and b else 0


def _over(a: int, b: int) -> int:
    """The quotient a / b; b is not 0."""
    return _POWERS[_LOGARITHMS[a] + 255 - _LOGARITHMS[b]] if a else 0


def share(secret: bytes, coefficients: Sequence[bytes], x: int) -> bytes:
    """The share at `x` (1..255) of the polynomial `secret + coefficients[0]*x + …`."""
    if not 1 <= x <= 255:  # noqa: PLR2004 - the field's non-zero elements
        raise ValueError("a share stands at x = 1 to 255")
    values = bytearray(len(secret))
    for coefficient in (*reversed(coefficients), secret):
        for i, byte in enumerate(coefficient):
            values[i] = _times(values[i], x) ^ byte
    return bytes(values) + bytes([x])


def combine(shares: Sequence[bytes]) -> bytes:
    """The secret whose polynomial goes through these shares, as many as the threshold."""
    points = [one[-1] for one in shares]
    if not shares or len(set(points)) != len(points) or 0 in points:
        raise ValueError("shares stand at different points, none of them 0")
    secret = bytearray(len(shares[0]) - 1)
    for one in shares:
        weight = 1
        for x in points:
            if x != one[-1]:
                weight = _times(weight, _over(x, x ^ one[-1]))
        for i in range(len(secret)):
            secret[i] ^= _times(one[i], weight)
    return bytes(secret)
