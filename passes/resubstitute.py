"""Resubstitution: a gate computed anew from nodes that are there anyway."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numba import njit

from trilc.aig import AIG, editing, windows
from trilc.aig.editing import add_gate, replace
from trilc.aig.network import dereference, undo_dereference
from trilc.aig.windows import close_window, open_window, reconvergent_cut
from trilc.errors import InputError

ROOM = 3
"""Gates that must have room before the next gate is looked at."""

COVERS = 64
"""Divisors that imply a gate, or its complement, which are tried with others."""

NOTHING, WIRE, OR2, OR3, OR_AND, MUX = range(6)
"""Ways to compute a gate, or its complement: literals a, then a ∨ b, a ∨ b ∨ c, a ∨ (b ∧ c) and a ? b : c."""


@dataclass(frozen=True)
class Resubstitute:
    """Windowed resubstitution (Mishchenko, Brayton 2006).

    For each gate, a cut of up to ``cut`` leaves is grown by reconvergence. Divisors are nodes that depend on the
    leaves alone and live on without the gate; those beside its own cone are looked for until the window has
    ``window`` nodes. The gate then becomes a divisor, or one to three gates over divisors: AND, OR, AND-OR and
    multiplexers (XOR among them) of any polarity, wherever fewer gates come than go. Never more gates; depth may
    grow.
    """

    name: ClassVar[str] = "resubstitute"
    cut: int = 8
    window: int = 200

    def __post_init__(self) -> None:
        if not 2 <= self.cut <= windows.LEAVES:
            raise InputError(f"resubstitute: cut is {self.cut}, not 2 to {windows.LEAVES}")
        if not 0 <= self.window <= 1000:
            raise InputError(f"resubstitute: window is {self.window}, not 0 to 1000")

    def apply(self, aig: AIG) -> AIG:
        """See the class."""
        graph = editing.edit(aig, aig.num_ands // 4 + ROOM)
        row = 0
        while True:
            window = windows.empty(len(graph.references), self.cut, self.window)
            row = _resubstitute(graph, row, aig.num_ands, self.cut, self.window, window)
            if row == aig.num_ands:
                return editing.finish(aig, graph)
            graph = editing.grown(graph)


@njit(cache=True)
def _resubstitute(graph, row, end, widest, largest, window):
    """Look at the gates from ``row`` to ``end``, as far as there is room; returns the first that is not done."""
    stack = np.empty(2 * graph.references.shape[0] + 2, np.uint32)
    path = np.empty(windows.INNER + 2, np.uint32)
    covers = np.empty((2, COVERS), np.int64)
    rest = np.empty(window.table.shape[1], np.uint64)
    target = np.empty(window.table.shape[1], np.uint64)
    pick = np.empty(3, np.int64)
    while row < end and graph.rows[0] + ROOM <= graph.fanins.shape[0]:
        root = graph.first + row
        row += 1
        uses = graph.references[root]
        if uses == 0:
            continue
        size = reconvergent_cut(graph, root, widest, window)
        for k in range(1, size + 1):
            graph.references[window.node[k]] += 1
        dead = dereference(graph, root, uses, stack)
        count = open_window(graph, root, size, largest, window, path)
        way, phase = _search(window, root, count, 1 << max(size - 6, 0), dead - 1, covers, target, rest, pick)
        undo_dereference(graph, root, uses, stack, dead)
        for k in range(1, size + 1):
            graph.references[window.node[k]] -= 1
        for k in range(3):  # from places to nodes
            pick[k] = 2 * np.int64(window.node[pick[k] >> 1]) ^ (pick[k] & 1)
        close_window(window, count)
        if way != NOTHING:
            replace(graph, root, _build(graph, way, pick) ^ phase, stack)
    return row


@njit(cache=True)
def _build(graph, way, pick):
    """The literal of what was found."""
    a, b, c = pick
    if way == WIRE:
        return a
    if way == OR2:
        return add_gate(graph, a ^ 1, b ^ 1) ^ 1
    if way == OR3:
        return add_gate(graph, add_gate(graph, a ^ 1, b ^ 1), c ^ 1) ^ 1
    if way == OR_AND:
        return add_gate(graph, a ^ 1, add_gate(graph, b, c) ^ 1) ^ 1
    return add_gate(graph, add_gate(graph, a, b) ^ 1, add_gate(graph, a ^ 1, c) ^ 1) ^ 1


@njit(cache=True)
def _search(window, root, count, words, gates, covers, target, rest, pick):
    """A way to compute the root from divisors with at most so many gates, the fewest that will do.

    Returns the way and whether it gives the complement; the literals, over places in the window, are in ``pick``.
    """
    table, divisor = window.table, window.divisor
    function = table[window.place[root]]
    pick[0] = pick[1] = pick[2] = 0
    sizes = np.zeros(2, np.int64)
    for k in range(count):
        if not divisor[k]:
            continue
        # whether some input has (divisor, function) at (0, 0), (0, 1), (1, 0), (1, 1)
        neither = below = above = both = np.uint64(0)
        for w in range(words):
            d, f = table[k, w], function[w]
            neither |= ~(d | f)
            below |= ~d & f
            above |= d & ~f
            both |= d & f
            if neither != 0 and below != 0 and above != 0 and both != 0:
                break
        if (below == 0 and above == 0) or (neither == 0 and both == 0):
            pick[0] = 2 * k
            return WIRE, np.int64(below != 0 or above != 0)
        if k == 0:
            continue
        for phase in range(2):
            for flip in range(2):
                outside = (above, both, neither, below)[phase + 2 * flip]
                if outside == 0 and sizes[phase] < COVERS:
                    covers[phase, sizes[phase]] = 2 * k + flip
                    sizes[phase] += 1
    for way in range(OR2, MUX):
        if gates < (0, 0, 1, 2, 2)[way]:
            break
        for phase in range(2):
            for w in range(words):
                target[w] = function[w] ^ np.uint64(-phase)
            if way == OR_AND:
                found = _or_and(window, count, words, covers[phase, : sizes[phase]], target, rest, pick)
            else:
                found = _or(table, words, covers[phase, : sizes[phase]], target, rest, pick, way)
            if found:
                return way, np.int64(phase)
    if gates >= 3 and _multiplexer(window, function, count, words, pick):
        return MUX, np.int64(0)
    return NOTHING, np.int64(0)


@njit(cache=True)
def _or(table, words, covers, target, rest, pick, terms):
    """Find two or, if ``terms`` is OR3, three of the covers whose OR is the target."""
    for i in range(covers.shape[0]):
        a = covers[i]
        # the first covers the first one of the target, the second the first that is left, and so on
        w, bit = _first_one(target, words)
        if not _has(table, a, w, bit):
            continue
        _subtract(target, table, a, rest, words)
        w, bit = _first_one(rest, words)
        for j in range(covers.shape[0]):
            b = covers[j]
            if not _has(table, b, w, bit):
                continue
            if terms == OR2:
                if _contains(table, b, rest, w, words):
                    pick[0], pick[1] = a, b
                    return True
                continue
            for v in range(w, words):
                if rest[v] & ~_word(table, b, v) != 0:
                    break
            for k in range(covers.shape[0]):
                c = covers[k]
                fits = True
                for u in range(v, words):
                    if rest[u] & ~_word(table, b, u) & ~_word(table, c, u) != 0:
                        fits = False
                        break
                if fits:
                    pick[0], pick[1], pick[2] = a, b, c
                    return True
    return False


@njit(cache=True)
def _or_and(window, count, words, covers, target, rest, pick):
    """Find a cover and two more literals with a ∨ (b ∧ c) the target."""
    table, divisor = window.table, window.divisor
    factors = np.empty(COVERS, np.int64)
    for i in range(covers.shape[0]):
        _subtract(target, table, covers[i], rest, words)
        start, _ = _first_one(rest, words)
        size = 0
        for literal in range(2, 2 * count):
            if not divisor[literal >> 1] or not _contains(table, literal, rest, start, words):
                continue
            for j in range(size):
                fits = True
                for w in range(words):
                    if _word(table, literal, w) & _word(table, factors[j], w) & ~target[w] != 0:
                        fits = False
                        break
                if fits:
                    pick[0], pick[1], pick[2] = covers[i], factors[j], literal
                    return True
            if size < COVERS:
                factors[size] = literal
                size += 1
    return False


@njit(cache=True)
def _multiplexer(window, function, count, words, pick):
    """Find a divisor and two literals with ``a ? b : c`` the function."""
    table, divisor = window.table, window.divisor
    for k in range(1, count):
        if not divisor[k]:
            continue
        then, otherwise = np.int64(-1), np.int64(-1)
        for literal in range(2, 2 * count):
            if not divisor[literal >> 1]:
                continue
            if then < 0 and _agrees(table, literal, function, 2 * k, words):
                then = np.int64(literal)
            if otherwise < 0 and _agrees(table, literal, function, 2 * k + 1, words):
                otherwise = np.int64(literal)
        if then >= 0 and otherwise >= 0:
            pick[0], pick[1], pick[2] = 2 * k, then, otherwise
            return True
    return False


@njit(cache=True, inline="always")
def _word(table, literal, w):
    """Word ``w`` of the table of a literal."""
    return table[literal >> 1, w] ^ np.uint64(-(literal & 1))


@njit(cache=True)
def _agrees(table, literal, function, condition, words):
    """Whether a literal is the function wherever the condition holds."""
    w = 0
    while w < words and (_word(table, literal, w) ^ function[w]) & _word(table, condition, w) == 0:
        w += 1
    return w == words


@njit(cache=True)
def _contains(table, literal, rest, start, words):
    """Whether a literal is true wherever ``rest`` is, from word ``start`` on."""
    w = start
    while w < words and rest[w] & ~_word(table, literal, w) == 0:
        w += 1
    return w == words


@njit(cache=True)
def _subtract(target, table, literal, rest, words):
    """Set ``rest`` to where the target is true and the literal not."""
    for w in range(words):
        rest[w] = target[w] & ~_word(table, literal, w)


@njit(cache=True)
def _first_one(values, words):
    """The first word that is not 0, and its lowest bit."""
    w = 0
    while values[w] == 0:
        w += 1
    return w, values[w] & (~values[w] + np.uint64(1))


@njit(cache=True)
def _has(table, literal, w, bit):
    return _word(table, literal, w) & bit != 0
