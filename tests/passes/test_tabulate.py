"""Resubstitution on whole truth tables: right wherever the constraints hold, and as good as it says."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passes import Tabulate
from passes import tabulate as module
from passes.forms import PAIRS
from tests.passes.graphs import (
    assert_same_interface,
    graphs,
    random_graph,
    same_functions,
    same_where_constrained,
)
from trilc.aig import Builder
from trilc.errors import InputError


@settings(max_examples=30)
@given(aig=graphs, step=st.builds(Tabulate, rounds=st.integers(1, 4), divisors=st.sampled_from([5, 40, 800])))
def test_changes_nothing_where_the_constraints_hold(aig, step):
    result = step.apply(aig)
    assert_same_interface(aig, result)
    assert result.register_names == aig.register_names
    assert result.num_ands <= aig.num_ands
    assert same_where_constrained(aig, result)


@pytest.mark.parametrize("inputs", [7, 9])
def test_tables_of_many_words(inputs):
    aig = dataclasses.replace(random_graph(inputs, inputs, 1, 120, 30), constraints=np.zeros(0, np.uint32))
    result = Tabulate(rounds=2).apply(aig)
    assert same_functions(aig, result)
    assert result.num_ands < aig.num_ands


def test_random_functions_come_close_to_each_other():
    """A hundred functions of five inputs, each a multiplexer tree, need two or three gates more each."""
    rng = np.random.default_rng(0)
    b = Builder()
    inputs = [b.input(f"i{k}") for k in range(5)]
    level = rng.integers(0, 2, (100, 32)).astype(np.uint32)
    for x in inputs:
        level = b.mux(x, level[:, 1::2], level[:, 0::2])
    for k, literal in enumerate(level[:, 0].tolist()):
        b.output(f"o{k}", literal)
    aig = b.build()
    result = Tabulate().apply(aig)
    assert same_functions(aig, result)
    assert result.num_ands < 0.6 * aig.num_ands


def test_what_constraints_exclude_is_free():
    b = Builder()
    x, y, z = (b.input(name) for name in "xyz")
    b.output("o", b.xor(b.xor(x, y), z))
    b.constrain(b.and_(x, z) ^ 1)
    b.constrain(b.and_(b.xor(x, y), z) ^ 1)
    b.constrain(b.or_(x, y))
    aig = b.build()
    result = Tabulate().apply(aig)
    assert same_where_constrained(aig, result)
    assert result.num_ands < aig.num_ands


def test_leaves_circuits_of_many_inputs_alone():
    aig = random_graph(0, module.MOST_INPUTS + 1)
    assert Tabulate().apply(aig) is aig


def test_large_circuits_get_fewer_rounds(monkeypatch):
    aig = random_graph(7, 7, 0, 120, 30)
    monkeypatch.setattr(module, "WORK", 2 * (1 + 7 + 120))  # tables of two words: one round at the most
    assert Tabulate(rounds=9).apply(aig).fanins.tolist() == Tabulate(rounds=1).apply(aig).fanins.tolist()
    monkeypatch.setattr(module, "WORK", 10)
    assert Tabulate().apply(aig) is aig


def test_same_graph_same_result():
    aig = random_graph(1, 5, 2, 300, 40)
    first, second = Tabulate(divisors=30).apply(aig), Tabulate(divisors=30).apply(aig)
    assert first.fanins.tolist() == second.fanins.tolist()


def test_more_pairs_than_are_looked_at():
    aig = random_graph(3, 6, 0, 900, 300)
    aig = dataclasses.replace(aig, constraints=np.zeros(0, np.uint32))
    assert aig.num_ands**2 > PAIRS
    result = Tabulate(rounds=2).apply(aig)
    assert same_functions(aig, result)


@pytest.mark.parametrize("options", [{"rounds": 0}, {"rounds": 1001}, {"divisors": 0}, {"divisors": 5001}])
def test_refuses_options_out_of_range(options):
    with pytest.raises(InputError, match="tabulate: "):
        Tabulate(**options)
