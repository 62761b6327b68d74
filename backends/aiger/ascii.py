"""The ascii format: every number written out, gates in any order."""

from __future__ import annotations

from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from backends.aiger.body import Body, Rows, link_or_refuse, ordered, put_rows, resets
from backends.aiger.header import Header
from backends.linking import resolve
from backends.text import CHUNK
from trilc.aig import AIG, UNKNOWN, Literals
from trilc.errors import InputError


def read(data: bytes, header: Header) -> Body:
    """Everything up to the symbols. Raises :class:`InputError`."""
    rows = Rows(data, header.largest)
    inputs = rows.take(header.inputs, 1, 1, "an input")[:, 0]
    latch_line = rows.line
    latches = rows.take(header.registers, 2, 3, "a latch")
    outputs = rows.take(header.outputs + header.bad, 1, 1, "an output")[:, 0]
    constraints = rows.take(header.constraints, 1, 1, "a constraint")[:, 0]
    and_line = rows.line
    gates = rows.take(header.ands, 3, 3, "an AND")

    reset = resets(latches[:, 2], latches[:, 0], latch_line)
    leaves = np.concatenate([inputs, latches[:, 0]])
    definitions = np.concatenate([leaves, gates[:, 0]])
    lines = np.concatenate([np.arange(2, 2 + len(leaves)), np.arange(and_line, rows.line)])
    wrong = (definitions < 2) | (definitions & 1 == 1)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(
            f"line {lines[row]}: literal {definitions[row]} cannot be defined (expected an even one from 2)"
        )

    fanins = np.sort(gates[:, 1:], axis=1)
    consecutive = (definitions >> 1 == np.arange(1, 1 + len(definitions))).all()
    backward = (fanins[:, 1] < gates[:, 0]).all()
    roots = [latches[:, 1], outputs, constraints]
    in_range = all(root.max(initial=0) < 2 * (1 + len(definitions)) for root in roots)
    if not (consecutive and backward and in_range and ordered(fanins)):
        fanins, roots = _rebuild(leaves, gates, roots, lines, latch_line, and_line)
    next_state, outputs, constraints = roots
    return Body(fanins, next_state, reset, outputs, constraints, rows.position)


def write(aig: AIG, stream: BinaryIO) -> None:
    """Everything between header and symbols."""
    own = aig.register_literals
    third = np.where(aig.reset == UNKNOWN, own, aig.reset)
    _write_rows(aig.input_literals[:, None], stream)
    _write_rows(np.column_stack([own, aig.next_state, third]), stream)
    _write_rows(aig.outputs[:, None], stream)
    _write_rows(aig.constraints[:, None], stream)
    step = CHUNK // 33
    for start in range(0, aig.num_ands, step):
        fanins = aig.fanins[start : start + step]
        first = 2 * (aig.first_and + start)
        defined = np.arange(first, first + 2 * len(fanins), 2, dtype=np.int64)
        _write_rows(np.column_stack([defined, fanins[:, 1], fanins[:, 0]]), stream)


def _rebuild(
    leaves: Literals, gates: Literals, roots: list[Literals],
    lines: NDArray[Any], latch_line: int, and_line: int,
) -> tuple[Literals, list[Literals]]:  # fmt: skip
    """Fan-ins and roots after numbering the variables in use, sorting and hashing."""
    definitions = np.concatenate([leaves, gates[:, 0]]) >> 1
    twice = _second_occurrence(definitions)
    if twice >= 0:
        raise InputError(f"line {lines[twice]}: literal {2 * definitions[twice]} is defined twice")
    known = np.union1d(definitions, [np.uint32(0)]).astype(np.uint32)

    def number(literals: Literals, line: int, columns: int = 1) -> Literals:
        position = np.minimum(np.searchsorted(known, literals >> 1), len(known) - 1)
        missing = known[position] != literals >> 1
        if missing.any():
            row = int(np.argmax(missing))
            raise InputError(f"line {line + row // columns}: literal {literals[row]} is never defined")
        return np.asarray(2 * position + (literals & 1), np.uint32)

    output_line = latch_line + len(roots[0])
    firsts = [latch_line, output_line, output_line + len(roots[1])]
    roots = [number(root, line) for root, line in zip(roots, firsts, strict=True)]
    numbered = np.empty_like(gates)
    numbered[:, 0] = number(gates[:, 0], and_line) >> 1
    numbered[:, 1:] = number(gates[:, 1:].ravel(), and_line, columns=2).reshape(-1, 2)
    leaf_variables = (number(leaves, 2) >> 1).astype(np.int64)
    fanins, literal_of = link_or_refuse(len(known), leaf_variables, numbered, 2 * known.astype(np.int64))
    return fanins, [resolve(literal_of, root) for root in roots]


def _second_occurrence(values: NDArray[Any]) -> int:
    """The first position whose value stood before, or −1."""
    order = np.argsort(values, kind="stable")
    again = order[1:][values[order[1:]] == values[order[:-1]]]
    return int(again.min()) if again.size else -1


def _write_rows(rows: NDArray[Any], stream: BinaryIO) -> None:
    out = np.empty(11 * rows.size, np.uint8)
    stream.write(out[: put_rows(rows, out)].data)
