"""SAT sweeping: nodes that are equal, or complements, wherever the constraints hold, become one.

Fraigs (Mishchenko, Chatterjee, Jiang, Brayton 2005), after Kuehlmann, Paruthi, Krohm, Ganai (2002): random patterns
make classes of candidates; the graph is built anew in topological order, and each gate is compared with the first of
its class over what has been merged so far; counterexamples become patterns that split the classes further.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig import AIG, Literals
from trilc.aig.copying import copy_gates
from trilc.aig.hashing import find_or_add
from trilc.aig.simulation import simulate_nodes
from trilc.aig.traverse import reachable
from trilc.sat import cones as cones_module
from trilc.sat.cdcl import SATISFIABLE, UNSATISFIABLE
from trilc.sat.classes import Classes, one_class, refine
from trilc.sat.cones import differ, most_learnt, value_of, write_learnt
from trilc.sat.derivation import History, Meaning
from trilc.sat.patterns import around, care_words, pushed, reached

Words = NDArray[np.uint64]

WORDS = 8
"""Words of random patterns that are simulated at a time."""
ROUNDS = 16
"""Such simulations at most."""

PUSHES, PUSHED_WORDS = 16, 256
ENDLESS = 1 << 62

_BESIDES = 9
"""Places that a gate may need in a history, besides those for what was learnt."""

GATES, LANES, EPOCH, PROVED, DISPROVED, UNKNOWN_PAIRS, NOTED = range(7)


@dataclass(frozen=True)
class Swept:
    """A graph in which equal nodes are one, and how it came about."""

    fanins: Literals
    """(ANDs, 2) its gates, some of which may be dead; inputs and registers are those of the graph given."""
    literal_of: Literals
    """(nodes,) what each node has become, wherever the constraints hold."""
    exact: Literals
    """(nodes,) for the nodes that the constraints need: what each has become always."""
    proved: int
    """Pairs of nodes that differ in structure and were proved equal."""
    disproved: int
    undecided: int
    meaning: Meaning | None = None
    """What its nodes mean, where it was said what those of the graph given do."""

    def rebuild(self, aig: AIG) -> AIG:
        """The graph, dead gates included; its constraints are what they were."""
        free = len(aig.roots) - len(aig.constraints)
        merged, kept = aig.roots[:free], aig.roots[free:]
        roots = [self.literal_of[merged >> 1] ^ (merged & 1), self.exact[kept >> 1] ^ (kept & 1)]
        return aig.with_roots(np.concatenate(roots), fanins=self.fanins)


def sweep(
    aig: AIG,
    conflicts: int,
    cone: int = cones_module.LARGEST,
    known: int = 0,
    meaning: Meaning | None = None,
) -> Swept:
    """Merge all nodes that are proved equal in at most ``conflicts`` conflicts each, over the ``cone`` nearest nodes.

    Each gate is compared with the first of its class, unless it is one of the first ``known`` ones, which stay as they
    are. Near linear in the graph for a given ``cone``.

    Where the ``meaning`` of the nodes is given, all that was proved goes into its derivation.
    """
    rng = np.random.default_rng(0)
    classes = _by_random_patterns(aig, rng)
    if known:
        _push_apart(aig, classes, rng)
    fanins = np.empty((2 * aig.num_ands, 2), np.uint32)
    table = np.zeros(1 << max(4 * aig.num_ands, 16).bit_length(), np.uint32)
    literal_of = np.zeros(aig.num_nodes, np.uint32)
    literal_of[: aig.first_and] = np.arange(0, 2 * aig.first_and, 2)
    exact = literal_of.copy()
    count = np.zeros(7, np.int64)
    needed = reachable(aig, aig.constraints)
    count[GATES] = copy_gates(fanins, aig.first_and, table, 0, aig.fanins, aig.first_and, needed, exact)
    constraints = exact[aig.constraints >> 1] ^ (aig.constraints & 1)
    work = cones_module.empty(aig.first_and + len(fanins), cone, ENDLESS if known else cones_module.PATIENCE)
    met = np.full(aig.num_nodes, -1, np.int64)
    patterns, given = np.zeros((2, aig.first_and - 1), np.uint64)
    room = most_learnt(work) + _BESIDES if meaning else 0
    entries = np.empty(2 * room, np.int32)
    history = None
    if meaning:
        history = History(meaning, meaning.literal[: aig.first_and], aig.first_and + len(fanins))
        both = np.flatnonzero(needed[aig.first_and :]) + aig.first_and
        history.note(np.column_stack([np.zeros_like(both), both, exact[both]]).astype(np.int32).ravel())
    row = 0
    while row < aig.num_ands:
        row = _sweep(
            aig.fanins, aig.first_and, row, literal_of, fanins, table, count, classes, work, constraints,
            met, patterns, given, conflicts, aig.first_and + known, entries, room,
        )  # fmt: skip
        if history:
            history.note(entries[: count[NOTED]])
            count[NOTED] = 0
        if count[LANES]:
            values = simulate_nodes(aig, around(patterns, given, int(count[LANES]), rng))
            refine(classes, values, care_words(aig, values))
            patterns[:] = given[:] = 0
            count[LANES] = 0
            count[EPOCH] += 1
    return Swept(
        fanins[: count[GATES]], literal_of, exact, int(count[PROVED]), int(count[DISPROVED]), int(count[UNKNOWN_PAIRS]),
        history.meaning(aig.first_and + int(count[GATES])) if history else None,
    )  # fmt: skip


def _by_random_patterns(aig: AIG, rng: np.random.Generator) -> Classes:
    """Candidates after random simulation, which goes on for as long as it splits one node in a hundred off.

    Where there are constraints, it begins with the end of runs that keep them.
    """
    phase = np.zeros(aig.num_nodes, np.uint8)
    classes = None
    for number in range(ROUNDS):
        if number == 0 and len(aig.constraints):
            leaves = reached(aig, WORDS, rng)
        else:
            leaves = rng.integers(0, 2**64, (aig.first_and - 1, WORDS), np.uint64)
        values = simulate_nodes(aig, leaves)
        care = care_words(aig, values)
        if classes is None:
            lane = first_lane(care)
            if lane >= 0:
                phase = (values[:, lane // 64] >> np.uint64(lane % 64) & np.uint64(1)).astype(np.uint8)
            classes = one_class(np.ones(aig.num_nodes, np.bool_), phase)
        if 100 * refine(classes, values, care) < aig.num_nodes:
            break
    assert classes is not None
    return classes


def _push_apart(aig: AIG, classes: Classes, rng: np.random.Generator) -> None:
    """Split candidates by patterns that push gates to what they rarely are."""
    for _ in range(PUSHES):
        values = simulate_nodes(aig, pushed(aig, PUSHED_WORDS, rng))
        refine(classes, values, care_words(aig, values))


def first_lane(care: Words) -> int:
    """The first lane with a one, or −1."""
    places = np.flatnonzero(np.unpackbits(care.view(np.uint8), bitorder="little"))
    return int(places[0]) if places.size else -1


@njit(cache=True, nogil=True)
def _sweep(
    old, first, row, literal_of, fanins, table, count, classes, cones, constraints, met, patterns, given, budget,
    known, entries, room,
):  # fmt: skip
    """Build and compare gates from ``row`` on, until the classes must be split; returns the first that is not done.

    What is found is noted in ``entries`` (see :class:`trilc.sat.derivation.History`), unless they have no ``room``.
    ``met[n]`` is the epoch in which the class that ``n`` leads last met a counterexample.
    """
    while row < old.shape[0]:
        if count[NOTED] + room > entries.shape[0]:
            return row
        n = first + row
        a, b = np.int64(old[row, 0]), np.int64(old[row, 1])
        a = np.int64(literal_of[a >> 1]) ^ (a & 1)
        b = np.int64(literal_of[b >> 1]) ^ (b & 1)
        literal, gates = find_or_add(fanins, first, table, count[GATES], a, b)
        count[GATES] = gates
        literal_of[n] = literal
        if room:
            _note(entries, count, 0, n, literal)
        leader = np.int64(classes.leader[n])
        target = np.int64(literal_of[leader]) ^ np.int64(classes.phase[leader] ^ classes.phase[n])
        if leader == n or n < known or literal == target:
            row += 1
            continue
        if met[leader] == count[EPOCH] and count[LANES] > 0:
            return row
        answer = differ(cones, fanins, first, literal, target, constraints, budget)
        if room:
            count[NOTED] = write_learnt(cones, entries, count[NOTED])
        if answer == SATISFIABLE:
            count[DISPROVED] += 1
            met[leader] = count[EPOCH]
            record(cones, patterns, count[LANES])
            _record_given(cones, given, count[LANES])
            count[LANES] += 1
            if classes.size[leader] > 2:
                return row
        elif answer == UNSATISFIABLE:
            count[PROVED] += 1
            literal_of[n] = target
            if room:
                _note(entries, count, 2, literal ^ 1, target)
                _note(entries, count, 2, literal, target ^ 1)
        else:
            count[UNKNOWN_PAIRS] += 1
        row += 1
        if count[LANES] == 64:
            return row
    return row


@njit(cache=True, inline="always")
def _note(entries, count, kind, a, b):
    end = count[NOTED]
    entries[end], entries[end + 1], entries[end + 2] = kind, a, b
    count[NOTED] = end + 3


@njit(cache=True)
def record(cones, patterns, lane):
    """Enter the values of the leaves in the assignment found last as one lane of ``patterns`` (leaves,)."""
    for leaf in range(patterns.shape[0]):
        if value_of(cones, leaf + 1) > 0:
            patterns[leaf] |= np.uint64(1) << np.uint64(lane)


@njit(cache=True)
def _record_given(cones, given, lane):
    """Enter which leaves the assignment found last gives a value; any will do for the others."""
    for leaf in range(given.shape[0]):
        if value_of(cones, leaf + 1) >= 0:
            given[leaf] |= np.uint64(1) << np.uint64(lane)
