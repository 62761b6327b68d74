"""Correspondence merges what is equal from reset on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passes import Correspond, Pipeline
from tests.passes.graphs import assert_same_interface, machines, traces
from tests.strategies import aigs
from trilc.aig import AIG, Builder


def assert_same_while_constrained(before: AIG, after: AIG) -> None:
    """Up to the first step at which a constraint fails: registers and constraints there, too, outputs before."""
    expected, found = traces(before), traces(after)
    shape = (12, 64)
    held = np.ones(shape, bool)
    for k in range(len(before.constraints)):
        held &= np.logical_and.accumulate(expected[f"constraint {k}"])
    reached = np.concatenate([np.ones((1, 64), bool), held[:-1]])
    for name, values in found.items():
        assert (values == expected[name])[held if name.startswith("output ") else reached].all(), name
    for name, source in after.metadata.get("removed", {}).items():
        if source in ("0", "1"):
            value = np.full(shape, source == "1")
        else:
            value = found[source.removeprefix("!")] ^ source.startswith("!")
        assert (value == expected[name])[reached].all(), (name, source)


@pytest.mark.parametrize("frames", [1, 2])
@settings(max_examples=100)
@given(aig=machines() | aigs(max_gates=15))
def test_keeps_the_behaviour_from_reset(frames, aig):
    result = Correspond(frames=frames).apply(aig)
    assert_same_interface(aig, result)
    assert_same_while_constrained(aig, result)
    if aig.keep_registers:
        assert result is aig


@settings(max_examples=50)
@given(aig=machines(), cone=st.integers(2, 8))
def test_small_budgets_are_no_danger(aig, cone):
    assert_same_while_constrained(aig, Correspond(conflicts=0, cone=cone).apply(aig))


def test_equal_registers_and_gates_of_other_structure():
    b = Builder()
    x, y = b.input("x"), b.input("y")
    p, q, r = b.register("p", 0), b.register("q", 1), b.register("r", 0)
    b.set_next(p, b.xor(x, b.and_(p, y)))
    b.set_next(q, b.or_(b.and_(x, b.or_(q, y ^ 1)), b.and_(b.and_(x ^ 1, q ^ 1), y)) ^ 1)
    b.set_next(r, b.and_(b.xor(p, q) ^ 1, x))
    b.output("o", b.or_(b.and_(p, q), b.or_(r, p)))
    result = Correspond().apply(b.build())
    assert result.register_names == ("p",)
    assert result.metadata["removed"] == {"q": "!p", "r": "0"}
    assert result.outputs.tolist() == [6]


def counter(stuck_at: int) -> AIG:
    """Three bits that count 0 1 2 3 4 0: states 5 to 7 are never reached, though 7 leads to 7."""
    b = Builder()
    s = [b.register(f"s{k}", 0) for k in range(3)]
    four = b.and_(s[2], b.and_(s[1] ^ 1, s[0] ^ 1))
    total, carry = [], 1
    for bit in s:
        now, carry = b.half_adder(bit, carry)
        total.append(now)
    beyond = b.and_(s[2], b.or_(s[1], s[0]))
    for bit, value in zip(s, total, strict=True):
        b.set_next(bit, b.or_(b.and_(b.and_(value, four ^ 1), beyond ^ 1), b.and_(beyond, bit)))
    b.output("beyond", b.and_(beyond, s[0]) ^ stuck_at)
    return b.build()


@pytest.mark.parametrize("value", [0, 1])
def test_unreachable_states_count_for_nothing(value):
    assert Correspond().apply(counter(value)).outputs.tolist() == [value]


def test_more_frames_prove_more():
    b = Builder()
    x = b.input("x")
    # c is the AND of two registers that never overlap, which takes two steps to see
    p, q, r, c = (b.register(name, 0) for name in "pqrc")
    b.set_next(p, x)
    b.set_next(q, b.and_(p, x ^ 1))
    b.set_next(r, b.and_(q, x))
    b.set_next(c, b.or_(c, b.and_(r, b.and_(q, p))))
    b.output("o", b.and_(c, x))
    assert Correspond(frames=2).apply(b.build()).outputs.tolist() == [0]


def test_constraints_hold_at_every_step():
    b = Builder()
    x, y = b.input("x"), b.input("y")
    p, q = b.register("p", 0), b.register("q", 0)
    b.set_next(p, x)
    b.set_next(q, y)
    b.constrain(b.xor(x, y) ^ 1)
    b.output("o", b.xor(p, q))
    result = Correspond().apply(b.build())
    assert result.outputs.tolist() == [0]
    assert result.metadata["removed"] == {"q": "p"}
    assert result.num_ands == 3  # the constraint's


def test_a_constraint_on_the_state_does_not_prove_itself():
    b = Builder()
    x, y = b.input("x"), b.input("y")
    p, q = b.register("p", 0), b.register("q", 0)
    b.set_next(p, x)
    b.set_next(q, y)
    b.constrain(b.xor(p, q) ^ 1)
    b.output("o", b.and_(b.xor(p, q), x))
    result = Pipeline.parse("correspond, sweep, dead").apply(b.build())
    assert result.register_names == ("p", "q")
    assert result.outputs.tolist() == [0]
