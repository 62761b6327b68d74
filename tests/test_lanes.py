"""One stream in many lanes is what the reference says, whether the net forgets or not."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trilc
from tests.models import random_model
from trilc import lanes
from trilc.errors import InputError
from trilc.lanes import Lanes


@given(
    seed=st.integers(0, 2**32 - 1),
    density=st.sampled_from([0.1, 0.5, 0.9]),
    limits=st.sampled_from([(1, 1, 3, 1), (2, 3, 7, 2), (30, 40, 5, 16)]),
)
@settings(max_examples=12)
def test_any_stream(seed, density, limits):
    rng = np.random.default_rng(seed)
    model = random_model(rng, 12, 5, density, output="state")
    tokens = rng.integers(0, 5, int(rng.integers(0, 300)))
    cuts = np.sort(rng.integers(0, len(tokens) + 1, 2))
    warm, steps, most, mended = limits
    with patch.multiple(lanes, WARM=warm, STEPS=steps, LANES=most, MENDED=mended):
        reader = Lanes(trilc.Runner(model, output="state"))
        found = [np.zeros((0, 12), np.uint8), *(reader.run(piece) for piece in np.split(tokens, cuts))]
        assert np.array_equal(np.concatenate(found), model.run(tokens[None])[0])
        parts = list(Lanes(trilc.Runner(model, output="state")).run_stream(np.split(tokens, cuts)))
        assert np.array_equal(np.concatenate([np.zeros(0, np.int64), *(read for read, _ in parts)]), tokens)
        assert np.array_equal(np.concatenate([found[0], *(states for _, states in parts)]), model.run(tokens[None])[0])


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
    reader = Lanes(trilc.Runner(model, output="state"))
    assert np.array_equal(reader.run(tokens), model.run(tokens[None])[0])
    assert reader.read_again == (0 if forgets else 7 * lanes.STEPS)


def test_another_output_is_refused():
    model = random_model(np.random.default_rng(0), 4, 2, 0.5)
    with pytest.raises(InputError, match="found output 'argmax'; expected 'state'"):
        Lanes(trilc.Runner(model))
