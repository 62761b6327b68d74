"""Invariants: what no reached state shows is free, and the machine behaves as before from reset on."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passes import Invariants, Pipeline
from tests.oracles import abc
from tests.passes.graphs import assert_same_behaviour, assert_same_interface, machines
from tests.passes.test_abc import written
from tests.strategies import aigs
from trilc.aig import AIG, Builder
from trilc.errors import InputError
from trilc.prove import equivalent
from trilc.prove.equivalence import Answer


@settings(max_examples=80)
@given(aig=machines() | aigs(max_gates=15), conflicts=st.sampled_from([0, 200]))
def test_keeps_the_behaviour_from_reset(aig, conflicts):
    result = Invariants(conflicts=conflicts).apply(aig)
    assert_same_interface(aig, result)
    assert_same_behaviour(aig, result)
    assert result.num_ands <= aig.num_ands
    assert result.register_names == aig.register_names
    if aig.keep_registers:
        assert result is aig


@settings(max_examples=40)
@given(aig=machines() | aigs(max_gates=15), text=st.sampled_from(["sweep", "dontcare", "correspond"]))
def test_the_passes_that_rest_on_sat_keep_it_too(aig, text):
    assert_same_behaviour(aig, Pipeline.parse(text).apply(aig))


def ring(length: int) -> AIG:
    """A one-hot ring that moves on x; the outputs ask what one-hot bits make simple."""
    b = Builder()
    x, y = b.input("x"), b.input("y")
    bits = [b.register(f"r{k}", int(k == 0)) for k in range(length)]
    for k in range(length):
        b.set_next(bits[k], b.mux(x, bits[k - 1], bits[k]))
    b.output("exclusive", b.xor(bits[0], bits[3]))
    b.output("both", b.or_(b.and_(bits[1], bits[2]), y))
    b.output("chosen", b.mux(bits[4], y, b.and_(bits[0], x)))
    return b.build()


def test_one_hot_bits_make_an_or_of_an_exclusive_or(tmp_path):
    aig = ring(6)
    result = Invariants().apply(aig)
    assert aig.num_ands - result.num_ands >= 4
    assert abc.dsec(written(aig, tmp_path / "a.aig"), written(result, tmp_path / "b.aig"))


def test_the_prover_finds_the_same_invariants():
    aig = ring(6)
    result, _ = dataclasses.replace(Pipeline.parse("invariants"), prove=True).run(aig)
    assert result.num_ands < aig.num_ands
    wrong = dataclasses.replace(result, outputs=result.outputs[[1, 0, 2]])
    assert equivalent(aig, wrong).answer is Answer.DIFFERENT


def test_every_state_counts_where_registers_are_kept():
    aig = dataclasses.replace(ring(6), keep_registers=True)
    assert Invariants().apply(aig) is aig


@pytest.mark.parametrize("options", [{"cone": 1}, {"conflicts": 10**6 + 1}])
def test_options_out_of_range(options):
    with pytest.raises(InputError, match=r"^invariants: "):
        Invariants(**options)
