"""Priority cuts of up to six leaves (Mishchenko, Cho, Chatterjee, Brayton 2007): the best few of each node.

The cuts of a node are merged from those kept at its fan-ins. How good a cut is depends on what the mapping counts
at the time: depth, area flow, or exact local area.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig.leaves import union, within
from trilc.aig.word_tables import VARIABLES, drop_idle, stretch

DEPTH, FLOW, EXACT = 0, 1, 2
"""What a pass makes small: levels; area flow; LUTs that this node alone keeps alive."""

NARROW, SLIM = 0, 1
"""What decides between cuts of equal worth: the fewest leaves, or the least area flow (for depth the other way)."""

REACH = 12
"""Levels below a node down to which its exact area is counted: without a bound a chain takes quadratic time."""

NEVER = np.int32(2**30)
"""A required time that everything meets."""


class Cuts(NamedTuple):
    """The cuts of every node, the best one first; the node itself as its only leaf is in the last slot.

    With ``C`` cuts of ``k`` leaves a node takes ``(C + 1)·(4·k + 9)`` bytes and 30 more, and 9 while they are improved.
    """

    leaf: NDArray[np.uint32]
    """(nodes, C + 1, k) leaves in ascending order."""
    table: NDArray[np.uint64]
    """(nodes, C + 1) the node as a function of the leaves."""
    size: NDArray[np.uint8]
    """(nodes, C + 1) number of leaves."""
    number: NDArray[np.uint8]
    """(nodes,) number of cuts, without the last slot's."""
    references: NDArray[np.int32]
    """(nodes,) LUTs and roots that use the node in the present mapping."""
    sharing: NDArray[np.float64]
    """(nodes,) how many uses a node is expected to have, at least 1."""
    flow: NDArray[np.float64]
    """(nodes,) area flow: LUTs below the best cut, each divided among its uses."""
    level: NDArray[np.int32]
    """(nodes,) LUTs on the longest path to the node, by best cuts."""
    required: NDArray[np.int32]
    """(nodes,) the level that a node may have."""

    @classmethod
    def empty(cls, nodes: int, limit: int, k: int, sharing: NDArray[np.float64]) -> Cuts:
        """Room for ``limit`` cuts of each node; the last slots are filled."""
        leaf = np.zeros((nodes, limit + 1, k), np.uint32)
        table = np.zeros((nodes, limit + 1), np.uint64)
        size = np.zeros((nodes, limit + 1), np.uint8)
        leaf[:, limit, 0] = np.arange(nodes)
        table[:, limit] = VARIABLES[0]
        size[:, limit] = 1
        return cls(
            leaf, table, size, np.zeros(nodes, np.uint8), np.zeros(nodes, np.int32), sharing,
            np.zeros(nodes), np.zeros(nodes, np.int32), np.full(nodes, NEVER, np.int32),
        )  # fmt: skip


@njit(cache=True)
def improve(cuts, fanins, first, measure, tie, temperature, seed):
    """Choose the best cut of every node once more, in topological order.

    Under ``EXACT`` the references follow every choice; they must be those of the mapping by best cuts. Up to
    ``temperature`` LUTs are added to the exact area of each cut by chance, which ``seed`` decides.
    """
    chance = (temperature, seed)
    stack = np.empty(cuts.number.shape[0], np.uint32)
    frontier = np.empty(cuts.number.shape[0], np.uint32)
    held = np.zeros(cuts.number.shape[0], np.bool_)
    limit, widest = cuts.leaf.shape[1] - 1, cuts.leaf.shape[2]
    leaf = np.empty((limit + 1, widest), np.uint32)
    size = np.zeros(limit + 1, np.int64)
    origin = np.empty((limit + 1, 2), np.int64)
    worth = np.empty((limit + 1, 3), np.float64)
    merged = np.empty(widest, np.uint32)
    table = np.empty(limit + 1, np.uint64)
    for row in range(fanins.shape[0]):
        node = first + row
        used = measure == EXACT and cuts.references[node] > 0
        bottom = np.int64(cuts.level[node]) - REACH
        deep = _release(cuts, first, node, bottom, stack, frontier, held) if used else 0
        count = 0
        if cuts.number[node] > 0:  # what was best before stays a candidate
            for k in range(cuts.size[node, 0]):
                leaf[0, k] = cuts.leaf[node, 0, k]
            size[0] = cuts.size[node, 0]
            origin[0, 0] = -1
            table[0] = cuts.table[node, 0]
            _price(cuts, first, leaf[0], size[0], measure, tie, chance, bottom, stack, held, worth[0])
            count = 1
        a, b = np.int64(fanins[row, 0]), np.int64(fanins[row, 1])
        left, right = a >> 1, b >> 1
        lefts, rights = np.int64(cuts.number[left]), np.int64(cuts.number[right])
        for i in range(lefts + 1):
            x = limit if i == lefts else i
            for j in range(rights + 1):
                y = limit if j == rights else j
                n = union(
                    cuts.leaf[left, x], cuts.size[left, x], cuts.leaf[right, y], cuts.size[right, y], merged, widest
                )
                if n < 0 or _dominated(leaf, size, count, merged, n):
                    continue
                price = worth[limit]
                _price(cuts, first, merged, n, measure, tie, chance, bottom, stack, held, price)
                level = price[0] if measure == DEPTH else price[2]
                if level > cuts.required[node]:
                    continue
                count = _enter(leaf, size, origin, worth, table, count, limit, merged, n, x, y)
        for k in range(count):
            if origin[k, 0] >= 0:
                x, y = origin[k, 0], origin[k, 1]
                p = stretch(cuts.table[left, x], cuts.leaf[left, x], cuts.size[left, x], leaf[k], size[k])
                q = stretch(cuts.table[right, y], cuts.leaf[right, y], cuts.size[right, y], leaf[k], size[k])
                table[k] = (~p if a & 1 else p) & (~q if b & 1 else q)
                table[k], size[k] = drop_idle(table[k], leaf[k], size[k])
            cuts.table[node, k] = table[k]
            cuts.size[node, k] = size[k]
            for m in range(size[k]):
                cuts.leaf[node, k, m] = leaf[k, m]
        cuts.number[node] = count
        _settle(cuts, node)
        if used:
            _take(cuts, first, node, stack, held)
        for k in range(deep):
            x = np.int64(frontier[k])
            if held[x]:
                held[x] = False
                _count(cuts, first, cuts.leaf[x, 0], np.int64(cuts.size[x, 0]), -1, 0, stack, held)


@njit(cache=True)
def _dominated(leaf, size, count, merged, n):
    """Whether a kept cut lies within the new one."""
    k = 0
    while k < count and not (size[k] <= n and within(leaf[k], size[k], merged, n)):
        k += 1
    return k < count


@njit(cache=True)
def _price(cuts, first, leaf, size, measure, tie, chance, bottom, stack, held, worth):
    """What a cut costs: three numbers, compared in order."""
    level = 0
    flow = 1.0
    for k in range(size):
        x = leaf[k]
        level = max(level, cuts.level[x])
        flow += cuts.flow[x] / cuts.sharing[x]
    level += 1
    if measure == EXACT:
        worth[0] = _count(cuts, first, leaf, size, 1, bottom, stack, held)
        _count(cuts, first, leaf, size, -1, bottom, stack, held)
        if chance[0] > 0.0:
            worth[0] += chance[0] * _random(leaf, size, np.int64(chance[1]))
    else:
        worth[0] = level if measure == DEPTH else flow
    narrow = tie == NARROW
    worth[1] = size if narrow == (measure != DEPTH) else flow
    worth[2] = level if measure != DEPTH else (flow if tie == SLIM else size)


@njit(cache=True)
def _random(leaf, size, seed):
    """A number from 0 to 1 that depends on nothing but the cut and the seed."""
    h = np.uint64(seed + 1)
    for k in range(size):
        h = (h ^ np.uint64(leaf[k])) * np.uint64(0x9E3779B97F4A7C15)
        h ^= h >> np.uint64(29)
    return np.float64(np.int64(h >> np.uint64(40))) / 16777216.0


@njit(cache=True)
def _count(cuts, first, leaf, size, step, bottom, stack, held):
    """Add ``step``, 1 or −1, to the references of the leaves, and of what comes alive or dies with them.

    Returns how many LUTs that are, with the one that reads the leaves. None is followed below the level ``bottom``:
    there, what is held counts once, and what is dead by its area flow.
    """
    area = 1.0
    last = 1 if step > 0 else 0
    top = 0
    for k in range(size):
        x = np.int64(leaf[k])
        cuts.references[x] += step
        if cuts.references[x] == last and x >= first:
            if cuts.level[x] < bottom:
                area += 1.0 if held[x] else cuts.flow[x]
            else:
                stack[top] = x
                top += 1
    while top > 0:
        top -= 1
        area += 1.0
        y = np.int64(stack[top])
        for k in range(cuts.size[y, 0]):
            x = np.int64(cuts.leaf[y, 0, k])
            cuts.references[x] += step
            if cuts.references[x] == last and x >= first:
                if cuts.level[x] < bottom:
                    area += 1.0 if held[x] else cuts.flow[x]
                else:
                    stack[top] = x
                    top += 1
    return area


@njit(cache=True)
def _release(cuts, first, node, bottom, stack, frontier, held):
    """Take back the references that the best cut of a node makes, and those of all that dies down to ``bottom``.

    What dies below is *held*: it has no references, its leaves still have theirs. Returns how many nodes of
    ``frontier`` that are.
    """
    deep = 0
    stack[0] = node
    top = 1
    while top > 0:
        top -= 1
        y = np.int64(stack[top])
        for k in range(cuts.size[y, 0]):
            x = np.int64(cuts.leaf[y, 0, k])
            cuts.references[x] -= 1
            if cuts.references[x] == 0 and x >= first:
                if cuts.level[x] >= bottom:
                    stack[top] = x
                    top += 1
                else:
                    held[x] = True
                    frontier[deep] = x
                    deep += 1
    return deep


@njit(cache=True)
def _take(cuts, first, node, stack, held):
    """Count the references that the best cut of a node makes, and those of all that comes alive."""
    stack[0] = node
    top = 1
    while top > 0:
        top -= 1
        y = np.int64(stack[top])
        for k in range(cuts.size[y, 0]):
            x = np.int64(cuts.leaf[y, 0, k])
            cuts.references[x] += 1
            if cuts.references[x] == 1 and x >= first:
                if held[x]:
                    held[x] = False
                else:
                    stack[top] = x
                    top += 1


@njit(cache=True)
def _enter(leaf, size, origin, worth, table, count, limit, merged, n, x, y):
    """Put a cut where it belongs in the order of worth, and drop those that it lies within; returns the number."""
    price = worth[limit]
    if count == limit and not _better(price, worth[count - 1]):
        return count
    p0, p1, p2 = price[0], price[1], price[2]
    kept = 0
    for k in range(count):
        if size[k] > n and within(merged, n, leaf[k], size[k]) and not _better(worth[k], price):
            continue
        if kept < k:
            _move(leaf, size, origin, worth, table, k, kept)
        kept += 1
    count = min(kept, limit - 1)
    slot = count
    while slot > 0 and _better(price, worth[slot - 1]):
        if slot < limit:
            _move(leaf, size, origin, worth, table, slot - 1, slot)
        slot -= 1
    for m in range(n):
        leaf[slot, m] = merged[m]
    size[slot] = n
    origin[slot, 0], origin[slot, 1] = x, y
    worth[slot, 0], worth[slot, 1], worth[slot, 2] = p0, p1, p2
    return count + 1


@njit(cache=True)
def _better(x, y):
    if x[0] != y[0]:
        return x[0] < y[0]
    if x[1] != y[1]:
        return x[1] < y[1]
    return x[2] < y[2]


@njit(cache=True)
def _move(leaf, size, origin, worth, table, source, target):
    for m in range(size[source]):
        leaf[target, m] = leaf[source, m]
    size[target] = size[source]
    table[target] = table[source]
    origin[target, 0], origin[target, 1] = origin[source, 0], origin[source, 1]
    worth[target, 0], worth[target, 1], worth[target, 2] = worth[source, 0], worth[source, 1], worth[source, 2]


@njit(cache=True)
def _settle(cuts, node):
    """Level and area flow of a node by its best cut."""
    level = -1
    flow = 1.0
    for k in range(cuts.size[node, 0]):
        x = cuts.leaf[node, 0, k]
        level = max(level, cuts.level[x])
        flow += cuts.flow[x] / cuts.sharing[x]
    cuts.level[node] = level + 1
    cuts.flow[node] = flow


@njit(cache=True)
def select(cuts, first, roots):
    """Count the references of the mapping by best cuts; returns its LUTs."""
    references = cuts.references
    references[:] = 0
    for k in range(roots.shape[0]):
        references[roots[k]] += 1
    luts = 0
    for node in range(references.shape[0] - 1, first - 1, -1):
        if references[node] > 0:
            luts += 1
            for k in range(cuts.size[node, 0]):
                references[cuts.leaf[node, 0, k]] += 1
    return luts


@njit(cache=True)
def require(cuts, first, roots, levels):
    """Set the levels that every node may have if the roots are to be ready at ``levels``."""
    cuts.required[:] = NEVER
    for k in range(roots.shape[0]):
        cuts.required[roots[k]] = levels
    for node in range(cuts.required.shape[0] - 1, first - 1, -1):
        if cuts.references[node] > 0:
            for k in range(cuts.size[node, 0]):
                x = cuts.leaf[node, 0, k]
                cuts.required[x] = min(cuts.required[x], cuts.required[node] - 1)
