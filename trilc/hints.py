"""What a lowering tells about how it counted, for proofs: to be checked wherever it is used, and never trusted."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from trilc.aig.aig import Literals

UNBUILT = -1
"""Stands for the sum of an adder of which only the carry is needed."""


@dataclass(frozen=True, eq=False)
class CountHint:
    """``constant + Σ weight · literal``, and the adders by which it was added up, in literals of the lowered graph."""

    literals: Literals
    """(n,)"""
    weights: NDArray[np.int64]
    """(n,) positive."""
    constant: int
    columns: int
    """How many low bits are wanted, or how many there are below the carry."""
    adders: NDArray[np.int64]
    """(adders, 6): a column, three literals of its weight (0 and 1 being constants), their sum, and their carry."""


@dataclass
class Hints:
    """All that a lowering tells."""

    registers: dict[str, int] = field(default_factory=dict)
    """The literal of each register."""
    new_state: dict[str, int] = field(default_factory=dict)
    """The literal of each register's next state."""
    tables: dict[int, NDArray[np.bool_]] = field(default_factory=dict)
    """The value of a literal at each token, (V,)."""
    counts: dict[str, CountHint] = field(default_factory=dict)
    """By the register that compares a count, or ``score o`` for what stands for the score ``o``."""
