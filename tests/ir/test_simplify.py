"""A simplified graph is the same function of the same names, and no larger."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.ir.graphs import graphs, leaves
from trilc.ir import Graph, dump, evaluate, simplify
from trilc.ir.ops import Constant, Input, Popcount, State


@given(graphs(), st.integers(0, 9))
def test_simplifying_changes_no_value(graph: Graph, seed: int) -> None:
    small = simplify(graph)
    small.check()
    for one, two in zip(evaluate(graph, *leaves(graph, seed)), evaluate(small, *leaves(graph, seed)), strict=True):
        assert list(one) == list(two)
        for name in one:
            np.testing.assert_array_equal(one[name], two[name])
    assert [op for op in small.ops if isinstance(op, Input | State)] == [
        op for op in graph.ops if isinstance(op, Input | State)
    ]
    assert dump(simplify(small)) == dump(small)


def test_what_intervals_decide_goes() -> None:
    graph = Graph()
    token, bit = graph.input("tok", 3), graph.state("s", 0)
    always = graph.at_least(token, 0)
    count = graph.popcount([bit, always], [2, -3])
    graph.set_next(bit, graph.at_least(graph.add([graph.add([count], 5), graph.constant(1)], -1), 3))
    graph.popcount([bit], [1])
    small = simplify(graph)
    assert [type(op) for op in small.ops] == [Input, State, Popcount, type(small.ops[-1])]
    (final,) = small.next_state.values()
    assert dump(small).splitlines()[1 + final] == f"%{final} = at_least %2 1 : [0, 1]"


def test_bits_that_became_one_are_counted_together() -> None:
    graph = Graph()
    bit = graph.state("s", 0)
    twins = [graph.add([bit]), graph.add([bit], 0)]
    graph.set_next(bit, graph.at_least(graph.popcount(twins, [3, -1]), 1))
    graph.output("none", graph.popcount(twins, [2, -2]), 3)
    small = simplify(graph)
    counted = [op for op in small.ops if isinstance(op, Popcount)]
    assert [op.weights.tolist() for op in counted] == [[2]]
    assert isinstance(small.ops[small.outputs[0].value], Constant)
