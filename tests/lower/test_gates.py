"""Graphs of words as gates."""

from __future__ import annotations

from trilc.ir import Graph
from trilc.lower.gates import to_gates


def test_outputs_keep_their_order_whatever_they_are() -> None:
    graph = Graph()
    bit = graph.state("s", 0)
    graph.set_next(bit, bit)
    late = graph.popcount([graph.at_least(graph.popcount([bit], [2]), 2)], [-1])
    graph.output("late", late, 2)
    graph.output("bit", bit, None)
    graph.output("early", graph.constant(1), 1)
    assert to_gates(graph).output_names == ("late[0]", "late[1]", "bit", "early[0]")
