"""A sum of products as ANDs: as it stands, or by Shannon's expansion where that takes fewer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from operator import and_, or_

import numpy as np

from trilc.aig import Builder
from trilc.aig.word_tables import FULL, VARIABLES, WIDEST
from trilc.errors import InputError
from trilc.luts.shannon import MOST_GATES, expand_one

_CARED = re.compile(b"[01]")

Template = tuple[tuple[tuple[int, int], ...], int]
"""Gates over local literals, and the literal of the result. Local variable 0 is the constant false, 1 … width
are the fan-ins, the gates follow in order."""


def template(width: int, rows: Sequence[bytes]) -> Template:
    """The gates of a ``.names`` cover: ``rows`` is cube, value, cube, value, … (only values where ``width``
    is 0).

    Products and sums become balanced trees; up to six fan-ins are expanded (Shannon 1949) where that takes fewer gates,
    as in the tables of an FPGA. Raises :class:`InputError` without a line number.
    """
    cubes, values = (rows[0::2], rows[1::2]) if width else ([b""] * len(rows), rows)
    value = values[0] if values else b"1"
    if value not in (b"0", b"1"):
        raise InputError(f"a cover's value is {value[:20]!r}, expected 0 or 1")
    if any(other != value for other in values):
        raise InputError("a cover mixes rows of value 0 with rows of value 1")
    gates: list[tuple[int, int]] = []
    literals = [_literals(cube, width) for cube in cubes]
    products = [_tree(product, gates, width) ^ 1 for product in literals]
    covered = _tree(products, gates, width) ^ 1
    if 2 < width <= WIDEST:
        expanded, literal = _expand(literals, width)
        if len(expanded) < len(gates):
            gates, covered = expanded, literal
    return tuple(gates), covered ^ (value == b"0")


def _expand(products: list[list[int]], width: int) -> tuple[list[tuple[int, int]], int]:
    """The gates of a sum of products of few fan-ins, by its truth table."""
    variables, full = [int(variable) for variable in VARIABLES], int(FULL)
    table = reduce(
        or_,
        (reduce(and_, (variables[x // 2 - 1] ^ (full if x & 1 else 0) for x in product), full) for product in products),
        0,
    )
    builder = Builder()
    for k in range(width):
        builder.input(str(k))
    literal = np.zeros(1, np.int64)
    builder.emit(expand_one, MOST_GATES, np.uint64(table), width, literal)
    builder.output("", int(literal[0]))
    aig = builder.build()
    return [(a, b) for a, b in aig.fanins.tolist()], int(aig.outputs[0])


def _literals(cube: bytes, width: int) -> list[int]:
    if len(cube) != width:
        raise InputError(f"a cube of {len(cube)} columns in a cover of {width} fan-ins")
    if cube.strip(b"01-"):
        raise InputError(f"a cube holds {chr(cube.strip(b'01-')[0])!r}, expected 0, 1 or -")
    return [2 * column.end() + (column[0] == b"0") for column in _CARED.finditer(cube)]


def _tree(literals: list[int], gates: list[tuple[int, int]], width: int) -> int:
    """The literal of a balanced AND of ``literals``; the constant true where there is none."""
    while len(literals) > 1:
        odd = literals[len(literals) & ~1 :]
        above = range(2 * (width + len(gates) + 1), 2 * (width + len(gates) + 1 + len(literals) // 2), 2)
        gates.extend(zip(literals[0:-1:2], literals[1::2], strict=True))
        literals = [*above, *odd]
    return literals[0] if literals else 1
