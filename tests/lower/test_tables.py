"""Tables under the bits of an index, in every form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lower.circuits import inputs, values
from trilc.aig import Builder
from trilc.lower import tables
from trilc.lower.tables import lower_tables

BITS = 4


@st.composite
def columns(draw: st.DrawFn) -> np.ndarray:
    codes = draw(st.integers(1, 1 << BITS))
    drawn = draw(st.lists(st.integers(0, (1 << codes) - 1), min_size=1, max_size=8))
    return (np.array(drawn)[:, None] >> np.arange(codes)) & 1 == 1


@given(columns())
def test_every_form_is_the_table(wanted: np.ndarray) -> None:
    for form in range(BITS + 1):
        builder = Builder()
        built = tables._lower_form(builder, inputs(builder, "i", BITS), wanted, form)
        np.testing.assert_array_equal(values(builder, built)[: wanted.shape[1]].T, wanted)


@given(columns())
def test_the_chosen_form_is_the_table_and_no_dearer_than_a_tree(wanted: np.ndarray) -> None:
    builder, tree = Builder(), Builder()
    built = lower_tables(builder, inputs(builder, "i", BITS), wanted)
    np.testing.assert_array_equal(values(builder, built)[: wanted.shape[1]].T, wanted)
    flipped = wanted ^ wanted[:, :1]
    tables._lower_form(tree, inputs(tree, "i", BITS), np.unique(flipped, axis=0), 0)
    assert builder.num_ands <= tree.num_ands


def test_many_columns_are_expanded_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ENTRIES", 40)
    wanted = np.random.default_rng(0).integers(0, 2, (9, 11)) == 1
    builder = Builder()
    built = lower_tables(builder, inputs(builder, "i", BITS), wanted)
    np.testing.assert_array_equal(values(builder, built)[:11].T, wanted)


def test_no_columns_at_all() -> None:
    builder = Builder()
    assert lower_tables(builder, inputs(builder, "i", BITS), np.zeros((0, 5), np.bool_)).tolist() == []
    assert builder.num_ands == 0


def test_equal_and_complementary_columns_cost_nothing_more() -> None:
    once, twice = Builder(), Builder()
    wanted = np.random.default_rng(0).integers(0, 2, (3, 13)) == 1
    lower_tables(once, inputs(once, "i", BITS), wanted)
    lower_tables(twice, inputs(twice, "i", BITS), np.concatenate([wanted, ~wanted, wanted]))
    assert once.num_ands == twice.num_ands
