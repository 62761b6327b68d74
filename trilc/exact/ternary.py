"""Ternary matrices: signs and one positive scale per row, recognised by exact equality of stored values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trilc.errors import InputError

BLOCK = 1 << 20
"""Entries that are looked at together."""


@dataclass(frozen=True, eq=False)
class Ternary:
    """``scales[i] · signs[i]`` is the matrix that was stored."""

    signs: NDArray[np.int8]
    """(rows, columns) in {-1, 0, 1}."""
    scales: NDArray[np.float64]
    """(rows,) positive; 0 for a row of zeros, which has no scale."""


def ternary(name: str, stored: NDArray[Any]) -> Ternary:
    """The signs and scales of a stored matrix: integers in {-1, 0, 1}, or floats α·{-1, 0, 1} row by row.

    Raises :class:`InputError` naming the first entry that is neither.
    """
    rows, columns = stored.shape
    result = Ternary(np.empty((rows, columns), np.int8), np.empty(rows, np.float64))
    read = _integers if stored.dtype.kind in "iu" else _floats
    block = max(1, BLOCK // max(1, columns))
    for start in range(0, rows, block):
        part = slice(start, start + block)
        result.scales[part] = read(name, start, stored[part])
        result.signs[part] = np.sign(stored[part])
    return result


def _integers(name: str, start: int, block: NDArray[Any]) -> NDArray[np.float64]:
    wrong = block > 1
    if block.dtype.kind == "i":
        wrong |= block < -1
    if wrong.any():
        i, j = _first(wrong)
        raise InputError(f"{name}[{start + i}, {j}]: found {block[i, j]}; expected -1, 0 or 1")
    scales: NDArray[np.float64] = np.any(block, axis=1).astype(np.float64)
    return scales


def _floats(name: str, start: int, block: NDArray[Any]) -> NDArray[np.float64]:
    magnitude = np.abs(block.astype(np.float64))
    if not np.isfinite(magnitude).all():
        i, j = _first(~np.isfinite(magnitude))
        raise InputError(f"{name}[{start + i}, {j}]: found {block[i, j]}; expected a finite number")
    leading = np.argmax(magnitude != 0, axis=1)
    scales: NDArray[np.float64] = magnitude[np.arange(len(magnitude)), leading]
    wrong = (magnitude != 0) & (magnitude != scales[:, None])
    if wrong.any():
        i, j = _first(wrong)
        raise InputError(
            f"{name}[{start + i}, {j}]: found {block[i, j]} where row {start + i} holds "
            f"±{np.abs(block[i, leading[i]])}; expected -1, 0 or 1 times one positive scale"
        )
    return scales


def _first(wrong: NDArray[np.bool_]) -> tuple[int, int]:
    i, j = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
    return int(i), int(j)
