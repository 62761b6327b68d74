"""Scales as small integer multiples of one common unit."""

from __future__ import annotations

from fractions import Fraction
from math import gcd

LARGEST_MULTIPLE = 255
"""The largest integer weight that a ratio of scales may fold into."""


def common_unit(a: Fraction, b: Fraction) -> Fraction:
    """The largest rational of which ``a`` and ``b``, not negative, are integer multiples; 0 for two zeros."""
    return Fraction(
        gcd(a.numerator * b.denominator, b.numerator * a.denominator), a.denominator * b.denominator
    )
