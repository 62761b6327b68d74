"""Evaluation of a word-level graph on many streams at once, in numpy."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from trilc.ir.graph import Graph
from trilc.ir.ops import Add, Argmax, AtLeast, Constant, Input, Op, Popcount, State, Table, Values


def evaluate(
    graph: Graph, inputs: Mapping[str, Values], state: Mapping[str, Values]
) -> tuple[dict[str, Values], dict[str, Values]]:
    """One step on ``n`` streams.

    ``inputs`` and ``state`` map names to (n,) integers. Returns the outputs and the new state in the same
    form. Raises ``KeyError`` for a name that is missing.
    """
    streams = len(next(iter([*inputs.values(), *state.values()])))
    values = np.zeros((len(graph.ops), streams), np.int64)
    for number, op in enumerate(graph.ops):
        values[number] = _value(op, values, inputs, state)
    outputs = {output.name: values[output.value] for output in graph.outputs}
    successor = {_name(graph.ops[held]): values[new] for held, new in graph.next_state.items()}
    return outputs, successor


def _value(
    op: Op, values: NDArray[np.int64], inputs: Mapping[str, Values], state: Mapping[str, Values]
) -> Values | int:
    match op:
        case Input(name):
            return np.asarray(inputs[name])
        case State(name):
            return np.asarray(state[name])
        case Constant(value):
            return value
        case Popcount(bits, complemented, weights):
            literals = values[bits] ^ complemented[:, None]
            return np.asarray(weights @ literals)
        case Add(operands, offset):
            return np.asarray(values[list(operands)].sum(0) + offset)
        case Table(index, entries):
            return np.asarray(entries[values[index]])
        case AtLeast(value, threshold):
            return np.asarray(values[value] >= threshold, np.int64)
        case Argmax(operands):
            order = op.priority
            best = np.argmax(values[[operands[index] for index in order]], axis=0)
            return np.asarray(np.array(order)[best], np.int64)


def _name(op: Op) -> str:
    assert isinstance(op, State)
    return op.name
