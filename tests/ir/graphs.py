"""A hypothesis strategy for word-level graphs of every operation, and random values for their leaves."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from trilc.ir import Graph
from trilc.ir.ops import Input, State

Leaves = dict[str, NDArray[np.int64]]


@st.composite
def graphs(draw: st.DrawFn, max_operations: int = 14) -> Graph:
    """Any operation on any operands that it takes; intervals stay small."""
    graph = Graph()
    for k in range(draw(st.integers(1, 2))):
        graph.input(f"in{k}", draw(st.integers(0, 6)))
    states = [graph.state(f"s[{k}]", draw(st.integers(0, 1))) for k in range(draw(st.integers(0, 4)))]
    for _ in range(draw(st.integers(0, max_operations))):
        _append(draw, graph)
    for state in states:
        graph.set_next(state, draw(st.sampled_from(bits(graph))))
    for k in range(draw(st.integers(0, 3))):
        value = draw(st.integers(0, len(graph.ops) - 1))
        low, high = graph.interval(value)
        if low >= 0 and high <= 1 and draw(st.booleans()):
            graph.output(f"bit {k}", value, None)
        else:
            graph.output(f"word{k}", value, draw(st.integers(1, 2 + (max(-low, high, 1)).bit_length())))
    return graph


def bits(graph: Graph) -> list[int]:
    """The values that are bits, whatever made them; there is at least one."""
    found = np.flatnonzero((graph.bounds[:, 0] >= 0) & (graph.bounds[:, 1] <= 1)).tolist()
    return found or [graph.at_least(0, 1)]


def leaves(graph: Graph, seed: int, count: int = 40) -> tuple[Leaves, Leaves]:
    """(count,) values for every input and every state bit."""
    rng = np.random.default_rng(seed)
    inputs = {op.name: rng.integers(0, op.high + 1, count) for op in graph.ops if isinstance(op, Input)}
    return inputs, {op.name: rng.integers(0, 2, count) for op in graph.ops if isinstance(op, State)}


def _append(draw: st.DrawFn, graph: Graph) -> None:
    def value() -> int:
        return draw(st.integers(0, len(graph.ops) - 1))

    small = st.integers(-3, 3)
    match draw(st.sampled_from(["constant", "popcount", "add", "table", "at_least", "argmax"])):
        case "constant":
            graph.constant(draw(small))
        case "popcount":
            chosen = draw(st.lists(st.sampled_from(bits(graph)), max_size=6, unique=True))
            graph.popcount(chosen, draw(st.lists(small, min_size=len(chosen), max_size=len(chosen))))
        case "add":
            operands = [n for n in draw(st.lists(st.integers(0, len(graph.ops) - 1), max_size=3)) if _narrow(graph, n)]
            graph.add(operands, draw(small))
        case "table":
            index = value()
            low, high = graph.interval(index)
            if low >= 0 and high < 16:
                extra = draw(st.integers(0, 2))
                graph.table(index, draw(st.lists(small, min_size=high + 1 + extra, max_size=high + 1 + extra)))
        case "at_least":
            number = value()
            low, high = graph.interval(number)
            graph.at_least(number, draw(st.integers(low - 1, high + 1)))
        case _:
            operands = [value() for _ in range(draw(st.integers(1, 5)))]
            graph.argmax(operands, draw(st.lists(st.integers(0, 2), min_size=len(operands), max_size=len(operands))))


def _narrow(graph: Graph, number: int) -> bool:
    low, high = graph.interval(number)
    return high - low < 64
