"""Between an AIGER file's header and its symbols: the body, and the rows of numbers that it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.linking import LoopError, link
from backends.text import bytes_array, put_decimal
from trilc.aig import UNKNOWN, Literals
from trilc.errors import InputError

ABSENT = np.uint32(2**32 - 1)
"""Stands for a field that a row leaves out."""


@dataclass(frozen=True, eq=False)
class Body:
    """A file's graph without names."""

    fanins: Literals
    next_state: Literals
    reset: NDArray[np.uint8]
    outputs: Literals
    """Outputs, then bad-state properties."""
    constraints: Literals
    end: int
    """Where the symbols start."""


class Rows:
    """Reads one section of lines of numbers after the other, counting lines."""

    def __init__(self, data: bytes, largest: int) -> None:
        self._data = bytes_array(data)
        self._limit = 2 * largest + 1
        self.position = data.index(b"\n") + 1
        self.line = 2

    def take(self, count: int, low: int, high: int, what: str) -> Literals:
        """(count, high) uint32: the next lines of ``low`` to ``high`` literals each, what is left out ABSENT.

        Raises :class:`InputError` naming the line.
        """
        if 2 * low * count > len(self._data) - self.position + 1:
            raise InputError(f"line {self.line}: the file ends before {count} lines, each for {what}")
        rows = np.full((count, high), ABSENT, np.uint32)
        self.position, row, fault = _parse(self._data, self.position, low, rows, self._limit)
        if fault == _TOO_LARGE:
            raise InputError(f"line {self.line + row}: {what} has a literal above {self._limit}, 2·M + 1")
        if fault:
            fields = ("a number", "two numbers", "three numbers")[low - 1] + " or one more" * (high - low)
            raise InputError(f"line {self.line + row}: expected {fields} for {what}")
        self.line += count
        return rows


def resets(column: Literals, own: Literals, line: int) -> NDArray[np.uint8]:
    """(registers,) uint8: reset values from a latch's third field: 0, 1, its own literal or left out."""
    column = np.where(column == ABSENT, 0, column)
    wrong = (column > 1) & (column != own)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(
            f"line {line + row}: the reset of latch {own[row]} is {column[row]}, not 0, 1 or its own literal"
        )
    return np.where(column > 1, UNKNOWN, column).astype(np.uint8)


def ordered(fanins: Literals) -> bool:
    """Whether every gate's fan-ins are two different literals in order."""
    return bool((fanins[:, 0] < fanins[:, 1]).all())


def link_or_refuse(variables: int, leaves: NDArray[np.int64], gates: Literals, literals: Any) -> Any:
    """:func:`link`, a loop being named by the literal (``literals[variable]``) that the file uses for it."""
    try:
        return link(variables, leaves, gates)
    except LoopError as loop:
        raise InputError(f"literal {literals[loop.variable]} is on a combinational loop") from None


_SYNTAX, _TOO_LARGE = 1, 2


@njit(cache=True)
def _parse(data, position, low, rows, limit):
    """Fill ``rows``; returns the position after them, and the first faulty row with its fault (0: none)."""
    size = data.shape[0]
    for row in range(rows.shape[0]):
        field = 0
        while True:
            while position < size and data[position] == 32:
                position += 1
            if position == size or data[position] == 10:
                position += 1
                break
            if field == rows.shape[1]:
                return position, row, _SYNTAX
            value = np.int64(0)
            digits = 0
            while position < size and 48 <= data[position] <= 57:
                value = value * 10 + np.int64(data[position]) - 48
                if value > limit:
                    return position, row, _TOO_LARGE
                digits += 1
                position += 1
            if digits == 0 or (position < size and data[position] != 32 and data[position] != 10):
                return position, row, _SYNTAX
            rows[row, field] = value
            field += 1
        if field < low:
            return position, row, _SYNTAX
    return min(position, size), 0, 0


@njit(cache=True)
def put_rows(rows, out):
    """Write (n, fields) numbers as lines into ``out``; returns the bytes used (at most 11 per number)."""
    at = 0
    for row in range(rows.shape[0]):
        for field in range(rows.shape[1]):
            at = put_decimal(out, at, np.int64(rows[row, field]))
            out[at] = 32
            at += 1
        out[at - 1] = 10
    return at
