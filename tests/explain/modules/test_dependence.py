"""Dependences against brute force over every state and token, and every case replayed."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models import models, random_model
from tests.strategies import aigs
from trilc.aig import AIG, UNKNOWN, Builder
from trilc.aig.simulation import literal_values, simulate_nodes
from trilc.aig.supports import register_supports
from trilc.aig.traverse import reachable
from trilc.cells.elman.layer import ElmanLayer
from trilc.compiler import compile
from trilc.explain.modules import case, dependence
from trilc.explain.modules.threshold import literals_that_sum_to, pivots
from trilc.model import Model


def by_brute_force(model: Model) -> np.ndarray:
    """(units, units) whether flipping j flips i in some state at some token, all being tried on the reference."""
    states = np.array(list(product((0, 1), repeat=model.units)), np.uint8)
    found = np.zeros((model.units, model.units), np.bool_)
    for token in range(model.vocabulary):
        tokens = np.full(len(states), token)
        after = model.step(states, tokens)
        for j in range(model.units):
            flipped = states.copy()
            flipped[:, j] ^= 1
            found[:, j] |= (model.step(flipped, tokens) != after).any(axis=0)
    return found


@given(models(max_layers=1, max_units=6))
def test_the_closed_form_is_exact(model: Model) -> None:
    expected = by_brute_force(model)
    assert np.array_equal(dependence(model, check=False).depends, expected)


@settings(max_examples=15)
@given(models(max_layers=3, max_units=3))
def test_of_every_model(model: Model) -> None:
    expected = by_brute_force(model)
    found = dependence(model)
    assert np.array_equal(found.depends, expected)
    assert not found.unknown.any()
    assert found.refuted == 0
    assert sum(found.decided.values()) == model.units**2
    dependent = sum(count for how, count in found.decided.items() if how.startswith("dependent"))
    assert dependent == expected.sum()
    for i, j in np.ndindex(expected.shape):
        shown = case(model, i, j)
        assert (shown is not None) == expected[i, j]
        if shown is not None:
            state = np.array([list(shown.state.values())], np.uint8)
            flipped = state.copy()
            flipped[0, j] ^= 1
            token = np.array([shown.token])
            assert model.step(state, token)[0, i] != model.step(flipped, token)[0, i]


def test_where_everything_depends_on_everything() -> None:
    from_token = np.array([[-3, -1, 1, 3]] * 3)
    layer = ElmanLayer(np.ones((3, 3), np.int8), from_token, np.zeros(3, int), np.zeros(3, np.uint8))
    found = dependence(Model(True, None, (layer,), None, "state"))
    assert found.depends.all()
    assert found.decided == {"dependent, by the closed form": 9}


def test_a_weight_that_never_decides_is_no_dependence() -> None:
    """Two weights of one against a bias of three: neither can ever change the sum's sign, and SAT says so, too."""
    layer = ElmanLayer(np.ones((2, 2), np.int8), np.zeros((2, 1), np.int8), np.array([3, 1]), np.zeros(2, np.uint8))
    model = Model(True, None, (layer,), None, "state")
    found = dependence(model)
    assert found.depends.tolist() == [[False, False], [True, True]]
    assert found.refuted == 0
    assert case(model, 0, 1) is None


@settings(max_examples=40)
@given(aigs(max_inputs=3, max_registers=4, max_gates=20))
def test_of_every_netlist(aig: AIG) -> None:
    wide = aig.first_and - 1
    leaves = np.array(list(product((0, 1), repeat=wide)), np.uint64).reshape(1 << wide, wide)
    found = dependence(aig)
    count = aig.num_registers
    expected = np.zeros((count, count), np.bool_)
    after, held = _step(aig, leaves)
    for j in range(count):
        flipped = leaves.copy()
        flipped[:, aig.num_inputs + j] ^= np.uint64(1)
        other, also = _step(aig, flipped)
        expected[:, j] = ((after != other) & (held & also)[:, None]).any(axis=0)
    assert np.array_equal(found.depends, expected)
    assert not found.unknown.any()


def _step(aig: AIG, leaves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Next states (cases, registers), and whether the constraints hold (cases,), for 0s and 1s at the leaves."""
    values = simulate_nodes(aig, np.ascontiguousarray(leaves.T))
    after, held = (literal_values(values, literals).T & np.uint64(1) for literals in (aig.next_state, aig.constraints))
    return after, held.all(axis=1)


@settings(max_examples=30)
@given(aigs(max_inputs=3, max_registers=5, max_gates=20))
def test_in_reachable_states(aig: AIG) -> None:
    """Nothing that happens is missed, and what is known to happen does, in a state that is reached."""
    wide, first = aig.first_and - 1, aig.num_inputs
    leaves = np.array(list(product((0, 1), repeat=wide)), np.uint64).reshape(1 << wide, wide)
    after, held = _step(aig, leaves)
    weights = 1 << np.arange(aig.num_registers)
    number, successor = leaves[:, first:].astype(int) @ weights, after.astype(int) @ weights
    starts = product(*((0, 1) if reset == UNKNOWN else (reset,) for reset in aig.reset.tolist()))
    reached = {int(np.array(start, int) @ weights) for start in starts}
    while more := set(successor[np.isin(number, list(reached)) & held].tolist()) - reached:
        reached |= more
    here = np.isin(number, list(reached)) & held
    count = aig.num_registers
    expected = np.zeros((count, count), np.bool_)
    for j in range(count):
        flipped = leaves.copy()
        flipped[:, first + j] ^= np.uint64(1)
        other, also = _step(aig, flipped)
        expected[:, j] = ((after != other) & (here & also)[:, None]).any(axis=0)
    found = dependence(aig, reachable=True)
    assert not (expected & ~found.depends).any()
    assert not (found.depends & ~found.unknown & ~expected).any()


def test_a_bit_that_never_moves_is_no_cause_where_it_matters() -> None:
    """In all states the lock opens; in reachable ones it never does, and that is proved."""
    builder = Builder()
    key = builder.input("key")
    lock, door = builder.register("lock"), builder.register("door")
    builder.set_next(lock, lock)
    builder.set_next(door, builder.and_(lock, builder.and_(door, key)))
    aig = builder.build()
    assert dependence(aig).depends.tolist() == [[True, False], [True, True]]
    found = dependence(aig, reachable=True)
    assert found.depends.tolist() == [[True, False], [False, False]]
    assert not found.unknown.any()


def test_rare_dependences_are_found_and_false_ones_refuted() -> None:
    """Twenty ones in a row are no matter of chance; a bit that cancels out is in the cone and yet no cause."""
    builder = Builder()
    registers = [builder.register(f"r[{k}]") for k in range(22)]
    every = builder.and_(registers[0], registers[1])
    for register in registers[2:]:
        every = builder.and_(every, register)
    odd = builder.or_(builder.and_(registers[0], registers[1]), builder.and_(registers[0], registers[1] ^ 1))
    for register in registers[1:]:
        builder.set_next(register, every)
    builder.set_next(registers[0], odd)
    aig = builder.build()
    found = dependence(aig)
    expected = np.ones((22, 22), np.bool_)
    expected[0, 1:] = False
    assert np.array_equal(found.depends, expected)
    assert register_supports(aig)[0, 1]
    assert found.decided["independent, by UNSAT"] == 1
    assert found.decided["dependent, by SAT"] > 0


@pytest.mark.parametrize("units", [1, 63, 64, 65, 300])
def test_supports_are_those_of_a_walk(units: int) -> None:
    aig = compile(random_model(np.random.default_rng(units), units, 3, 2 / units), "state", "")
    found = register_supports(aig)
    first = 1 + aig.num_inputs
    for i in range(0, units, max(1, units // 7)):
        assert np.array_equal(found[i], reachable(aig, aig.next_state[i : i + 1])[first : aig.first_and])


@given(st.lists(st.integers(1, 6), min_size=1, max_size=7), st.lists(st.integers(-5, 40), min_size=1, max_size=3))
def test_pivots_of_weighted_counts(weights: list[int], thresholds: list[int]) -> None:
    sizes = np.array(weights)
    found = pivots(sizes, thresholds)
    cases = np.array(list(product((0, 1), repeat=len(weights))))
    sums = cases @ sizes
    for k, size in enumerate(weights):
        without = sums[cases[:, k] == 0]
        decides = any(((without < t) & (without + size >= t)).any() for t in thresholds)
        assert decides == (size in found)
        if size in found:
            assert found[size].rest < found[size].threshold <= found[size].rest + size
            chosen = literals_that_sum_to(np.delete(sizes, k), found[size].rest)
            assert np.delete(sizes, k)[chosen].sum() == found[size].rest

