"""The reference against the format page, said once more in Python integers."""

from dataclasses import replace

import numpy as np
import pytest

from tests.models import random_model
from trilc.cells.elman.layer import ElmanLayer
from trilc.errors import InputError
from trilc.exact.product import product
from trilc.model import Head, Model


def spoken(model, tokens):
    """(states, scores) after each token of one stream, neuron by neuron in Python integers."""
    value = (lambda b: 2 * b - 1) if model.signed else (lambda b: b)
    state = [list(map(int, layer.reset)) for layer in model.layers]
    states, scores = [], []
    for token in map(int, tokens):
        if model.embedding is None:
            x = [int(i == token) for i in range(model.vocabulary)]
        else:
            x = list(map(int, model.embedding[token]))
        for k, layer in enumerate(model.layers):
            old = [value(b) for b in state[k]]
            state[k] = [
                int(
                    sum(int(w) * v for w, v in zip(layer.recurrent[j], old, strict=True))
                    + sum(int(w) * v for w, v in zip(layer.input[j], x, strict=True))
                    + int(layer.bias[j])
                    >= 0
                )
                for j in range(layer.units)
            ]
            x = [value(b) for b in state[k]]
        states.append([b for layer in state for b in layer])
        scores.append(
            [
                sum(int(w) * v for w, v in zip(row, x, strict=True)) + int(bias)
                for row, bias in zip(model.head.weight, model.head.bias, strict=True)
            ]
        )
    return states, scores


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("embedding", [None, 4])
def test_run_means_what_the_page_says(signed, layers, embedding):
    rng = np.random.default_rng(layers)
    model = random_model(
        rng, 7, 5, 0.5, layers=layers, embedding=embedding, outputs=6, signed=signed, fractions=True
    )
    tokens = rng.integers(0, 5, (3, 20))
    states = model.run(tokens, "state")
    argmax = model.run(tokens)
    integers = replace(model, head=replace(model.head, fraction_rank=np.zeros(6, np.int64)))
    scores = integers.run(tokens, "scores")
    assert states.shape == (3, 20, 7 * layers) and states.dtype == np.uint8
    assert scores.shape == (3, 20, 6) and argmax.shape == (3, 20)
    for stream in range(3):
        expected_states, expected_scores = spoken(model, tokens[stream])
        assert states[stream].tolist() == expected_states
        assert scores[stream].tolist() == expected_scores
        rank = model.head.fraction_rank.tolist()
        best = [min(range(6), key=lambda i: (-row[i], -rank[i], i)) for row in expected_scores]
        assert argmax[stream].tolist() == best


def test_ties_go_by_integer_then_fraction_then_lowest_index():
    weight = np.zeros((1, 1), np.int8)
    layer = ElmanLayer(weight, weight, np.zeros(1, np.int64), np.zeros(1, np.uint8))
    head = Head(np.zeros((4, 1), np.int8), np.zeros(4, np.int64), np.array([0, 2, 1, 2]))
    model = Model(True, None, (layer,), head, "argmax")
    scores = np.array([[5, 5, 5, 5], [5, 4, 5, 4], [5, 4, 4, 4], [-3, -3, -3, -2]])
    assert model.choose(scores).tolist() == [1, 2, 0, 3]


def test_names_and_sizes():
    model = random_model(np.random.default_rng(0), 2, 3, layers=2, embedding=4, outputs=5)
    assert (model.vocabulary, model.units, model.num_outputs) == (3, 4, 5)
    assert model.state_names == ("h_l0[0]", "h_l0[1]", "h_l1[0]", "h_l1[1]")
    assert model.reset_state(2).shape == (2, 4)
    assert model.reset_state(2)[1].tolist() == [b for layer in model.layers for b in layer.reset]


@pytest.mark.parametrize("token", [-1, 3])
def test_refuses_unknown_tokens(token):
    model = random_model(np.random.default_rng(0), 2, 3)
    with pytest.raises(InputError, match=rf"stream 1: found token {token}; expected 0 to 2"):
        model.run(np.array([[0], [token]]))


def test_refuses_what_the_head_cannot_say():
    headless = random_model(np.random.default_rng(0), 2, 3, outputs=0, output="state")
    assert headless.run(np.zeros((1, 2), int)).shape == (1, 2, 2)
    assert headless.num_outputs == 0
    with pytest.raises(InputError, match=r"head\.weight is missing"):
        headless.run(np.zeros((1, 2), int), "argmax")
    model = random_model(np.random.default_rng(0), 2, 3)
    head = Head(model.head.weight, np.array([1, -2, 0]), np.array([0, 1, 0]))
    fractional = replace(model, head=head)
    with pytest.raises(InputError, match=r"head\.bias\[1\]: found a value between -2 and -1 .*an integer"):
        fractional.run(np.zeros((1, 1), int), "scores")
    with pytest.raises(InputError, match="found output 'text'"):
        model.run(np.zeros((1, 1), int), "text")


@pytest.mark.parametrize("peak", [1, 513, 2**20 + 1, 2**28 + 1])
def test_product_is_exact_in_every_number_type(peak):
    rng = np.random.default_rng(1)
    left = rng.integers(-peak, peak, (3, 99), endpoint=True)
    right = rng.integers(-peak, peak, (20, 99), endpoint=True)
    left[0], right[0] = peak, peak
    expected = [[sum(map(int.__mul__, a, b)) for b in right.tolist()] for a in left.tolist()]
    assert product(left, right).tolist() == expected


def test_product_splits_large_weights_and_refuses_overflow():
    rng = np.random.default_rng(2)
    left = rng.integers(-1, 2, (2, 1 << 18)).astype(np.int8)
    right = rng.integers(-1, 2, (9, 1 << 18)).astype(np.int8)
    assert (product(left, right) == left.astype(np.int64) @ right.T.astype(np.int64)).all()
    with pytest.raises(OverflowError):
        product(np.full((1, 2), 2**31), np.full((1, 2), 2**31))
    assert product(np.zeros((0, 3), int), np.zeros((2, 3), int)).shape == (0, 2)
