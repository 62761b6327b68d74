"""Equal registers and gates by induction from the reset state: what ABC calls signal correspondence.

Van Eijk (2000), with speculative reduction (Mony, Baumgartner, Mishchenko, Brayton 2009): whatever agrees when the
machine runs from reset on random inputs is assumed to be equal for ``frames`` steps, by giving its readers the first
of its class to read, and must then be equal in the step after. What is not splits the classes, until all that is
left is proved at once. The environment's constraints hold in every frame.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig import AIG, TRUE, UNKNOWN, Builder, Literals
from trilc.aig.copying import at, copy
from trilc.aig.hashing import find_or_add
from trilc.aig.simulation import literal_values, simulate_nodes
from trilc.aig.traverse import reachable
from trilc.sat import cones as cones_module
from trilc.sat.cdcl import SATISFIABLE, UNSATISFIABLE
from trilc.sat.classes import Classes, one_class, refine
from trilc.sat.cones import differ
from trilc.sat.patterns import perturbed
from trilc.sat.sweeping import first_lane, record

WORDS = 4
"""Words of random runs."""
STEPS = 64
"""Steps of random runs."""


@dataclass(frozen=True, eq=False)
class Frame:
    """A step of a graph in which nodes read the first of each class."""

    own: Literals
    """(nodes,) each node in this frame."""
    read: Literals
    """(nodes,) what its readers read: the first of its class."""
    exact: Literals
    """(nodes,) for what the constraints need: the same where leaves alone are merged."""
    constraints: Literals

    def differing(self) -> NDArray[np.int64]:
        """(nodes,) those that are not what their readers read by structure alone."""
        return np.flatnonzero(self.own != self.read)

    def with_assumptions(self, builder: Builder) -> Frame:
        """The same where these are equal is one more constraint for each, unless there are too many."""
        nodes = self.differing()
        if len(nodes) > MOST_ASSUMED:
            return self
        differ = np.asarray(builder.xor(self.own[nodes], self.read[nodes]), np.uint32)
        return replace(self, constraints=np.unique(np.concatenate([self.constraints, differ ^ np.uint32(1)])))


@dataclass(frozen=True)
class Effort:
    """How hard a question may be: conflicts, and nodes that it is about."""

    conflicts: int
    cone: int


PATIENCE = 64
"""Rounds in which no equality is given up for what others are mistaken for."""

MOST_ASSUMED = 4096
"""Equalities that every question may be about."""


def correspondences(
    aig: AIG, frames: int, effort: Effort, alone: NDArray[np.bool_], thorough: bool = False
) -> Classes:
    """Classes of nodes that are equal (or complements) at every step from reset on; inputs are left out.

    ``alone`` (registers,) are compared with constants and gates only where they would be the first: never.
    A class's first node is a constant or a register where it has one.

    That gates are equal in the steps before says something of the states there, too. A ``thorough`` induction makes
    that part of every question, up to :data:`MOST_ASSUMED` equalities, and is patient; it finds more, and takes
    longer.
    """
    rng = np.random.default_rng(0)
    classes = _by_random_runs(aig, alone, rng)
    for patience in count(PATIENCE if thorough else 0, -1):
        split = False
        for from_reset in (True, False):
            for frame in range(0 if from_reset else frames, frames if from_reset else frames + 1):
                builder, unrolled = _unroll(aig, classes, frame + 1, from_reset, thorough)
                split |= _check(aig, classes, builder.build(), unrolled, effort, patience > 0, rng)
        if not split:
            break
    return classes


def reduced(aig: AIG, classes: Classes) -> AIG:
    """The graph whose nodes read the first of each class, dead gates included; registers all stay.

    What constraints need is merged at the registers alone: an equality may rest on the constraint itself.
    """
    builder = Builder(aig.num_ands)
    inputs = [builder.input(name) for name in aig.input_names]
    registers = [
        builder.register(name, int(reset)) for name, reset in zip(aig.register_names, aig.reset, strict=True)
    ]
    merged = frame(builder, aig, classes, np.array([0, *inputs, *registers], np.uint32))
    for register, following in zip(registers, at(merged.read, aig.next_state), strict=True):
        builder.set_next(register, following)
    for name, literal in zip(aig.output_names, at(merged.read, aig.outputs), strict=True):
        builder.output(name, literal)
    for literal in merged.constraints:
        builder.constrain(literal)
    return builder.build(aig.metadata, aig.keep_registers)


def _by_random_runs(aig: AIG, alone: NDArray[np.bool_], rng: np.random.Generator) -> Classes:
    """Candidates: nodes that agree on runs from reset that keep the constraints."""
    members = np.ones(aig.num_nodes, np.bool_)
    members[1 : 1 + aig.num_inputs] = False
    members[1 + aig.num_inputs : aig.first_and] = ~alone
    state = np.where(aig.reset[:, None] == TRUE, ~np.uint64(0), np.uint64(0)) * np.ones(WORDS, np.uint64)
    free = aig.reset == UNKNOWN
    state[free] = rng.integers(0, 2**64, (int(free.sum()), WORDS), np.uint64)
    care = np.full(WORDS, ~np.uint64(0))
    classes = None
    for _ in range(STEPS):
        inputs = rng.integers(0, 2**64, (aig.num_inputs, WORDS), np.uint64)
        values = simulate_nodes(aig, np.concatenate([inputs, state]))
        care = care & np.bitwise_and.reduce(
            literal_values(values, aig.constraints), axis=0, initial=~np.uint64(0)
        )
        if classes is None:
            lane = max(first_lane(care), 0)
            phase = (values[:, lane // 64] >> np.uint64(lane % 64) & np.uint64(1)).astype(np.uint8)
            classes = one_class(members, phase)
        refine(classes, values, care)
        state = literal_values(values, aig.next_state)
    assert classes is not None
    return classes


def _unroll(
    aig: AIG, classes: Classes, frames: int, from_reset: bool, thorough: bool
) -> tuple[Builder, list[Frame]]:
    """So many steps, from reset or from any state in which the classes agree."""
    builder = Builder(frames * aig.num_ands)
    inputs = [[builder.input(f"{f} {k}") for k in range(aig.num_inputs)] for f in range(frames)]
    state = np.array([builder.input(f"state {k}") for k in range(aig.num_registers)], np.uint32)
    if from_reset:
        state = np.where(aig.reset == UNKNOWN, state, aig.reset).astype(np.uint32)
    unrolled = []
    for f in range(frames):
        sources = np.concatenate([np.array([0, *inputs[f]], np.uint32), state])
        unrolled.append(frame(builder, aig, classes, sources))
        state = at(unrolled[-1].read, aig.next_state)
        if thorough and f + 1 < frames:
            unrolled[-1] = unrolled[-1].with_assumptions(builder)
    return builder, unrolled


def frame(builder: Builder, aig: AIG, classes: Classes, sources: Literals) -> Frame:
    """Enter a step of a graph over (1 + leaves,) ``sources``."""
    own = np.zeros(aig.num_nodes, np.uint32)
    own[: aig.first_and] = sources
    read = own.copy()
    leaves = slice(1, aig.first_and)
    leader = classes.leader[leaves]
    read[leaves] = own[leader] ^ classes.phase[leaves] ^ classes.phase[leader]
    exact = copy(builder, aig, read[: aig.first_and], reachable(aig, aig.constraints))
    builder.emit(_copy_reduced, aig.num_ands, aig.fanins, aig.first_and, classes.leader, classes.phase, own, read)
    return Frame(own, read, exact, at(exact, aig.constraints))


def _check(
    aig: AIG, classes: Classes, graph: AIG, unrolled: list[Frame], effort: Effort, patient: bool,
    rng: np.random.Generator,
) -> bool:  # fmt: skip
    """Split the classes until all is proved of the last frame; whether there was anything to split.

    What reads a node that is not what was assumed is a matter of the next round, for the ``patient``; else it counts
    as different at once, which is soon done and gives up too much.
    """
    own = unrolled[-1].own
    before = np.concatenate([np.zeros(0, np.uint32), *(frame.constraints for frame in unrolled[:-1])])
    now = np.concatenate([before, unrolled[-1].constraints])
    work = cones_module.empty(graph.num_nodes, effort.cone + 4 * max(0, len(now) - len(aig.constraints)))
    patterns = np.zeros(graph.first_and - 1, np.uint64)
    state = np.zeros(2, np.int64)
    n = 1 + aig.num_inputs
    split = False
    while n < aig.num_nodes:
        n = _compare(
            graph.fanins, graph.first_and, n, aig.first_and, own, classes, work, before, now, patterns, state,
            effort.conflicts,
        )  # fmt: skip
        split |= bool(state[1])
        if state[0]:
            stale, split = split, True
            values = simulate_nodes(graph, perturbed(patterns, int(state[0]), rng))
            care = np.bitwise_and.reduce(literal_values(values, now), axis=0, initial=~np.uint64(0))
            was = classes.leader[n] if n < aig.num_nodes else 0
            if patient:  # values as they are, not as if readers read what was assumed
                values = simulate_nodes(aig, literal_values(values, own[1 : aig.first_and]))
                refine(classes, values, care)
            else:
                refine(classes, literal_values(values, own), care)
            if n < aig.num_nodes and classes.leader[n] == was and was != n:
                if stale and patient:
                    n += 1
                else:
                    _isolate(classes, n)  # or a register differs only where the present constraints fail
            patterns[:] = 0
            state[0] = 0
    return split


@njit(cache=True)
def _copy_reduced(fanins, first, table, count, old, old_first, leader, phase, own, read):
    """Enter all gates, each reading the first of the classes of what it reads; returns the new gate count."""
    for row in range(old.shape[0]):
        n = old_first + row
        a, b = np.int64(old[row, 0]), np.int64(old[row, 1])
        a = np.int64(read[a >> 1]) ^ (a & 1)
        b = np.int64(read[b >> 1]) ^ (b & 1)
        own[n], count = find_or_add(fanins, first, table, count, a, b)
        k = np.int64(leader[n])
        read[n] = own[n] if k == n else np.int64(read[k]) ^ np.int64(phase[n] ^ phase[k])
    return count


@njit(cache=True, nogil=True)
def _compare(fanins, first, n, first_gate, own, classes, cones, before, now, patterns, state, budget):
    """Compare the nodes from ``n`` on with the first of their classes, up to one that is different; returns it.

    ``state`` is whether there is a counterexample in ``patterns``, and whether some node was set apart.
    """
    state[:] = 0
    while n < own.shape[0]:
        leader = np.int64(classes.leader[n])
        a = np.int64(own[n])
        b = np.int64(own[leader]) ^ np.int64(classes.phase[leader] ^ classes.phase[n])
        if leader != n and a != b:
            constraints = before if n < first_gate else now
            answer = differ(cones, fanins, first, a, b, constraints, budget)
            if answer == SATISFIABLE:
                record(cones, patterns, 0)
                state[0] = 1
                return n
            if answer != UNSATISFIABLE:
                _isolate(classes, n)
                state[1] = 1
        n += 1
    return n


@njit(cache=True)
def _isolate(classes, n):
    """Put a node that is not the first of its class into one of its own."""
    classes.size[classes.leader[n]] -= 1
    classes.leader[n] = n
    classes.size[n] = 1
