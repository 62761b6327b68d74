"""Balancing: conjunctions of many literals become trees of least depth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numba import njit

from trilc.aig import AIG
from trilc.aig.hashing import find, fold
from trilc.aig.network import Rebuild, add, finish

NEIGHBOURS = 16
"""How many partners of equal level a literal tries for a gate that is there already."""


@dataclass(frozen=True)
class Balance:
    """Rebuild every AND tree by level (Cortadella 2003), pairing literals whose AND exists where that is as good.

    A tree ends at gates that are used more than once or complemented, so there are never more gates.
    """

    name: ClassVar[str] = "balance"

    def apply(self, aig: AIG) -> AIG:
        """See the class."""
        rebuild = Rebuild.of(aig, max(aig.num_ands, 1))
        inner = np.zeros(aig.num_nodes, np.bool_)
        _mark_inner(aig.fanins, aig.first_and, rebuild.pending, inner)
        _balance(rebuild, inner)
        rebuild.network.references[:] = 1
        return finish(aig, rebuild)


@njit(cache=True)
def _mark_inner(fanins, first, uses, inner):
    """Mark the gates that are read once, by a gate, uncomplemented: they lie within a tree."""
    for i in range(fanins.shape[0]):
        if uses[first + i] > 0:
            for side in range(2):
                literal = np.int64(fanins[i, side])
                node = literal >> 1
                inner[node] = node >= first and uses[node] == 1 and literal & 1 == 0


@njit(cache=True)
def _balance(rebuild, inner):
    fanins, uses, literal_of, net = rebuild.fanins, rebuild.pending, rebuild.literal_of, rebuild.network
    first = net.first
    stack = np.empty(fanins.shape[0] + 2, np.uint32)
    leaves = np.empty(fanins.shape[0] + 2, np.int64)
    for i in range(fanins.shape[0]):
        node = first + i
        if uses[node] == 0 or inner[node]:
            continue
        # the leaves of the tree, as literals of the new graph
        depth = 1
        stack[0] = node
        size = 0
        while depth > 0:
            depth -= 1
            row = np.int64(stack[depth]) - first
            for side in range(2):
                literal = np.int64(fanins[row, side])
                if inner[literal >> 1]:
                    stack[depth] = literal >> 1
                    depth += 1
                else:
                    leaves[size] = np.int64(literal_of[literal >> 1]) ^ (literal & 1)
                    size += 1
        literal_of[node] = _conjunction(leaves[:size], net)


@njit(cache=True)
def _conjunction(leaves, net):
    """The AND of some literals, level by level: those of the lowest level in pairs, an odd one moves up."""
    if leaves.shape[0] == 2:
        return add(net, leaves[0], leaves[1])
    keys = np.empty(leaves.shape[0], np.int64)
    for k in range(leaves.shape[0]):
        keys[k] = (np.int64(net.level[leaves[k] >> 1]) << 32) | leaves[k]
    _heap_sort(keys)  # a literal comes beside its like and its complement
    size = 0
    for k in range(leaves.shape[0]):
        literal = keys[k] & 0xFFFFFFFF
        before = keys[size - 1] & 0xFFFFFFFF if size > 0 else np.int64(1)
        if literal == 0 or literal ^ 1 == before:
            return np.int64(0)
        if literal != 1 and literal != before:
            keys[size] = keys[k]
            size += 1
    if size == 0:
        return np.int64(1)
    now, above = np.empty(size, np.int64), np.empty(size, np.int64)
    count = 0
    taken = 0
    level = np.int64(0)
    while count > 1 or taken < size:
        if count <= 1:
            level = keys[taken] >> 32  # nothing to pair below
        while taken < size and keys[taken] >> 32 == level:
            now[count] = keys[taken] & 0xFFFFFFFF
            count += 1
            taken += 1
        count = _pair(now, count, above, net)
        now, above = above, now
        level += 1
    return now[0]


@njit(cache=True)
def _heap_sort(keys):
    """Sort in place (numba's own sort takes seconds to compile)."""
    size = keys.shape[0]
    for start in range(size // 2 - 1, -1, -1):
        _sift_down(keys, start, size)
    for end in range(size - 1, 0, -1):
        keys[0], keys[end] = keys[end], keys[0]
        _sift_down(keys, 0, end)


@njit(cache=True)
def _sift_down(keys, parent, size):
    while 2 * parent + 1 < size:
        child = 2 * parent + 1
        if child + 1 < size and keys[child + 1] > keys[child]:
            child += 1
        if keys[parent] >= keys[child]:
            return
        keys[parent], keys[child] = keys[child], keys[parent]
        parent = child


@njit(cache=True)
def _pair(now, count, above, net):
    """Move literals up a level as ANDs of two, gates that exist first, and an odd one as it is."""
    made = 0
    rest = 0
    for k in range(count):
        if now[k] < 0:
            continue
        partner = -1
        for j in range(k + 1, min(count, k + 1 + NEIGHBOURS)):
            if now[j] >= 0 and _exists(net, now[k], now[j]):
                partner = j
                break
        if partner < 0:
            now[rest] = now[k]
            rest += 1
        else:
            above[made] = add(net, now[k], now[partner])
            made += 1
            now[partner] = -1
    for k in range(0, rest - 1, 2):
        above[made] = add(net, now[k], now[k + 1])
        made += 1
    if rest & 1:
        above[made] = now[rest - 1]
        made += 1
    return made


@njit(cache=True)
def _exists(net, a, b):
    """Whether the AND of two literals is there already."""
    a, b = min(a, b), max(a, b)
    return fold(a, b) >= 0 or find(net.fanins, net.first, net.table, a, b) >= 0
