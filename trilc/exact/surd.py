"""Floors of rationals and of quadratic surds, by integer square roots."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt


def floor_surd(rational: Fraction, factor: Fraction, radicand: Fraction) -> int:
    """``⌊rational + factor · √radicand⌋``, exactly; ``radicand >= 0``.

    Over one denominator Z the sum is (X ± √Y) / Z in integers, and ⌊(X ± √Y) / Z⌋ = ⌊⌊X ± √Y⌋ / Z⌋.
    """
    square = factor * factor * radicand
    z = rational.denominator * square.denominator
    x = rational.numerator * square.denominator
    y = square.numerator * square.denominator * rational.denominator**2
    root = isqrt(y) if factor >= 0 else -_ceiling_root(y)
    return (x + root) // z


def _ceiling_root(y: int) -> int:
    return isqrt(y - 1) + 1 if y > 0 else 0
