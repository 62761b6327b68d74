"""Resubstitution on whole truth tables, for the logic that a few inputs determine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numba import njit

from trilc.aig import AIG, editing
from trilc.aig.editing import add_gate, replace
from trilc.aig.network import dereference, undo_dereference
from trilc.aig.traverse import reachable
from trilc.aig.windows import set_source
from trilc.errors import InputError

MOST_INPUTS = 12
"""Inputs that the circuit may have."""

ROOM = 3
"""Gates that must have room before the next gate is looked at."""

COVERS, PAIRS = 64, 4096
"""Literals, and ORs of two literals, that contain a function and are tried with others."""

FORMS = NOTHING, WIRE, AND2, AND3, AND_OR, AND_AND_OR, OR_AND_OR, AND_OR_AND = range(8)
"""Ways to compute a gate, or its complement, from literals: none; a; ab; abc; a(b ∨ c); ab(c ∨ d); (a ∨ b)(c ∨ d);
a(b ∨ cd)."""

GATES = (0, 0, 1, 2, 2, 3, 3, 3)
"""Gates of each form."""


@dataclass(frozen=True)
class Tabulate:
    """Resubstitution of the gates that depend on inputs alone, by exhaustive simulation.

    In a circuit of at most :data:`MOST_INPUTS` inputs, registers aside, such gates have known truth tables; what
    the constraints exclude is free. A gate is computed anew by up to three gates from any others, wherever fewer
    come than go, as in windowed resubstitution (Mishchenko, Brayton 2006), but with the whole cone as the window:
    where hundreds of functions of a few inputs stand side by side, nearly every one is two or three gates away
    from the others. For each gate, ``divisors`` others are looked at, and all gates ``rounds`` times; in every
    other round, as many gates may come as go. Never more gates; depth may grow.
    """

    name: ClassVar[str] = "tabulate"
    rounds: int = 6
    divisors: int = 400

    def __post_init__(self) -> None:
        if not 1 <= self.rounds <= 1000:
            raise InputError(f"tabulate: rounds is {self.rounds}, not 1 to 1000")
        if not 1 <= self.divisors <= 5000:
            raise InputError(f"tabulate: divisors is {self.divisors}, not 1 to 5000")

    def apply(self, aig: AIG) -> AIG:
        """See the class."""
        if aig.num_inputs > MOST_INPUTS:
            return aig
        for number in range(self.rounds):
            aig = self._round(aig, number)
        return aig

    def _round(self, aig: AIG, number: int) -> AIG:
        graph = editing.edit(aig, aig.num_ands + ROOM)
        fixed = reachable(aig, aig.constraints)
        words = 1 << max(aig.num_inputs - 6, 0)
        place = np.full(len(graph.references), -1, np.int32)
        count = _mark(graph.fanins, aig.first_and, aig.num_ands, aig.num_inputs, place)
        tables = np.zeros((count + aig.num_ands + ROOM, words), np.uint64)
        _tabulate(graph.fanins, aig.first_and, aig.num_ands, aig.num_inputs, place, tables)
        care = np.full(words, ~np.uint64(0))
        if aig.num_inputs < 6:
            care[:] = (np.uint64(1) << np.uint64(1 << aig.num_inputs)) - np.uint64(1)
        for literal in aig.constraints.tolist():
            if place[literal >> 1] >= 0:
                care &= tables[place[literal >> 1]] ^ np.uint64(-(literal & 1) & 0xFFFFFFFFFFFFFFFF)
        if care.any():
            _resubstitute(graph, aig.num_ands, place, tables, count, care, fixed, self.divisors, number)
        return editing.finish(aig, graph)


@njit(cache=True)
def _mark(fanins, first, gates, inputs, place):
    """Number the nodes that depend on inputs alone, the constant first; returns how many there are."""
    for k in range(inputs + 1):
        place[k] = k
    count = inputs + 1
    for row in range(gates):
        if place[np.int64(fanins[row, 0]) >> 1] >= 0 and place[np.int64(fanins[row, 1]) >> 1] >= 0:
            place[first + row] = count
            count += 1
    return count


@njit(cache=True)
def _tabulate(fanins, first, gates, inputs, place, tables):
    words = tables.shape[1]
    for k in range(inputs + 1):
        set_source(tables[k], k - 1, words)
    for row in range(gates):
        if place[first + row] >= 0:
            _enter(fanins, row, place, tables, place[first + row])


@njit(cache=True)
def _enter(fanins, row, place, tables, k):
    """Fill in the table of a gate."""
    a, b = np.int64(fanins[row, 0]), np.int64(fanins[row, 1])
    flip_a, flip_b = np.uint64(-(a & 1)), np.uint64(-(b & 1))
    for w in range(tables.shape[1]):
        tables[k, w] = (tables[place[a >> 1], w] ^ flip_a) & (tables[place[b >> 1], w] ^ flip_b)


@njit(cache=True)
def _resubstitute(graph, gates, place, tables, count, care, fixed, divisors, number):
    stack = np.empty(2 * graph.references.shape[0] + 2, np.uint32)
    words = tables.shape[1]
    node = np.zeros(tables.shape[0], np.int64)
    for x in range(graph.first + gates):
        if place[x] >= 0:
            node[place[x]] = x
    inputs = 0
    while place[inputs] >= 0:
        inputs += 1
    above = np.zeros(tables.shape[0], np.bool_)
    order = np.arange(tables.shape[0])
    chosen = np.zeros(divisors, np.int64)
    literals = np.zeros((2 * divisors, words), np.uint64)
    on, off, free = np.zeros(words, np.uint64), np.zeros(words, np.uint64), np.zeros(words, np.uint64)
    covers, pairs = np.zeros(COVERS, np.int64), np.zeros((PAIRS, 2), np.int64)
    kept = np.zeros((PAIRS, words), np.uint64)
    pick = np.zeros(4, np.int64)
    seed = np.uint64(number + 1)
    for row in range(gates):
        root = graph.first + row
        if place[root] < 0 or fixed[root] or graph.references[root] == 0:
            continue
        if graph.rows[0] + ROOM > graph.fanins.shape[0]:
            break
        uses = graph.references[root]
        dead = dereference(graph, root, uses, stack)
        budget = dead - 1 + (number & 1)
        if budget > 0:
            _mark_above(graph, root, place, node, above, count)
            # the divisors: all, or as many as are wanted, drawn without return
            size = 0
            k = 0
            while k < count and size < divisors:
                seed ^= seed << np.uint64(13)
                seed ^= seed >> np.uint64(7)
                seed ^= seed << np.uint64(17)
                other = k + np.int64(seed % np.uint64(count - k))
                order[k], order[other] = order[other], order[k]
                x = node[order[k]]
                if not above[order[k]] and (x < graph.first or graph.references[x] > 0) and x > 0:
                    chosen[size] = x
                    for w in range(words):
                        literals[2 * size, w] = tables[order[k], w] & care[w]
                        literals[2 * size + 1, w] = ~tables[order[k], w] & care[w]
                    size += 1
                k += 1
            form, phase = NOTHING, np.int64(0)
            for gate in range(min(budget, 3) + 1):
                for phase in range(2):
                    for w in range(words):
                        on[w] = (tables[place[root], w] ^ np.uint64(-phase)) & care[w]
                        off[w] = ~on[w] & care[w]
                    form = _search(literals, 2 * size, on, off, free, gate, covers, pairs, kept, pick)
                    if form != NOTHING:
                        break
                if form != NOTHING:
                    break
            undo_dereference(graph, root, uses, stack, dead)
            if form != NOTHING:
                for k in range(4):
                    pick[k] = 2 * chosen[pick[k] >> 1] ^ (pick[k] & 1)
                before = graph.rows[0]
                literal = _build(graph, form, pick)
                for new in range(before, graph.rows[0]):
                    place[graph.first + new] = count
                    node[count] = graph.first + new
                    _enter(graph.fanins, new, place, tables, count)
                    count += 1
                replace(graph, root, literal ^ phase, stack)
        else:
            undo_dereference(graph, root, uses, stack, dead)


@njit(cache=True)
def _mark_above(graph, root, place, node, above, count):
    """Mark what depends on the root."""
    stack = np.empty(count + 1, np.int64)
    above[:count] = False
    above[place[root]] = True
    stack[0] = root
    depth = 1
    while depth > 0:
        depth -= 1
        edge = np.int64(graph.reader[stack[depth]])
        while edge != 0:
            x = graph.first + (edge >> 1) - 1
            edge = np.int64(graph.next_reader[edge])
            k = place[x]
            if k >= 0 and not above[k]:
                above[k] = True
                stack[depth] = x
                depth += 1


@njit(cache=True)
def _search(literals, count, on, off, free, gates, covers, pairs, kept, pick):
    """A form of exactly so many gates that is true on ``on`` and false on ``off``."""
    words = on.shape[0]
    size = 0
    for x in range(count):
        if size < COVERS and _contains(literals[x], on):
            covers[size] = x
            size += 1
    pick[:] = 0
    if gates == 0:
        for i in range(size):
            if _disjoint(literals[covers[i]], off):
                pick[0] = covers[i]
                return WIRE
        return NOTHING
    if gates == 1:
        for i in range(size):
            for j in range(i):
                if _disjoint2(literals[covers[i]], literals[covers[j]], off):
                    pick[0], pick[1] = covers[i], covers[j]
                    return AND2
        return NOTHING
    if gates == 2:
        for i in range(size):
            for j in range(i):
                for w in range(words):
                    free[w] = literals[covers[i], w] & literals[covers[j], w] & off[w]
                for k in range(j):
                    if _disjoint(literals[covers[k]], free):
                        pick[0], pick[1], pick[2] = covers[i], covers[j], covers[k]
                        return AND3
    found = _pairs(literals, count, on, off, pairs, kept)
    if gates == 2:
        for i in range(size):
            for p in range(found):
                if _disjoint(literals[covers[i]], kept[p]):
                    pick[0], pick[1], pick[2] = covers[i], pairs[p, 0], pairs[p, 1]
                    return AND_OR
        return NOTHING
    for p in range(found):
        for q in range(p):
            if _disjoint(kept[p], kept[q]):
                pick[0], pick[1], pick[2], pick[3] = pairs[p, 0], pairs[p, 1], pairs[q, 0], pairs[q, 1]
                return OR_AND_OR
    for i in range(size):
        for j in range(i):
            for w in range(words):
                free[w] = literals[covers[i], w] & literals[covers[j], w]
            for p in range(found):
                if _disjoint(free, kept[p]):
                    pick[0], pick[1], pick[2], pick[3] = covers[i], covers[j], pairs[p, 0], pairs[p, 1]
                    return AND_AND_OR
    for i in range(size):
        for w in range(words):
            free[w] = literals[covers[i], w] & off[w]
        for b in range(count):
            if not _disjoint(literals[b], free):
                continue
            many = 0
            for c in range(count):
                if _contains2(literals[b], literals[c], on):
                    for k in range(many):
                        if _disjoint2(literals[c], literals[pairs[k, 0]], free):
                            pick[0], pick[1], pick[2], pick[3] = covers[i], b, c, pairs[k, 0]
                            return AND_OR_AND
                    if many < COVERS:
                        pairs[many, 0] = c
                        many += 1
    return NOTHING


@njit(cache=True)
def _pairs(literals, count, on, off, pairs, kept):
    """ORs of two literals that contain ``on``, neither of them alone, and where they meet ``off``."""
    found = 0
    words = on.shape[0]
    for b in range(count):
        if _contains(literals[b], on):
            continue
        for c in range(b):
            if _contains2(literals[b], literals[c], on) and not _contains(literals[c], on):
                for w in range(words):
                    kept[found, w] = (literals[b, w] | literals[c, w]) & off[w]
                pairs[found, 0], pairs[found, 1] = b, c
                found += 1
                if found == PAIRS:
                    return found
    return found


@njit(cache=True)
def _build(graph, form, pick):
    a, b, c, d = pick
    if form == WIRE:
        return a
    if form == AND2:
        return add_gate(graph, a, b)
    if form == AND3:
        return add_gate(graph, a, add_gate(graph, b, c))
    if form == AND_OR:
        return add_gate(graph, a, add_gate(graph, b ^ 1, c ^ 1) ^ 1)
    if form == AND_AND_OR:
        return add_gate(graph, add_gate(graph, a, b), add_gate(graph, c ^ 1, d ^ 1) ^ 1)
    if form == OR_AND_OR:
        return add_gate(graph, add_gate(graph, a ^ 1, b ^ 1) ^ 1, add_gate(graph, c ^ 1, d ^ 1) ^ 1)
    return add_gate(graph, a, add_gate(graph, b ^ 1, add_gate(graph, c, d) ^ 1) ^ 1)


@njit(cache=True, inline="always")
def _contains(a, on):
    for w in range(on.shape[0]):
        if on[w] & ~a[w] != 0:
            return False
    return True


@njit(cache=True, inline="always")
def _contains2(a, b, on):
    for w in range(on.shape[0]):
        if on[w] & ~(a[w] | b[w]) != 0:
            return False
    return True


@njit(cache=True, inline="always")
def _disjoint(a, b):
    for w in range(b.shape[0]):
        if a[w] & b[w] != 0:
            return False
    return True


@njit(cache=True, inline="always")
def _disjoint2(a, b, c):
    for w in range(c.shape[0]):
        if a[w] & b[w] & c[w] != 0:
            return False
    return True
