"""The clauses of a gate (Tseitin 1968), multiplexers and exclusive ors being seen as one gate."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def operands(fanins, first, node):
    """What a gate computes from which literals: ``(select, then, otherwise)`` or ``(−1, a, b)`` for an AND.

    A multiplexer is the *complement* of its node: ``¬(s ∧ t) ∧ ¬(¬s ∧ e)`` is ``¬(s ? t : e)``. Neither of its
    inner gates is needed then. An exclusive or is one where ``then = ¬otherwise``.
    """
    a, b = np.int64(fanins[node - first, 0]), np.int64(fanins[node - first, 1])
    if a & b & 1 and a >> 1 >= first and b >> 1 >= first:
        left, right = (a >> 1) - first, (b >> 1) - first
        for i in range(2):
            s = np.int64(fanins[left, i])
            for j in range(2):
                if s ^ 1 == np.int64(fanins[right, j]):
                    return s, np.int64(fanins[left, 1 - i]), np.int64(fanins[right, 1 - j])
    return np.int64(-1), a, b


@njit(cache=True)
def clauses(out, select, then, otherwise, into):
    """Write the clauses of a gate into ``into`` (4, 3), −1 where there is no literal; returns their number.

    All are literals over variables; ``out`` is that of the node, the rest as :func:`operands` gives them.
    """
    into[:, :] = -1
    if select < 0:
        into[0, 0], into[0, 1] = out ^ 1, then
        into[1, 0], into[1, 1] = out ^ 1, otherwise
        into[2, 0], into[2, 1], into[2, 2] = out, then ^ 1, otherwise ^ 1
        return 3
    into[0, 0], into[0, 1], into[0, 2] = select ^ 1, then, out
    into[1, 0], into[1, 1], into[1, 2] = select ^ 1, then ^ 1, out ^ 1
    into[2, 0], into[2, 1], into[2, 2] = select, otherwise, out
    into[3, 0], into[3, 1], into[3, 2] = select, otherwise ^ 1, out ^ 1
    return 4
