"""What each goal promises, on circuits with room for it."""

from __future__ import annotations

import pytest

from passes import Pipeline, efforts
from tests.passes.graphs import assert_same_behaviour
from trilc.aig import AIG, Builder
from trilc.aig.traverse import depth


def comparator(width: int) -> AIG:
    """``x < y`` as a borrow that ripples."""
    b = Builder()
    x, y = ([b.input(f"{name}{bit}") for bit in range(width)] for name in "xy")
    less = 0
    for bit in range(width):
        less = b.mux(b.xor(x[bit], y[bit]), y[bit], less)
    b.output("less", less)
    return b.build()


def adder(width: int) -> AIG:
    """``x + y`` with a carry that ripples."""
    b = Builder()
    x, y = ([b.input(f"{name}{bit}") for bit in range(width)] for name in "xy")
    carry = 0
    for bit in range(width):
        total, carry = b.full_adder(x[bit], y[bit], carry)
        b.output(f"sum{bit}", total)
    b.output("carry", carry)
    return b.build()


@pytest.mark.parametrize("circuit", [comparator(24), adder(32)], ids=["comparator", "adder"])
def test_the_goal_of_depth_has_fewer_levels_for_few_gates(circuit: AIG) -> None:
    few_gates, few_levels = (
        Pipeline.parse(efforts.pipeline("default", goal)).apply(circuit) for goal in ("gates", "depth")
    )
    assert_same_behaviour(circuit, few_levels)
    assert depth(few_levels) < min(depth(few_gates), depth(circuit))
    assert few_gates.num_ands <= few_levels.num_ands <= 1.1 * few_gates.num_ands
