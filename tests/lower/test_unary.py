"""Thresholds in unary reach what they should, and are chosen where they are smaller."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.truth import truth_tables
from trilc.aig import Builder
from trilc.lower import unary
from trilc.lower.counters import Count, reduce_counts


@given(
    units=st.lists(st.integers(0, 15), max_size=9),
    heavy=st.lists(st.tuples(st.integers(2, 15), st.sampled_from([2, 4, 8])), max_size=4),
    threshold=st.integers(1, 24),
)
def test_reaches_its_threshold(units, heavy, threshold):
    builder = Builder()
    for k in range(7):
        builder.input(f"x{k}")
    builder.output("o", unary.at_least(builder, units, heavy, threshold))
    (built,) = truth_tables(builder.build())
    patterns = (np.arange(1 << 7)[:, None] >> np.arange(7)) & 1
    values = np.concatenate([np.zeros((len(patterns), 1), np.int64), patterns], 1)
    total = sum((w * (values[:, x >> 1] ^ (x & 1)) for x, w in [*((x, 1) for x in units), *heavy]), np.zeros(128, int))
    np.testing.assert_array_equal(built, total >= threshold)


@pytest.mark.parametrize(("inputs", "threshold", "gates"), [(6, 3, 17), (6, 4, 17), (8, 4, 27), (8, 5, 27), (9, 5, 36)])
def test_a_few_literals_are_sorted(inputs, threshold, gates):
    assert unary.pays((inputs,), threshold)
    builder = Builder()
    literals = np.array([builder.input(f"x{k}") for k in range(inputs)], np.uint32)
    columns = (threshold - 1).bit_length()
    count = Count(literals, np.ones(inputs, np.int64), (1 << columns) - threshold, columns, carry=True)
    ((literal,),) = reduce_counts(builder, [count])
    builder.output("o", int(literal))
    aig = builder.build()
    (built,) = truth_tables(aig)
    np.testing.assert_array_equal(built, np.bitwise_count(np.arange(1 << inputs)) >= threshold)
    assert aig.num_ands <= gates


def test_many_literals_are_added():
    assert not unary.pays((12,), 6)
    assert not unary.pays((unary.MOST_UNITS + 1,), 7)


def test_a_few_light_literals_among_many_heavy_ones_are_added():
    """Sorting would go one heavy literal deep at a time."""
    builder = Builder()
    literals = np.array([builder.input(f"x{k}") for k in range(1504)], np.uint32)
    weights = np.repeat([1, 2], [4, 1500])
    ((literal,),) = reduce_counts(builder, [Count(literals, weights, 2048 - 1500, 11, carry=True)])
    builder.output("o", int(literal))
    assert builder.num_ands < 7 * 1504
    assert not unary.pays((4, 1500), 1500)
