"""Where words begin: constants that are free, chosen so that counters take the fewest gates.

A table's entries may all grow by what the threshold of its only reader grows by, and all compared scores by the same
constant, as long as the words keep their widths. What counts is how constants and literals pair up in the columns: a
constant 1 beside an odd number of literals makes one carry more.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trilc.ir.graph import Graph
from trilc.ir.ops import Add, AtLeast, Constant, Popcount, Table
from trilc.lower.unary import gates_of_threshold

MOST_TRIED = 64
"""Constants that are tried for one word."""

ADDER, HALF = 7, 3
"""Gates of a full adder, and of a half adder or of two literals and a 1."""


def table_offsets(graph: Graph) -> dict[int, int]:
    """What to add to all entries of each table that only one comparison, of one table and one count, reads."""
    readers = np.zeros(len(graph.ops), np.int64)
    for op in graph.ops:
        np.add.at(readers, np.asarray(op.operands, np.int64), 1)
    for output in graph.outputs:
        readers[output.value] += 1
    offsets: dict[int, int] = {}
    for op in graph.ops:
        if not isinstance(op, AtLeast):
            continue
        tables, counts, fixed, private = [], [], 0, True
        pending = [op.value]
        while pending:
            number = pending.pop()
            match graph.ops[number]:
                case Add(operands, offset):
                    fixed += offset
                    private &= readers[number] == 1
                    pending += operands
                case Constant(value):
                    fixed += value
                case Table():
                    tables.append(number)
                case Popcount():
                    counts.append(number)
                case _:
                    private = False
        if private and len(tables) == 1 and readers[tables[0]] == 1 and len(counts) == 1:
            low, high = graph.interval(tables[0])
            count = graph.ops[counts[0]]
            assert isinstance(count, Popcount)
            offsets[tables[0]] = _table_offset(count.weights, high - low, op.threshold - fixed - low)
    return offsets


def _table_offset(weights: NDArray[np.int64], span: int, threshold: int) -> int:
    """The same for a table with entries 0 … span beside a count, against a threshold."""
    width = span.bit_length()
    columns = max(width, int(weights.max(initial=0)).bit_length())
    literals = (weights >> np.arange(columns)[:, None] & 1).sum(1) + (np.arange(columns) < width)
    slack = min((1 << width) - 1 - span, MOST_TRIED - 1)
    if threshold <= 0:
        return 0
    return min(range(slack + 1), key=lambda more: gates_of_threshold(tuple(literals.tolist()), threshold + more))


def common_offset(literals: NDArray[np.int64], constants: NDArray[np.int64], slack: int) -> int:
    """What to add to many sums, at most ``slack``.

    ``literals`` (rows, columns) are the literals of each weight ``2^k`` in each sum, ``constants`` (rows,) what
    is added to them; every sum is wanted modulo ``2^columns``.
    """
    tried = range(min(slack, MOST_TRIED - 1) + 1)
    return min(tried, key=lambda more: _gates_of_sums(literals, constants + more))


def _gates_of_sums(literals: NDArray[np.int64], constants: NDArray[np.int64]) -> int:
    gates, carried = 0, np.zeros(len(literals), np.int64)
    for column in range(literals.shape[1]):
        count, one = literals[:, column] + carried, constants >> column & 1
        halves = (count % 2 == 0) & (count > 0)
        gates += int((ADDER * ((count - 1) // 2) * (count > 0) + HALF * halves).sum())
        carried = (count + one) // 2
    return gates
