"""From gates between numbered variables, in any order, to the fan-in array of an AIG.

Every reader of a format that does not promise our invariants ends here. Variable 0 is the constant false; the
other variables are the leaves (inputs, then registers) and what the gates define. A literal is
``2·variable + complement``. A buffer is a gate with twice the same fan-in: hashing folds it away.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig import Literals
from trilc.aig.hashing import find_or_add


class LoopError(ValueError):
    """A combinational loop; ``variable`` lies on it."""

    def __init__(self, variable: int) -> None:
        super().__init__(f"variable {variable} is on a combinational loop")
        self.variable = variable


def link(variables: int, leaves: NDArray[np.int64], gates: Literals) -> tuple[Literals, Literals]:
    """Sort gates topologically and hash them structurally.

    ``gates`` is (gates, 3) uint32: the variable that a gate defines and its two fan-in literals. Every
    variable in use is 0, one of ``leaves`` (n,) or defined by exactly one gate: the caller has checked that.
    Returns the fan-ins (ANDs, 2) and the literal (variables,) that each variable became. Raises
    :class:`LoopError`.
    """
    literal_of = np.zeros(variables, np.uint32)
    literal_of[leaves] = np.arange(2, 2 * (1 + len(leaves)), 2, dtype=np.uint32)
    fanins = np.empty((max(len(gates), 1), 2), np.uint32)
    table = np.zeros(1 << (2 * len(gates) + 1).bit_length(), np.uint32)
    count = _link(gates, literal_of, 1 + len(leaves), fanins, table)
    if count < 0:
        raise LoopError(-1 - count)
    return fanins[:count], literal_of


def resolve(literal_of: Literals, literals: Literals) -> Literals:
    """Literals over variables as literals of the graph."""
    return np.asarray(literal_of[literals >> 1] ^ (literals & 1), np.uint32)


@njit(cache=True)
def _link(gates, literal_of, first, fanins, table):
    """The number of ANDs, or ``−1 − variable`` for a loop. A gate is hashed when both its fan-ins are."""
    definition = np.full(literal_of.shape[0], -1, np.int64)
    for i in range(gates.shape[0]):
        definition[gates[i, 0]] = i
    state = np.zeros(gates.shape[0], np.uint8)  # 0: not seen, 1: on the path, 2: done
    path = np.empty(gates.shape[0], np.int64)
    count = 0
    for root in range(gates.shape[0]):
        if state[root] != 0:
            continue
        path[0] = root
        state[root] = 1
        depth = 1
        while depth > 0:
            gate = path[depth - 1]
            below = np.int64(-1)
            for k in range(1, 3):
                d = definition[gates[gate, k] >> 1]
                if d >= 0 and state[d] != 2:
                    below = d
                    break
            if below >= 0:
                if state[below] == 1:
                    return -1 - np.int64(gates[below, 0])
                state[below] = 1
                path[depth] = below
                depth += 1
                continue
            a = np.int64(literal_of[gates[gate, 1] >> 1]) ^ np.int64(gates[gate, 1] & 1)
            b = np.int64(literal_of[gates[gate, 2] >> 1]) ^ np.int64(gates[gate, 2] & 1)
            literal, count = find_or_add(fanins, first, table, count, a, b)
            literal_of[gates[gate, 0]] = literal
            state[gate] = 2
            depth -= 1
    return count
