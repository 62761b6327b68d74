"""Questions to the solver within the kernels, beside truth tables and an outside solver."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from pysat.solvers import Solver as Outside

from tests.aig.circuits import mixed, node_values
from tests.passes.graphs import graphs
from trilc.aig import AIG
from trilc.sat import cnf, cones
from trilc.sat.cdcl import SATISFIABLE, UNDECIDED, UNSATISFIABLE


def values_of(aig: AIG) -> np.ndarray:
    leaves = aig.first_and - 1
    return node_values(aig, (np.arange(1 << leaves) >> np.arange(leaves)[:, None]) & 1 == 1)


def literal(values: np.ndarray, x: int) -> np.ndarray:
    return values[x >> 1] ^ bool(x & 1)


def assignment(work: cones.Cones, aig: AIG) -> np.ndarray:
    """One completion of what the solver found: leaves without a value are false."""
    leaves = np.array([cones.value_of(work, n) == 1 for n in range(1, aig.first_and)])
    return node_values(aig, leaves[:, None])[:, 0]


@settings(max_examples=60)
@given(aig=graphs, seed=st.integers(0, 2**32 - 1))
def test_answers_are_those_of_the_truth_tables(aig, seed):
    rng = np.random.default_rng(seed)
    values = values_of(aig)
    work = cones.empty(aig.num_nodes)
    constraints = aig.constraints[: int(rng.integers(0, 2))]
    care = np.ones(values.shape[1], bool)
    for c in constraints.tolist():
        care &= literal(values, c)
    for a, b in rng.integers(0, 2 * aig.num_nodes, (12, 2)).tolist():
        answer = cones.differ(work, aig.fanins, aig.first_and, a, b, constraints, 10**6)
        possible = ((literal(values, a) != literal(values, b)) & care).any()
        assert answer == (SATISFIABLE if possible else UNSATISFIABLE)
        if possible:
            found = assignment(work, aig)
            assert found[a >> 1] ^ (a & 1) != found[b >> 1] ^ (b & 1)
            assert all(found[int(c) >> 1] ^ (int(c) & 1) for c in constraints)
        answer = cones.satisfy(work, aig.fanins, aig.first_and, a, b, constraints, 10**6)
        assert answer == (SATISFIABLE if (literal(values, a) & literal(values, b) & care).any() else UNSATISFIABLE)


@settings(max_examples=60)
@given(aig=graphs, limit=st.integers(2, 40), budget=st.integers(0, 3), seed=st.integers(0, 2**32 - 1))
def test_limits_never_make_it_wrong(aig, limit, budget, seed):
    values = values_of(aig)
    work = cones.empty(aig.num_nodes, limit)
    for a, b in np.random.default_rng(seed).integers(0, 2 * aig.num_nodes, (12, 2)).tolist():
        answer = cones.differ(work, aig.fanins, aig.first_and, a, b, aig.constraints[:0], budget)
        possible = (literal(values, a) != literal(values, b)).any()
        assert answer in (UNDECIDED, SATISFIABLE if possible else UNSATISFIABLE)


def test_hard_questions_agree_with_an_outside_solver():
    aig = mixed(3, 3000, inputs=12, registers=30)
    none = np.zeros(0, np.uint32)
    work = cones.empty(aig.num_nodes)
    rng = np.random.default_rng(1)
    for a, b in pairwise(rng.integers(2 * aig.num_nodes - 1500, 2 * aig.num_nodes, 40).tolist()):
        answer = cones.satisfy(work, aig.fanins, aig.first_and, a, b, none, 10**6)
        clauses = cnf.cone(aig, np.array([a, b], np.uint32))
        with Outside("cadical153", bootstrap_with=clauses.lists()) as outside:
            assert outside.solve(assumptions=[clauses.literal(a), clauses.literal(b)]) == (answer == SATISFIABLE)


def test_a_solver_without_room_gives_up_and_goes_on():
    aig = mixed(4, 2000)
    work = cones.empty(aig.num_nodes)
    tight = work._replace(solver=work.solver._replace(arena=np.zeros(600, np.int32)))
    none = np.zeros(0, np.uint32)
    top, low = 2 * (aig.num_nodes - 1), 2 * aig.first_and
    assert cones.differ(tight, aig.fanins, aig.first_and, top, 0, none, 1000) == UNDECIDED
    assert cones.differ(tight, aig.fanins, aig.first_and, low, 0, none, 1000) == SATISFIABLE


@njit
def _ask(work, fanins, first, a, b, none):
    return cones.satisfy(work, fanins, first, a, b, none, 100)


def test_it_is_callable_from_kernels():
    aig = mixed(4, 50)
    answer = _ask(cones.empty(aig.num_nodes), aig.fanins, aig.first_and, 2, 3, np.zeros(0, np.uint32))
    assert answer == UNSATISFIABLE
