"""Every reachable state and no other, and what is said there: against the reference, one state after the other."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.automata.machines import slowly_minimised
from tests.models import models, random_model
from trilc.automata import bounded, bytes_per_state, difference, explore, extract, minimise, observation
from trilc.automata.steps import step_of, successors
from trilc.errors import InputError
from trilc.model import Model


def slowly_reached(model: Model, units: np.ndarray) -> list[bytes]:
    """States of these units, in the order in which a breadth-first search with the reference meets them."""
    met = {model.reset_state(1)[0][units].tobytes(): model.reset_state(1)[0]}
    for state in iter_growing(met):
        after = model.step(np.tile(state, (model.vocabulary, 1)), np.arange(model.vocabulary))
        for row in after:
            met.setdefault(row[units].tobytes(), row)
    return list(met)


def iter_growing(met: dict[bytes, np.ndarray]):
    at = 0
    while at < len(met):
        yield list(met.values())[at]
        at += 1


@settings(max_examples=60, deadline=None)
@given(models(max_units=4, max_vocabulary=4))
def test_states_and_what_is_said_are_those_of_the_reference(model):
    observed = observation(model)
    reached = explore(observed)
    assert reached.complete
    kept = observed.units()
    assert [row.tobytes() for row in reached.bits()] == slowly_reached(model, kept)
    machine = reached.machine()
    words = np.random.default_rng(0).integers(0, model.vocabulary, (8, 12))
    said = model.run(words)
    if model.output == "argmax":
        assert (machine.run(words) == said).all()
    else:  # codes: equal where the values are
        codes, values = machine.run(words).ravel(), said.reshape(words.size, -1)
        for one in np.unique(codes):
            assert len(np.unique(values[codes == one], axis=0)) == 1
        assert len(np.unique(codes)) == len(np.unique(values, axis=0))
    minimal, classes = minimise(machine)
    assert minimal.equals(slowly_minimised(machine))
    assert (minimal.run(words) == machine.run(words)).all()
    assert (minimal.delta[classes] == classes[machine.delta]).all()
    assert (minimal.output[classes] == machine.output).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([(5, 1), (70, 1), (40, 2), (67, 3), (150, 1)]), st.booleans())
def test_packed_steps_are_the_steps_of_the_reference(seed, shape, signed):
    rng = np.random.default_rng(seed)
    units, layers = shape
    model = random_model(
        rng, units, 3, 0.4, layers=layers, signed=signed, embedding=int(rng.integers(2, 9)) if seed % 2 else None
    )
    step = step_of(model, np.ones(model.units, np.bool_))
    states = rng.integers(0, 2, (11, model.units), np.uint8)
    following = np.zeros((33, step.words), np.uint64)
    rows = step.packed(states)
    assert (step.unpacked(rows, model.units) == states).all()
    room = np.empty_like(step.bias), np.empty_like(step.bias[:1])
    successors(rows, 0, 11, step.layers, step.tables, step.added, step.bias, step.group, *room, following)
    wanted = model.step(np.repeat(states, 3, axis=0), np.tile(np.arange(3), 11))
    assert (step.unpacked(following, model.units) == wanted).all()


def test_sums_beyond_16_bits():
    model = random_model(np.random.default_rng(1), 6, 3, 0.8)
    layer = model.layers[0]
    wide = replace(model, layers=(replace(layer, bias=layer.bias + 40_000),))
    assert step_of(wide, np.ones(6, np.bool_)).tables.dtype == np.int32
    assert step_of(model, np.ones(6, np.bool_)).tables.dtype == np.int16
    assert explore(observation(wide)).states == len(slowly_reached(wide, observation(wide).units()))


def test_a_limit_is_a_limit():
    model = random_model(np.random.default_rng(3), 24, 4, 0.4)
    every = explore(observation(model))
    assert every.complete
    assert every.states > 100
    for limit in (1, 2, 57, every.states - 1):
        found = explore(observation(model), limit=limit)
        assert (found.complete, found.states) == (False, limit + 1)
        assert (found.rows == every.rows[: limit + 1]).all()
        assert (found.delta[: found.followed] == every.delta[: found.followed]).all()
        assert (found.delta[found.followed :] == -1).all()
    assert explore(observation(model), limit=every.states).complete
    memory = 50 * bytes_per_state(1, 4)
    assert explore(observation(model), memory=memory).states == 51
    with pytest.raises(InputError, match=r"more than 100 states"):
        extract(model, limit=100)


def test_words_up_to_a_length():
    model = random_model(np.random.default_rng(3), 24, 3, 0.4)
    whole = explore(observation(model)).machine()
    for depth in (0, 1, 4, 7):
        reached = explore(observation(model), depth=depth)
        assert reached.depth == depth
        machine = bounded(reached, depth)
        words = np.random.default_rng(0).integers(0, 3, (200, depth + 2))
        said = machine.run(words)
        assert (said[:, :depth] == whole.run(words)[:, :depth]).all()
        assert (said[:, depth:] == -1).all()
        assert difference(machine, whole) is None
        assert machine.states <= reached.states + 1
    with pytest.raises(ValueError, match="expected 7"):
        bounded(explore(observation(model), depth=6), 7)


def test_nodes_of_a_bounded_machine_are_those_that_rests_tell_apart():
    model = random_model(np.random.default_rng(3), 24, 3, 0.4)
    depth = 4
    machine = bounded(explore(observation(model), depth=depth), depth)
    words = [()]
    meanings = set()
    for length in range(depth + 1):
        rests = np.array([*itertools.product(range(3), repeat=depth - length)], np.int64)
        for word in words:
            tokens = np.concatenate([np.tile(np.array(word, np.int64), (len(rests), 1)), rests], axis=1)
            meanings.add((length, model.run(tokens)[:, length:].tobytes()))
        words = [(*word, token) for word in words for token in range(3)]
    assert machine.states == len(meanings)


def test_units_that_do_not_matter_are_left_out():
    rng = np.random.default_rng(5)
    model = random_model(rng, 40, 2, 0.1)
    layer = model.layers[0]
    layer.recurrent[:6, 6:] = 0  # a machine of six units beside chaos
    model.head.weight[:, 6:] = 0
    layer.recurrent[6:] = rng.integers(-1, 2, (34, 40))
    reached = explore(observation(model))
    assert reached.complete
    assert len(reached.step.kept) <= 6
    assert not explore(observation(model, "state"), limit=5000).complete


@pytest.mark.parametrize(("outputs", "observe"), [
    ("argmax", ["2"]), ("argmax", ["c", "a"]), ("scores", ["1"]), ("scores", ["b", "2"]),
    ("state", ["h_l0[3]"]), ("state", ["0", "5"]),
])  # fmt: skip
def test_only_what_is_observed_is_told_apart(outputs, observe):
    drawn = random_model(np.random.default_rng(8), 9, 3, 0.6)
    model = replace(drawn, tokens=("a", "b", "c"))
    machine = extract(model, outputs, observe)
    words = np.random.default_rng(0).integers(0, 3, (20, 30))
    columns = [{"a": 0, "b": 1, "c": 2, "h_l0[3]": 3}.get(name, name) for name in observe]
    columns = [int(column) for column in columns]
    said = model.run(words, outputs)
    if outputs == "argmax":
        wanted = np.full(words.shape, len(columns))
        for place, column in enumerate(columns):
            wanted[said == column] = place
        assert machine.symbols[:-1] == tuple("abc"[column] for column in columns)
    elif len(columns) == 1:
        wanted = said[..., columns[0]]
    else:
        values = said[..., columns].reshape(-1, len(columns))
        wanted = np.unique(values, axis=0, return_inverse=True)[1].reshape(words.shape)
    assert (machine.run(words) == wanted).all()
    assert machine.equals(slowly_minimised(machine))


def test_what_can_not_be_observed():
    model = random_model(np.random.default_rng(8), 9, 3, 0.6)
    for observe in (["9"], ["x"], ["-1"], ["²"], ["99999999999"]):
        with pytest.raises(InputError, match="expected the name of an output, or a number below 3"):
            observation(model, "argmax", observe)
    with pytest.raises(InputError, match="observed twice"):
        observation(model, "argmax", ["1", "1"])
    with pytest.raises(InputError, match="found output 'tea'"):
        observation(model, "tea")
