"""Intervals, the evaluator, and what a graph refuses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ir.graphs import graphs, leaves
from trilc.ir import Graph, evaluate


@given(graphs(), st.integers(0, 9))
def test_intervals_hold_every_value(graph: Graph, seed: int) -> None:
    outputs = len(graph.outputs)
    for number in range(len(graph.ops)):
        graph.output(f"value {number}", number, 64)
    said, _ = evaluate(graph, *leaves(graph, seed))
    for output in graph.outputs[outputs:]:
        low, high = graph.interval(output.value)
        assert low <= said[output.name].min()
        assert said[output.name].max() <= high


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(-4, 4)), max_size=6, unique_by=lambda pair: pair[0]),
    st.integers(0, 9),
)
def test_a_popcount_takes_any_weights(terms: list[tuple[int, int]], seed: int) -> None:
    graph = Graph()
    states = [graph.state(f"s{k}", 0) for k in range(6)]
    for state in states:
        graph.set_next(state, state)
    graph.output("sum", graph.popcount([states[k] for k, _ in terms], [weight for _, weight in terms]), 8)
    inputs, state = leaves(graph, seed)
    said, _ = evaluate(graph, inputs, state)
    expected = sum((weight * state[f"s{k}"] for k, weight in terms), np.zeros(40, np.int64))
    np.testing.assert_array_equal(said["sum"], expected)
    weights = [weight for _, weight in terms]
    assert graph.interval(graph.outputs[0].value) == (
        sum(w for w in weights if w < 0),
        sum(w for w in weights if w > 0),
    )


def test_a_step_by_hand() -> None:
    graph = Graph()
    token, bit = graph.input("tok", 2), graph.state("s", 1)
    total = graph.add([graph.table(token, [5, -1, 0]), graph.popcount([bit], [-3])], 1)
    graph.set_next(bit, graph.at_least(total, 0))
    graph.output("total", total, 4)
    graph.output("best", graph.argmax([total, token, bit], [0, 1, 2]), 2)
    said, after = evaluate(graph, {"tok": np.array([0, 0, 1, 2])}, {"s": np.array([0, 1, 1, 1])})
    assert said["total"].tolist() == [6, 3, -3, -2]
    assert after["s"].tolist() == [1, 1, 0, 0]
    assert said["best"].tolist() == [0, 0, 2, 1]


def test_ties_go_by_rank_and_then_by_index() -> None:
    graph = Graph()
    token = graph.input("tok", 3)
    graph.output("best", graph.argmax([token] * 4, [1, 2, 0, 2]), 2)
    said, _ = evaluate(graph, {"tok": np.arange(4)}, {})
    assert said["best"].tolist() == [1, 1, 1, 1]


def _two() -> Graph:
    graph = Graph()
    graph.input("tok", 2)
    graph.state("s", 0)
    return graph


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda g: g.input("x", -1), "input 'x': the bound -1 is negative"),
        (lambda g: g.state("x", 2), "state 'x': reset is 2, not a bit"),
        (lambda g: g.popcount([1, 1], [1, 2]), "a bit is counted twice"),
        (lambda g: g.popcount([0], [1]), r"popcount: %0 in \[0, 2\] is not a bit"),
        (lambda g: g.add([0, 2]), "operand %2 does not exist before %2"),
        (lambda g: g.add([-1]), "operand %-1 does not exist"),
        (lambda g: g.table(0, [1, 2]), r"table: \(2,\) entries for an index in \[0, 2\]"),
        (lambda g: g.table(g.add([0], -1), [1, 2, 3]), r"an index in \[-1, 1\]"),
        (lambda g: g.argmax([], []), "argmax: 0 operands with 0 ranks"),
        (lambda g: g.argmax([0, 1], [0]), "argmax: 2 operands with 1 ranks"),
        (lambda g: g.set_next(0, 1), "%0 is not a state bit"),
        (lambda g: g.set_next(1, 0), r"next: %0 in \[0, 2\] is not a bit"),
        (lambda g: g.output("x", 0, None), r"output 'x': a value in \[0, 2\] does not fit"),
        (lambda g: g.output("x", 0, 0), "output 'x'"),
        (lambda g: g.check(), "state 's' has no successor"),
    ],
)
def test_what_a_graph_refuses(wrong, message) -> None:
    with pytest.raises(ValueError, match=message):
        wrong(_two())
