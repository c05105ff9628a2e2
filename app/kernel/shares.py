"""The only places where a quotient is rounded, each under the name of its rounding."""

from collections.abc import Sequence


def floor_div(numerator: int, denominator: int) -> int:
    """Round a non-negative quotient down."""
    if numerator < 0 or denominator <= 0:
        raise ValueError(f"not a non-negative fraction: {numerator}/{denominator}")
    return numerator // denominator


def half_up_div(numerator: int, denominator: int) -> int:
    """Round a non-negative quotient to the nearest whole, halves up."""
    if numerator < 0 or denominator <= 0:
        raise ValueError(f"not a non-negative fraction: {numerator}/{denominator}")
    return (2 * numerator + denominator) // (2 * denominator)


def largest_remainder(total: int, weights: Sequence[int], tie_order: Sequence[int]) -> list[int]:
    """Share `total` by `weights`: floors, the left-over units one each to the largest remainders.

    `tie_order[i]` ranks member `i` among equal remainders, the smallest first. The result always
    sums to `total`, and no member is more than one unit away from its exact share.
    """
    if total < 0 or not weights or min(weights) < 0 or sum(weights) == 0:
        raise ValueError("largest_remainder needs a non-negative total and a positive weight")
    whole = sum(weights)
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda i: (-(total * weights[i] % whole), tie_order[i])
    )
    for i in by_remainder[: total - sum(shares)]:
        shares[i] += 1
    return shares
