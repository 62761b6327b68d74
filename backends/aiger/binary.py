"""The binary format: gates in topological order, as differences between neighbouring literals."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np
from numba import njit

from backends.aiger.body import Body, Rows, link_or_refuse, ordered, resets
from backends.aiger.header import Header
from backends.linking import resolve
from backends.text import CHUNK, bytes_array
from trilc.aig import AIG, UNKNOWN, Literals
from trilc.errors import InputError


def read(data: bytes, header: Header) -> Body:
    """Everything up to the symbols. Raises :class:`InputError`."""
    rows = Rows(data, header.largest)
    latches = rows.take(header.registers, 1, 2, "a latch")
    outputs = rows.take(header.outputs + header.bad, 1, 1, "an output")[:, 0]
    constraints = rows.take(header.constraints, 1, 1, "a constraint")[:, 0]
    own = np.arange(header.registers, dtype=np.int64) + 1 + header.inputs
    reset = resets(latches[:, 1], (2 * own).astype(np.uint32), 2)
    first = 1 + header.inputs + header.registers

    if 2 * header.ands > len(data) - rows.position:
        raise InputError(f"the file ends before its {header.ands} ANDs")
    fanins = np.empty((header.ands, 2), np.uint32)
    end, decoded = _decode(bytes_array(data), rows.position, first, fanins)
    if decoded < header.ands:
        literal = 2 * (first + decoded)
        raise InputError(
            f"AND {literal} (byte {end + 1}): expected two differences that leave smaller literals"
        )
    roots: list[Literals] = [latches[:, 0], outputs, constraints]
    if not ordered(fanins):
        variables = first + header.ands
        defined = np.arange(first, variables, dtype=np.uint32)
        gates = np.column_stack([defined, fanins])
        fanins, literal_of = link_or_refuse(variables, np.arange(1, first), gates, None)
        roots = [resolve(literal_of, root) for root in roots]
    return Body(fanins, roots[0], reset, roots[1], roots[2], end)


def write(aig: AIG, stream: BinaryIO) -> None:
    """Everything between header and symbols."""
    third = {0: "", 1: " 1"}
    latches = zip(aig.next_state.tolist(), aig.reset.tolist(), aig.register_literals.tolist(), strict=True)
    text = [f"{after}{f' {own}' if reset == UNKNOWN else third[reset]}\n" for after, reset, own in latches]
    text += [f"{literal}\n" for literal in aig.outputs.tolist() + aig.constraints.tolist()]
    stream.write("".join(text).encode())
    step = CHUNK // 10
    out = np.empty(10 * min(step, aig.num_ands), np.uint8)
    for start in range(0, aig.num_ands, step):
        used = _encode(aig.fanins[start : start + step], aig.first_and + start, out)
        stream.write(out[:used].data)


@njit(cache=True)
def _decode(data, position, first, fanins):
    """Fill ``fanins``; returns the position reached and the number of gates before the first faulty one."""
    for i in range(fanins.shape[0]):
        above = 2 * (first + np.int64(i))
        for k in range(1, -1, -1):
            difference = np.int64(0)
            shift = 0
            while True:
                if position == data.shape[0] or shift > 28:
                    return position, i
                byte = np.int64(data[position])
                position += 1
                difference |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    break
            if difference > above or (k == 1 and difference == 0):
                return position, i
            above -= difference
            fanins[i, k] = above
    return position, fanins.shape[0]


@njit(cache=True)
def _encode(fanins, first, out):
    """Write the gates' differences into ``out``; returns the bytes used (at most 10 per gate)."""
    at = 0
    for i in range(fanins.shape[0]):
        above = 2 * (first + np.int64(i))
        for k in range(1, -1, -1):
            below = np.int64(fanins[i, k])
            difference = above - below
            above = below
            while difference > 127:
                out[at] = 128 | (difference & 127)
                difference >>= 7
                at += 1
            out[at] = difference
            at += 1
    return at
