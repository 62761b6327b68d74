"""Resubstitution on whole truth tables, for the logic that a few inputs determine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from passes import forms
from trilc.aig import AIG, editing
from trilc.aig.editing import replace
from trilc.aig.network import dereference, undo_dereference
from trilc.aig.traverse import reachable
from trilc.aig.windows import set_source
from trilc.aig.xorshift import following
from trilc.errors import InputError

MOST_INPUTS = 12
"""Inputs that the circuit may have."""

WORK = 1 << 17
"""Words of truth tables, round by round, that a circuit may have: a minute. Larger ones get fewer rounds."""

PAYS = 1000
"""Two rounds that remove less than one in so many gates are the last ones."""

FULL = ~np.uint64(0)


@dataclass(frozen=True)
class Tabulate:
    """Resubstitution of the gates that depend on inputs alone, by exhaustive simulation.

    In a circuit of few inputs, at most :data:`MOST_INPUTS` besides registers, such gates have truth tables; what
    the constraints exclude is free. A gate becomes up to three gates of any others, wherever fewer come than go,
    as in windowed resubstitution (Mishchenko, Brayton 2006) with the whole circuit as the window. Where hundreds
    of functions of a few inputs stand side by side, as in a net's token tables, nearly every one is two or three
    gates away from the others.

    All gates are looked at up to ``rounds`` times, as long as that pays, every time with up to ``divisors`` others,
    drawn anew; with far fewer where the inputs are more than six, for there two functions hardly ever make a third. In
    every other round a small cone may also give way to one of its size. Never more gates; depth may grow.
    """

    name: ClassVar[str] = "tabulate"
    rounds: int = 8
    divisors: int = 800

    def __post_init__(self) -> None:
        if not 1 <= self.rounds <= 1000:
            raise InputError(f"tabulate: rounds is {self.rounds}, not 1 to 1000")
        if not 1 <= self.divisors <= 5000:
            raise InputError(f"tabulate: divisors is {self.divisors}, not 1 to 5000")

    def apply(self, aig: AIG) -> AIG:
        """See the class."""
        if aig.num_inputs > MOST_INPUTS:
            return aig
        words = 1 << max(aig.num_inputs - 6, 0)
        _, count = self._places(aig)
        sizes = [aig.num_ands]
        for number in range(min(self.rounds, WORK // (count * words))):
            aig = self._round(aig, words, number)
            sizes.append(aig.num_ands)
            if number > 0 and PAYS * (sizes[-3] - sizes[-1]) < count:
                break
        return aig

    @staticmethod
    def _places(aig: AIG) -> tuple[NDArray[np.int32], int]:
        """The places of the nodes that depend on inputs alone, −1 for others, and how many there are."""
        place = np.full(aig.num_nodes, -1, np.int32)
        return place, _mark(aig.fanins, aig.first_and, aig.num_inputs, place)

    def _round(self, aig: AIG, words: int, number: int) -> AIG:
        place, count = self._places(aig)
        room = count
        graph = editing.edit(aig, room)
        cone = _Cone(
            np.concatenate([place, np.full(len(graph.references) - len(place), -1, np.int32)]),
            np.concatenate([np.flatnonzero(place >= 0), np.zeros(room, np.int64)]),
            np.zeros((count + room, words), np.uint64),
            np.array([count]),
        )
        _fill(graph, cone, aig.num_inputs)
        care = self._care(aig, cone)
        if care.any():
            fixed = reachable(aig, aig.constraints)
            most = max(2, self.divisors // words**2)  # pairs of them, word by word, are what takes the time
            _resubstitute(graph, aig.num_ands, cone, care, fixed, forms.search_of(words), most, number)
        return editing.finish(aig, graph)

    @staticmethod
    def _care(aig: AIG, cone: _Cone) -> NDArray[np.uint64]:
        """The patterns of the inputs that the constraints on inputs alone permit."""
        care = np.full(cone.table.shape[1], FULL)
        if aig.num_inputs < 6:
            care >>= np.uint64(64 - (1 << aig.num_inputs))
        for literal in aig.constraints[cone.place[aig.constraints >> 1] >= 0].tolist():
            care &= cone.table[cone.place[literal >> 1]] ^ (FULL if literal & 1 else np.uint64(0))
        return care


class _Cone(NamedTuple):
    """The nodes that depend on inputs alone, in topological order, the constant first."""

    place: NDArray[np.int32]
    """(nodes of the graph,) where each is in the cone, −1 for those outside."""
    node: NDArray[np.int64]
    """(places,)"""
    table: NDArray[np.uint64]
    """(places, words)"""
    size: NDArray[np.int64]
    """(1,) places in use."""


@njit(cache=True)
def _mark(fanins, first, inputs, place):
    """Give the nodes that depend on inputs alone their places; returns how many there are."""
    for k in range(inputs + 1):
        place[k] = k
    count = inputs + 1
    for row in range(fanins.shape[0]):
        if place[np.int64(fanins[row, 0]) >> 1] >= 0 and place[np.int64(fanins[row, 1]) >> 1] >= 0:
            place[first + row] = count
            count += 1
    return count


@njit(cache=True)
def _fill(graph, cone, inputs):
    """Fill in all tables."""
    for k in range(cone.size[0]):
        if k <= inputs:
            set_source(cone.table[k], k - 1, cone.table.shape[1])
        else:
            _set_gate(graph, cone, k)


@njit(cache=True)
def _set_gate(graph, cone, k):
    """Fill in the table of the gate at a place."""
    row = cone.node[k] - graph.first
    a, b = np.int64(graph.fanins[row, 0]), np.int64(graph.fanins[row, 1])
    left, right = cone.table[cone.place[a >> 1]], cone.table[cone.place[b >> 1]]
    flip_left, flip_right = np.uint64(-(a & 1)), np.uint64(-(b & 1))
    for w in range(left.shape[0]):
        cone.table[k, w] = (left[w] ^ flip_left) & (right[w] ^ flip_right)


@njit(cache=True)
def _resubstitute(graph, gates, cone, care, fixed, search, most, number):
    """Look at every gate of the cone but those of the constraints, as far as there is room."""
    stack = np.empty(2 * graph.references.shape[0] + 2, np.uint32)
    path = np.empty(cone.node.shape[0], np.int64)
    words = care.shape[0]
    above = np.zeros(cone.node.shape[0], np.bool_)
    order = np.arange(cone.node.shape[0])
    divisors = np.zeros(most, np.int64)
    literals = np.zeros((2 * most, words), np.uint64)
    on, off = np.zeros(words, np.uint64), np.zeros(words, np.uint64)
    state = np.array([number + 1], np.uint64)
    for row in range(gates):
        root = graph.first + row
        place = cone.place[root]
        if place < 0 or fixed[root] or graph.references[root] == 0:
            continue
        if cone.size[0] + forms.LARGEST > cone.node.shape[0]:
            break
        uses = graph.references[root]
        dead = dereference(graph, root, uses, stack)
        gain = 0 if dead < forms.LARGEST and number & 1 else 1
        form, phase = forms.NOTHING, 0
        if dead > gain:
            _mark_above(graph, cone, root, above, path)
            size = _draw(graph, cone, above, order, state, divisors)
            for i in range(size):
                for w in range(words):
                    table = cone.table[cone.place[divisors[i]], w]
                    literals[2 * i, w], literals[2 * i + 1, w] = table & care[w], ~table & care[w]
            allowed = min(dead - gain, forms.LARGEST)
            best = search.pick.copy()
            for side in range(2):
                for w in range(words):
                    on[w] = (cone.table[place, w] ^ np.uint64(-side)) & care[w]
                    off[w] = ~on[w] & care[w]
                found = forms.find(search, literals[: 2 * size], on, off, allowed)
                if found != forms.NOTHING and (form == forms.NOTHING or forms.gates_of(found) < forms.gates_of(form)):
                    form, phase = found, side
                    best[:] = search.pick
        undo_dereference(graph, root, uses, stack, dead)
        if form != forms.NOTHING:
            for k in range(4):
                best[k] = 2 * divisors[best[k] >> 1] ^ (best[k] & 1)
            _replace(graph, cone, root, form, best, phase, stack)


@njit(cache=True)
def _replace(graph, cone, root, form, pick, phase, stack):
    """Let a form stand in for the root; its gates join the cone."""
    before = graph.rows[0]
    literal = forms.build(graph, form, pick)
    for row in range(before, graph.rows[0]):
        k = cone.size[0]
        cone.size[0] += 1
        cone.place[graph.first + row] = k
        cone.node[k] = graph.first + row
        _set_gate(graph, cone, k)
    replace(graph, root, literal ^ phase, stack)


@njit(cache=True)
def _mark_above(graph, cone, root, above, path):
    """Mark the places of what depends on the root."""
    above[: cone.size[0]] = False
    above[cone.place[root]] = True
    path[0] = root
    depth = 1
    while depth > 0:
        depth -= 1
        edge = np.int64(graph.reader[path[depth]])
        while edge != 0:
            x = graph.first + (edge >> 1) - 1
            edge = np.int64(graph.next_reader[edge])
            if cone.place[x] >= 0 and not above[cone.place[x]]:
                above[cone.place[x]] = True
                path[depth] = x
                depth += 1


@njit(cache=True)
def _draw(graph, cone, above, order, state, divisors):
    """Draw live nodes that do not depend on the root, each at most once (Fisher, Yates 1938); returns how many."""
    size, count = 0, cone.size[0]
    for k in range(count):
        if size == divisors.shape[0]:
            break
        other = k + np.int64(following(state) % np.uint64(count - k))
        order[k], order[other] = order[other], order[k]
        x = cone.node[order[k]]
        if not above[order[k]] and (x < graph.first or graph.references[x] > 0):
            divisors[size] = x
            size += 1
    return size
