"""Graphs of words as gates: the same values, whatever stands on what; and no more gates than foretold."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.ir.graphs import graphs, leaves
from tests.models import checkpoints, random_model
from tests.truth import evaluate as evaluate_gates
from trilc import luts
from trilc.compiler import words
from trilc.ir import Graph, evaluate, simplify
from trilc.ir.ops import Input, State
from trilc.lower.bound import bound
from trilc.lower.gates import to_gates


def assert_same(graph: Graph, seed: int = 0, for_luts: bool = False) -> None:
    """The gates of a graph compute what its evaluator does, and hold what inputs are bound to."""
    aig = to_gates(graph, for_luts=for_luts)
    aig.check()
    inputs, state = leaves(graph, seed)
    by_name = {
        f"{op.name}[{bit}]": (inputs[op.name] >> bit) & 1
        for op in graph.ops
        if isinstance(op, Input)
        for bit in range(max(1, op.high.bit_length()))
    }
    count = len(next(iter(inputs.values())))
    given_inputs = np.array([by_name[name] for name in aig.input_names]) == 1
    given_state = np.array([state[name] for name in aig.register_names]).reshape(-1, count) == 1
    roots = evaluate_gates(aig, given_inputs, given_state).astype(np.int64)
    outputs, successor, held = np.split(roots, np.cumsum([aig.num_outputs, aig.num_registers]))
    assert held.all()
    wanted_outputs, wanted_state = evaluate(graph, inputs, state)
    built = iter(zip(aig.output_names, outputs, strict=True))
    for output in graph.outputs:
        for bit in range(1 if output.width is None else output.width):
            name, row = next(built)
            assert name == (output.name if output.width is None else f"{output.name}[{bit}]")
            np.testing.assert_array_equal(row, (wanted_outputs[output.name] >> bit) & 1)
    assert next(built, None) is None
    for name, row in zip(aig.register_names, successor, strict=True):
        np.testing.assert_array_equal(row, wanted_state[name])
    resets = {op.name: op.reset for op in graph.ops if isinstance(op, State)}
    assert [resets[name] for name in aig.register_names] == aig.reset.tolist()


@given(graphs(), st.integers(0, 9), st.booleans())
def test_gates_say_what_the_evaluator_says(graph: Graph, seed: int, for_luts: bool) -> None:
    assert_same(graph, seed, for_luts)
    assert_same(simplify(graph), seed, for_luts)


def test_adders_made_for_tables_take_fewer() -> None:
    graph = words(random_model(np.random.default_rng(3), 40, 12, 0.5))
    few_gates, few_tables = to_gates(graph), to_gates(graph, for_luts=True)
    assert few_tables.num_ands > few_gates.num_ands
    assert luts.map(few_tables, rounds=3).size < luts.map(few_gates, rounds=3).size


@given(graphs())
def test_no_more_gates_than_foretold(graph: Graph) -> None:
    assert to_gates(graph).num_ands <= bound(graph).gates


@given(checkpoints(max_vocabulary=9, max_outputs=9, max_units=8))
def test_no_more_gates_than_foretold_for_models(checkpoint) -> None:
    graph = words(checkpoint.load())
    assert to_gates(graph).num_ands <= bound(graph).gates


def test_no_more_gates_than_foretold_for_larger_models() -> None:
    rng = np.random.default_rng(0)
    for signed, embedding, density in ((True, None, 0.1), (False, 9, 0.5), (True, 6, 0.9)):
        model = random_model(rng, 60, 30, density, layers=2, embedding=embedding, signed=signed)
        graph = words(model)
        assert to_gates(graph).num_ands <= bound(graph).gates


def test_outputs_keep_their_order_whatever_they_are() -> None:
    graph = Graph()
    bit = graph.state("s", 0)
    graph.set_next(bit, bit)
    late = graph.popcount([graph.at_least(graph.popcount([bit], [2]), 2)], [-1])
    graph.output("late", late, 2)
    graph.output("bit", bit, None)
    graph.output("early", graph.constant(1), 1)
    assert to_gates(graph).output_names == ("late[0]", "late[1]", "bit", "early[0]")


def some_states() -> tuple[Graph, int, list[int]]:
    graph = Graph()
    token = graph.input("tok", 5)
    states = [graph.state(f"s{k}", k % 2) for k in range(5)]
    for state in states:
        graph.set_next(state, state)
    return graph, token, states


def test_a_table_of_an_argmax() -> None:
    graph, token, states = some_states()
    best = graph.argmax([graph.popcount(states[:3], [1, 1, 1]), token, graph.popcount(states, [2] * 5)], [0, 1, 0])
    graph.output("y", graph.table(best, [4, -3, 9]), 5)
    assert_same(graph)


def test_a_table_of_a_sum_of_bits() -> None:
    graph, _, states = some_states()
    total = graph.add([graph.popcount(states, [1, 2, 1, -1, 1])], 1)
    graph.output("y", graph.table(total, [3, 1, 4, 1, 5, 9, 2]), 5)
    graph.output("z", graph.table(graph.table(total, [1, 0, 2, 2, 1, 0, 1]), [-8, 7, 0]), 4)
    assert_same(graph)


def test_a_table_of_a_table_that_starts_above_zero() -> None:
    graph, token, states = some_states()
    graph.output("y", graph.table(graph.table(token, [1, 3, 2, 2, 1, 3]), [9, 1, 0, 4]), 5)
    graph.output("z", graph.table(graph.table(graph.popcount(states, [1] * 5), [2, 4, 2, 3, 4, 4]), range(5)), 5)
    assert_same(graph)


def test_tables_with_more_entries_than_are_reached() -> None:
    graph, token, states = some_states()
    for place, index in enumerate((token, states[0], graph.popcount(states[:2], [1, 1]))):
        graph.output(f"y{place}", graph.table(index, [0, 1, 3, 1, 0, 2, 9, 9, 9, 9]), 5)
        graph.output(f"z{place}", graph.table(index, [2, 1, 3, 1, 0, 2, 7]), 5)
    assert_same(graph)


def test_a_popcount_of_bits_that_are_no_atoms() -> None:
    graph, token, states = some_states()
    looked_up = graph.table(token, [0, 1, 1, 0, 1, 0])
    moved = graph.add([graph.popcount(states[:1], [-1])], 1)
    best = graph.argmax([graph.popcount(states[:2], [1, 1]), graph.popcount(states[2:], [1, 1, 1])], [0, 1])
    bits = [looked_up, moved, best, graph.add([states[4]]), graph.constant(1), states[3]]
    graph.output("y", graph.popcount(bits, [1, -2, 3, -1, 4, 1]), 6)
    graph.output("b", looked_up, None)
    graph.output("c", moved, None)
    assert_same(graph)


def test_inputs_of_one_code_and_of_all_codes() -> None:
    graph = Graph()
    for high in (0, 1, 2, 3):
        token = graph.input(f"t{high}", high)
        graph.output(f"y{high}", graph.table(token, list(range(high, -1, -1))), 2)
    assert_same(graph)
    aig = to_gates(graph)
    assert len(aig.constraints) == 2  # codes are missing under t0 and t2 alone
