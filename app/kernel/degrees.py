"""Longitude and latitude in whole units of 0.0000001 degree; never a float.

Seven places are about a centimetre on the ground, finer than any survey of a homestead. On the wire
they are decimal strings with exactly seven places, in code and database integers, so whether two
outlines touch or overlap has one answer everywhere.
"""

import re
from typing import NewType

Degrees = NewType("Degrees", int)
"""An angle in units of 0.0000001 degree, east or north."""

PLACES = 7
DEGREE = 10_000_000
DEGREES_PATTERN = r"(0|[1-9][0-9]{0,2})\.[0-9]{7}"
_DEGREES = re.compile(DEGREES_PATTERN, re.ASCII)


class InvalidDegreesError(ValueError):
    """The text is not a decimal string with seven places and at most three digits before them."""


def degrees(text: object) -> Degrees:
    """Read `"111.2100000"` as 1112100000; all else raises `InvalidDegreesError`."""
    if not isinstance(text, str) or _DEGREES.fullmatch(text) is None:
        raise InvalidDegreesError
    return Degrees(int(text.replace(".", "")))


def degrees_text(value: int) -> str:
    """Write 1112100000 as `"111.2100000"`."""
    whole, rest = divmod(value, DEGREE)
    return f"{whole}.{rest:0{PLACES}d}"
