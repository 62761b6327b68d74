"""Sweeping merges what is equal under the constraints, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings

from passes import Sweep
from tests.passes.graphs import assert_same_interface, graphs, same_where_constrained
from tests.strategies import aigs
from tests.truth import truth_tables
from trilc.aig import AIG, Builder
from trilc.sat.sweeping import sweep


@settings(max_examples=100)
@given(aig=graphs | aigs())
def test_merged_nodes_are_equal_where_the_constraints_hold(aig):
    result = Sweep().apply(aig)
    assert_same_interface(aig, result)
    assert same_where_constrained(aig, result)
    assert result.num_ands <= aig.num_ands
    assert result.register_names == aig.register_names


@settings(max_examples=60)
@given(aig=graphs)
def test_no_two_nodes_left_are_equal(aig):
    free = replace(aig, constraints=aig.constraints[:0])
    swept = sweep(free, 10**6).rebuild(free)
    every = 2 * np.arange(swept.first_and, swept.num_nodes, dtype=np.uint32)
    names = tuple(f"o{k}" for k in range(len(every)))
    shown = AIG(swept.fanins, swept.input_names + swept.register_names, (), names, outputs=every)
    live = np.zeros(swept.num_nodes, bool)
    live[swept.roots >> 1] = True
    for k in range(swept.num_ands - 1, -1, -1):
        live[swept.fanins[k] >> 1] |= live[swept.first_and + k]
    tables = truth_tables(shown)[live[swept.first_and :]]
    normal = tables ^ tables[:, :1]
    assert normal.any(axis=1).all()
    assert len(np.unique(normal, axis=0)) == len(normal)


def adders(width: int, share: bool) -> AIG:
    """The same sum in two structures; with ``share`` the second output is one with the first."""
    b = Builder()
    x = [b.input(f"x{k}") for k in range(width)]
    y = [b.input(f"y{k}") for k in range(width)]
    carry = 0
    for k in range(width):
        total, carry = b.full_adder(x[k], y[k], carry)
        b.output(f"s{k}", total)
    carry = 0
    for k in range(width):
        half = b.or_(b.and_(y[k], x[k] ^ 1), b.and_(y[k] ^ 1, x[k]))
        b.output(f"t{k}", b.or_(b.and_(carry, half ^ 1), b.and_(carry ^ 1, half)))
        carry = b.or_(b.and_(x[k], y[k]), b.and_(carry, b.or_(x[k], y[k])))
    aig = b.build()
    return aig if not share else aig.with_roots(np.tile(aig.outputs[:width], 2))


def test_two_adders_become_one():
    result = Sweep().apply(adders(64, False))
    assert result.outputs[:64].tolist() == result.outputs[64:].tolist()
    assert result.num_ands < 8 * 64


def test_constraints_are_a_care_set_and_stay():
    b = Builder()
    x, y, z = (b.input(name) for name in "xyz")
    b.constrain(b.and_(x, y) ^ 1)
    b.output("never", b.and_(b.and_(x, y), z))
    b.output("either", b.xor(x, y))
    b.output("any", b.or_(x, y))
    result = Sweep().apply(b.build())
    assert same_where_constrained(b.build(), result)
    assert result.outputs[0] == 0
    assert result.outputs[1] == result.outputs[2]
    assert result.num_ands == 2


def test_constraints_that_cannot_hold_leave_a_graph():
    b = Builder()
    x, y = b.input("x"), b.input("y")
    b.constrain(b.and_(x, y))
    b.constrain(x ^ 1)
    b.output("o", b.xor(x, y))
    result = Sweep().apply(b.build())
    assert same_where_constrained(b.build(), result)


def test_the_same_graph_gives_the_same_result():
    aig = adders(24, False)
    assert Sweep().apply(aig).fanins.tobytes() == Sweep().apply(aig).fanins.tobytes()
