"""Sums of weights over state bits, laid out for the kernel in the form that is faster.

*Tables*: state bits are taken four by four, and a table says what each of the 16 patterns of four adds to every
sum (the "four Russians": Arlazarov, Dinic, Kronrod, Faradzhev 1970). *Planes*: each row's weights as two bit planes
and one population count a word, for (b ⊕ minus) ∧ (minus ∨ plus) has as many ones as Σ w·b, and minus, together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Weights = NDArray[np.signedinteger[Any]]

GROUP = 4
"""State bits that look up a row of a table. Two are half as fast; tables for more outgrow the second cache."""

GROUPS = 64 // GROUP
"""Of a word."""

LARGEST_TABLE = 1 << 23
"""Bytes. Larger tables leave the caches, and planes, an eighth of their size, are faster."""

HEADING = 3
"""Words of a row before its planes: what is added, and what a one below and a one of the layer's own is worth."""


@dataclass(frozen=True, eq=False)
class Bank:
    """Sums Σ w·b + offset, row by row."""

    first: int
    """The first of the state words that it reads."""
    words: int
    """How many it reads."""
    below: int
    """How many of these are of the layer below."""
    lanes: int
    """Rows, and padding."""
    planes: bool
    """The form of ``data``: (lanes, HEADING + 2 · words) int64, or else (GROUPS · words, 2^GROUP, lanes) sums."""
    data: NDArray[Any]


def bank(weights: Weights, offset: Integers, kind: np.dtype[Any], first: int, below: int = 0) -> Bank:
    """The bank of (rows, 64 · words) ``weights`` and (lanes,) offsets, sums being of a ``kind``."""
    words, lanes = weights.shape[1] // 64, len(offset)
    worth = _worth(weights, below)
    size = 64 * words // GROUP * 2**GROUP * lanes * kind.itemsize
    if worth is None or size <= LARGEST_TABLE:
        return Bank(first, words, below, lanes, False, _tables(weights, offset, kind))
    return Bank(first, words, below, lanes, True, _planes(weights, offset, worth, below))


def _tables(weights: Weights, offset: Integers, kind: np.dtype[Any]) -> NDArray[Any]:
    """Partial sums may wrap around; whole ones come out right."""
    rows, bits = weights.shape
    columns = np.zeros((bits, len(offset)), kind)
    columns[:, :rows] = weights.T
    groups = columns.reshape(bits // GROUP, GROUP, -1)
    table = np.zeros((len(groups), 2**GROUP, len(offset)), kind)
    for i in range(GROUP):
        table[:, 1 << i : 2 << i] = table[:, : 1 << i] + groups[:, i, None]
    table[0] += offset.astype(kind)
    return table


def _planes(weights: Weights, offset: Integers, worth: Integers, below: int) -> Integers:
    rows, bits = weights.shape
    data = np.zeros((len(offset), HEADING + bits // 32), np.int64)
    data[:, 0] = offset
    data[:rows, 0] += np.minimum(weights, 0).sum(axis=1, dtype=np.int64)
    data[:rows, 1:HEADING] = worth
    at = HEADING
    for part in (slice(0, 64 * below), slice(64 * below, bits)):
        for plane in (weights[:, part] < 0, weights[:, part] != 0):
            words = np.packbits(plane, axis=1, bitorder="little").view("<i8")
            data[:rows, at : at + words.shape[1]] = words
            at += words.shape[1]
    return data


def _worth(weights: Weights, below: int) -> Integers | None:
    """(rows, 2) the magnitude of the weights of the layer below and of its own; None where they have several."""
    worth = np.zeros((len(weights), 2), np.int64)
    for part, columns in enumerate((slice(0, 64 * below), slice(64 * below, None))):
        magnitude = np.abs(weights[:, columns])
        worth[:, part] = magnitude.max(axis=1, initial=0)
        if ((magnitude != 0) & (magnitude != worth[:, part, None])).any():
            return None
    return worth
