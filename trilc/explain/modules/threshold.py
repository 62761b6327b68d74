"""Which inputs of a threshold can ever decide it, in closed form, and a case in which they do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Pivot:
    """A case in which literals of one weight decide: the others count to ``rest``, less than ``threshold``."""

    rest: int
    threshold: int


def pivots(weights: NDArray[np.int64], thresholds: Sequence[int]) -> dict[int, Pivot]:
    """For each weight among ``weights`` (n,), positive, whose literals can decide ``Σ weight · literal >= threshold``.

    A literal of weight w decides where the others count to T − w … T − 1 for one of the ``thresholds`` T. The sums that
    the others reach are the bits of one long integer: the answer is exact for any weights. Equal weights decide alike.
    """
    sizes, counts = np.unique(weights, return_counts=True)
    found = {}
    for size in sizes.tolist():
        sums = _sums(sizes.tolist(), (counts - (sizes == size)).tolist())[-1]
        for threshold in sorted(set(thresholds)):
            low = max(0, threshold - size)
            window = (sums >> low) & ((1 << max(0, threshold - low)) - 1)
            if window:
                found[size] = Pivot(low + _lowest(window), threshold)
                break
    return found


def literals_that_sum_to(weights: NDArray[np.int64], total: int) -> NDArray[np.bool_]:
    """(n,) bool: which literals are true so that their ``weights`` (n,), positive, sum to ``total``, which some do."""
    sizes, counts = np.unique(weights, return_counts=True)
    before = _sums(sizes.tolist(), counts.tolist())
    chosen = np.zeros(len(weights), np.bool_)
    for k in range(len(sizes) - 1, -1, -1):
        size = int(sizes[k])
        many = next(c for c in range(int(counts[k]) + 1) if c * size <= total and before[k] >> (total - c * size) & 1)
        chosen[np.flatnonzero(weights == size)[:many]] = True
        total -= many * size
    return chosen


def _sums(sizes: list[int], counts: list[int]) -> list[int]:
    """The sums of the first 0, 1, 2 … sizes, each taken up to so many times, as the bits of integers."""
    reached = [1]
    for size, count in zip(sizes, counts, strict=True):
        sums, step = reached[-1], 1
        left = count
        while left:
            taken = min(step, left)
            sums |= sums << (taken * size)
            left -= taken
            step *= 2
        reached.append(sums)
    return reached


def _lowest(bits: int) -> int:
    return (bits & -bits).bit_length() - 1
