"""Counters that share adders count what they say."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.truth import truth_tables
from trilc.aig import Builder
from trilc.lower import sharing
from trilc.lower.counters import Count, reduce_counts

INPUTS = 6


@st.composite
def counts(draw: st.DrawFn) -> Count:
    literals = draw(st.lists(st.integers(0, 2 * INPUTS + 1), max_size=9))
    weights = draw(st.lists(st.integers(1, 5), min_size=len(literals), max_size=len(literals)))
    return Count(
        np.array(literals, np.uint32),
        np.array(weights, np.int64),
        draw(st.integers(0, 12)),
        draw(st.integers(0, 5)),
        draw(st.booleans()),
    )


@given(st.lists(counts(), min_size=1, max_size=5), st.sampled_from([sharing.GATES, sharing.LUTS]))
def test_every_count_is_the_sum_of_its_terms(wanted: list[Count], costs: sharing.Costs) -> None:
    builder = Builder()
    for i in range(INPUTS):
        builder.input(f"x{i}")
    results = reduce_counts(builder, wanted, costs)
    for row, bits in enumerate(results):
        for i, bit in enumerate(bits.tolist()):
            builder.output(f"{row}.{i}", bit)
    aig = builder.build()
    aig.check()
    patterns = (np.arange(1 << INPUTS)[:, None] >> np.arange(INPUTS)) & 1
    values = np.concatenate([np.zeros((len(patterns), 1), np.int64), patterns], 1)
    built = iter(truth_tables(aig))
    for count in wanted:
        literals = values[:, count.literals >> 1] ^ (count.literals & 1)
        total = literals @ count.weights + count.constant
        if count.carry:
            np.testing.assert_array_equal(next(built), total >= 1 << count.columns)
        else:
            for column in range(count.columns):
                np.testing.assert_array_equal(next(built), (total >> column) & 1)
