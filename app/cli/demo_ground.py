"""Where the homesteads of the demo market lie: invented outlines on real ground of two counties.

Each outline is one of a few shapes, made as large as its homestead, on a grid wide enough that none
meets another. Whole numbers only: millimetres on the ground, and 0.0000001 degree on the map.
"""

from math import isqrt

from app.kernel.degrees import degrees_text

SHAPES = (
    ((0, 12), (38, 0), (96, 8), (100, 62), (71, 94), (9, 88)),
    ((4, 0), (62, 6), (60, 30), (100, 34), (94, 90), (12, 100)),
    ((0, 40), (22, 4), (80, 0), (98, 48), (66, 100), (18, 84)),
    ((8, 0), (92, 10), (100, 78), (54, 70), (48, 98), (0, 92)),
)

# western and southern corner, and units of longitude and latitude in a kilometre there
VILLAGES = {
    "anhua-1": (1_116_300_000, 281_200_000, 101_788, 90_235),
    "xixian-1": (1_147_800_000, 323_300_000, 106_222, 90_177),
}
COLUMNS = 5
APART_MM = 520_000


def outline(village: str, number: int, area: int) -> dict[str, list[list[str]]]:
    """The ring of the village's homestead of this number, of an area in 0.01 m²."""
    west, south, per_km_east, per_km_north = VILLAGES[village]
    shape = SHAPES[number % len(SHAPES)]
    row, column = divmod(number, COLUMNS)
    # Every second row begins half a step to the east, as fields along a valley do.
    left, bottom = column * APART_MM + row % 2 * APART_MM // 2, row * APART_MM
    step = isqrt(2 * area * 10_000 // _doubled(shape))
    corners = [
        (
            west + (left + x * step) * per_km_east // 1_000_000,
            south + (bottom + y * step) * per_km_north // 1_000_000,
        )
        for x, y in (*shape, shape[0])
    ]
    return {"ring": [[degrees_text(east), degrees_text(north)] for east, north in corners]}


def _doubled(shape: tuple[tuple[int, int], ...]) -> int:
    following = (*shape[1:], shape[0])
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(shape, following, strict=True))
