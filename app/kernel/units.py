"""Money is whole fen and area is whole 0.01 m²; neither is ever a float.

On the wire both are decimal strings with exactly two places, in code and database both are
integers. `Fen` and `Area` are distinct types for the type checker, so money is never added to
land. Sums are exact; every division is a function of `app.kernel.shares` that names its rounding.
"""

import re
from typing import NewType

Fen = NewType("Fen", int)
"""An amount of money: 100 fen are one yuan."""

Area = NewType("Area", int)
"""An area in units of 0.01 m²."""

AMOUNT_PATTERN = r"(0|[1-9][0-9]{0,12})\.[0-9]{2}"
_AMOUNT = re.compile(AMOUNT_PATTERN, re.ASCII)


class InvalidAmountError(ValueError):
    """The text is not a decimal string with two places and at most thirteen digits before them."""


def hundredths(text: object) -> int:
    """Read `"1234.50"` as 123450; anything but such a string raises `InvalidAmountError`."""
    if not isinstance(text, str) or _AMOUNT.fullmatch(text) is None:
        raise InvalidAmountError
    return int(text.replace(".", ""))


def decimal(value: int) -> str:
    """Write 123450 as `"1234.50"`; a negative value keeps its sign in front."""
    whole, rest = divmod(abs(value), 100)
    return f"{'-' if value < 0 else ''}{whole}.{rest:02d}"
