"""Questions about an And-Inverter Graph, asked from within kernels: its cones are loaded into the solver on demand."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.sat import cdcl
from trilc.sat.cdcl import SATISFIABLE, UNDECIDED, UNSATISFIABLE, Solver, add_clause, solve
from trilc.sat.gates import clauses, operands

LARGEST = 1 << 17
"""Nodes that a solver holds at most."""

STALE = 4
"""The solver starts afresh once it holds so many times the nodes of a question: the rest is in the way."""
_SMALL = 4000
"""... but not below this number of variables."""

PATIENCE, ENCOURAGED, NEAR = 16, 4, 500
"""Where so many questions more were left undecided than answered with no, each answer counting for ``ENCOURAGED``,
large cones are not worth their time: from there on, questions are about ``NEAR`` nodes."""


class Cones(NamedTuple):
    """A solver and which nodes of a graph are in it.

    What a question is about are the nodes nearest to its literals, up to ``limit[0]``; with deeper ones taken for
    free, that something can *not* be still holds, while that it can is no more than a guess.
    """

    solver: Solver
    variable: NDArray[np.int32]
    """(nodes,) the variable of each node, or −1."""
    node: NDArray[np.int32]
    """(variables,) and back."""
    queue: NDArray[np.int32]
    """(variables,) those in the scope of the present question."""
    limit: NDArray[np.int64]
    """(5,) nodes that a question may be about; those of the present one; whether some were left out; how many
    more of :func:`differ`'s may stay undecided before all are asked about few nodes only; and where in the solver's
    arena that begins which it learnt from the last of these."""
    clause: NDArray[np.int64]
    """(4, 3) scratch."""


def empty(nodes: int, limit: int = LARGEST, patience: int = PATIENCE) -> Cones:
    """For graphs of up to so many nodes, and questions about up to ``limit`` of them."""
    variables = min(nodes, LARGEST) + 4
    words = 48 * variables + (1 << 16)
    return Cones(
        cdcl.empty(variables, words),
        np.full(nodes, -1, np.int32),
        np.zeros(variables, np.int32),
        np.zeros(variables, np.int32),
        np.array([limit, 0, 0, patience, 0]),
        np.zeros((4, 3), np.int64),
    )


@njit(cache=True)
def forget(cones):
    """Unload everything, as is needed when gates have changed."""
    for v in range(cones.solver.state[cdcl.VARIABLES]):
        cones.variable[cones.node[v]] = -1
    cdcl.forget(cones.solver)


@njit(cache=True)
def differ(cones, fanins, first, a, b, constraints, budget):
    """Whether literals ``a`` and ``b`` can differ where all ``constraints`` hold; row ``i`` is node ``first + i``.

    ``SATISFIABLE`` leaves the values to :func:`value_of`. A cone that is too large, or more than ``budget``
    conflicts, give ``UNDECIDED``; after many such, only small cones are looked at.
    """
    fits = _prepare(cones, fanins, first, a, b, constraints)
    cones.limit[4] = cones.solver.state[cdcl.ARENA]
    if not fits:
        return UNDECIDED
    x, y = _literal(cones, a), _literal(cones, b)
    answer = solve(cones.solver, x, y ^ 1, budget)
    if answer == UNSATISFIABLE:
        answer = solve(cones.solver, x ^ 1, y, budget)
    if answer == UNSATISFIABLE:
        cones.limit[3] += ENCOURAGED
    elif answer == UNDECIDED or cones.limit[2]:
        cones.limit[3] -= 1
        if cones.limit[3] < 0:
            cones.limit[0] = min(cones.limit[0], NEAR)
        return UNDECIDED
    return answer


@njit(cache=True)
def satisfy(cones, fanins, first, a, b, constraints, budget):
    """Whether literals ``a`` and ``b`` can both be true where all ``constraints`` hold; else as :func:`differ`."""
    if not _prepare(cones, fanins, first, a, b, constraints):
        return UNDECIDED
    answer = solve(cones.solver, _literal(cones, a), _literal(cones, b), budget)
    return UNDECIDED if answer == SATISFIABLE and cones.limit[2] else answer


@njit(cache=True)
def value_of(cones, node):
    """The value of a node in the assignment found last: 1, 0, or −1 where it does not matter."""
    v = np.int64(cones.variable[node])
    if v < 0 or cones.solver.value[2 * v] == 0:
        return -1
    return np.int64(cones.solver.value[2 * v] > 0)


@njit(cache=True)
def write_learnt(cones, entries, end):
    """Write what the last of :func:`differ`'s questions taught, a size and literals for each clause; returns the end.

    ``entries`` must have :func:`most_learnt` places from ``end`` on.
    """
    solver = cones.solver
    place = np.int64(cones.limit[4])
    while place < solver.state[cdcl.ARENA]:
        size = np.int64(solver.arena[place])
        place += cdcl.HEADER
        entries[end] = size
        for k in range(size):
            literal = np.int64(solver.arena[place + k])
            entries[end + 1 + k] = 2 * np.int64(cones.node[literal >> 1]) ^ (literal & 1)
        end += 1 + size
        place += size
    return end


def most_learnt(cones: Cones) -> int:
    """Places that :func:`write_learnt` may need."""
    return len(cones.solver.arena)


@njit(cache=True, inline="always")
def _literal(cones, literal):
    return 2 * np.int64(cones.variable[literal >> 1]) ^ (literal & 1)


@njit(cache=True)
def _prepare(cones, fanins, first, a, b, constraints):
    """Load what a question is about, if there is room; afresh where there is too much else."""
    state = cones.solver.state
    for attempt in range(2):
        cdcl.open_scope(cones.solver)
        before = state[cdcl.VARIABLES]
        cones.limit[1] = cones.limit[2] = 0
        fits = _enter(cones, a >> 1) and _enter(cones, b >> 1)
        for k in range(constraints.shape[0]):
            fits = fits and _enter(cones, np.int64(constraints[k]) >> 1)
        fits = fits and _load(cones, fanins, first)
        for k in range(constraints.shape[0]):
            fits = fits and add_clause(cones.solver, _literal(cones, np.int64(constraints[k])), -1, -1)
        stale = before > _SMALL and before > STALE * cones.limit[1]
        stale = stale or 4 * state[cdcl.ARENA] > 3 * cones.solver.arena.shape[0]
        if attempt == 1 or (fits and not stale):
            return fits
        forget(cones)
    return False


@njit(cache=True)
def _load(cones, fanins, first):
    """Put the cones of the nodes in the queue into scope, the nearest first; False where there is no room."""
    solver = cones.solver
    k = 0
    while k < cones.limit[1]:
        v = np.int64(cones.queue[k])
        x = np.int64(cones.node[v])
        k += 1
        if x < first:
            if x == 0 and solver.value[2 * v] == 0:
                add_clause(solver, 2 * v + 1, -1, -1)
            continue
        if cones.limit[1] >= cones.limit[0]:
            cones.limit[2] = 1
            break
        solver.scope[v] = solver.state[cdcl.SCOPE] + 1
        select, then, otherwise = operands(fanins, first, x)
        fits = _enter(cones, then >> 1) and _enter(cones, otherwise >> 1)
        fits = fits and (select < 0 or _enter(cones, select >> 1))
        if not fits:
            return False
        if solver.gate[v, 0] == cdcl.LEAF:
            s = _literal(cones, select) if select >= 0 else np.int64(cdcl.AND)
            t, e = _literal(cones, then), _literal(cones, otherwise)
            solver.gate[v, 0], solver.gate[v, 1], solver.gate[v, 2] = s, t, e
            number = clauses(2 * v, s, t, e, cones.clause)
            for j in range(number):
                if not add_clause(solver, cones.clause[j, 0], cones.clause[j, 1], cones.clause[j, 2]):
                    return False
    return True


@njit(cache=True)
def _enter(cones, x):
    """Put a node into the scope of the present question; False where there is no room for its variable."""
    solver = cones.solver
    v = np.int64(cones.variable[x])
    if v < 0:
        if solver.state[cdcl.VARIABLES] == cones.node.shape[0]:
            return False
        v = cdcl.new_variable(solver)
        cones.variable[x] = v
        cones.node[v] = x
    if solver.scope[v] < solver.state[cdcl.SCOPE]:
        solver.scope[v] = solver.state[cdcl.SCOPE]
        cones.queue[cones.limit[1]] = v
        cones.limit[1] += 1
    return True
