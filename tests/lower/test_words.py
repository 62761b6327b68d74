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

HEADS = st.tuples(st.integers(1, 5), st.integers(0, 5)).flatmap(
    lambda shape: st.tuples(
        arrays(np.int64, shape, elements=st.integers(-2, 2)),
        arrays(np.int64, shape[:1], elements=st.integers(-4, 4)),
        arrays(np.int64, shape[:1], elements=st.integers(0, 2)),
    )
)


@given(HEADS)
def test_a_score_is_beaten_where_another_is_always_better(head):
    weights, added, ranks = head
    patterns = (np.arange(1 << weights.shape[1])[:, None] >> np.arange(weights.shape[1])) & 1
    scores = patterns @ weights.T + added
    index = np.arange(len(added))
    beaten = [
        any(
            all((row[j], ranks[j], -j) > (row[i], ranks[i], -i) for row in scores.tolist())
            for j in index.tolist()
            if j != i
        )
        for i in index.tolist()
    ]
    assert words._beaten(weights, added, ranks).tolist() == beaten


@given(HEADS)
def test_all_scores_lose_the_same(head):
    weights, _, _ = head
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
