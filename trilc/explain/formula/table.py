"""Truth tables of rows that depend on few bits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trilc.errors import InputError
from trilc.explain.formula.reading import Reading
from trilc.explain.formula.threshold import Bit, Statement, Sum

MOST_BITS = 12
"""Bits of a table."""


@dataclass(frozen=True, eq=False)
class Table:
    """What a row is for all values of its bits, and for every class of tokens that act alike."""

    name: str
    bits: tuple[Bit, ...]
    classes: tuple[tuple[int, ...], ...]
    """Tokens that act alike."""
    values: NDArray[np.int64]
    """(2^bits, classes) where the first bit is the highest of the row's number."""

    def assignment(self, row: int) -> str:
        """The values of the bits in a row."""
        return f"{row:0{len(self.bits)}b}" if self.bits else ""


def table(row: Statement | Sum, reading: Reading) -> Table:
    """The truth table of a row. Raises :class:`InputError` where it depends on more than :data:`MOST_BITS` bits."""
    bits = row.bits
    if len(bits) > MOST_BITS:
        raise InputError(
            f"{row.name} depends on {len(bits)} bits, so its table has 2^{len(bits)} rows; "
            f"expected at most {MOST_BITS} bits"
        )
    size = max((bit.number for bit in bits), default=0) + 1
    states = np.zeros((2, 2 ** len(bits), size), np.uint8)
    for place, bit in enumerate(reversed(bits)):
        states[int(bit.after), :, bit.number] = np.arange(2 ** len(bits)) >> place & 1
    if isinstance(row, Sum):
        true = [states[int(bit.after), :, bit.number] == positive for bit, positive in row.literals]
        weights = row.weights[:, None]
        values = (np.array(true, np.int64).reshape(len(weights), 2 ** len(bits)) * weights).sum(0) + row.constant
        return Table(row.name, bits, (reading.tokens,), values[:, None])
    groups: dict[bytes, list[int]] = {}
    columns = []
    for alike in _alike(row, reading):
        column = row.holds(states[0], states[1], np.full(2 ** len(bits), alike[0]))
        key = np.packbits(column).tobytes()
        if key not in groups:
            columns.append(column)
        groups.setdefault(key, []).extend(alike)
    classes = tuple(tuple(sorted(group)) for group in groups.values())
    return Table(row.name, bits, classes, np.array(columns, np.int64).T)


def table_text(found: Table, reading: Reading) -> str:
    """The table, a line for each row, a column for each class of tokens."""
    heads = [reading.condition(group) if len(found.classes) > 1 else found.name for group in found.classes]
    legend = [found.name] if len(found.classes) > 1 else []
    if any(len(head) > 24 for head in heads):
        legend += [f"  {chr(ord('a') + k % 26)}{k // 26 or ''}: {head}" for k, head in enumerate(heads)]
        heads = [f"{chr(ord('a') + k % 26)}{k // 26 or ''}" for k in range(len(heads))]
    names = [str(bit) for bit in found.bits]
    lines = [" ".join([*names, "│", *heads])]
    for number, values in enumerate(found.values.tolist()):
        left = [f"{digit:>{len(name)}}" for digit, name in zip(found.assignment(number), names, strict=True)]
        right = [f"{value:>{len(head)}}" for value, head in zip(values, heads, strict=True)]
        lines.append(" ".join([*left, "│", *right]))
    return "\n".join([*legend, *lines])


def _alike(row: Statement, reading: Reading) -> list[list[int]]:
    """Tokens of which every threshold needs the same."""
    needed = np.array([np.clip(part.needed, 0, part.total + 1) for part in row.parts], np.int64)
    groups: dict[bytes, list[int]] = {}
    for token in reading.tokens:
        groups.setdefault(needed[:, token].tobytes() if len(row.parts) else b"", []).append(token)
    return list(groups.values())
