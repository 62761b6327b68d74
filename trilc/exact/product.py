"""Products of integer matrices, exact and at the speed of floating point where that is exact too."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

BLOCK = 1 << 20
"""Weights that are converted at once."""


def product(vectors: NDArray[Any], weights: NDArray[Any]) -> NDArray[np.int64]:
    """``vectors · weightsᵀ``: (n, columns) by (rows, columns) integers give (n, rows) int64, exactly.

    A sum of products whose every partial sum stays below 2^24 (2^53) is exact in float32 (float64), in
    whatever order it is summed. Raises ``OverflowError`` where a sum might not fit 64 bits.
    """
    number: DTypeLike = _number_for(_peak(vectors) * _peak(weights) * weights.shape[1])
    left = vectors.astype(number)
    result = np.empty((len(vectors), len(weights)), np.int64)
    block = max(1, BLOCK // max(1, weights.shape[1]))
    for start in range(0, len(weights), block):
        rows = slice(start, start + block)
        result[:, rows] = left @ weights[rows].astype(number).T
    return result


def _peak(array: NDArray[Any]) -> int:
    """The largest magnitude in an integer array."""
    return max(int(array.max(initial=0)), -int(array.min(initial=0)))


def _number_for(bound: int) -> DTypeLike:
    if bound < 2**24:
        return np.float32
    if bound < 2**53:
        return np.float64
    if bound < 2**63:
        return np.int64
    raise OverflowError(f"sums of up to {bound} do not fit 64 bits")
