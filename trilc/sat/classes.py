"""Candidates for equality: a partition of the nodes by their values under the patterns seen so far."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Words = NDArray[np.uint64]


class Classes(NamedTuple):
    """Nodes that may be equal up to complement; the constant is one of them."""

    leader: NDArray[np.uint32]
    """(nodes,) the first node of each one's class."""
    phase: NDArray[np.uint8]
    """(nodes,) 1 where it is held to be the complement of what stands for its class (which is 0 for constants)."""
    size: NDArray[np.uint32]
    """(nodes,) members of the class that each node leads."""


def one_class(members: NDArray[np.bool_], phase: NDArray[np.uint8]) -> Classes:
    """All ``members`` (nodes,) together with the constant, each other node alone."""
    leader = np.where(members, 0, np.arange(len(members))).astype(np.uint32)
    size = np.ones(len(members), np.uint32)
    size[0] = np.count_nonzero(leader == 0)
    return Classes(leader, phase, size)


@njit(cache=True, nogil=True)
def refine(classes, values, care):
    """Split the classes by values (nodes, words), counted only where ``care`` (words,) has ones.

    Returns how many nodes have another leader than before.
    """
    leader, phase, size = classes
    nodes = leader.shape[0]
    members = 0
    for n in range(nodes):
        if size[leader[n]] > 1:
            members += 1
    mask = np.int64(16)
    while mask < 2 * members:
        mask *= 2
    mask -= 1
    table = np.zeros(mask + 1, np.uint32)  # new leaders + 1, by their keys
    key = np.empty(mask + 1, np.uint64)
    was = leader.copy()
    old_size = size.copy()
    changed = 0
    for n in range(nodes):
        old = was[n]
        if old_size[old] < 2:
            continue
        flip = np.uint64(0) - np.uint64(phase[n])
        code = np.uint64(old) + np.uint64(1)
        for w in range(values.shape[1]):
            code ^= (values[n, w] ^ flip) & care[w]
            code *= np.uint64(0x9E3779B97F4A7C15)
            code ^= code >> np.uint64(29)
        slot = np.int64(code & np.uint64(mask))
        while table[slot] != 0 and key[slot] != code:
            slot = (slot + 1) & mask
        if table[slot] == 0:
            table[slot] = n + 1
            key[slot] = code
            size[n] = 0
        now = table[slot] - 1
        leader[n] = now
        size[now] += 1
        if now != old:
            changed += 1
    return changed
