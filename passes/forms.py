"""Forms of up to three gates that compute a function from given literals, found by truth tables.

A form is true on ``on``, false on ``off``, two disjoint sets of the inputs' patterns; elsewhere it is free. Sets and
tables are arrays of 64-bit words, bit ``m`` of word ``w`` being pattern ``64·w + m``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig.editing import add_gate

COVERS, FEW, PAIRS = 64, 8, 4096
"""Literals, literals in the slowest search, and ORs of two literals, that contain ``on`` and are looked at."""

LARGEST = 3
"""Gates of the largest forms."""

NOTHING, WIRE, AND2, AND3, AND_OR, AND_AND_OR, OR_AND_OR, AND_OR_AND = range(8)
"""None; a; ab; abc; a(b ∨ c); ab(c ∨ d); (a ∨ b)(c ∨ d), XORs and multiplexers among them; a(b ∨ cd)."""

_GATES = (0, 0, 1, 2, 2, 3, 3, 3)

PIVOTS = 8
"""Patterns by which sets are told apart before they are compared."""


class Search(NamedTuple):
    """The working space of a search."""

    covers: NDArray[np.int64]
    """(COVERS,) literals that contain ``on``."""
    pairs: NDArray[np.int64]
    """(PAIRS, 2) literals that contain ``on`` together."""
    excess: NDArray[np.uint64]
    """(PAIRS, words) where each of the pairs meets ``off``."""
    rest: NDArray[np.uint64]
    """(words,)"""
    pick: NDArray[np.int64]
    """(4,) the literals a, b, c, d of what was found."""


def search_of(words: int) -> Search:
    """Working space for truth tables of so many words."""
    return Search(
        np.zeros(COVERS, np.int64), np.zeros((PAIRS, 2), np.int64), np.zeros((PAIRS, words), np.uint64),
        np.zeros(words, np.uint64), np.zeros(4, np.int64),
    )  # fmt: skip


@njit(cache=True)
def find(search, literals, on, off, most):
    """The form of fewest gates, at most ``most``; its literals, rows of ``literals``, are in ``search.pick``."""
    covers, pairs, excess, rest, pick = search
    pick[:] = 0
    size = 0
    for x in range(literals.shape[0]):
        if size < COVERS and _contains(literals[x], on):
            covers[size] = x
            size += 1
    covers = covers[:size]
    for a in covers:
        if _disjoint(literals[a], off):
            pick[0] = a
            return WIRE
    if most >= 1:
        for i in range(size):
            _meet(rest, literals[covers[i]], off)
            for b in covers[:i]:
                if _disjoint(literals[b], rest):
                    pick[0], pick[1] = covers[i], b
                    return AND2
    found = _list_pairs(literals, on, off, pairs, excess) if most >= 2 else 0
    if most >= 2:
        for i in range(size):
            for j in range(i):
                _meet(rest, literals[covers[i]], off)
                _meet(rest, literals[covers[j]], rest)
                for c in covers[:j]:
                    if _disjoint(literals[c], rest):
                        pick[0], pick[1], pick[2] = covers[i], covers[j], c
                        return AND3
        for a in covers:
            for p in range(found):
                if _disjoint(literals[a], excess[p]):
                    pick[0], pick[1], pick[2] = a, pairs[p, 0], pairs[p, 1]
                    return AND_OR
    if most >= 3:
        p, q = _disjoint_sets(excess[:found], off)
        if q >= 0:
            pick[0], pick[1], pick[2], pick[3] = pairs[p, 0], pairs[p, 1], pairs[q, 0], pairs[q, 1]
            return OR_AND_OR
        for i in range(size):
            for b in covers[:i]:
                _meet(rest, literals[covers[i]], literals[b])
                for p in range(found):
                    if _disjoint(rest, excess[p]):
                        pick[0], pick[1], pick[2], pick[3] = covers[i], b, pairs[p, 0], pairs[p, 1]
                        return AND_AND_OR
        for a in covers[:FEW]:
            _meet(rest, literals[a], off)
            if _or_and(literals, on, rest, pairs[:COVERS, 0], pick):
                pick[0] = a
                return AND_OR_AND
    return NOTHING


@njit(cache=True)
def gates_of(form):
    """Gates of a form."""
    return _GATES[form]


@njit(cache=True)
def expand(form, pick, following, gates):
    """Write a form's gates over the literals in ``pick`` into ``gates`` (LARGEST, 2); returns its literal.

    The literals of the gates are ``following``, ``following + 2`` and so on; :func:`gates_of` tells how many.
    """
    a, b, c, d = pick
    if form == WIRE:
        return a
    if form == AND2:
        return _set(gates, 0, a, b, following)
    if form == AND3:
        return _set(gates, 1, a, _set(gates, 0, b, c, following), following)
    if form == AND_OR:
        return _set(gates, 1, a, _set(gates, 0, b ^ 1, c ^ 1, following) ^ 1, following)
    if form == AND_AND_OR:
        b = _set(gates, 0, a, b, following)
    elif form == OR_AND_OR:
        b = _set(gates, 0, a ^ 1, b ^ 1, following) ^ 1
    else:
        c = _set(gates, 0, c, d, following)
        return _set(gates, 2, a, _set(gates, 1, b ^ 1, c ^ 1, following) ^ 1, following)
    return _set(gates, 2, b, _set(gates, 1, c ^ 1, d ^ 1, following) ^ 1, following)


@njit(cache=True)
def build(graph, form, pick):
    """Add the gates of a form over the literals in ``pick``; returns its literal."""
    gates = np.empty((LARGEST, 2), np.int64)
    literal = expand(form, pick, 2 * (graph.first + graph.rows[0]), gates)
    for k in range(_GATES[form]):
        add_gate(graph, gates[k, 0], gates[k, 1])
    return literal


@njit(cache=True, inline="always")
def _set(gates, k, a, b, following):
    gates[k, 0] = a
    gates[k, 1] = b
    return following + 2 * k


@njit(cache=True)
def _list_pairs(literals, on, off, pairs, excess):
    """Write the ORs of two literals that contain ``on``, where neither does alone; returns their number."""
    found = 0
    for b in range(literals.shape[0]):
        if _contains(literals[b], on):
            continue
        for c in range(b):
            if _contain(literals[b], literals[c], on) and not _contains(literals[c], on):
                for w in range(on.shape[0]):
                    excess[found, w] = (literals[b, w] | literals[c, w]) & off[w]
                pairs[found, 0], pairs[found, 1] = b, c
                found += 1
                if found == PAIRS:
                    return found
    return found


@njit(cache=True)
def _disjoint_sets(sets, universe):
    """Two disjoint sets of many, or (−1, −1)."""
    pivots, size = np.zeros(PIVOTS, np.int64), 0
    for pattern in range(64 * universe.shape[0]):
        if size < PIVOTS and _has(universe, pattern):
            pivots[size] = pattern
            size += 1
    every = (1 << PIVOTS) - 1
    keys, start = np.zeros(sets.shape[0], np.int64), np.zeros(every + 3, np.int64)
    for p in range(sets.shape[0]):
        for k in range(size):
            keys[p] |= np.int64(_has(sets[p], pivots[k])) << k
        start[keys[p] + 2] += 1
    for key in range(2, every + 3):
        start[key] += start[key - 1]
    order = np.zeros(sets.shape[0], np.int64)
    for p in range(sets.shape[0]):
        order[start[keys[p] + 1]] = p
        start[keys[p] + 1] += 1
    for key in range(every + 1):
        if start[key] == start[key + 1]:
            continue
        other = ~key & every
        while other >= 0:
            for i in range(start[key], start[key + 1]):
                for j in range(start[other], start[other + 1]):
                    if _disjoint(sets[order[i]], sets[order[j]]):
                        return order[i], order[j]
            other = (other - 1) & ~key & every if other > 0 else -1  # the next part of the complement
    return np.int64(-1), np.int64(-1)


@njit(cache=True)
def _or_and(literals, on, off, factors, pick):
    """Find ``b ∨ cd`` between the complement of ``off`` and ``on``."""
    for b in range(literals.shape[0]):
        if not _disjoint(literals[b], off):
            continue
        size = 0
        for c in range(literals.shape[0]):
            if not _contain(literals[b], literals[c], on):
                continue
            for d in factors[:size]:
                if _meet_outside(literals[c], literals[d], off):
                    pick[1], pick[2], pick[3] = b, c, d
                    return True
            if size < factors.shape[0]:
                factors[size] = c
                size += 1
    return False


@njit(cache=True, inline="always")
def _has(table, pattern):
    return (table[pattern >> 6] >> np.uint64(pattern & 63)) & np.uint64(1) != 0


@njit(cache=True, inline="always")
def _meet(result, a, b):
    for w in range(a.shape[0]):
        result[w] = a[w] & b[w]


@njit(cache=True, inline="always")
def _contains(a, on):
    w = 0
    while w < on.shape[0] and on[w] & ~a[w] == 0:
        w += 1
    return w == on.shape[0]


@njit(cache=True, inline="always")
def _contain(a, b, on):
    w = 0
    while w < on.shape[0] and on[w] & ~(a[w] | b[w]) == 0:
        w += 1
    return w == on.shape[0]


@njit(cache=True, inline="always")
def _disjoint(a, b):
    w = 0
    while w < b.shape[0] and a[w] & b[w] == 0:
        w += 1
    return w == b.shape[0]


@njit(cache=True, inline="always")
def _meet_outside(a, b, off):
    w = 0
    while w < off.shape[0] and a[w] & b[w] & off[w] == 0:
        w += 1
    return w == off.shape[0]
