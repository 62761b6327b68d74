"""The gates of planned full adders: exclusive ors shared across signs, carries by class of signs."""

from __future__ import annotations

import numpy as np
from numba import njit

from trilc.aig.hashing import find_or_add

GATES_PER_ADDER = 18
"""At most: six for the sum, three for each of the four carries."""


@njit(cache=True)
def emit_adders(
    fanins, first, table, count, operands, relative, wants_sum, wants_carry, variables, literal, carry
):
    """Build adders, in order, into the builder's arrays, which have room for ``GATES_PER_ADDER`` each.

    Adder ``j`` adds ``operands[j]``, three variables with the literals ``literal[variable]``, and fills in
    ``literal[variables + j]``, its sum, where ``wants_sum[j]``. Its carry of class ``q`` is the majority of
    the three with the first complemented where ``q & 1`` and the second where ``q & 2``; ``carry[j, q]`` is
    filled in where ``wants_carry[j, q]``. Returns the new gate count.
    """
    for j in range(operands.shape[0]):
        a = np.int64(literal[operands[j, 0]])
        b = np.int64(literal[operands[j, 1]]) ^ np.int64(relative[j])
        c = np.int64(literal[operands[j, 2]])
        wanted = 0
        for q in range(4):
            wanted += np.int64(wants_carry[j, q])
        if not wants_sum[j] and wanted <= 1:
            for q in range(4):
                if wants_carry[j, q]:
                    carry[j, q], count = _majority(
                        fanins, first, table, count, a ^ (q & 1), b ^ np.int64(relative[j]) ^ (q >> 1), c
                    )
            continue
        both, count = find_or_add(fanins, first, table, count, a, b)
        neither, count = find_or_add(fanins, first, table, count, a ^ 1, b ^ 1)
        half, count = find_or_add(fanins, first, table, count, both ^ 1, neither ^ 1)
        if wants_sum[j]:
            high, count = find_or_add(fanins, first, table, count, half, c)
            low, count = find_or_add(fanins, first, table, count, half ^ 1, c ^ 1)
            total, count = find_or_add(fanins, first, table, count, high ^ 1, low ^ 1)
            literal[variables + j] = total ^ np.int64(relative[j])
        for q in range(4):
            if not wants_carry[j, q]:
                continue
            flip_a, flip_b = q & 1, (q >> 1) ^ np.int64(relative[j])
            if flip_a == flip_b:
                # both inputs keep or both change their sign: the carry passes where they differ
                generate = neither if flip_a else both
                through, count = find_or_add(fanins, first, table, count, half, c)
            else:
                # one changes its sign: the carry passes where they agree
                generate, count = find_or_add(fanins, first, table, count, a ^ flip_a, b ^ flip_b)
                through, count = find_or_add(fanins, first, table, count, half ^ 1, c)
            neg, count = find_or_add(fanins, first, table, count, generate ^ 1, through ^ 1)
            carry[j, q] = neg ^ 1
    return count


@njit(cache=True)
def _majority(fanins, first, table, count, a, b, c):
    both, count = find_or_add(fanins, first, table, count, a, b)
    neither, count = find_or_add(fanins, first, table, count, a ^ 1, b ^ 1)
    with_c, count = find_or_add(fanins, first, table, count, neither ^ 1, c)
    none, count = find_or_add(fanins, first, table, count, both ^ 1, with_c ^ 1)
    return none ^ 1, count
