"""Don't-cares: a gate becomes another function wherever no one can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from passes import forms
from trilc.aig import AIG, editing, fanouts, windows
from trilc.aig.editing import add_gate, replace, simulate_word
from trilc.aig.fanouts import close_fanout, open_fanout, spread
from trilc.aig.network import dereference, enlarged, undo_dereference
from trilc.aig.simulation import simulate_nodes
from trilc.aig.traverse import reachable
from trilc.aig.windows import close_window, open_window, reconvergent_cut
from trilc.aig.xorshift import following
from trilc.errors import InputError
from trilc.sat import cones as cones_module
from trilc.sat.cdcl import SATISFIABLE, UNSATISFIABLE
from trilc.sat.cones import satisfy, value_of
from trilc.sat.patterns import care_words, reached

WORDS = 32
"""Words of random patterns that guide the search."""

COVERS = 100
"""Divisors that imply a gate, or its complement, which are tried in pairs."""

DIVISORS = 48
"""Divisors that are tried in larger forms."""

LASTING = WORDS // 2
"""Words of patterns that stay; counterexamples take turns in the others."""

BATCHED = 10_000
"""Gates of a graph in which two counterexamples wait for each other; the larger the graph, the more do."""

PATIENT, ENCOURAGED, RARE = 1000, 20, 16
"""Once so many questions more (and one for every eight gates) have failed than ``ENCOURAGED`` times those that did
not, only every ``RARE``-th gate is looked at, until questions succeed again."""

FUNCTION = 2 + 2 * forms.LARGEST
"""Numbers that describe a function: its gates, its literal, and the fan-ins of the gates."""

LANES, WORD, BATCH, PATIENCE = range(4)

SCRATCH = 5 * fanouts.LARGEST + 8 + forms.LARGEST
"""Rows that a question to the solver takes; with the new gates, they must have room."""


@dataclass(frozen=True)
class Dontcare:
    """Resubstitution with observability don't-cares, guided by simulation and proved by SAT.

    Lee, Riener, Mishchenko, Brayton, De Micheli (2020) with the windows of Mishchenko, Brayton (2005). Patterns in
    which no gate ``fanout`` gates away from a gate changes with it don't count for it. In the others it may agree with
    a constant, with a divisor (found as in ``resubstitute``, over ``cut`` leaves and up to ``window`` nodes), or with
    up to ``gates`` gates of divisors; then the solver, within ``conflicts`` conflicts and over the ``cone`` nearest
    nodes, proves that nothing differs beyond, or gives a pattern that guides the rest. At most ``tries`` functions of
    one gate, and as many larger ones, are asked about per gate, and few gates are looked at once the questions keep
    failing. The constraints are a care set. Never more gates; depth may grow.
    """

    name: ClassVar[str] = "dontcare"
    cut: int = 10
    window: int = 150
    fanout: int = 24
    tries: int = 4
    conflicts: int = 50
    cone: int = 500
    gates: int = 3

    def __post_init__(self) -> None:
        ranges = {
            "cut": (2, windows.LEAVES), "window": (0, 1000), "fanout": (1, fanouts.LARGEST), "tries": (1, 1000),
            "conflicts": (0, 10**6), "cone": (2, 1 << 17), "gates": (0, forms.LARGEST),
        }  # fmt: skip
        for option, (low, high) in ranges.items():
            if not low <= getattr(self, option) <= high:
                raise InputError(f"dontcare: {option} is {getattr(self, option)}, not {low} to {high}")

    def apply(self, aig: AIG) -> AIG:
        """See the class."""
        graph = editing.edit(aig, aig.num_ands // 4 + SCRATCH)
        patterns = _Patterns.of(aig)
        frozen = reachable(aig, aig.constraints)
        sinks = np.array([aig.num_ands, aig.num_ands + (len(aig.roots) + 1) // 2])
        options = np.array([self.cut, self.window, self.fanout, self.tries, self.conflicts, self.gates])
        row = 0
        while True:
            nodes = len(graph.references)
            patterns = patterns._replace(values=enlarged(patterns.values, nodes))
            row = _run(
                graph, row, aig.num_ands, sinks, frozen, patterns, aig.constraints,
                windows.empty(nodes, self.cut, self.window), fanouts.empty(nodes, WORDS),
                cones_module.empty(nodes, self.cone), forms.search_of(WORDS), options,
            )  # fmt: skip
            if row == aig.num_ands:
                result = editing.finish(aig, graph)
                return result if result.num_ands <= aig.num_ands else aig
            graph = editing.grown(graph)


class _Patterns(NamedTuple):
    """The patterns that guide the search: random ones, of which half give way to counterexamples."""

    values: NDArray[np.uint64]
    """(nodes, WORDS)"""
    care: NDArray[np.uint64]
    """(WORDS,) where all constraints hold."""
    fresh: NDArray[np.uint64]
    """(leaves,) the counterexamples that wait."""
    random: NDArray[np.uint64]
    """(1,) the state of the random numbers."""
    state: NDArray[np.int64]
    """How many wait; the word whose turn is next; how many are used at a time; questions that may yet fail."""

    @classmethod
    def of(cls, aig: AIG) -> _Patterns:
        """Random patterns; where there are constraints, those that stay come from runs that keep them."""
        rng = np.random.default_rng(0)
        leaves = rng.integers(0, 2**64, (aig.first_and - 1, WORDS), np.uint64)
        if len(aig.constraints):
            leaves[:, :LASTING] = reached(aig, LASTING, rng)
        values = simulate_nodes(aig, leaves)
        batch = min(1 << (aig.num_ands // BATCHED).bit_length(), 64)
        state = np.array([0, LASTING, batch, PATIENT + aig.num_ands // 8])
        fresh = np.zeros(aig.first_and - 1, np.uint64)
        return cls(values, care_words(aig, values), fresh, np.ones(1, np.uint64), state)


@njit(cache=True, nogil=True)
def _run(graph, row, end, sinks, frozen, patterns, constraints, window, fanout, cones, search, options):
    """Look at the gates from ``row`` to ``end``, as far as there is room; returns the first that is not done."""
    cut, largest, beyond, tries, budget, most = options
    values = patterns.values
    stack = np.empty(2 * graph.references.shape[0] + 2, np.uint32)
    path = np.empty(windows.INNER + 2, np.uint32)
    done = np.empty(graph.references.shape[0], np.bool_)
    ones = np.empty(values.shape[1], np.uint64)
    zeros = np.empty(values.shape[1], np.uint64)
    found = np.empty((tries, FUNCTION), np.int64)
    covers = np.empty(COVERS, np.int64)
    divisors = np.empty(DIVISORS, np.int64)
    literals = np.empty((2 * DIVISORS, values.shape[1]), np.uint64)
    while row < end and graph.rows[0] + SCRATCH <= graph.fanins.shape[0]:
        root = graph.first + row
        row += 1
        uses = graph.references[root]
        if uses == 0 or frozen[root]:
            continue
        patience = patterns.state[PATIENCE]
        if patience < 0 and row % RARE != 0:
            continue
        reach = open_fanout(graph, sinks, root, beyond, fanout)
        _observe(graph, root, fanout, reach, patterns, ones, zeros)
        size = reconvergent_cut(graph, root, cut, window)
        for k in range(1, size + 1):
            graph.references[window.node[k]] += 1
        dead = dereference(graph, root, uses, stack)
        count = open_window(graph, root, size, largest, window, path)
        undo_dereference(graph, root, uses, stack, dead)
        for k in range(1, size + 1):
            graph.references[window.node[k]] -= 1
        number = _candidates(graph, window, root, count, values, ones, zeros, min(dead - 1, most), covers, found)
        k, forms_left = 0, tries if min(dead - 1, most) > 1 else 0
        while k < number or forms_left > 0:
            if k == number:
                forms_left -= 1
                k = 0
                number = _formed(
                    graph, window, count, values, ones, zeros, min(dead - 1, most), search, divisors, literals, found
                )
                if number == 0:
                    break
            function = found[k]
            k += 1
            if not _agrees(graph, function, values, ones, zeros):
                continue
            answer = _ask(graph, root, function, fanout, reach, cones, constraints, budget)
            patterns.state[PATIENCE] += ENCOURAGED if answer == UNSATISFIABLE else -1
            if answer == UNSATISFIABLE:
                _replace(graph, root, function, fanout, reach, values, stack)
                break
            if answer == SATISFIABLE:
                if _learn(cones, patterns):
                    _use(graph, patterns, constraints, done, stack)
                    _observe(graph, root, fanout, reach, patterns, ones, zeros)
            elif k == number:
                forms_left = 0 if forms_left < tries else forms_left
        close_window(window, count)
        close_fanout(fanout, reach)
    return row


@njit(cache=True)
def _replace(graph, root, function, fanout, reach, values, stack):
    """Let a function stand in for the root, and bring the values of the fan-out up to date."""
    for k in range(function[0]):
        _evaluate(graph, add_gate(graph, function[2 + 2 * k], function[3 + 2 * k]) >> 1, values)
    literal = function[1]
    for w in range(values.shape[1]):
        fanout.value[0, w] = _word(values, literal, w)
    spread(graph, fanout, reach, values)
    for j in range(1, reach):
        for w in range(values.shape[1]):
            values[fanout.node[j], w] = fanout.value[j, w]
    replace(graph, root, literal, stack)


@njit(cache=True)
def _learn(cones, patterns):
    """Keep the leaves of the assignment found last; whether there are enough of them to be used."""
    fresh, state = patterns.fresh, patterns.state
    lane = np.uint64(state[LANES])
    for leaf in range(fresh.shape[0]):
        value = value_of(cones, leaf + 1)
        if value < 0:
            value = np.int64(following(patterns.random) & np.uint64(1))
        fresh[leaf] = (fresh[leaf] & ~(np.uint64(1) << lane)) | (np.uint64(value) << lane)
    state[LANES] += 1
    return state[LANES] == state[BATCH]


@njit(cache=True)
def _use(graph, patterns, constraints, done, stack):
    """Let new patterns, and others like them, take the place of the oldest."""
    fresh, values, state = patterns.fresh, patterns.values, patterns.state
    w = state[WORD]
    state[WORD] = w + 1 if w + 1 < values.shape[1] else LASTING
    for leaf in range(fresh.shape[0]):
        word = fresh[leaf]
        width = state[LANES]
        free = np.uint64(0)
        if width < 64:
            word &= (np.uint64(1) << np.uint64(width)) - np.uint64(1)
            free = ~np.uint64(0) << np.uint64(width)
        while width < 64:
            word |= word << np.uint64(width)
            width *= 2
        rare = following(patterns.random) & following(patterns.random) & following(patterns.random)
        values[leaf + 1, w] = word ^ (rare & free)
    simulate_word(graph, values, w, graph.rows[0], done, stack)
    care = ~np.uint64(0)
    for k in range(constraints.shape[0]):
        care &= _word(values, np.int64(constraints[k]), w)
    patterns.care[w] = care
    state[LANES] = 0


@njit(cache=True)
def _observe(graph, root, fanout, reach, patterns, ones, zeros):
    """The patterns in which the root must be 1, and those in which it must be 0."""
    values, care = patterns.values, patterns.care
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
def _candidates(graph, window, root, count, values, ones, zeros, gates, covers, found):
    """Functions of up to one gate that agree with the root wherever it counts and leave fewer gates; their number."""
    node = window.node
    place = window.place[root]
    new = 2 * (graph.first + graph.rows[0])
    number = 0
    for phase in range(2):
        if number < found.shape[0] and not _any(zeros if phase else ones):
            found[number, 0], found[number, 1] = 0, phase
            number += 1
    # divisors that live on first: with the others, less dies
    for alive in range(1, -1, -1):
        for k in range(1, count):
            if k == place or window.divisor[k] != (alive == 1):
                continue
            for phase in range(2):
                literal = 2 * np.int64(node[k]) + phase
                if number == found.shape[0]:
                    return number
                if _within(values, literal, ones) and _exclude(values, literal, literal, zeros):
                    found[number, 0], found[number, 1] = 0, literal
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
                    found[number, 0], found[number, 1] = 1, new ^ phase
                    found[number, 2], found[number, 3] = covers[j], covers[i]
                    number += 1
    return number


@njit(cache=True)
def _formed(graph, window, count, values, ones, zeros, most, search, divisors, literals, found):
    """A function of two gates or more, up to ``most``, that agrees wherever the root counts; 1 if there is one."""
    size = 0
    for k in range(1, count):
        if window.divisor[k] and size < divisors.shape[0]:
            divisors[size] = window.node[k]
            for w in range(values.shape[1]):
                word = values[divisors[size], w]
                literals[2 * size, w], literals[2 * size + 1, w] = word, ~word
            size += 1
    best = forms.NOTHING
    new = 2 * (graph.first + graph.rows[0])
    gates = np.empty((forms.LARGEST, 2), np.int64)
    for phase in range(2):
        on, off = (zeros, ones) if phase else (ones, zeros)
        form = forms.find(search, literals[: 2 * size], on, off, most)
        if form == forms.NOTHING:
            continue
        best = form
        most = forms.gates_of(form) - 1
        for k in range(4):
            search.pick[k] = 2 * divisors[search.pick[k] >> 1] ^ (search.pick[k] & 1)
        found[0, 0] = forms.gates_of(form)
        found[0, 1] = forms.expand(form, search.pick, new, gates) ^ phase
        found[0, 2:] = gates.ravel()
    return 0 if best == forms.NOTHING else 1


@njit(cache=True)
def _agrees(graph, function, values, ones, zeros):
    """Whether a function still agrees with the root wherever that counts."""
    base = graph.first + graph.rows[0]
    gate = np.zeros(forms.LARGEST, np.uint64)
    for w in range(values.shape[1]):
        for k in range(function[0] + 1):
            a = function[1] if k == function[0] else function[2 + 2 * k]
            b = function[1] if k == function[0] else function[3 + 2 * k]
            x = _word(values, a, w) if a >> 1 < base else gate[(a >> 1) - base] ^ (np.uint64(0) - np.uint64(a & 1))
            y = _word(values, b, w) if b >> 1 < base else gate[(b >> 1) - base] ^ (np.uint64(0) - np.uint64(b & 1))
            if k < function[0]:
                gate[k] = x & y
            elif (ones[w] & ~x) | (zeros[w] & x):
                return False
    return True


@njit(cache=True)
def _ask(graph, root, function, fanout, reach, cones, constraints, budget):
    """Whether some end of the fan-out can change when the root becomes the function.

    The changed gates are written behind those of the graph, where no list knows of them.
    """
    cones_module.forget(cones)
    fanins, first = graph.fanins, graph.first
    row = graph.rows[0]
    for k in range(function[0]):
        row = _scratch(fanins, row, function[2 + 2 * k], function[3 + 2 * k])
    literal = function[1]
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
    return satisfy(cones, fanins, first, same ^ 1, 1, constraints, budget)


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
