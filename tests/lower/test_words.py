"""What the head's words leave out changes no choice."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.models import random_model
from trilc.compiler import compile
from trilc.lower import words
from trilc.lower.gates import to_gates
from trilc.runner import simulate

WEIGHTS = st.tuples(st.integers(1, 5), st.integers(0, 5)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.integers(-2, 2))
)


@given(WEIGHTS)
def test_all_scores_lose_the_same(weights):
    lost = weights - words._differences(weights)
    assert (lost == lost[:1]).all()


def test_scores_without_a_chance_cost_nothing():
    model = random_model(np.random.default_rng(0), 12, 8, 0.5)
    every = to_gates(words.to_words(model, "argmax"))
    model.head.bias[2:] -= 1000
    two = compile(model, "argmax")
    assert two.num_ands < every.num_ands - 100
    tokens = np.random.default_rng(1).integers(0, 8, (4, 30))
    said = simulate(two, tokens)
    assert (said == model.run(tokens, "argmax")).all()
    assert set(np.unique(said)) <= {0, 1}
