"""Don't-cares: a gate becomes another function wherever no one can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numba import njit

from trilc.aig import AIG, editing, fanouts, windows
from trilc.aig.editing import add_gate, replace
from trilc.aig.fanouts import close_fanout, open_fanout, spread
from trilc.aig.network import dereference, enlarged, undo_dereference
from trilc.aig.simulation import literal_values, simulate_nodes
from trilc.aig.traverse import reachable
from trilc.aig.windows import close_window, open_window, reconvergent_cut
from trilc.errors import InputError
from trilc.sat import cones as cones_module
from trilc.sat.cdcl import UNSATISFIABLE
from trilc.sat.cones import satisfy

WORDS = 32
"""Words of random patterns that guide the search."""

COVERS = 100
"""Divisors that imply a gate, or its complement, which are tried in pairs."""

SCRATCH = 5 * fanouts.LARGEST + 8
"""Rows that a question to the solver takes; with the new gates, they must have room."""


@dataclass(frozen=True)
class Dontcare:
    """Resubstitution with observability don't-cares, guided by simulation and proved by SAT.

    Lee, Riener, Mishchenko, Brayton, De Micheli (2020) with the windows of Mishchenko, Brayton (2005). Patterns in
    which no gate ``fanout`` gates away from a gate changes with it don't count for it. In the others it may agree with
    a constant, with a divisor (found as in ``resubstitute``, over ``cut`` leaves and up to ``window`` nodes), or with
    the AND or OR of two; then the solver, within ``conflicts`` conflicts and over the ``cone`` nearest nodes, proves
    that nothing differs beyond. At most ``tries`` of these questions are asked per gate. The constraints are a care
    set. Never more gates; depth may grow.
    """

    name: ClassVar[str] = "dontcare"
    cut: int = 10
    window: int = 150
    fanout: int = 24
    tries: int = 4
    conflicts: int = 50
    cone: int = 500

    def __post_init__(self) -> None:
        ranges = {
            "cut": (2, windows.LEAVES), "window": (0, 1000), "fanout": (1, fanouts.LARGEST), "tries": (1, 1000),
            "conflicts": (0, 10**6), "cone": (2, 1 << 17),
        }  # fmt: skip
        for option, (low, high) in ranges.items():
            if not low <= getattr(self, option) <= high:
                raise InputError(f"dontcare: {option} is {getattr(self, option)}, not {low} to {high}")

    def apply(self, aig: AIG) -> AIG:
        """See the class."""
        rng = np.random.default_rng(0)
        graph = editing.edit(aig, aig.num_ands // 4 + SCRATCH)
        leaves = rng.integers(0, 2**64, (aig.first_and - 1, WORDS), np.uint64)
        values = simulate_nodes(aig, leaves)
        care = np.bitwise_and.reduce(literal_values(values, aig.constraints), axis=0, initial=~np.uint64(0))
        frozen = reachable(aig, aig.constraints)
        sinks = np.array([aig.num_ands, aig.num_ands + (len(aig.roots) + 1) // 2])
        options = np.array([self.cut, self.window, self.fanout, self.tries, self.conflicts])
        row = 0
        while True:
            nodes = len(graph.references)
            values = enlarged(values, nodes)
            row = _run(
                graph, row, aig.num_ands, sinks, frozen, values, care, aig.constraints,
                windows.empty(nodes, self.cut, self.window), fanouts.empty(nodes, WORDS),
                cones_module.empty(nodes, self.cone), options,
            )  # fmt: skip
            if row == aig.num_ands:
                result = editing.finish(aig, graph)
                return result if result.num_ands <= aig.num_ands else aig
            graph = editing.grown(graph)


@njit(cache=True, nogil=True)
def _run(graph, row, end, sinks, frozen, values, care, constraints, window, fanout, cones, options):
    """Look at the gates from ``row`` to ``end``, as far as there is room; returns the first that is not done."""
    cut, largest, beyond, tries, budget = options
    stack = np.empty(2 * graph.references.shape[0] + 2, np.uint32)
    path = np.empty(windows.INNER + 2, np.uint32)
    ones = np.empty(values.shape[1], np.uint64)
    zeros = np.empty(values.shape[1], np.uint64)
    found = np.empty((tries, 3), np.int64)
    covers = np.empty(COVERS, np.int64)
    while row < end and graph.rows[0] + SCRATCH <= graph.fanins.shape[0]:
        root = graph.first + row
        row += 1
        uses = graph.references[root]
        if uses == 0 or frozen[root]:
            continue
        reach = open_fanout(graph, sinks, root, beyond, fanout)
        _observe(graph, root, fanout, reach, values, care, ones, zeros)
        size = reconvergent_cut(graph, root, cut, window)
        for k in range(1, size + 1):
            graph.references[window.node[k]] += 1
        dead = dereference(graph, root, uses, stack)
        count = open_window(graph, root, size, largest, window, path)
        number = _candidates(window, root, count, values, ones, zeros, dead - 1, covers, found)
        undo_dereference(graph, root, uses, stack, dead)
        for k in range(1, size + 1):
            graph.references[window.node[k]] -= 1
        close_window(window, count)
        for k in range(number):
            if _holds(graph, root, found[k], fanout, reach, cones, constraints, budget):
                literal = found[k, 0]
                if found[k, 1] >= 0:
                    literal = add_gate(graph, min(found[k, 0], found[k, 1]), max(found[k, 0], found[k, 1]))
                    _evaluate(graph, literal >> 1, values)
                literal ^= found[k, 2]
                flip = np.uint64(0) - np.uint64(literal & 1)
                for w in range(values.shape[1]):
                    fanout.value[0, w] = values[literal >> 1, w] ^ flip
                spread(graph, fanout, reach, values)
                for j in range(1, reach):
                    for w in range(values.shape[1]):
                        values[fanout.node[j], w] = fanout.value[j, w]
                replace(graph, root, literal, stack)
                break
        close_fanout(fanout, reach)
    return row


@njit(cache=True)
def _observe(graph, root, fanout, reach, values, care, ones, zeros):
    """The patterns in which the root must be 1, and those in which it must be 0."""
    words = values.shape[1]
    for w in range(words):
        fanout.value[0, w] = ~values[root, w]
        ones[w] = 0
    spread(graph, fanout, reach, values)
    for k in range(reach):
        if fanout.end[k]:
            for w in range(words):
                ones[w] |= fanout.value[k, w] ^ values[fanout.node[k], w]
    for w in range(words):
        seen = ones[w] & care[w]
        ones[w] = seen & values[root, w]
        zeros[w] = seen & ~values[root, w]


@njit(cache=True)
def _candidates(window, root, count, values, ones, zeros, gates, covers, found):
    """Functions that agree with the root wherever it counts and leave fewer gates; returns their number.

    Each is a literal and −1, or two literals, and whether the AND of them is complemented.
    """
    node = window.node
    place = window.place[root]
    number = 0
    for phase in range(2):
        if number < found.shape[0] and not _any(zeros if phase else ones):
            found[number, 0], found[number, 1], found[number, 2] = 0, -1, phase
            number += 1
    # divisors that live on first: with the others, less dies
    for alive in range(1, -1, -1):
        for k in range(1, count):
            if k == place or window.divisor[k] != (alive == 1):
                continue
            x = np.int64(node[k])
            for phase in range(2):
                literal = 2 * x + phase
                if number == found.shape[0]:
                    return number
                if _within(values, literal, ones) and _exclude(values, literal, literal, zeros):
                    found[number, 0], found[number, 1], found[number, 2] = 2 * x, -1, phase
                    number += 1
    if gates < 1:
        return number
    for phase in range(2):
        need, avoid = (zeros, ones) if phase else (ones, zeros)
        size = 0
        for k in range(1, count):
            if not window.divisor[k]:
                continue
            for flip in range(2):
                literal = 2 * np.int64(node[k]) + flip
                if size < COVERS and _within(values, literal, need):
                    covers[size] = literal
                    size += 1
        for i in range(size):
            for j in range(i):
                if number == found.shape[0]:
                    return number
                if _exclude(values, covers[i], covers[j], avoid):
                    found[number, 0], found[number, 1], found[number, 2] = covers[j], covers[i], phase
                    number += 1
    return number


@njit(cache=True)
def _holds(graph, root, function, fanout, reach, cones, constraints, budget):
    """Prove that no end of the fan-out changes when the root becomes the function.

    The changed gates are written behind those of the graph, where no list knows of them.
    """
    cones_module.forget(cones)
    fanins, first = graph.fanins, graph.first
    row = graph.rows[0]
    literal = function[0]
    if function[1] >= 0:
        row = _scratch(fanins, row, function[0], function[1])
        literal = 2 * (first + row - 1)
    literal ^= function[2]
    same = np.int64(1)
    for k in range(reach):
        x = np.int64(fanout.node[k])
        changed = literal
        if k > 0:
            a, b = np.int64(fanins[x - first, 0]), np.int64(fanins[x - first, 1])
            i, j = fanout.spot[a >> 1], fanout.spot[b >> 1]
            if i >= 0:
                a = _copied(fanout, i, literal) ^ (a & 1)
            if j >= 0:
                b = _copied(fanout, j, literal) ^ (b & 1)
            changed = 2 * (first + row)
            row = _scratch(fanins, row, a, b)
            fanout.value[k, 0] = np.uint64(changed)
        if fanout.end[k]:
            row = _scratch(fanins, row, 2 * x, changed ^ 1)
            row = _scratch(fanins, row, 2 * x + 1, changed)
            row = _scratch(fanins, row, 2 * (first + row) - 3, 2 * (first + row) - 1)
            equal = 2 * (first + row - 1)
            row = _scratch(fanins, row, same, equal)
            same = 2 * (first + row - 1)
    return satisfy(cones, fanins, first, same ^ 1, 1, constraints, budget) == UNSATISFIABLE


@njit(cache=True, inline="always")
def _copied(fanout, place, literal):
    """The literal that stands for a gate of the window in the changed graph."""
    return literal if place == 0 else np.int64(fanout.value[place, 0])


@njit(cache=True, inline="always")
def _scratch(fanins, row, a, b):
    fanins[row, 0] = a
    fanins[row, 1] = b
    return row + 1


@njit(cache=True)
def _evaluate(graph, node, values):
    a, b = np.int64(graph.fanins[node - graph.first, 0]), np.int64(graph.fanins[node - graph.first, 1])
    for w in range(values.shape[1]):
        values[node, w] = _word(values, a, w) & _word(values, b, w)


@njit(cache=True, inline="always")
def _word(values, literal, w):
    return values[literal >> 1, w] ^ (np.uint64(0) - np.uint64(literal & 1))


@njit(cache=True)
def _any(words):
    w = 0
    while w < words.shape[0] and words[w] == 0:
        w += 1
    return w < words.shape[0]


@njit(cache=True)
def _within(values, literal, need):
    """Whether a literal is true in all of the patterns."""
    w = 0
    while w < need.shape[0] and need[w] & ~_word(values, literal, w) == 0:
        w += 1
    return w == need.shape[0]


@njit(cache=True)
def _exclude(values, a, b, avoid):
    """Whether two literals are true together in none of the patterns."""
    w = 0
    while w < avoid.shape[0] and avoid[w] & _word(values, a, w) & _word(values, b, w) == 0:
        w += 1
    return w == avoid.shape[0]
