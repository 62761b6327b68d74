"""What lowering a word-level graph can cost at most, before it is done."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trilc.ir.graph import Graph
from trilc.ir.ops import Argmax, Input, Popcount, Table

GATES_PER_BIT = 10
"""A bit that a counter takes in costs at most a full adder, its carry under signs of its own included."""
BYTES_PER_GATE = 512
"""Peak memory of lowering and of the standard passes, at most."""
BASE_BYTES = 1 << 30
"""The interpreter with its libraries, and Numba compiling the kernels for the first time."""


@dataclass(frozen=True)
class Bound:
    """At most this much."""

    gates: int
    bytes: int


def bound(graph: Graph) -> Bound:
    """An upper bound on the ANDs of a graph, and on the memory that compiling it takes."""
    gates = 0
    for number, op in enumerate(graph.ops):
        low, high = graph.interval(number)
        width = max(1, (high - low).bit_length())
        match op:
            case Input():
                gates += width
            case Popcount():
                gates += GATES_PER_BIT * (int(np.bitwise_count(op.weights).sum()) + 2 * width)
            case Table():
                codes = 1 << max(1, (len(op.values) - 1).bit_length())
                gates += width * (3 * codes + GATES_PER_BIT)
            case Argmax():
                bounds = graph.bounds[list(op.operands)]
                compared = int(bounds[:, 1].max() - bounds[:, 0].min()).bit_length()
                gates += len(op.operands) * (4 * compared + 1 + 3 * width)
            case _:
                gates += GATES_PER_BIT * 2 * width
    entries = sum(op.values.nbytes for op in graph.ops if isinstance(op, Table))
    return Bound(gates, BASE_BYTES + BYTES_PER_GATE * gates + 4 * entries)
