"""NPN classes of the functions of four inputs: 222 classes, 65,536 functions, one table look-up.

Two functions are in one class when negating inputs, permuting inputs and negating the output turns one into
the other (Hinterberger 1965; used for rewriting by Mishchenko, Chatterjee, Brayton 2006). A function is its
truth table: bit ``m`` is the value where input ``i`` is bit ``i`` of ``m``.
"""

from __future__ import annotations

from functools import cache
from itertools import permutations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

VARIABLES = (0xAAAA, 0xCCCC, 0xF0F0, 0xFF00)
"""The truth tables of the four inputs."""

PERMUTATIONS = np.array(list(permutations(range(4))), np.uint8)
"""(24, 4): the permutations that a transform's upper bits number."""


class Classes(NamedTuple):
    """Where each function stands: its class, and how it is made from the class's representative.

    With ``t = transform[f]``, ``p = PERMUTATIONS[t >> 5]`` and ``g = representative[kind[f]]``:
    ``f(x) = (t & 1) ⊕ g(y)`` where ``y[i] = x[p[i]] ⊕ (t >> (1 + i) & 1)``.
    """

    kind: NDArray[np.uint8]
    """(65536,) the class of each function."""
    transform: NDArray[np.uint16]
    """(65536,) ``permutation·32 + input negations·2 + output negation``."""
    representative: NDArray[np.uint16]
    """(222,) the smallest truth table of each class, ascending."""


@cache
def classes() -> Classes:
    """The tables, computed once in some milliseconds."""
    index = np.zeros(65536, np.uint8)
    transform = np.zeros(65536, np.uint16)
    representatives: list[int] = []
    reached = np.zeros(65536, np.bool_)
    for function in range(65536):
        if not reached[function]:
            orbit = transformed(function)
            members, first = np.unique(orbit, return_index=True)
            reached[members] = True
            index[members] = len(representatives)
            transform[members] = first
            representatives.append(function)
    return Classes(index, transform, np.array(representatives, np.uint16))


def transformed(function: int) -> NDArray[np.uint16]:
    """(768,) what each transform makes of a function, in the order of their numbers."""
    bits = function >> moved_minterms() & 1
    tables = (bits << np.arange(16)).sum(axis=1)
    return np.stack([tables, tables ^ 0xFFFF], axis=1).ravel().astype(np.uint16)


@cache
def moved_minterms() -> NDArray[np.int64]:
    """(384, 16): the minterm of the representative that each permutation and negation reads at each minterm."""
    minterm = np.arange(16)
    x = minterm[:, None] >> PERMUTATIONS[:, None, :] & 1  # (24, 16, 4)
    negations = np.arange(16)[:, None] >> np.arange(4) & 1
    y = x[:, None] ^ negations[None, :, None, :]  # (24, 16, 16, 4)
    moved: NDArray[np.int64] = (y << np.arange(4)).sum(axis=-1).reshape(384, 16)
    return moved
