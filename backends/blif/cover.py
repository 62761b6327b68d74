"""A sum of products as a tree of ANDs."""

from __future__ import annotations

from collections.abc import Sequence

from trilc.errors import InputError

Template = tuple[tuple[tuple[int, int], ...], int]
"""Gates over local literals, and the literal of the result. Local variable 0 is the constant false, 1 … width
are the fan-ins, the gates follow in order."""


def template(width: int, rows: Sequence[bytes]) -> Template:
    """The gates of a ``.names`` cover: ``rows`` is cube, value, cube, value, … (only values where ``width``
    is 0).

    Products and sums become balanced trees. Raises :class:`InputError` without a line number.
    """
    cubes, values = (rows[0::2], rows[1::2]) if width else ([b""] * len(rows), rows)
    value = values[0] if values else b"1"
    if value not in (b"0", b"1"):
        raise InputError(f"a cover's value is {value[:20]!r}, expected 0 or 1")
    if any(other != value for other in values):
        raise InputError("a cover mixes rows of value 0 with rows of value 1")
    gates: list[tuple[int, int]] = []
    products = [_tree(_literals(cube, width), gates, width) ^ 1 for cube in cubes]
    covered = _tree(products, gates, width) ^ 1
    return tuple(gates), covered ^ (value == b"0")


def _literals(cube: bytes, width: int) -> list[int]:
    if len(cube) != width:
        raise InputError(f"a cube of {len(cube)} columns in a cover of {width} fan-ins")
    if cube.strip(b"01-"):
        raise InputError(f"a cube holds {chr(cube.strip(b'01-')[0])!r}, expected 0, 1 or -")
    return [2 * k + (column == 48) for k, column in enumerate(cube, 1) if column != 45]


def _tree(literals: list[int], gates: list[tuple[int, int]], width: int) -> int:
    """The literal of a balanced AND of ``literals``; the constant true where there is none."""
    while len(literals) > 1:
        odd = literals[len(literals) & ~1 :]
        above = range(2 * (width + len(gates) + 1), 2 * (width + len(gates) + 1 + len(literals) // 2), 2)
        gates.extend(zip(literals[0:-1:2], literals[1::2], strict=True))
        literals = [*above, *odd]
    return literals[0] if literals else 1
