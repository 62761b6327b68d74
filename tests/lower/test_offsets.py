"""Free constants stay within their words, and make counters no larger."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.models import random_model
from trilc.compiler import words
from trilc.ir.graph import Graph
from trilc.lower import gates
from trilc.lower.offsets import common_offset, table_offsets
from trilc.lower.unary import gates_of_threshold


def comparison(entries, weights, threshold, read_twice=False):
    """A graph that compares a count and a table with a threshold."""
    graph = Graph()
    token = graph.input("tok", len(entries) - 1)
    bits = [graph.state(f"s{k}", 0) for k in range(len(weights))]
    table = graph.table(token, entries)
    value = graph.add([graph.popcount(bits, weights), table])
    graph.output("o", graph.at_least(value, threshold), None)
    if read_twice:
        graph.output("t", table, 8)
    for bit in bits:
        graph.set_next(bit, bit)
    return graph, table


@given(
    entries=st.lists(st.integers(-9, 9), min_size=2, max_size=6).filter(lambda e: min(e) < max(e)),
    weights=st.lists(st.sampled_from([1, 1, 1, 2]), min_size=1, max_size=9),
    threshold=st.integers(-3, 14),
)
def test_entries_stay_within_their_words(entries, weights, threshold):
    graph, table = comparison(entries, weights, threshold)
    offset = table_offsets(graph)[table]
    span = max(entries) - min(entries)
    assert 0 <= offset <= (1 << span.bit_length()) - 1 - span


def test_the_offset_with_the_fewest_gates():
    graph, table = comparison([0, 4], [1] * 12, 7)
    literals = (13, 1, 1)  # twelve of the state, three of the table
    gates_by_offset = [gates_of_threshold(literals, 7 + more) for more in range(4)]
    assert len(set(gates_by_offset)) > 1
    assert table_offsets(graph)[table] == int(np.argmin(gates_by_offset))


def test_a_table_that_others_read_stays_as_it_is():
    graph, _ = comparison([0, 4], [1] * 9, 7, read_twice=True)
    assert table_offsets(graph) == {}


@given(
    literals=arrays(np.int64, (3, 4), elements=st.integers(0, 9)),
    constants=arrays(np.int64, 3, elements=st.integers(0, 15)),
    slack=st.integers(0, 9),
)
def test_a_common_offset_stays_within_the_slack(literals, constants, slack):
    assert 0 <= common_offset(literals, constants, slack) <= slack


def test_nets_take_fewer_gates(monkeypatch):
    nets = [random_model(np.random.default_rng(seed), 60, 28, 0.35, embedding=24) for seed in range(3)]
    graphs = [words(net, "argmax") for net in nets]
    assert all(table_offsets(graph) for graph in graphs)
    chosen = sum(gates.to_gates(graph).num_ands for graph in graphs)
    monkeypatch.setattr(gates, "table_offsets", lambda graph: {})
    monkeypatch.setattr(gates, "common_offset", lambda literals, constants, slack: 0)
    plain = sum(gates.to_gates(graph).num_ands for graph in graphs)
    assert chosen < 0.99 * plain
