"""Structural hashing: the kernel that finds an AND gate by its fan-ins or adds it.

The table is open addressing with linear probing over node numbers; a slot of 0 is empty (node 0 is the
constant, never an AND). Keys are not stored: they are the fan-in array itself.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, inline="always")
def slot_of(a, b, mask):
    """First slot to probe for the fan-in pair ``a < b`` in a table of ``mask + 1`` slots."""
    key = (np.uint64(a) << np.uint64(32)) | np.uint64(b)
    key *= np.uint64(0x9E3779B97F4A7C15)
    key ^= key >> np.uint64(32)
    return np.int64(key & np.uint64(mask))


@njit(cache=True)
def fold(a, b):
    """The literal that ``a ∧ b`` (``a <= b``) is without a gate, or −1 where a gate is needed."""
    if a == 0:
        return np.int64(0)
    if a == 1:
        return np.int64(b)
    if a == b:
        return np.int64(a)
    if a ^ 1 == b:
        return np.int64(0)
    return np.int64(-1)


@njit(cache=True)
def find(fanins, first, table, a, b):
    """The node whose fan-ins are ``a < b``; where there is none, ``−1 − slot`` with the slot it would take.

    ``fanins`` is (capacity, 2) uint32, row ``i`` belonging to node ``first + i``.
    """
    mask = table.shape[0] - 1
    slot = slot_of(a, b, mask)
    while True:
        node = np.int64(table[slot])
        if node == 0:
            return -1 - slot
        if np.int64(fanins[node - first, 0]) == a and np.int64(fanins[node - first, 1]) == b:
            return node
        slot = (slot + 1) & mask


@njit(cache=True)
def find_or_add(fanins, first, table, count, a, b):
    """The literal of ``a ∧ b`` and the new gate count. The arrays must have room for one more gate."""
    a, b = np.int64(min(a, b)), np.int64(max(a, b))
    literal = fold(a, b)
    if literal >= 0:
        return literal, count
    node = find(fanins, first, table, a, b)
    if node < 0:
        table[-1 - node] = first + count
        fanins[count, 0] = a
        fanins[count, 1] = b
        node = first + count
        count += 1
    return 2 * node, count


@njit(cache=True)
def find_or_add_many(fanins, first, table, count, a, b, out):
    """``out[i] = a[i] ∧ b[i]`` for flat arrays, in order; returns the new gate count."""
    for i in range(out.shape[0]):
        literal, count = find_or_add(fanins, first, table, count, np.int64(a[i]), np.int64(b[i]))
        out[i] = literal
    return count


@njit(cache=True)
def fill(fanins, first, table, count):
    """Enter gates ``0 … count-1``, all different, into an empty table."""
    mask = table.shape[0] - 1
    for i in range(count):
        slot = slot_of(fanins[i, 0], fanins[i, 1], mask)
        while table[slot] != 0:
            slot = (slot + 1) & mask
        table[slot] = first + i
