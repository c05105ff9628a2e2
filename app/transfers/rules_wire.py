"""Pure: the parts that bodies of messages between nodes are made of, and how they are read.

A member too many or too few, of another type or in a second spelling is `MalformedError`, so that
equal values have equal bytes. Areas and money are decimal strings with two places.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self, TypeVar

from app.kernel.calendar import wire
from app.kernel.ids import REGION_PATTERN, is_province
from app.kernel.shares import floor_div
from app.kernel.units import Area, InvalidAmountError, hundredths

Word = TypeVar("Word", bound=StrEnum)

Cargo = tuple[tuple[str, str | int], ...]
"""What travels with the quota and the protocol does not read: pairs in the order of their names."""

AREA_MAX = 10**15 - 1
"""The largest area that fits on the wire, in 0.01 m²."""

TEXT_MAX = 200
WHOLE_MAX = 2**53 - 1
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_REGION = re.compile(REGION_PATTERN, re.ASCII)


class MalformedError(ValueError):
    """A body is not in the form of its message; the text names the member at fault."""


class Reader:
    """Takes the members of one body, each once and of its kind; `end` refuses what is left."""

    def __init__(self, body: object) -> None:
        if not isinstance(body, Mapping):
            raise MalformedError("a body is a JSON object")
        self._left = dict(body)

    def take(self, name: str) -> object:
        """Take a member that the caller reads itself."""
        if name not in self._left:
            raise MalformedError(f"{name} is missing")
        return self._left.pop(name)

    def end(self) -> None:
        """Refuse what no reading has taken."""
        if self._left:
            raise MalformedError(f"{min(map(str, self._left))} is no member of this message")

    def text(self, name: str) -> str:
        """Take a text that is not empty."""
        value = self.take(name)
        if not isinstance(value, str) or not 0 < len(value) <= TEXT_MAX:
            raise MalformedError(f"{name} is not a text of 1 to {TEXT_MAX} characters")
        return value

    def text_or_null(self, name: str) -> str | None:
        """Take a text, or null."""
        if self._left.get(name, "") is None:
            del self._left[name]
            return None
        return self.text(name)

    def word(self, name: str, words: type[Word]) -> Word:
        """Take one of the words of an enumeration."""
        try:
            return words(self.text(name))
        except ValueError as cause:
            raise MalformedError(f"{name} is none of {', '.join(words)}") from cause

    def whole(self, name: str) -> int:
        """Take a whole number above 0, exact in every JSON reader."""
        value = self.take(name)
        if type(value) is not int or not 0 < value <= WHOLE_MAX:
            raise MalformedError(f"{name} is not a whole number above 0 and below 2**53")
        return value

    def amount(self, name: str) -> int:
        """Take an amount in hundredths, from its decimal string."""
        try:
            return hundredths(self.take(name))
        except InvalidAmountError as cause:
            raise MalformedError(f"{name} is not a decimal string with two places") from cause

    def area(self, name: str) -> Area:
        """Take an area above 0."""
        value = self.amount(name)
        if value == 0:
            raise MalformedError(f"{name} is zero")
        return Area(value)

    def province(self, name: str) -> str:
        """Take the code of a province."""
        value = self.text(name)
        if not _REGION.fullmatch(value) or not is_province(value):
            raise MalformedError(f"{name} is not the code of a province")
        return value

    def digest(self, name: str) -> str:
        """Take a SHA-256 in small hexadecimal."""
        value = self.text(name)
        if not _DIGEST.fullmatch(value):
            raise MalformedError(f"{name} is not a SHA-256 in hexadecimal")
        return value

    def digest_or_null(self, name: str) -> str | None:
        """Take a SHA-256, or null."""
        if self._left.get(name, "") is None:
            del self._left[name]
            return None
        return self.digest(name)

    def instant(self, name: str) -> datetime:
        """Take an instant in the one spelling of `kernel.calendar.wire`."""
        value = self.text(name)
        try:
            instant = datetime.fromisoformat(value)
        except ValueError as cause:
            raise MalformedError(f"{name} is not an instant") from cause
        if instant.tzinfo is None or wire(instant) != value:
            raise MalformedError(f"{name} is not an instant in +08:00")
        return instant

    def cargo(self, name: str) -> Cargo:
        """Take a flat JSON object of texts and whole numbers."""
        value = self.take(name)
        if not isinstance(value, Mapping):
            raise MalformedError(f"{name} is not a JSON object")
        return pack(value)


def pack(members: Mapping[str, object]) -> Cargo:
    """Make cargo of a flat JSON object of texts and whole numbers."""
    packed: list[tuple[str, str | int]] = []
    for name in sorted(members):
        value = members[name]
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise MalformedError(f"cargo {name} is neither a text nor a whole number")
        packed.append((name, value))
    return tuple(packed)


@dataclass(frozen=True, slots=True)
class Rate:
    """The coefficient between two provinces, and the document (文号) that sets it (R183)."""

    yield_out: int
    yield_in: int
    document: str

    def convert(self, area: Area) -> Area:
        """`n = floor(m x yield_out / yield_in)` in units of 0.01 m² (R183, R184)."""
        return Area(floor_div(area * self.yield_out, self.yield_in))

    def to_body(self) -> Mapping[str, object]:
        """Give the JSON object of the coefficient."""
        return {
            "document": self.document,
            "yield_in": self.yield_in,
            "yield_out": self.yield_out,
        }

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Read the JSON object of a coefficient; `MalformedError` if it is none."""
        read = Reader(body)
        rate = cls(read.whole("yield_out"), read.whole("yield_in"), read.text("document"))
        read.end()
        return rate
