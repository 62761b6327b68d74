"""Minimising, comparing and splitting, against the slowest ways."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.automata.machines import counter, drawn, slowly_minimised
from trilc.automata import Machine, difference, minimise, splitting_tree
from trilc.errors import InputError


@st.composite
def machines(draw, vocabulary=None):
    states, outputs = draw(st.integers(1, 12)), draw(st.integers(1, 3))
    vocabulary = vocabulary or draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    shape = states, vocabulary
    output = np.where(rng.random(shape) < 0.7, 0, rng.integers(0, outputs, shape))
    return Machine(
        rng.integers(0, states, shape).astype(np.int32), output.astype(np.int32), int(rng.integers(states))
    )


@settings(max_examples=200, deadline=None)
@given(machines())
def test_minimal_machines_are_those_of_moore(machine):
    minimal, classes = minimise(machine)
    assert minimal.equals(slowly_minimised(machine))
    met = classes >= 0
    assert (minimal.delta[classes[met]] == classes[machine.delta[met]]).all()
    assert classes[machine.start] == minimal.start
    assert sorted(set(classes[met].tolist())) == list(range(minimal.states))
    again, same = minimise(minimal)
    assert again.equals(minimal)
    assert (same == np.arange(minimal.states)).all()


def test_large_machines_are_minimised():
    """A long counter, doubled three times over, in any order."""
    rng = np.random.default_rng(0)
    small = counter(3000)
    delta = np.concatenate([small.delta + 3000 * ((k + 1) % 3) for k in range(3)])
    order = rng.permutation(9000)
    shuffled = np.empty_like(delta)
    shuffled[order] = order[delta]
    output = np.empty_like(delta)
    output[order] = np.tile(small.output, (3, 1))
    minimal, _ = minimise(Machine(shuffled, output, int(order[0])))
    assert minimal.equals(small)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_shortest_word_tells_machines_apart(data):
    vocabulary = data.draw(st.integers(1, 2))
    a, b = data.draw(machines(vocabulary)), data.draw(machines(vocabulary))
    word = difference(a, b)
    if word is None:
        assert slowly_minimised(a).equals(slowly_minimised(b))
        return
    said = [machine.run(np.array([word]))[0] for machine in (a, b)]
    assert (said[0][:-1] == said[1][:-1]).all()
    assert said[0][-1] != said[1][-1]
    if len(word) < 9:
        earlier = [w for w in itertools.product(range(vocabulary), repeat=len(word)) if list(w) < word]
        for other in earlier[-50:]:
            assert (a.run(np.array([other])) == b.run(np.array([other]))).all()


def test_equal_machines_have_no_such_word():
    machine = drawn(60, 3, 2, 1)
    doubled = Machine(
        np.concatenate([machine.delta + 60, machine.delta]).astype(np.int32), np.tile(machine.output, (2, 1)), 60
    )
    assert difference(machine, doubled) is None
    assert difference(counter(1000), counter(1001)) == [1] * 1000
    with pytest.raises(InputError, match="2 and 3 tokens"):
        difference(counter(2), machine)


@settings(max_examples=100, deadline=None)
@given(machines())
def test_words_of_a_splitting_tree_are_shortest(machine):
    minimal = slowly_minimised(machine)
    tree = splitting_tree(minimal)
    assert len(tree.splits) < max(2, minimal.states)
    for p, q in itertools.combinations(range(minimal.states), 2):
        word = tree.word(p, q)
        ends = [
            Machine(minimal.delta, minimal.output, start).run(np.array([word]))[0].tolist() for start in (p, q)
        ]
        assert ends[0][-1] != ends[1][-1]
        shortest = difference(
            Machine(minimal.delta, minimal.output, p), Machine(minimal.delta, minimal.output, q)
        )
        assert shortest is not None
        assert len(word) == len(shortest)


def test_a_bounded_machine_has_no_minimal_one():
    one = counter(2)
    with pytest.raises(ValueError, match="bounded"):
        minimise(Machine(one.delta - 1, one.output))


def test_no_tree_splits_what_is_the_same():
    one = counter(2)
    with pytest.raises(ValueError, match="the same"):
        splitting_tree(Machine(np.tile(one.delta, (2, 1)), np.tile(one.output, (2, 1))))


def test_tables_that_are_no_machine():
    table = np.zeros((2, 2), np.int32)
    for machine, complaint in [
        (Machine(table, table[:1]), "expected two"),
        (Machine(table[:0], table[:0]), "expected two"),
        (Machine(table, table, 2), "start: found 2"),
        (Machine(table + 2, table), r"delta\[0\]\[0\]: found 2"),
        (Machine(table - 2, table), r"delta\[0\]\[0\]: found -2"),
    ]:
        with pytest.raises(InputError, match=complaint):
            machine.check()
