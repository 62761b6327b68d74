"""Streams of different lengths."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trilc
from tests.models import random_model
from trilc import streams as module
from trilc.errors import InputError
from trilc.model import OUTPUTS
from trilc.streams import run_ragged

MODEL = random_model(np.random.default_rng(3), 7, 5)
NETLISTS = {output: trilc.compile(MODEL, output, "") for output in OUTPUTS}


@settings(max_examples=40)
@given(
    lengths=st.lists(st.integers(0, 30), max_size=12), output=st.sampled_from(OUTPUTS), lanes=st.integers(1, 12),
    held=st.sampled_from([1, 100, 10**6]),
)  # fmt: skip
def test_each_is_run_as_if_alone_and_in_order(lengths, output, lanes, held):
    rng = np.random.default_rng(len(lengths))
    streams = [rng.integers(0, 5, length) for length in lengths]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "LANES", lanes)
        patch.setattr(module, "HELD", held)
        said = run_ragged(trilc.Runner(NETLISTS[output], output=output), streams)
    assert len(said) == len(streams)
    for stream, found in zip(streams, said, strict=True):
        np.testing.assert_array_equal(found, MODEL.run(stream[None], output)[0])


def test_refusals():
    runner = trilc.Runner(NETLISTS["argmax"])
    with pytest.raises(InputError, match="stream 1, position 2: token 9 is not in"):
        run_ragged(runner, [np.array([0]), np.array([1, 2, 9])])
    runner.reset(2)
    runner.start_from(runner.state)
    with pytest.raises(InputError, match="found states of 2 streams; expected one state for all"):
        run_ragged(runner, [np.array([0]), np.array([1, 2])])
