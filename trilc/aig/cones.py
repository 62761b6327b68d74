"""A partition of the graph into maximum fan-out-free cones of a bounded number of leaves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig.aig import AIG
from trilc.aig.network import live_references

GATES = 128
"""Gates that a cone may have."""


class Cones(NamedTuple):
    """Cones of one output each, from the outputs downwards; every live gate lies in exactly one."""

    root: NDArray[np.uint32]
    """(cones,) the node that each computes."""
    first_gate: NDArray[np.int64]
    """(cones + 1,) where the gates of each begin."""
    gate: NDArray[np.uint32]
    """(live ANDs,) nodes; those of a cone in topological order."""
    first_leaf: NDArray[np.int64]
    """(cones + 1,) where the leaves of each begin."""
    leaf: NDArray[np.uint32]
    """Nodes; those of a cone ascending."""


def fanout_free_cones(aig: AIG, limit: int) -> Cones:
    """Grow cones from the outputs down: a gate joins a cone that all its readers are in.

    A cone has at most ``limit`` leaves and ``GATES`` gates.
    """
    uses = live_references(aig.fanins, aig.first_and, aig.roots)
    rooted = np.zeros(aig.num_nodes, np.bool_)
    rooted[aig.roots >> 1] = True
    gates = aig.num_ands
    cones = Cones(
        np.empty(gates, np.uint32), np.zeros(gates + 1, np.int64), np.empty(gates, np.uint32),
        np.zeros(gates + 1, np.int64), np.empty(2 * gates, np.uint32),
    )
    reads = np.zeros(aig.num_nodes, np.int32)
    count = _grow(aig.fanins, aig.first_and, uses, rooted, reads, limit, cones)
    return Cones(
        cones.root[:count], cones.first_gate[: count + 1], cones.gate[: cones.first_gate[count]],
        cones.first_leaf[: count + 1], cones.leaf[: cones.first_leaf[count]],
    )


def truth_table(aig: AIG, cones: Cones, which: int) -> NDArray[np.bool_]:
    """(2^leaves,) bool: the root of a cone as a function of its leaves, the first leaf being bit 0."""
    gates = cones.gate[cones.first_gate[which] : cones.first_gate[which + 1]]
    leaves = cones.leaf[cones.first_leaf[which] : cones.first_leaf[which + 1]]
    table: NDArray[np.bool_] = _truth_table(aig.fanins, aig.first_and, gates, leaves)
    return table


@njit(cache=True)
def _grow(fanins, first, uses, rooted, reads, limit, cones):
    leaves = np.empty(limit + 2, np.int64)
    count = 0
    gates = 0
    ends = 0
    for root in range(first + fanins.shape[0] - 1, first - 1, -1):
        if uses[root] == 0 or not rooted[root]:
            continue
        start = gates
        size = 0
        node = np.int64(root)
        while node >= 0 and gates - start < GATES:
            cones.gate[gates] = node
            gates += 1
            for side in range(2):
                x = np.int64(fanins[node - first, side]) >> 1
                if reads[x] == 0:
                    leaves[size] = x
                    size += 1
                reads[x] += 1
            # the next gate to join: that which brings the fewest new leaves, the uppermost of these
            node = np.int64(-1)
            fewest = 3
            chosen = -1
            for k in range(size):
                x = leaves[k]
                if x < first or rooted[x] or reads[x] != uses[x]:
                    continue
                new = 0
                if reads[np.int64(fanins[x - first, 0]) >> 1] == 0:
                    new += 1
                if reads[np.int64(fanins[x - first, 1]) >> 1] == 0:
                    new += 1
                if size - 1 + new <= limit and (new < fewest or (new == fewest and x > node)):
                    node, fewest, chosen = x, new, k
            if chosen >= 0:
                size -= 1
                leaves[chosen] = leaves[size]
        cones.root[count] = root
        _sort(cones.gate[start:gates])
        _sort(leaves[:size])
        for k in range(size):
            cones.leaf[ends] = leaves[k]
            ends += 1
            rooted[leaves[k]] = True
        for k in range(start, gates):
            row = np.int64(cones.gate[k]) - first
            reads[np.int64(fanins[row, 0]) >> 1] = 0
            reads[np.int64(fanins[row, 1]) >> 1] = 0
        count += 1
        cones.first_gate[count] = gates
        cones.first_leaf[count] = ends
    return count


@njit(cache=True)
def _truth_table(fanins, first, gates, leaves):
    length = 1 << leaves.shape[0]
    table = np.empty((leaves.shape[0] + gates.shape[0], length), np.bool_)
    node = np.empty(table.shape[0], np.int64)
    for k in range(leaves.shape[0]):
        node[k] = leaves[k]
        for m in range(length):
            table[k, m] = m >> k & 1 != 0
    for g in range(gates.shape[0]):
        k = leaves.shape[0] + g
        node[k] = gates[g]
        row = node[k] - first
        for side in range(2):
            literal = np.int64(fanins[row, side])
            source = k - 1
            while node[source] != literal >> 1:
                source -= 1
            for m in range(length):
                value = table[source, m] ^ (literal & 1 != 0)
                table[k, m] = value if side == 0 else table[k, m] and value
    return table[table.shape[0] - 1]


@njit(cache=True)
def _sort(values):
    """Insertion sort: cones are small."""
    for k in range(1, values.shape[0]):
        value = values[k]
        j = k
        while j > 0 and values[j - 1] > value:
            values[j] = values[j - 1]
            j -= 1
        values[j] = value
