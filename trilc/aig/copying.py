"""Copies of a graph's gates over other leaves, in a builder: for miters and time frames."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig.aig import AIG, Literals
from trilc.aig.builder import Builder
from trilc.aig.hashing import find_or_add


def copy(builder: Builder, aig: AIG, sources: Literals, needed: NDArray[np.bool_] | None = None) -> Literals:
    """(nodes,) the literal in ``builder`` of each node, where node ``n`` below the first AND reads as ``sources[n]``.

    ``needed`` (nodes,) leaves gates out; they, and what they alone need, must not be read.
    """
    literal_of = np.zeros(aig.num_nodes, np.uint32)
    literal_of[: aig.first_and] = sources
    marks = np.ones(aig.num_nodes, np.bool_) if needed is None else needed
    builder.emit(copy_gates, aig.num_ands, aig.fanins, aig.first_and, marks, literal_of)
    return literal_of


def at(literal_of: Literals, literals: Literals) -> Literals:
    """What literals of the original are in the copy."""
    found: Literals = literal_of[literals >> 1] ^ (literals & 1)
    return found


def copy_cut(
    builder: Builder, aig: AIG, sources: Literals, gates: NDArray[np.uint32], given: Literals
) -> Literals:
    """As :func:`copy`, but what reads one of the nodes ``gates`` (n,) reads the literal ``given`` (n,) for it."""
    literal_of = np.zeros(aig.num_nodes, np.uint32)
    literal_of[: aig.first_and] = sources
    literal_of[gates] = given
    marks = np.ones(aig.num_nodes, np.bool_)
    marks[gates] = False
    builder.emit(copy_gates, aig.num_ands, aig.fanins, aig.first_and, marks, literal_of)
    return literal_of


@njit(cache=True)
def copy_gates(fanins, first, table, count, old, old_first, needed, literal_of):
    """Enter the needed gates of ``old`` and their literals; returns the new gate count."""
    for row in range(old.shape[0]):
        if needed[old_first + row]:
            a, b = np.int64(old[row, 0]), np.int64(old[row, 1])
            a = np.int64(literal_of[a >> 1]) ^ (a & 1)
            b = np.int64(literal_of[b >> 1]) ^ (b & 1)
            literal_of[old_first + row], count = find_or_add(fanins, first, table, count, a, b)
    return count
