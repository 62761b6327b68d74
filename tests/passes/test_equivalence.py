"""Every pass keeps what the circuit does, and keeps its promises about size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passes import (
    Balance,
    Constants,
    Dead,
    Pipeline,
    Refactor,
    Resubstitute,
    Rewrite,
    Speed,
    Strash,
    Sweep,
    efforts,
)
from passes import rewrite as rewrite_module
from passes.pipeline import DEFAULT
from tests.passes.graphs import (
    assert_same_behaviour,
    assert_same_interface,
    graphs,
    machines,
    multiplier,
    random_graph,
    same_functions,
    same_where_constrained,
)
from tests.strategies import aigs
from tests.truth import evaluate
from trilc.aig import AIG, Builder
from trilc.aig.structures import library
from trilc.aig.traverse import depth

COMBINATIONAL = [
    Strash(), Balance(), Rewrite(), Rewrite(cut=3, cuts=3), Rewrite(zero_cost=True, cuts=20),
    Rewrite(zero_cost=True, seed=5), Rewrite(zero_cost=True, preserve_depth=True), Refactor(),
    Refactor(cut=6, zero_cost=True, espresso=True), Resubstitute(), Resubstitute(cut=3, window=5), Resubstitute(cut=12),
]  # fmt: skip


@pytest.mark.parametrize("step", COMBINATIONAL, ids=repr)
@settings(max_examples=25)
@given(aig=graphs | aigs())
def test_keeps_every_function_and_adds_no_gate(step, aig):
    result = step.apply(aig)
    assert_same_interface(aig, result)
    assert result.register_names == aig.register_names
    assert (result.reset == aig.reset).all()
    assert same_functions(aig, result)
    assert result.num_ands <= aig.num_ands


LARGER = [Rewrite(seed=1, loss=3), Rewrite(loss=15, cut=3), Speed(), Speed(percent=400)]
"""Passes that may add gates."""


@pytest.mark.parametrize("step", LARGER, ids=repr)
@settings(max_examples=25)
@given(aig=graphs | aigs())
def test_keeps_every_function(step, aig):
    result = step.apply(aig)
    assert_same_interface(aig, result)
    assert result.register_names == aig.register_names
    assert same_functions(aig, result)


@pytest.mark.parametrize("step", [Balance(), Speed(), Rewrite(zero_cost=True, preserve_depth=True)], ids=repr)
@given(aig=graphs)
def test_keeps_the_depth(step, aig):
    assert depth(step.apply(aig)) <= depth(aig)


@pytest.mark.parametrize("effort", efforts.EFFORTS)
@pytest.mark.parametrize("goal", efforts.GOALS)
@settings(max_examples=3)
@given(aig=graphs)
def test_every_effort_and_goal(effort, goal, aig):
    assert_same_behaviour(aig, Pipeline.parse(efforts.pipeline(effort, goal)).apply(aig))


SEQUENTIAL = ["constants", "dead", "3*(constants, dead)", DEFAULT]


@pytest.mark.parametrize("text", SEQUENTIAL)
@settings(max_examples=120)
@given(aig=machines())
def test_keeps_the_behaviour_from_reset(text, aig):
    result = Pipeline.parse(text).apply(aig)
    assert_same_interface(aig, result)
    assert_same_behaviour(aig, result)
    assert result.num_ands <= aig.num_ands
    if aig.keep_registers:
        assert result.register_names == aig.register_names
        assert same_where_constrained(aig, result)


@pytest.mark.parametrize("step", [Strash(), Dead(), Constants()], ids=repr)
@given(aig=machines() | graphs)
def test_a_second_time_changes_nothing(step, aig):
    once = step.apply(aig)
    twice = step.apply(once)
    assert once.register_names == twice.register_names
    assert once.metadata == twice.metadata
    assert once.fanins.tolist() == twice.fanins.tolist()
    assert once.roots.tolist() == twice.roots.tolist()


@given(aig=graphs)
def test_strash_leaves_no_trivial_and_no_equal_gates(aig):
    fanins = Strash().apply(aig).fanins.astype(np.int64)
    assert (fanins[:, 0] > 1).all()
    assert (fanins[:, 0] >> 1 != fanins[:, 1] >> 1).all()
    assert len(np.unique(fanins, axis=0)) == len(fanins)


@given(aig=graphs)
def test_dead_leaves_only_what_roots_read(aig):
    result = Dead().apply(aig)
    read = np.zeros(result.num_nodes, bool)
    read[result.fanins >> 1] = True
    read[result.roots >> 1] = True
    assert read[result.first_and :].all()


@pytest.mark.parametrize("step", [*COMBINATIONAL, *LARGER, Constants(), Dead(), Sweep()], ids=repr)
@pytest.mark.parametrize("inputs", [0, 2])
def test_graphs_without_gates(step, inputs):
    aig = AIG(
        np.zeros((0, 2), np.uint32), tuple("ab"[:inputs]), output_names=("o", "p"), outputs=np.array([1, 2 * inputs])
    )
    result = step.apply(aig)
    assert (result.num_ands, result.outputs.tolist()) == (0, [1, 2 * inputs])


@pytest.mark.parametrize("step", [*COMBINATIONAL, *LARGER, Constants(), Dead(), Sweep()], ids=repr)
def test_the_same_graph_gives_the_same_result(step):
    results = [step.apply(random_graph(7, gates=400)) for _ in range(2)]
    assert results[0].fanins.tobytes() == results[1].fanins.tobytes()
    assert results[0].roots.tobytes() == results[1].roots.tobytes()


# What each pass is there for --------------------------------------------------------------------------


def test_balance_makes_a_chain_a_tree():
    b = Builder()
    inputs = [b.input(f"i{k}") for k in range(64)]
    chain = inputs[0]
    for literal in inputs[1:]:
        chain = b.and_(chain, literal)
    b.output("o", chain ^ 1)
    result = Balance().apply(b.build())
    assert (result.num_ands, depth(result)) == (63, 6)


def test_balance_joins_gates_of_overlapping_trees():
    b = Builder()
    w, x, y, z = (b.input(name) for name in "wxyz")
    b.output("o", b.and_(b.and_(w, x), b.and_(y, z)))
    b.output("p", b.and_(b.and_(w, y), x))
    assert Balance().apply(b.build()).num_ands == 4


@given(leaves=st.lists(st.integers(0, 9), min_size=2, max_size=40))
def test_balance_drops_repeated_and_contrary_literals(leaves):
    b = Builder()
    inputs = [b.input(f"i{k}") for k in range(5)]
    aig = b.build()
    first = aig.first_and
    fanins, previous = [], 2 * (1 + leaves[0] // 2) + leaves[0] % 2
    for k, leaf in enumerate(leaves[1:]):
        literal = inputs[leaf // 2] + leaf % 2
        fanins.append(sorted((previous, literal if literal != previous else 1)))
        previous = 2 * (first + k)
    chain = AIG(np.array(fanins, np.uint32), aig.input_names, (), ("o",), outputs=np.array([previous]))
    result = Balance().apply(chain)
    assert same_functions(chain, result)
    assert result.num_ands == (0 if len({leaf // 2 for leaf in leaves}) < len(set(leaves)) else len(set(leaves)) - 1)


@pytest.mark.parametrize("complement", [0, 1])
def test_speed_makes_a_ripple_carry_look_ahead(complement):
    b = Builder()
    carry = b.input("carry")
    bits = [(b.input(f"a{k}"), b.input(f"b{k}")) for k in range(32)]
    for x, y in bits:
        carry = b.majority(x, y, carry) ^ complement
    b.output("o", carry)
    aig = b.build()
    result = Speed(percent=300).apply(aig)
    assert depth(aig) >= 64
    assert depth(result) <= 20
    inputs = np.random.default_rng(0).integers(0, 2, (65, 4096)).astype(bool)
    inputs[1::2, ::2] = ~inputs[2::2, ::2]  # carries that go all the way
    state = np.zeros((0, 4096), bool)
    assert (evaluate(aig, inputs, state) == evaluate(result, inputs, state)).all()


def test_speed_keeps_to_its_allowance():
    aig = multiplier(12)
    few, many = Speed(percent=1).apply(aig), Speed(percent=30).apply(aig)
    assert few.num_ands <= 1.01 * aig.num_ands
    assert aig.num_ands < many.num_ands <= 1.3 * aig.num_ands
    assert depth(many) < depth(few) <= depth(aig)


def test_losses_lead_out_of_a_local_minimum():
    start = Pipeline.parse("<=99*(rewrite, refactor, resubstitute)").apply(multiplier(7))
    result = Pipeline.parse("<=20/20*(rewrite(seed=1, loss=3), rewrite, refactor, resubstitute)").apply(start)
    assert result.num_ands < start.num_ands


def test_rewrite_finds_the_smaller_majority():
    b = Builder()
    x, y, z = (b.input(name) for name in "xyz")
    b.output("o", b.or_(b.or_(b.and_(x, y), b.and_(x, z)), b.and_(y, z)))
    assert Rewrite().apply(b.build()).num_ands == 4


def test_refactor_factors_a_wide_sum():
    b = Builder()
    w = [b.input(f"w{k}") for k in range(2)]
    x = [b.input(f"x{k}") for k in range(3)]
    total = 0
    for i in w:
        for j in x:
            total = b.or_(total, b.and_(i, j))
    b.output("o", total)
    assert Refactor().apply(b.build()).num_ands == 4


def test_constants_sees_through_registers():
    b = Builder()
    x = b.input("x")
    low, high, free = b.register("low", 0), b.register("high", 1), b.register("free", 0)
    b.set_next(low, b.and_(low, x))
    b.set_next(high, b.or_(low ^ 1, x))
    b.set_next(free, b.and_(x, high))
    b.output("o", b.and_(free, low ^ 1))
    result = Constants().apply(b.build())
    assert result.register_names == ("free",)
    assert result.metadata["removed"] == {"low": "0", "high": "1"}
    assert (result.num_ands, result.outputs.tolist(), result.next_state.tolist()) == (0, [4], [2])


def test_constants_merges_registers_that_run_together():
    b = Builder()
    x = b.input("x")
    up, down, twin = b.register("up", 0), b.register("down", 1), b.register("twin", 0)
    b.set_next(up, b.xor(up, x))
    b.set_next(down, b.xor(twin, x) ^ 1)
    b.set_next(twin, b.xor(down ^ 1, x))
    b.output("o", b.xor(up, down))
    result = Constants().apply(b.build())
    assert result.register_names == ("up",)
    assert result.metadata["removed"] == {"down": "!up", "twin": "up"}
    assert result.outputs.tolist() == [1]


def test_earlier_removals_follow_later_ones():
    b = Builder()
    base = b.register("base", 0)
    b.set_next(base, base)
    b.output("o", base)
    aig = b.build({"removed": {"a": "base", "b": "!base", "c": None, "d": "1"}})
    after = Constants().apply(aig)
    assert after.metadata["removed"] == {"a": "0", "b": "1", "c": None, "d": "1", "base": "0"}
    unread = Builder()
    lost = unread.register("base", 0)
    unread.set_next(lost, lost ^ 1)
    gone = Dead().apply(unread.build({"removed": {"a": "!base"}}))
    assert gone.metadata["removed"] == {"a": None, "base": None}


def test_a_long_shift_register_is_no_trouble():
    b = Builder()
    x = b.input("x")
    stages = [b.register(f"r{k}", 0) for k in range(20000)]
    for before, stage in zip([x, *stages], stages, strict=False):
        b.set_next(stage, before)
    b.output("o", stages[-1])
    aig = b.build()
    assert Pipeline.parse("constants, dead").apply(aig).num_registers == 20000


def test_a_wrong_library_is_noticed(monkeypatch):
    right = library()
    kind = int(right.kind[0x8888])
    gates = right.gates.copy()
    gates[right.first_gate[kind], 1] ^= 1
    monkeypatch.setattr(rewrite_module, "library", lambda: right._replace(gates=gates))
    suite = [random_graph(seed) for seed in range(5)]
    assert not all(same_functions(aig, Rewrite(zero_cost=True).apply(aig)) for aig in suite)
