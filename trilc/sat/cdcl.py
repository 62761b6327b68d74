"""A small incremental SAT solver for the many easy questions that a pass asks from within a kernel.

Conflict-driven clause learning as in MiniSat (Eén, Sörensson 2003): two watched literals, first unique implication
point, restarts by Luby's sequence, assumptions. Watches are threaded through the clauses themselves, as in PicoSAT
(Biere 2008), so a solver is a handful of arrays of fixed size; clauses are never deleted: the owner starts afresh
when there is no more room.

Variables are the gates and leaves of a circuit. Only what *justifies* a value is decided (as in the solvers of
fraiging, Mishchenko et al. 2005): a gate that is false needs one false fan-in, and once every value in *scope* is
explained down to the leaves, any values of the others will do. Learnt clauses follow from the circuit, so they may
be about variables out of scope, which need no explanation.

Literals are ``2·variable + complement``. Everything is deterministic.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

UNSATISFIABLE, UNDECIDED, SATISFIABLE = -1, 0, 1

VARIABLES, ARENA, TRAIL, PROPAGATED, JUSTIFIED, LEVELS, SCOPE, BROKEN = range(8)
"""Places in :attr:`Solver.state`."""

AND, LEAF = -1, -2
"""In place of a select: an AND has none, and a leaf has no fan-ins."""

HEADER = 3
"""Words of a clause before its literals: its size, and the next clause in the lists of its two watches."""
_RESTART = 50
_DECAY = 1 / 0.95
_LARGEST = 1e100


class Solver(NamedTuple):
    """The arrays of a solver."""

    state: NDArray[np.int64]
    """Variables, words in the arena, and so on."""
    step: NDArray[np.float64]
    """(1,) what a variable's activity grows by."""
    arena: NDArray[np.int32]
    """The clauses; place 0 is none."""
    value: NDArray[np.int8]
    """(2·variables,) 1 where a literal is true, −1 where it is false, 0 where it has no value."""
    watch: NDArray[np.int32]
    """(2·variables,) the first clause that watches each literal."""
    level: NDArray[np.int32]
    """(variables,) the decision level at which each got its value."""
    reason: NDArray[np.int32]
    """(variables,) the clause that forced it, 0 for a decision."""
    trail: NDArray[np.int32]
    """(variables,) true literals in the order in which they became so."""
    limit: NDArray[np.int32]
    """(variables + 2, 2) where on the trail each decision level begins, and up to where all was justified then."""
    gate: NDArray[np.int32]
    """(variables, 3) select, then, otherwise; ``AND`` and two fan-ins; or ``LEAF``."""
    activity: NDArray[np.float64]
    """(variables,)"""
    phase: NDArray[np.int8]
    """(variables,) the complement bit of the literal that was true last."""
    seen: NDArray[np.int8]
    """(variables,) scratch of conflict analysis, all 0 between conflicts."""
    scope: NDArray[np.int32]
    """(variables,) one more than the number of the last question in whose scope each had to be explained."""
    learnt: NDArray[np.int32]
    """(variables + 1,) scratch for clauses."""


def empty(variables: int, words: int) -> Solver:
    """A solver without clauses, with room for so many variables and for clauses of so many words in all."""
    return Solver(
        state=np.array([0, 1, 0, 0, 0, 0, 0, 0]),
        step=np.ones(1),
        arena=np.zeros(words, np.int32),
        value=np.zeros(2 * variables, np.int8),
        watch=np.zeros(2 * variables, np.int32),
        level=np.zeros(variables, np.int32),
        reason=np.zeros(variables, np.int32),
        trail=np.zeros(variables, np.int32),
        limit=np.zeros((variables + 2, 2), np.int32),
        gate=np.full((variables, 3), LEAF, np.int32),
        activity=np.zeros(variables),
        phase=np.zeros(variables, np.int8),
        seen=np.zeros(variables, np.int8),
        scope=np.full(variables, -1, np.int32),
        learnt=np.zeros(variables + 1, np.int32),
    )


@njit(cache=True)
def forget(solver):
    """Back to no variables and no clauses, in time linear in the variables there were."""
    for v in range(solver.state[VARIABLES]):
        solver.value[2 * v] = solver.value[2 * v + 1] = 0
        solver.watch[2 * v] = solver.watch[2 * v + 1] = 0
        solver.activity[v] = 0
        solver.gate[v, 0] = LEAF
        solver.phase[v] = 0
        solver.scope[v] = -1
    solver.state[:] = 0
    solver.state[ARENA] = 1
    solver.step[0] = 1


@njit(cache=True)
def new_variable(solver):
    """A variable, which must have room; it is in no scope."""
    v = solver.state[VARIABLES]
    solver.state[VARIABLES] = v + 1
    return v


@njit(cache=True)
def open_scope(solver):
    """Start a question: back to no decisions, nothing in scope; questions have even numbers."""
    backtrack(solver, 0)
    solver.state[JUSTIFIED] = 0
    solver.state[SCOPE] += 2


@njit(cache=True)
def add_clause(solver, a, b, c):
    """Add the clause ``a ∨ b ∨ c``, literals of −1 left out; before any decision. False where there is no room."""
    literals = solver.learnt
    size = 0
    for literal in (a, b, c):
        if literal < 0 or solver.value[literal] < 0:
            continue
        if solver.value[literal] > 0:
            return True
        literals[size] = literal
        size += 1
    if size == 0:
        solver.state[BROKEN] = 1
    elif size == 1:
        _assign(solver, np.int64(literals[0]), 0)
    else:
        return _attach(solver, size) > 0
    return True


@njit(cache=True)
def solve(solver, first, second, budget):
    """Decide all clauses under two assumed literals (−1: none), in at most ``budget`` conflicts.

    When the answer is ``SATISFIABLE``, the values stay until the next question.
    """
    if solver.state[BROKEN]:
        return UNSATISFIABLE
    assumed = (first, second)
    conflicts = 0
    restarts = 1
    until = _RESTART
    while True:
        clause = _propagate(solver)
        if clause != 0:
            if solver.state[LEVELS] == 0:
                solver.state[BROKEN] = 1
                return UNSATISFIABLE
            conflicts += 1
            size, level = _analyse(solver, clause)
            backtrack(solver, level)
            literal = np.int64(solver.learnt[0])
            learnt = _attach(solver, size)
            if learnt == 0:
                backtrack(solver, 0)
                return UNDECIDED
            _assign(solver, literal, learnt if size > 1 else 0)
            solver.step[0] *= _DECAY
            if conflicts > budget:
                backtrack(solver, 0)
                return UNDECIDED
            continue
        if conflicts >= until:
            restarts += 1
            until += _RESTART * _luby(restarts)
            backtrack(solver, 0)
            continue
        literal = np.int64(-1)
        while solver.state[LEVELS] < 2:
            literal = np.int64(assumed[solver.state[LEVELS]])
            if literal >= 0 and solver.value[literal] < 0:
                backtrack(solver, 0)
                return UNSATISFIABLE
            if literal >= 0 and solver.value[literal] == 0:
                break
            _open_level(solver)
            literal = np.int64(-1)
        if literal < 0:
            literal = _justify(solver)
            if literal < 0:
                return SATISFIABLE
        _open_level(solver)
        _assign(solver, literal, 0)


@njit(cache=True)
def backtrack(solver, level):
    """Take back all values above a decision level."""
    if solver.state[LEVELS] <= level:
        return
    start = np.int64(solver.limit[level, 0])
    for k in range(solver.state[TRAIL] - 1, start - 1, -1):
        literal = np.int64(solver.trail[k])
        v = literal >> 1
        solver.value[literal] = solver.value[literal ^ 1] = 0
        solver.phase[v] = literal & 1
    solver.state[TRAIL] = start
    solver.state[PROPAGATED] = start
    solver.state[JUSTIFIED] = solver.limit[level, 1]
    solver.state[LEVELS] = level


@njit(cache=True, inline="always")
def _open_level(solver):
    level = solver.state[LEVELS]
    solver.limit[level, 0] = solver.state[TRAIL]
    solver.limit[level, 1] = solver.state[JUSTIFIED]
    solver.state[LEVELS] += 1


@njit(cache=True, inline="always")
def _assign(solver, literal, reason):
    solver.value[literal] = 1
    solver.value[literal ^ 1] = -1
    solver.level[literal >> 1] = solver.state[LEVELS]
    solver.reason[literal >> 1] = reason
    solver.trail[solver.state[TRAIL]] = literal
    solver.state[TRAIL] += 1


@njit(cache=True)
def _justify(solver):
    """A literal that explains the first value in scope that nothing explains yet; −1 where all are explained."""
    value, gate = solver.value, solver.gate
    while solver.state[JUSTIFIED] < solver.state[TRAIL]:
        literal = np.int64(solver.trail[solver.state[JUSTIFIED]])
        v = literal >> 1
        select, then, otherwise = np.int64(gate[v, 0]), np.int64(gate[v, 1]), np.int64(gate[v, 2])
        if solver.scope[v] > solver.state[SCOPE] and select != LEAF:
            if select == AND:
                if literal & 1 and value[then] >= 0 and value[otherwise] >= 0:
                    if solver.activity[otherwise >> 1] > solver.activity[then >> 1]:
                        return otherwise ^ 1
                    return then ^ 1
            elif value[select] == 0 and (value[then] == 0 or value[then] != value[otherwise]):
                return (select & ~1) | np.int64(solver.phase[select >> 1])
        solver.state[JUSTIFIED] += 1
    return np.int64(-1)


@njit(cache=True)
def _attach(solver, size):
    """Put the first literals of ``learnt`` into the arena as a clause; its place, or 0 where there is no room.

    A single literal is put there for those who ask what was learnt, and when; nothing watches it.
    """
    clause = solver.state[ARENA]
    if clause + HEADER + size > solver.arena.shape[0]:
        return np.int64(0)
    solver.state[ARENA] = clause + HEADER + size
    solver.arena[clause] = size
    for k in range(size):
        solver.arena[clause + HEADER + k] = solver.learnt[k]
    for side in range(2 if size > 1 else 0):
        literal = np.int64(solver.learnt[side])
        solver.arena[clause + 1 + side] = solver.watch[literal]
        solver.watch[literal] = clause
    return clause


@njit(cache=True)
def _propagate(solver):
    """Draw all conclusions from clauses with one literal left; the clause that has none left, or 0."""
    arena, value, watch = solver.arena, solver.value, solver.watch
    while solver.state[PROPAGATED] < solver.state[TRAIL]:
        false = np.int64(solver.trail[solver.state[PROPAGATED]]) ^ 1
        solver.state[PROPAGATED] += 1
        before = np.int64(0)
        clause = np.int64(watch[false])
        while clause != 0:
            side = np.int64(arena[clause + HEADER] != false)
            link = clause + 1 + side
            following = np.int64(arena[link])
            other = np.int64(arena[clause + HEADER + 1 - side])
            if value[other] <= 0:
                moved = False
                for k in range(clause + HEADER + 2, clause + HEADER + arena[clause]):
                    literal = np.int64(arena[k])
                    if value[literal] >= 0:
                        arena[clause + HEADER + side] = literal
                        arena[k] = false
                        arena[link] = watch[literal]
                        watch[literal] = clause
                        moved = True
                        break
                if moved:
                    if before == 0:
                        watch[false] = following
                    else:
                        arena[before] = following
                    clause = following
                    continue
                if value[other] < 0:
                    return clause
                _assign(solver, other, clause)
            before = link
            clause = following
    return np.int64(0)


@njit(cache=True)
def _analyse(solver, clause):
    """The first unique implication point of a conflict.

    The learnt clause is left in ``learnt``, the literal that it forces first, one of the highest level below
    second; returns its size and that level.
    """
    arena, seen, learnt = solver.arena, solver.seen, solver.learnt
    size = 1
    open_paths = 0
    k = solver.state[TRAIL] - 1
    literal = np.int64(-1)
    while True:
        for place in range(clause + HEADER, clause + HEADER + arena[clause]):
            other = np.int64(arena[place])
            v = other >> 1
            if other == literal or seen[v] or solver.level[v] == 0:
                continue
            seen[v] = 1
            _bump(solver, v)
            if solver.level[v] == solver.state[LEVELS]:
                open_paths += 1
            else:
                learnt[size] = other
                size += 1
        while not seen[np.int64(solver.trail[k]) >> 1]:
            k -= 1
        literal = np.int64(solver.trail[k])
        k -= 1
        seen[literal >> 1] = 0
        open_paths -= 1
        if open_paths == 0:
            break
        clause = np.int64(solver.reason[literal >> 1])
    learnt[0] = literal ^ 1
    kept = 1
    all_of_them = size
    for j in range(1, size):  # what the others imply may go; it moves behind the kept ones to be unmarked
        other = np.int64(learnt[j])
        if _implied(solver, other):
            continue
        learnt[j] = learnt[kept]
        learnt[kept] = other
        kept += 1
    for j in range(1, all_of_them):
        seen[np.int64(learnt[j]) >> 1] = 0
    level = 0
    for j in range(1, kept):
        other = np.int64(learnt[j])
        if solver.level[other >> 1] > level:
            level = np.int64(solver.level[other >> 1])
            learnt[j] = learnt[1]
            learnt[1] = other
    return kept, level


@njit(cache=True)
def _implied(solver, literal):
    """Whether a false literal of the learnt clause follows from the others by its reason."""
    clause = np.int64(solver.reason[literal >> 1])
    if clause == 0:
        return False
    for place in range(clause + HEADER, clause + HEADER + solver.arena[clause]):
        v = np.int64(solver.arena[place]) >> 1
        if v != literal >> 1 and not solver.seen[v] and solver.level[v] > 0:
            return False
    return True


@njit(cache=True)
def _luby(k):
    """Entry ``k`` (from 1) of 1, 1, 2, 1, 1, 2, 4, …"""
    while True:
        power = 1
        while (power << 1) - 1 <= k:
            power <<= 1
        if (power << 1) - 1 == k or power - 1 == k:
            return power if (power << 1) - 1 == k else power >> 1
        k -= power - 1


@njit(cache=True)
def _bump(solver, v):
    activity = solver.activity
    activity[v] += solver.step[0]
    if activity[v] > _LARGEST:
        for u in range(solver.state[VARIABLES]):
            activity[u] /= _LARGEST
        solver.step[0] /= _LARGEST
