"""Plain simulation of every node, without a tape: for signatures and small questions."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from trilc.aig.aig import AIG, Literals


def simulate_nodes(aig: AIG, leaves: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """(nodes, words) uint64: every node's value for (inputs + registers, words) uint64 at the leaves.

    Raises ``ValueError`` on another number of leaves.
    """
    if leaves.shape[0] != aig.first_and - 1:
        raise ValueError(f"{leaves.shape[0]} patterns for {aig.first_and - 1} inputs and registers")
    values = np.empty((aig.num_nodes, leaves.shape[1]), np.uint64)
    values[0] = 0
    values[1 : aig.first_and] = leaves
    _simulate(aig.fanins, aig.first_and, values)
    return values


def literal_values(values: NDArray[np.uint64], literals: Literals) -> NDArray[np.uint64]:
    """(literals, words): rows of :func:`simulate_nodes`, complemented where the literals are."""
    result: NDArray[np.uint64] = values[literals >> 1] ^ -(literals & 1).astype(np.uint64)[:, None]
    return result


def evaluate(aig: AIG, bits: ArrayLike) -> NDArray[np.uint8]:
    """(roots,) uint8: outputs, next states, constraints for one assignment (inputs + registers,) of bits."""
    leaves = np.asarray(bits, np.uint64).reshape(-1, 1)
    return (literal_values(simulate_nodes(aig, leaves), aig.roots)[:, 0] & np.uint64(1)).astype(np.uint8)


@njit(cache=True, nogil=True)
def _simulate(fanins, first, values):
    for i in range(fanins.shape[0]):
        x, y = np.int64(fanins[i, 0]), np.int64(fanins[i, 1])
        flip_x, flip_y = np.uint64(0) - np.uint64(x & 1), np.uint64(0) - np.uint64(y & 1)
        for w in range(values.shape[1]):
            values[first + i, w] = (values[x >> 1, w] ^ flip_x) & (values[y >> 1, w] ^ flip_y)
