"""The model in integers: what every later stage is compared with.

Everything here is plain numpy, written from the format page alone; no gate, no word-level operation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trilc.cells.elman.layer import ElmanLayer

Integers = NDArray[np.int64]
Bits = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Head:
    """Scores from the last layer's new state."""

    weight: NDArray[np.int8]
    """(O, H) in {-1, 0, 1}."""
    bias: Integers
    """(O,) the integer part (floor) of what is added to each score."""
    fraction_rank: Integers
    """(O,) the rank of the fractional part of each bias: 0 for no fraction, larger for a larger one."""


@dataclass(frozen=True)
class TextRules:
    """How raw text becomes tokens, before the longest match of the token names."""

    lower: bool = False
    fold_space: bool = False
    unknown: str = "refuse"
    """``refuse``, ``skip``, or the token that stands for anything unknown."""


@dataclass(frozen=True, eq=False)
class Model:
    """A checkpoint after all folding: integers only. A state is (streams, units) uint8 bits, layer after layer."""

    signed: bool
    """Whether a state bit b has the value 2b − 1 (``pm1``) or b (``01``)."""
    embedding: NDArray[np.int32] | None
    """(V, E) integers, or None for one-hot token vectors (E = V)."""
    layers: tuple[ElmanLayer, ...]
    head: Head | None
    output: str
    """``argmax``, ``scores`` or ``state``: the header's choice."""
    tokens: tuple[str, ...] | None = None
    text: TextRules | None = None
    score_scale: float | None = None
    """What one unit of score is worth, in nats."""
    cell: str = "elman"
    digest: str = ""
    """SHA-256 of the checkpoint file, in hexadecimal."""
