"""Cuts of up to four leaves, kept per node of a growing network, with their truth tables.

A cut of a node is a set of nodes, its *leaves*, through which every path from an input to the node passes.
Cuts are merged from those of the fan-ins (Cong, Wu, Ding 1999; priority cuts: Mishchenko et al. 2007).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig.leaves import union, within
from trilc.aig.network import enlarged
from trilc.aig.popcount import popcount
from trilc.aig.word_tables import drop_idle, stretch

LEAVES = 4
"""Leaves that a cut may have."""


class Cuts(NamedTuple):
    """The cuts of all nodes; cut 0 of each node is the node itself."""

    leaf: NDArray[np.uint32]
    """(nodes, cuts, 4) leaves in ascending order."""
    table: NDArray[np.uint16]
    """(nodes, cuts) the node as a function of the leaves; it does not depend on inputs beyond them."""
    size: NDArray[np.uint8]
    """(nodes, cuts) number of leaves."""
    number: NDArray[np.uint8]
    """(nodes,) number of cuts."""


def empty(nodes: int, limit: int, sources: int) -> Cuts:
    """Room for ``limit`` cuts for each of ``nodes`` nodes; the first ``sources`` get their trivial cut."""
    cuts = Cuts(
        np.zeros((nodes, limit, LEAVES), np.uint32),
        np.zeros((nodes, limit), np.uint16),
        np.zeros((nodes, limit), np.uint8),
        np.zeros(nodes, np.uint8),
    )
    cuts.leaf[:sources, 0, 0] = np.arange(sources)
    cuts.table[:sources, 0] = 0xAAAA
    cuts.size[:sources, 0] = 1
    cuts.number[:sources] = 1
    return cuts


def grown(cuts: Cuts, nodes: int) -> Cuts:
    """The same cuts with room for more nodes."""
    return Cuts(*(enlarged(array, nodes) for array in cuts))


@njit(cache=True)
def merge(cuts, references, node, a, b, widest):
    """Enter the cuts of ``node``, the AND of the literals ``a`` and ``b``, of up to ``widest`` leaves.

    Where there are more than fit, those stay whose leaves are used the most: they end at shared logic.
    """
    left, right = a >> 1, b >> 1
    limit = cuts.leaf.shape[1]
    leaf, size = cuts.leaf[node], cuts.size[node]
    leaf[0, 0] = node
    size[0] = 1
    cuts.table[node, 0] = 0xAAAA
    count = 1
    origin = np.empty((limit, 2), np.int64)
    worth = np.empty(limit, np.int64)
    merged = np.empty(LEAVES, np.uint32)
    # a bit for each leaf: most pairs have too many, and most sets are not within each other, by these alone
    bits = np.empty((3, limit), np.uint64)
    for i in range(cuts.number[left]):
        bits[0, i] = _bits(cuts.leaf[left, i], cuts.size[left, i])
    for j in range(cuts.number[right]):
        bits[1, j] = _bits(cuts.leaf[right, j], cuts.size[right, j])
    for i in range(cuts.number[left]):
        for j in range(cuts.number[right]):
            both = bits[0, i] | bits[1, j]
            if popcount(both) > widest:
                continue
            n = union(cuts.leaf[left, i], cuts.size[left, i], cuts.leaf[right, j], cuts.size[right, j], merged, widest)
            if n < 0:
                continue
            # drop it if a cut within it is there; drop those that it is within
            k = 1
            dominated = False
            while k < count:
                if size[k] <= n and not bits[2, k] & ~both and within(leaf[k], size[k], merged, n):
                    dominated = True
                    break
                if size[k] > n and not both & ~bits[2, k] and within(merged, n, leaf[k], size[k]):
                    count -= 1
                    size[k] = size[count]
                    worth[k] = worth[count]
                    bits[2, k] = bits[2, count]
                    origin[k, 0], origin[k, 1] = origin[count, 0], origin[count, 1]
                    for m in range(size[k]):
                        leaf[k, m] = leaf[count, m]
                else:
                    k += 1
            if dominated:
                continue
            value = _worth(references, merged, n)
            slot = count
            if count == limit:
                slot = 1
                for k in range(2, limit):
                    if worth[k] < worth[slot]:
                        slot = k
                if worth[slot] >= value:
                    continue
            else:
                count += 1
            for m in range(n):
                leaf[slot, m] = merged[m]
            size[slot] = n
            worth[slot] = value
            bits[2, slot] = both
            origin[slot, 0] = i
            origin[slot, 1] = j
    cuts.number[node] = count
    for k in range(1, count):
        i, j = origin[k, 0], origin[k, 1]
        x = stretch(np.uint64(cuts.table[left, i]), cuts.leaf[left, i], cuts.size[left, i], leaf[k], size[k])
        y = stretch(np.uint64(cuts.table[right, j]), cuts.leaf[right, j], cuts.size[right, j], leaf[k], size[k])
        table = (~x if a & 1 else x) & (~y if b & 1 else y) & np.uint64(0xFFFF)
        cuts.table[node, k], size[k] = drop_idle(table, leaf[k], np.int64(size[k]))


@njit(cache=True, inline="always")
def _bits(leaf, size):
    result = np.uint64(0)
    for k in range(size):
        result |= np.uint64(1) << np.uint64(leaf[k] & 63)
    return result


@njit(cache=True)
def _worth(references, leaf, size):
    """How good it is to keep a cut: many uses of its leaves, few leaves that would die with the cone."""
    uses = 0
    single = 0
    for k in range(size):
        uses += min(references[leaf[k]], 1000)
        if references[leaf[k]] == 1:
            single += 1
    if size == 1:
        return 10000
    return 5 - single if single > 3 else uses
