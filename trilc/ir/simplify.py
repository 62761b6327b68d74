"""Constant propagation and dead-code elimination on words: what intervals alone decide."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trilc.ir.graph import Graph, Output
from trilc.ir.ops import Add, Argmax, AtLeast, Constant, Input, Op, Popcount, State, Table, Values


def simplify(graph: Graph) -> Graph:
    """An equal graph without decided comparisons, constant operands, sums of sums and unused values.

    Inputs and state bits all stay, so the step is the same function of the same names. Runs in one pass over
    the operations and one over what is left.
    """
    return eliminate_dead_code(propagate_constants(graph))


def propagate_constants(graph: Graph) -> Graph:
    """Replace every value whose interval is one number, and fold constants into what uses them."""
    new = Graph()
    number = np.zeros(len(graph.ops), np.int64)
    for old, op in enumerate(graph.ops):
        number[old] = _rebuild(new, op, number)
    return _finish(new, graph, number)


def eliminate_dead_code(graph: Graph) -> Graph:
    """Drop the values that no output and no successor needs; inputs and state bits stay."""
    live = np.array([isinstance(op, Input | State) for op in graph.ops], np.bool_)
    live[[output.value for output in graph.outputs]] = True
    live[list(graph.next_state.values())] = True
    for index in range(len(graph.ops) - 1, -1, -1):
        if live[index]:
            live[np.asarray(graph.ops[index].operands, np.int64)] = True
    new = Graph()
    number = np.full(len(graph.ops), -1, np.int64)
    for index, op in enumerate(graph.ops):
        if live[index]:
            number[index] = new.append(_renumber(op, number))
    return _finish(new, graph, number)


def _finish(new: Graph, old: Graph, number: Values) -> Graph:
    new.next_state = {int(number[held]): int(number[value]) for held, value in old.next_state.items()}
    new.outputs = [Output(output.name, int(number[output.value]), output.width) for output in old.outputs]
    return new


def _renumber(op: Op, number: Values) -> Op:
    match op:
        case Popcount(bits, complemented, weights):
            return Popcount(number[bits], complemented, weights)
        case Add(operands, offset):
            return Add(tuple(number[list(operands)].tolist()), offset)
        case Table(index, values):
            return Table(int(number[index]), values)
        case AtLeast(value, threshold):
            return AtLeast(int(number[value]), threshold)
        case Argmax(operands, ranks):
            return Argmax(tuple(number[list(operands)].tolist()), ranks)
        case _:
            return op


def _rebuild(new: Graph, op: Op, number: Values) -> int:
    """Append ``op`` to ``new`` in its simplest form; returns the number of the value that stands for it."""
    op = _renumber(op, number)
    if not isinstance(op, Input | State):
        low, high = op.interval(new.interval)
        if low == high:
            return new.constant(low)
    match op:
        case Popcount(bits, complemented, weights):
            known = new.bounds[bits]
            fixed = known[:, 0] == known[:, 1]
            if not fixed.any() and (np.diff(bits) > 0).all():
                return new.append(op)
            offset = int(weights[fixed] @ (known[fixed, 0] ^ complemented[fixed]))
            return _sum(
                new, [_merged_popcount(new, bits[~fixed], complemented[~fixed], weights[~fixed])], offset
            )
        case Add(operands, offset):
            return _sum(new, list(operands), offset)
        case AtLeast(value, threshold):
            inner = new.ops[value]
            if isinstance(inner, Add) and len(inner.operands) == 1:
                return new.at_least(inner.operands[0], threshold - inner.offset)
            return new.append(op)
        case _:
            return new.append(op)


def _merged_popcount(new: Graph, bits: Values, complemented: NDArray[np.bool_], weights: Values) -> int:
    """A popcount in which several old bits may have become one new bit."""
    distinct, where = np.unique(bits, return_inverse=True)
    signed = np.zeros(len(distinct), np.int64)
    np.add.at(signed, where, np.where(complemented, -weights, weights))
    offset = int(weights[complemented].sum())
    return _sum(new, [new.popcount(distinct, signed)], offset)


def _sum(new: Graph, operands: list[int], offset: int) -> int:
    """``Σ operands + offset`` with constants and inner sums gathered."""
    flat: list[int] = []
    for operand in operands:
        match new.ops[operand]:
            case Constant(value):
                offset += value
            case Add(inner, inner_offset):
                flat += inner
                offset += inner_offset
            case _:
                flat.append(operand)
    if not flat:
        return new.constant(offset)
    if len(flat) == 1 and offset == 0:
        return flat[0]
    return new.add(flat, offset)
