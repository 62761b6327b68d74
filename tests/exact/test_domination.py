"""A score that others beat is never the best, and the mixture of others shows it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trilc.exact.domination import beaten

HEADS = st.tuples(st.integers(0, 6), st.integers(0, 5)).flatmap(
    lambda shape: st.tuples(
        arrays(np.int64, shape, elements=st.integers(-2, 2)),
        arrays(np.int64, shape[:1], elements=st.integers(-4, 4)),
        arrays(np.int64, shape[:1], elements=st.integers(0, 2)),
    )
)


def _placed(head):
    """(2^H, O) scores at all bits that no two share, equal ones by rank and index."""
    weights, added, ranks = head
    patterns = (np.arange(1 << weights.shape[1])[:, None] >> np.arange(weights.shape[1])) & 1
    order = sorted(range(len(added)), key=lambda o: (ranks[o], -o))
    return len(added) * (patterns @ weights.T + added) + np.argsort(np.array(order, np.int64))


@given(HEADS)
def test_a_score_that_is_beaten_is_never_the_best(head):
    scores = _placed(head)
    best = set(scores.argmax(1).tolist()) if len(head[1]) else set()
    for o, mixture in beaten(*head).items():
        assert o not in best
        assert mixture.min() >= 0 and mixture[o] == 0
        assert (mixture.sum() * scores[:, o] <= scores @ mixture).all()


@given(HEADS)
def test_a_score_is_beaten_where_another_is_always_better(head):
    scores = _placed(head)
    found = beaten(*head)
    for o in range(len(head[1])):
        if any((scores[:, o] < scores[:, p]).all() for p in range(len(head[1]))):
            assert o in found


def test_two_rivals_beat_a_score_that_neither_does():
    weights = np.array([[2, 0], [0, 2], [1, 1]], np.int64)
    found = beaten(weights, np.zeros(3, np.int64), np.zeros(3, np.int64))
    assert list(found) == [2]
    assert (found[2] > 0).tolist() == [True, True, False]


def test_huge_scores_are_left_alone():
    weights = np.array([[1 << 60], [0]], np.int64)
    assert beaten(weights, np.array([0, -1], np.int64), np.zeros(2, np.int64)) == {}
