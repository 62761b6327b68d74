"""Truth tables in a word, and covers of them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trilc.aig import word_tables as tables

TABLE = st.integers(0, 2**64 - 1).map(np.uint64)


def value(table: np.uint64, inputs: list[int]) -> int:
    return int(table) >> sum(bit << i for i, bit in enumerate(inputs)) & 1


def assignments(count: int) -> list[list[int]]:
    return [[m >> i & 1 for i in range(count)] for m in range(1 << count)]


def of_width(table: np.uint64, width: int) -> np.uint64:
    """The table with every input from ``width`` on at 0."""
    for i in range(width, 6):
        table = np.uint64(tables.cofactors(table, i)[0])
    return table


@given(TABLE, st.integers(0, 4))
def test_neighbours_change_places(table, i):
    swapped = tables.swap_neighbours(table, i)
    for x in assignments(6):
        y = x.copy()
        y[i], y[i + 1] = y[i + 1], y[i]
        assert value(swapped, x) == value(table, y)


@given(TABLE, st.integers(0, 5))
def test_cofactors_and_flips(table, i):
    low, high = tables.cofactors(table, i)
    flipped = tables.flip(table, i)
    for x in assignments(6):
        zero, one, other = ([*x[:i], bit, *x[i + 1 :]] for bit in (0, 1, 1 - x[i]))
        assert value(low, x) == value(table, zero)
        assert value(high, x) == value(table, one)
        assert value(flipped, x) == value(table, other)
    assert tables.depends(table, i) == (low != high)


@given(TABLE, st.lists(st.integers(0, 9), min_size=6, max_size=6), st.integers(0, 6))
def test_normal_form_computes_the_same(table, literals, width):
    """Any literals, the constants among them, some twice and some both ways."""
    table = of_width(table, width)
    inputs = np.array(literals[:width], np.int64)
    normal, size = tables.normalise(table, inputs, width)
    left = inputs[:size].tolist()
    assert all(literal % 2 == 0 and literal > 0 for literal in left)
    assert left == sorted(set(left))
    assert all(tables.depends(np.uint64(normal), i) == (i < size) for i in range(6))
    for bits in assignments(4):
        node = [0, *bits]
        before = [node[literal >> 1] ^ (literal & 1) for literal in literals[:width]]
        assert value(np.uint64(normal), [node[x >> 1] for x in left]) == value(table, before)


@given(TABLE | st.sampled_from([0, 2**64 - 1, 0x6996966996696996, 2**63]).map(np.uint64), st.integers(0, 6))
def test_covers_are_exact_and_irredundant(table, width):
    table = of_width(table, width)
    cubes, covers = np.zeros(64, np.int64), np.zeros(64, np.uint64)
    count = tables.irredundant_cover(table, width, cubes, covers)
    union = np.bitwise_or.reduce(covers[:count], initial=np.uint64(0))
    assert union == table
    for k in range(count):
        others = np.bitwise_or.reduce(np.delete(covers[:count], k), initial=np.uint64(0))
        assert covers[k] & ~others
        for x in assignments(6):
            bits = [(int(cubes[k]) >> 2 * i & 3, bit) for i, bit in enumerate(x[:width])]
            assert value(covers[k], x) == all(literal in (0, 1 if bit else 2) for literal, bit in bits)
