"""Don't-cares: the result is the same wherever the constraints hold, and smaller where it can be."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passes import Dontcare
from tests.passes.graphs import (
    assert_same_interface,
    graphs,
    random_graph,
    same_functions,
    same_where_constrained,
)
from tests.strategies import aigs
from trilc.aig import AIG, Builder


@settings(max_examples=150)
@given(
    aig=graphs | aigs(),
    fanout=st.sampled_from([1, 3, 24, 48]),
    cone=st.sampled_from([2, 10, 500]),
    conflicts=st.sampled_from([0, 50]),
)
def test_keeps_every_function_and_adds_no_gate(aig, fanout, cone, conflicts):
    result = Dontcare(fanout=fanout, cone=cone, conflicts=conflicts).apply(aig)
    assert_same_interface(aig, result)
    assert same_where_constrained(aig, result)
    assert result.num_ands <= aig.num_ands
    assert result.register_names == aig.register_names


@pytest.mark.parametrize("seed", range(4))
def test_larger_graphs(seed):
    aig = random_graph(seed, inputs=12, registers=0, gates=3000, outputs=40)
    free = aig.with_roots(np.append(aig.outputs, 1).astype(np.uint32))
    result = Dontcare().apply(free)
    assert same_functions(free, result)
    assert result.num_ands < free.num_ands


def test_what_no_output_can_see_goes():
    b = Builder()
    x, y, z = (b.input(name) for name in "xyz")
    # where the inner OR differs from y alone, x is true and hides it
    b.output("o", b.or_(x, b.and_(b.or_(b.and_(x, z), y), z)))
    assert Dontcare().apply(b.build()).num_ands == 2


def test_larger_forms_find_more():
    b = Builder()
    x, y, z = (b.input(name) for name in "xyz")
    b.output("p", b.xor(x, y))
    minterms = [reduce(b.and_, [x ^ i, y ^ j, z ^ k]) for i, j, k in [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)]]
    b.output("s", reduce(b.or_, minterms))
    aig = b.build()
    small, large = (Dontcare(gates=gates).apply(aig) for gates in (1, 3))
    assert same_functions(aig, large)
    assert large.num_ands == 6 < small.num_ands


def test_few_patterns_that_the_constraints_permit():
    b = Builder()
    x = [b.input(f"x{k}") for k in range(40)]
    # all but never true: random patterns alone would see nothing
    b.constrain(reduce(b.and_, x[:30]))
    b.output("o", b.and_(b.xor(x[0], x[35]), b.or_(x[36], x[37])))
    result = Dontcare().apply(b.build())
    assert result.num_ands == b.build().num_ands - 3


def test_constraints_are_a_care_set_and_stay():
    b = Builder()
    x, y, z = (b.input(name) for name in "xyz")
    b.constrain(b.and_(x, y) ^ 1)
    b.output("o", b.and_(b.or_(x, y), b.and_(x, y) ^ 1))
    b.output("p", b.and_(b.xor(x, y), z))
    result = Dontcare().apply(b.build())
    assert same_where_constrained(b.build(), result)
    assert result.num_ands == 3


def test_the_same_graph_gives_the_same_result():
    results = [Dontcare().apply(random_graph(7, gates=400)) for _ in range(2)]
    assert results[0].fanins.tobytes() == results[1].fanins.tobytes()


def test_a_graph_that_outgrows_its_room():
    aig: AIG = random_graph(11, inputs=8, registers=0, gates=6000, outputs=400)
    result = Dontcare(window=20).apply(aig)
    assert same_where_constrained(aig, result)
