"""One stream in many lanes is what the reference says, whether the net forgets or not."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trilc
from tests.models import random_model
from trilc.aig.simulation import Simulator
from trilc.engines import lanes
from trilc.engines.lanes import Lanes
from trilc.errors import InputError
from trilc.saved_state import FREE


@given(
    seed=st.integers(0, 2**32 - 1),
    density=st.sampled_from([0.1, 0.5, 0.9]),
    limits=st.sampled_from([(1, 1, 3, 1), (2, 3, 7, 2), (30, 40, 5, 16)]),
    output=st.sampled_from(["argmax", "scores", "state"]),
)
@settings(max_examples=15)
def test_any_stream(seed, density, limits, output):
    rng = np.random.default_rng(seed)
    model = random_model(rng, 12, 5, density)
    tokens = rng.integers(0, 5, int(rng.integers(1, 300)))
    pieces = np.split(tokens, np.sort(rng.integers(0, len(tokens) + 1, 2)))
    runner = trilc.Runner(model, output=output, engine="gates")
    with patch.multiple(lanes, **dict(zip(("WARM", "STEPS", "LANES", "BLOCK"), limits, strict=True))):
        said = np.concatenate(list(runner.run_stream(pieces)))
    assert np.array_equal(said, model.run(tokens[None], output)[0])
    state = runner.state.bits
    assert np.array_equal(state[state != FREE], model.run(tokens[None], "state")[0, -1:][state != FREE])
    again = model.run(np.append(tokens, tokens[0])[None], output)[0, -1:]
    assert np.array_equal(runner.run(tokens[:1, None])[0], again)


@pytest.mark.parametrize("forgets", [True, False])
def test_guesses_serve_where_a_net_forgets_and_are_mended_where_it_does_not(forgets):
    model = random_model(np.random.default_rng(0), 1, 2, 1, output="state")
    layer = model.layers[0]
    layer.reset[:] = 0
    layer.input[:] = [[0, 1]]
    # the last token, or whether there ever was a 1
    layer.recurrent[:], layer.bias[:] = (0, -1) if forgets else (1, 0)
    tokens = np.zeros(4000, np.int64)
    tokens[5] = 1
    simulator = Simulator(trilc.compile(model), 1)
    reader = Lanes(simulator, simulator.run)
    assert np.array_equal(reader.read(tokens), model.run(tokens[None])[0, :, 0])
    assert reader.read_again == (0 if forgets else 6 * (4000 // 7))
    assert (simulator.streams, simulator.position) == (1, 4000)


def test_a_token_that_is_none_is_named_where_it_stands():
    runner = trilc.Runner(random_model(np.random.default_rng(0), 4, 2, 0.5), engine="gates")
    tokens = np.zeros(3000, np.int64)
    tokens[2500] = 7
    with pytest.raises(InputError, match=r"stream 0, position 2510: token 7 is not in 0 … 1"):
        list(runner.run_stream([tokens[:10], tokens]))
