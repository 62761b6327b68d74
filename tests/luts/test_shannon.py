"""Shannon's expansion: the same function, and no more gates than known forms take."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.aig.test_word_tables import TABLE, assignments, of_width, value
from tests.truth import truth_tables
from trilc.aig import AIG, Builder
from trilc.aig.word_tables import VARIABLES
from trilc.luts.shannon import MOST_GATES, expand_one

A, B, C, D, E, F = (int(variable) for variable in VARIABLES)


def gates(table: np.uint64, width: int) -> AIG:
    builder = Builder()
    for i in range(width):
        builder.input(f"x{i}")
    literal = np.zeros(1, np.int64)
    builder.emit(expand_one, MOST_GATES, table, width, literal)
    builder.output("f", int(literal[0]))
    return builder.build()


@given(TABLE, st.integers(0, 6))
def test_any_table(table, width):
    table = of_width(table, width)
    aig = gates(table, width)
    aig.check()
    assert aig.num_ands <= MOST_GATES
    (built,) = truth_tables(aig)
    assert [int(bit) for bit in built] == [value(table, x) for x in assignments(width)]


@pytest.mark.parametrize(
    ("table", "width", "most"),
    [
        (0, 0, 0),
        (A, 1, 0),
        (A & B & C & D & E & F, 6, 5),
        (A | B | C | D | E | F, 6, 5),
        (A ^ B ^ C ^ D ^ E ^ F, 6, 15),
        (A & B | C & D | E & F, 6, 7),
        (A & B | A & C | B & C, 3, 4),
        (F & A | ~F & B, 6, 3),
    ],
    ids=["constant", "wire", "and", "or", "xor", "products", "majority", "multiplexer"],
)
def test_known_forms(table, width, most):
    full = (1 << 64) - 1
    for phase in (table, table ^ full):
        assert gates(np.uint64(phase & full), width).num_ands <= most
