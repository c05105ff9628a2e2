"""Outlines of homesteads of 100 m² in Anhua, side by side."""

from app.kernel.degrees import degrees_text

WEST, SOUTH = 1_112_150_000, 283_700_000
WIDTH, HEIGHT = 1_021, 902
"""Ten metres there, east and north, within a few millimetres."""


def corners(column: int, row: int = 0, *, east: int = 0, north: int = 0) -> list[tuple[int, int]]:
    """A square on a grid of squares, moved by so many units; its neighbours share its sides."""
    x, y = WEST + column * WIDTH + east, SOUTH + row * HEIGHT + north
    return [(x, y), (x + WIDTH, y), (x + WIDTH, y + HEIGHT), (x, y + HEIGHT), (x, y)]


def wire(ring: list[tuple[int, int]]) -> dict[str, list[list[str]]]:
    """A ring as the API takes it."""
    return {"ring": [[degrees_text(x), degrees_text(y)] for x, y in ring]}


def square(
    column: int, row: int = 0, *, east: int = 0, north: int = 0
) -> dict[str, list[list[str]]]:
    """A square as the API takes it."""
    return wire(corners(column, row, east=east, north=north))
