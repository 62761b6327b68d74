"""Accuracy and bits per character, to the last digit those of the numpy reference."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trilc
from tests.models import random_model
from trilc.errors import InputError
from trilc.model import Model, TextRules
from trilc.scoring import code_lengths, score, score_stream, score_streams, scoring_runner


def some_model(seed: int = 0, scale: float | None = 0.37) -> Model:
    model = random_model(np.random.default_rng(seed), 9, 5)
    return replace(model, tokens=("a", "b", "c", "d", "xy"), text=TextRules(), score_scale=scale)


def by_hand(model: Model, streams: list[np.ndarray]) -> tuple[int, int, float]:
    """One addition after the other, as the module's first lines say it, from the model's own scores."""
    tokens, correct, lengths = 0, 0, []
    assert model.score_scale is not None
    for stream in streams:
        scores = model.run(stream[None], "scores")[0].tolist()
        for row, following in zip(scores, stream.tolist()[1:], strict=False):
            total = 0.0
            for value in row:
                total += math.exp(-model.score_scale * (max(row) - value))
            lengths.append(math.log(total) + model.score_scale * (max(row) - row[following]))
            tokens += 1
            correct += row.index(max(row)) == following
    return tokens, correct, math.fsum(lengths)


@settings(max_examples=25)
@given(
    st.integers(0, 9), st.floats(1e-3, 30), st.lists(st.integers(0, 4), max_size=40),
    st.lists(st.integers(0, 40), max_size=4),
)  # fmt: skip
def test_equal_to_the_reference_however_it_is_cut(seed, scale, ids, cuts):
    model, stream = some_model(seed, scale), np.array(ids, np.int64)
    wanted = by_hand(model, [stream])
    for source in (model, trilc.compile(model, "scores", "")):
        runner = scoring_runner(source)
        found = score_stream(runner, np.split(stream, sorted(min(cut, len(ids)) for cut in cuts)))
        assert (found.tokens, found.correct, found.nats) == wanted
    if len(ids) > 1:
        assert found.bits_per_token == wanted[2] / (wanted[0] * math.log(2))
        assert found.accuracy == wanted[1] / wanted[0]


@settings(max_examples=25)
@given(st.lists(st.lists(st.integers(0, 4), max_size=9), max_size=6), st.booleans())
def test_streams_of_any_length(streams, padded):
    model = some_model()
    arrays = [np.array(stream, np.int64) for stream in streams]
    if padded:
        array = np.full((len(arrays), 10), -1)
        for row, stream in zip(array, arrays, strict=True):
            row[: len(stream)] = stream
        found = score(model, array)
    else:
        found = score_streams(scoring_runner(model), [arrays[:2], arrays[2:]])
    assert (found.tokens, found.correct, found.nats) == by_hand(model, arrays)


def test_text_counts_characters():
    model = some_model()
    found = score(model, "abxyxydxy")
    stream = np.array([0, 1, 4, 4, 3, 4])
    assert (found.tokens, found.correct, found.nats) == by_hand(model, [stream])
    assert found.characters == 8
    assert found.bits_per_character == found.nats / (8 * math.log(2))
    assert found == score(model, stream)
    assert trilc.score is score


def test_without_scores_only_the_accuracy_is_known():
    model, stream = some_model(), np.random.default_rng(1).integers(0, 5, 50)
    whole = score(model, stream)
    for source in (some_model(scale=None), trilc.compile(model), trilc.compile(some_model(scale=None), "scores")):
        found = score(source, stream)
        assert (found.tokens, found.correct) == (whole.tokens, whole.correct)
        assert found.nats is found.bits_per_token is found.bits_per_character is None


def test_fractions_in_the_head_leave_the_accuracy():
    model = replace(random_model(np.random.default_rng(2), 9, 5, fractions=True), score_scale=1.0)
    stream = np.random.default_rng(1).integers(0, 5, 80)
    found = score(model, stream)
    assert found.nats is None
    assert found.correct == (model.run(stream[None])[0, :-1] == stream[1:]).sum()


@pytest.mark.parametrize("gap", [0, 1, 2000, 10**7, 2**40])
def test_scores_however_far_apart(gap):
    scores = np.array([[0, gap, -gap], [gap, gap, gap]])
    expected = [[math.exp(-0.5 * (max(row) - s)) for s in row] for row in scores.tolist()]
    lengths = [math.log(sum(row)) + 0.5 * (max(s) - s[0]) for row, s in zip(expected, scores.tolist(), strict=True)]
    assert code_lengths(scores, np.array([0, 0]), 0.5).tolist() == lengths


def test_refusals():
    model = some_model()
    with pytest.raises(InputError, match="'state'; expected 'argmax' or 'scores'"):
        score(trilc.Runner(model, output="state"), [0, 1])
    with pytest.raises(InputError, match="foretells no token"):
        score(random_model(np.random.default_rng(0), 3, 4, outputs=2), [0, 1])
    with pytest.raises(InputError, match="token 5 is not in"):
        score(model, [[0, 1], [5, -1]])
    with pytest.raises(InputError, match=r"found float64 \(2,\)"):
        score(model, [0.0, 1.0])
    with pytest.raises(InputError, match="found 'e'"):
        score(model, "abe")
    assert math.isnan(score(model, [0]).accuracy)
