"""Which registers each next state can see in the graph's structure."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig.aig import AIG

WORDS = 4
"""Words of marks that a node has at a time: 64 registers each."""


def register_supports(aig: AIG) -> NDArray[np.bool_]:
    """(registers, registers) bool: whether register j lies in the cone of register i's next state."""
    count = aig.num_registers
    found = np.zeros((count, count), np.bool_)
    marks = np.zeros((aig.num_nodes, WORDS), np.uint64)
    first = 1 + aig.num_inputs
    for begin in range(0, count, 64 * WORDS):
        end = min(begin + 64 * WORDS, count)
        marks[: aig.first_and] = 0
        own = np.arange(end - begin)
        marks[first + begin + own, own // 64] = np.uint64(1) << (own % 64).astype(np.uint64)
        _spread(aig.fanins, aig.first_and, marks)
        seen = marks[aig.next_state >> 1].astype("<u8").view(np.uint8)
        found[:, begin:end] = np.unpackbits(seen, axis=1, bitorder="little")[:, : end - begin]
    return found


@njit(cache=True)
def _spread(fanins, first, marks):
    for i in range(fanins.shape[0]):
        for w in range(marks.shape[1]):
            marks[first + i, w] = marks[fanins[i, 0] >> 1, w] | marks[fanins[i, 1] >> 1, w]
