"""Compares two outcomes and names every place where they differ."""

from collections.abc import Iterator
from typing import Any


def differences(got: Any, expected: Any, place: str = "") -> Iterator[str]:
    """One line per difference, by path; none where the outcomes are equal."""
    if isinstance(got, dict) and isinstance(expected, dict):
        for key in sorted(got.keys() | expected.keys()):
            here = f"{place}.{key}" if place else str(key)
            if key not in expected:
                yield f"{here}: not expected, got {got[key]!r}"
            elif key not in got:
                yield f"{here}: expected {expected[key]!r}, missing"
            else:
                yield from differences(got[key], expected[key], here)
    elif isinstance(got, list) and isinstance(expected, list):
        for n in range(max(len(got), len(expected))):
            here = f"{place}[{n + 1}]"
            if n >= len(expected):
                yield f"{here}: not expected, got {got[n]!r}"
            elif n >= len(got):
                yield f"{here}: expected {expected[n]!r}, missing"
            else:
                yield from differences(got[n], expected[n], here)
    elif type(got) is not type(expected) or got != expected:
        yield f"{place}: expected {expected!r}, got {got!r}"
