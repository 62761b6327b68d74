"""Mapping keeps every function, and finds what is known to be best where that is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends import write_aig
from tests.aig.circuits import mixed
from tests.luts.circuits import adder_tree, same_function
from tests.oracles import abc
from tests.strategies import aigs
from trilc import luts
from trilc.aig import AIG, Builder
from trilc.errors import InputError


def arrays(network: luts.LutNetwork) -> list[bytes]:
    return [array.tobytes() for array in (network.leaves, network.widths, network.tables, network.roots)]


@settings(max_examples=80)
@given(aigs(max_gates=60), st.integers(2, 6), st.booleans(), st.sampled_from([0, 3]))
def test_any_graph_keeps_its_functions(aig, k, depth, rounds):
    network = luts.map(aig, k, depth, cuts=4, rounds=rounds)
    network.check()
    assert same_function(network, aig)
    back = network.to_aig()
    assert (back.input_names, back.register_names, back.output_names) == (
        aig.input_names, aig.register_names, aig.output_names,
    )  # fmt: skip
    assert np.array_equal(back.reset, aig.reset)
    assert same_function(network, back)


@pytest.mark.parametrize("k", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("depth", [False, True])
def test_larger_graphs_and_abc_agrees(k, depth, tmp_path):
    aig = mixed(k, 600)
    network = luts.map(aig, k, depth, rounds=4)
    network.check()
    assert same_function(network, aig)
    write_aig(aig, tmp_path / "a.aig")
    write_aig(network.to_aig(), tmp_path / "b.aig")
    assert abc.cec(tmp_path / "a.aig", tmp_path / "b.aig")


def test_the_same_bytes_every_time():
    aig = mixed(1, 800)
    assert arrays(luts.map(aig, 6)) == arrays(luts.map(aig, 6))


def test_annealing_never_costs_luts_and_saves_some():
    aig = mixed(2, 3000)
    plain, annealed = luts.map(aig, 6, rounds=0), luts.map(aig, 6, rounds=20)
    assert annealed.size < plain.size
    assert luts.map(aig, 6, rounds=1).size <= plain.size


def test_depth_goes_before_size():
    aig = mixed(3, 3000)
    shallow, small = luts.map(aig, 6, depth=True), luts.map(aig, 6)
    assert shallow.levels < small.levels
    assert shallow.size > small.size


def test_a_full_adder_is_two_tables():
    b = Builder()
    total, carry = b.full_adder(b.input("x"), b.input("y"), b.input("z"))
    b.output("sum", total)
    b.output("carry", carry)
    network = luts.map(b.build(), 3)
    assert (network.size, network.levels, network.edges) == (2, 1, 6)


def test_six_inputs_are_one_table_whatever_their_gates():
    aig = adder_tree(6)
    assert luts.map(aig, 6, depth=True).size == aig.num_outputs == 3


def test_counting_takes_a_lut_for_each_input():
    """31 bits to 5: at best a 6:3 counter of three LUTs takes three bits away, 26 for 26."""
    network = luts.map(adder_tree(31), 6)
    assert 26 <= network.size <= 40


def test_roots_that_are_no_gates():
    b = Builder()
    x = b.input("x")
    state = b.register("s", 1)
    b.set_next(state, x ^ 1)
    for name, literal in (("x", x), ("not_x", x ^ 1), ("s", state), ("not_s", state ^ 1), ("zero", 0), ("one", 1)):
        b.output(name, literal)
    network = luts.map(b.build(), 4)
    network.check()
    assert same_function(network, b.build())
    # an inverter for each of x and s, the constant true; the next state shares the first
    assert network.size == 3
    assert network.outputs.tolist()[:1] == [1]


def test_complements_go_into_tables():
    b = Builder()
    x, y = b.input("x"), b.input("y")
    both = b.and_(x, y)
    b.output("nand", both ^ 1)
    assert luts.map(b.build(), 6).size == 1
    b.output("and", both)
    assert luts.map(b.build(), 6).size == 2


def test_equal_functions_are_one_table():
    """The same function by two structures that hashing does not bring together."""
    b = Builder()
    x, y, z = (b.input(name) for name in "xyz")
    b.output("left", b.xor(b.xor(x, y), z))
    b.output("right", b.xor(x, b.xor(y, z)) ^ 1)
    b.output("same", b.xor(b.xor(x, z), y))
    network = luts.map(b.build(), 3)
    assert network.size == 2
    assert network.outputs[0] == network.outputs[2]


def test_nothing_to_map():
    network = luts.map(Builder().build(), 6)
    assert (network.size, network.levels) == (0, 0)
    assert network.to_aig().num_ands == 0


def test_a_long_chain_takes_no_stack_and_no_square_of_time():
    """Each table of a chain is needed by the next one alone, all the way down."""
    count = 200_000
    first = 3
    fanins = np.empty((count, 2), np.uint32)
    fanins[:, 1] = 2 * (first - 1 + np.arange(count)) + 1
    fanins[:, 0] = np.where(np.arange(count) % 2, 2, 4)
    fanins[0] = (2, 4)
    aig = AIG(fanins, ("x", "y"), (), ("z",), outputs=np.array([2 * (first + count - 1)], np.uint32))
    network = luts.map(aig, 2, cuts=2, rounds=1)
    assert network.size > 0
    assert same_function(luts.map(adder_tree(9), 2, cuts=2), adder_tree(9))


@pytest.mark.parametrize(("k", "cuts", "rounds"), [(1, 8, 0), (7, 8, 0), (6, 1, 0), (6, 201, 0), (6, 8, -1)])
def test_senseless_options_are_refused(k, cuts, rounds):
    with pytest.raises(InputError, match="expected 2 to"):
        luts.map(adder_tree(3), k, cuts=cuts, rounds=rounds)
