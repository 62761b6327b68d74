"""The façade: what the table says is so, and what it denies is refused."""

from __future__ import annotations

import io
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.passes.graphs import graphs
from tests.truth import truth_tables
from trilc.errors import InputError
from trilc.sat.cnf import cone
from trilc.sat.solver import SOLVERS, SatSolver


def pigeons(holes: int) -> list[list[int]]:
    """More pigeons than holes: a short question with no short answer."""
    clauses = [[p * holes + h + 1 for h in range(holes)] for p in range(holes + 1)]
    for h in range(holes):
        clauses += [[-(p * holes + h + 1), -(q * holes + h + 1)] for p, q in combinations(range(holes + 1), 2)]
    return clauses


@pytest.mark.parametrize("name", SOLVERS)
def test_each_solver_does_what_the_table_says(name):
    can = SOLVERS[name]
    with SatSolver([[1, 2], [-1, 2], [1, -2]], name) as solver:
        assert solver.solve() is True
        assert solver.model()[1:].tolist() == [True, True]
        assert solver.solve([-1]) is False
        assert solver.core() == [-1]
        assert solver.solve() is True
        solver.add([[-1, -2]])
        assert solver.solve() is False
    with SatSolver(pigeons(9), name) as solver:
        if can.conflicts:
            assert solver.solve(conflicts=5) is None
        else:
            with pytest.raises(InputError, match=f"{name} can't be limited to conflicts; these can: cadical195"):
                solver.solve(conflicts=5)
        if can.interruptible:
            assert solver.solve(seconds=0.05) in (None, False)
            assert solver.solve([1, 2, -1 - 9]) in (True, False)
        else:
            with pytest.raises(InputError, match="can't be limited to a time; these can: glucose42"):
                solver.solve(seconds=0.05)
    if can.proofs:
        with SatSolver(pigeons(3), name, proof=True) as solver:
            assert solver.solve() is False
            assert solver.proof()[-1].split() == ["0"]
        with SatSolver(pigeons(3), name, proof=True) as solver, pytest.raises(InputError, match="can't rest on assump"):
            solver.solve([1])
    else:
        with pytest.raises(InputError, match="can't give proofs"):
            SatSolver(pigeons(3), name, proof=True)


def test_unknown_solvers_are_refused():
    with pytest.raises(InputError, match="solver 'kissat404': expected one of cadical195"):
        SatSolver(name="kissat404")
    with SatSolver() as solver, pytest.raises(InputError, match="not asked to keep a proof"):
        solver.proof()


@settings(max_examples=40)
@given(aig=graphs)
def test_clauses_of_cones_mean_the_graph(aig):
    tables = truth_tables(aig)
    care = tables[len(aig.roots) - len(aig.constraints) :].all(axis=0)
    clauses = cone(aig, aig.outputs, aig.constraints)
    with SatSolver(clauses) as solver:
        for literal, table in zip(aig.outputs.tolist(), tables, strict=False):
            assert solver.solve([clauses.literal(literal)]) == (table & care).any()
            assert solver.solve([-clauses.literal(literal)]) == (~table & care).any()


@given(aig=graphs, data=st.data())
@settings(max_examples=20)
def test_dimacs_has_what_its_header_says(aig, data):
    clauses = cone(aig, aig.outputs[: data.draw(st.integers(0, len(aig.outputs)))])
    stream = io.StringIO()
    clauses.write_dimacs(stream)
    header, *lines = stream.getvalue().splitlines()
    assert header == f"p cnf {clauses.variables} {clauses.number}"
    assert len(lines) == clauses.number
    literals = np.array([int(word) for line in lines for word in line.split()])
    assert np.abs(literals).max() <= clauses.variables
    assert all(line.endswith(" 0") for line in lines)
