"""Implications between registers hold in every state that is reached."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from passes import Pipeline, Sweep
from tests.passes.graphs import machines, traces
from tests.strategies import aigs
from trilc.aig import Builder
from trilc.sat.invariants import constrained, implications, unconstrained


@settings(max_examples=80)
@given(aig=machines() | aigs(max_gates=15))
def test_what_is_implied_holds_on_every_run(aig):
    pairs = implications(aig)
    seen = traces(aig)
    held = np.ones((12, 64), bool)
    for k in range(len(aig.constraints)):
        held &= np.logical_and.accumulate(seen[f"constraint {k}"])
    reached = np.concatenate([np.ones((1, 64), bool), held[:-1]])
    for pair in pairs.tolist():
        a, b = (seen[aig.register_names[(x >> 1) - 1 - aig.num_inputs]] ^ bool(x & 1) for x in pair)
        assert not (a & b & reached).any()


def test_one_hot_registers_exclude_each_other():
    b = Builder()
    x = b.input("x")
    ring = [b.register(f"r{k}", int(k == 0)) for k in range(5)]
    for k in range(5):
        b.set_next(ring[k], b.mux(x, ring[k], ring[k - 1]))
    b.output("two", b.or_(b.and_(ring[0], ring[2]), b.and_(ring[1], x)))
    aig = b.build()
    pairs = implications(aig)
    assert pairs.tolist() == [[ring[i], ring[j]] for i in range(5) for j in range(i + 1, 5)]
    swept = Pipeline.parse("dead").apply(unconstrained(Sweep().apply(constrained(aig, pairs)), 0))
    assert swept.num_ands == aig.num_ands - 2


def test_a_stuck_register_is_a_pair_of_itself():
    b = Builder()
    x = b.input("x")
    stuck, free = b.register("stuck", 1), b.register("free", 0)
    b.set_next(stuck, b.or_(stuck, x))
    b.set_next(free, x)
    b.output("o", b.and_(stuck, free))
    assert implications(b.build()).tolist() == [[stuck ^ 1, stuck ^ 1]]
