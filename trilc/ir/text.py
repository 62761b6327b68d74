"""The text form of a word-level graph: one line per operation, printed and parsed back.

::

    trilc-ir 1
    %0 = input "tok" 30 : [0, 30]
    %1 = state "h_l0[0]" reset 1 : [0, 1]
    %2 = state "h_l0[1]" reset 0 : [0, 1]
    %3 = popcount %1 ~%2 : [0, 2]
    %4 = table %0 (0 -1 …) : [-1, 0]
    %5 = add %3 %4 -1 : [-2, 1]
    %6 = at_least %5 0 : [0, 1]
    next %1 %6
    next %2 %1
    output "state_l0[0]" %6
    output "out" %4 width 2

Lines that begin with ``#`` are comments. A literal is ``%n`` or ``~%n``, with ``w*`` before it where its
weight is not 1. Names are JSON strings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import numpy as np

from trilc.errors import InputError
from trilc.ir.graph import Graph
from trilc.ir.ops import Add, Argmax, AtLeast, Constant, Input, Op, Popcount, State, Table

HEADER = "trilc-ir 1"


def dump(graph: Graph, comment: str = "") -> str:
    """The graph as text, below a comment of one line; equal graphs give equal text."""
    lines = [HEADER, f"# {comment}"] if comment else [HEADER]
    for number, (op, (low, high)) in enumerate(zip(graph.ops, graph.bounds.tolist(), strict=True)):
        lines.append(f"%{number} = {_describe(op)} : [{low}, {high}]")
    lines += [f"next %{held} %{value}" for held, value in graph.next_state.items()]
    for output in graph.outputs:
        width = "" if output.width is None else f" width {output.width}"
        lines.append(f"output {json.dumps(output.name)} %{output.value}{width}")
    return "\n".join(lines) + "\n"


def parse(text: str) -> Graph:
    """The graph that ``text`` describes. Raises :class:`InputError` naming the first line that is wrong."""
    lines = text.splitlines()
    if not lines or lines[0].strip() != HEADER:
        raise InputError(f"line 1: expected {HEADER!r}")
    graph = Graph()
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            _parse_line(graph, line.strip())
        except (ValueError, IndexError, KeyError, OverflowError, RecursionError) as error:
            raise InputError(f"line {number}: {error}") from None
    try:
        graph.check()
    except ValueError as error:
        raise InputError(f"line {len(lines)}: {error}") from None
    return graph


def _describe(op: Op) -> str:
    match op:
        case Input(name, high):
            return f"input {json.dumps(name)} {high}"
        case State(name, reset):
            return f"state {json.dumps(name)} reset {reset}"
        case Constant(value):
            return f"constant {value}"
        case Popcount(bits, complemented, weights):
            literals = zip(bits.tolist(), complemented.tolist(), weights.tolist(), strict=True)
            return "popcount " + " ".join(
                f"{'' if weight == 1 else f'{weight}*'}{'~' if inverted else ''}%{bit}"
                for bit, inverted, weight in literals
            )
        case Add(operands, offset):
            return " ".join(["add", *(f"%{operand}" for operand in operands), str(offset)])
        case Table(index, values):
            return f"table %{index} ({' '.join(map(str, values.tolist()))})"
        case AtLeast(value, threshold):
            return f"at_least %{value} {threshold}"
        case Argmax(operands, ranks):
            return f"argmax {' '.join(f'%{o}' for o in operands)} ranks ({' '.join(map(str, ranks))})"


_ASSIGNMENT = re.compile(r"%(\d+) = (\w+) (.*) : \[(-?\d+), (-?\d+)\]")
_NEXT = re.compile(r"next %(\d+) %(\d+)")
_OUTPUT = re.compile(r'output ("(?:[^"\\]|\\.)*") %(\d+)(?: width (\d+))?')
_LITERAL = re.compile(r"(?:(\d+)\*)?(~?)%(\d+)")


def _parse_line(graph: Graph, line: str) -> None:
    if match := _ASSIGNMENT.fullmatch(line):
        number, kind, rest = int(match[1]), match[2], match[3]
        if number != len(graph.ops):
            raise ValueError(f"expected %{len(graph.ops)}, found %{number}")
        if kind not in _PARSERS:
            raise ValueError(f"unknown operation {kind!r}; known: {', '.join(_PARSERS)}")
        _PARSERS[kind](graph, rest)
        interval = graph.interval(number)
        if interval != (int(match[4]), int(match[5])):
            raise ValueError(f"the interval of %{number} is {list(interval)}")
    elif match := _NEXT.fullmatch(line):
        if int(match[1]) in graph.next_state:
            raise ValueError(f"%{match[1]} has two successors")
        graph.set_next(int(match[1]), int(match[2]))
    elif match := _OUTPUT.fullmatch(line):
        graph.output(json.loads(match[1]), int(match[2]), int(match[3]) if match[3] else None)
    else:
        raise ValueError("expected '%n = operation … : [low, high]', 'next %n %m' or 'output \"name\" %n'")


def _parse_input(graph: Graph, rest: str) -> None:
    name, high = rest.rsplit(" ", 1)
    graph.input(_name(name), int(high))


def _parse_state(graph: Graph, rest: str) -> None:
    name, _, reset = rest.rsplit(" ", 2)
    graph.state(_name(name), int(reset))


def _parse_constant(graph: Graph, rest: str) -> None:
    graph.constant(int(rest))


def _parse_popcount(graph: Graph, rest: str) -> None:
    bits, complemented, weights = [], [], []
    for token in rest.split():
        match = _LITERAL.fullmatch(token)
        if not match:
            raise ValueError(f"expected a literal, found {token!r}")
        bits.append(int(match[3]))
        complemented.append(match[2] == "~")
        weights.append(int(match[1] or 1))
    if bits != sorted(set(bits)) or not bits or min(weights) < 1:
        raise ValueError("a popcount takes distinct bits in ascending order with positive weights")
    graph.need_bits("popcount", bits)
    graph.append(
        Popcount(np.array(bits, np.int64), np.array(complemented, np.bool_), np.array(weights, np.int64))
    )


def _parse_add(graph: Graph, rest: str) -> None:
    *operands, offset = rest.split()
    graph.add([_value(token) for token in operands], int(offset))


def _parse_table(graph: Graph, rest: str) -> None:
    index, values = rest.split(" ", 1)
    graph.table(_value(index), _integers(values))


def _parse_at_least(graph: Graph, rest: str) -> None:
    value, threshold = rest.split()
    graph.at_least(_value(value), int(threshold))


def _parse_argmax(graph: Graph, rest: str) -> None:
    operands, ranks = rest.split(" ranks ")
    graph.argmax([_value(token) for token in operands.split()], _integers(ranks))


_PARSERS: dict[str, Callable[[Graph, str], None]] = {
    "input": _parse_input,
    "state": _parse_state,
    "constant": _parse_constant,
    "popcount": _parse_popcount,
    "add": _parse_add,
    "table": _parse_table,
    "at_least": _parse_at_least,
    "argmax": _parse_argmax,
}


def _name(token: str) -> str:
    name = json.loads(token)
    if not isinstance(name, str):
        raise ValueError(f"expected a name, found {token}")
    return name


def _value(token: str) -> int:
    if not re.fullmatch(r"%\d+", token):
        raise ValueError(f"expected an operand %n, found {token!r}")
    return int(token[1:])


def _integers(token: str) -> list[int]:
    if not (token.startswith("(") and token.endswith(")")):
        raise ValueError(f"expected integers in parentheses, found {token[:40]!r}")
    return [int(word) for word in token[1:-1].split()]
