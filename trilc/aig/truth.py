"""Truth tables of cones of some ten inputs, and their irredundant sums of products."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Cover = list[int]
"""A sum of products. Of a cube, bit ``2i`` is the literal ``x_i`` and bit ``2i + 1`` is ``¬x_i``."""


def irredundant_cover(table: NDArray[np.bool_], limit: int) -> Cover | None:
    """An irredundant sum of products (Minato 1992), or ``None`` where it has over ``limit`` cubes.

    ``table`` is (2^n,) bool: entry ``m`` is the value where input ``i`` is bit ``i`` of ``m``.
    """
    cubes = np.zeros(limit, np.int64)
    covered = np.zeros(len(table), np.bool_)
    count = _irredundant(table, table, covered, cubes, 0)
    return None if count > limit else [int(cube) for cube in cubes[:count]]


@njit(cache=True)
def _irredundant(lower, upper, covered, cubes, count):
    """Append cubes of a function between ``lower`` and ``upper``, set ``covered`` to it; returns their number."""
    empty = full = True
    for m in range(lower.shape[0]):
        empty &= not lower[m]
        full &= upper[m]
    for m in range(lower.shape[0]):
        covered[m] = full and not empty
    if empty:
        return count
    if full:
        if count < cubes.shape[0]:
            cubes[count] = 0
        return count + 1
    half = lower.shape[0] // 2
    literal = 1
    while 1 << (literal // 2 + 1) < lower.shape[0]:
        literal += 2
    lower0, lower1, upper0, upper1 = lower[:half], lower[half:], upper[:half], upper[half:]
    covered0, covered1 = covered[:half], covered[half:]
    start = count
    count = _irredundant(lower0 & ~upper1, upper0, covered0, cubes, count)
    _multiply(cubes, start, count, 1 << literal)
    start = count
    if count <= cubes.shape[0]:
        count = _irredundant(lower1 & ~upper0, upper1, covered1, cubes, count)
        _multiply(cubes, start, count, 1 << (literal - 1))
    if count <= cubes.shape[0]:
        both = np.empty(half, np.bool_)
        rest = (lower0 & ~covered0) | (lower1 & ~covered1)
        count = _irredundant(rest, upper0 & upper1, both, cubes, count)
        for m in range(half):
            covered0[m] |= both[m]
            covered1[m] |= both[m]
    return count


@njit(cache=True)
def _multiply(cubes, start, end, literal):
    for k in range(start, min(end, cubes.shape[0])):
        cubes[k] |= literal
