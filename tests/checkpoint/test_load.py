"""Loaded models against the format page, said in rationals."""

import hashlib
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.checkpoint.meaning import Meaning
from tests.checkpoint.small import minimal
from tests.models import Checkpoint, checkpoints
from trilc.checkpoint import load, save


@settings(deadline=None, max_examples=150)
@given(checkpoints(), st.sampled_from([".npz", ".safetensors"]), st.integers(0, 2**32))
def test_a_model_means_what_its_checkpoint_says(checkpoint, ending, seed):
    model = checkpoint.load(ending)
    tokens = np.random.default_rng(seed).integers(0, model.vocabulary, (2, 6))
    states = model.run(tokens, "state")
    said = model.run(tokens)
    for stream in range(2):
        meaning = Meaning(checkpoint)
        for t, token in enumerate(tokens[stream].tolist()):
            assert states[stream, t].tolist() == meaning.step(token)
            if model.head is not None:
                scores = meaning.scores()
                if model.output == "scores":
                    assert said[stream, t].tolist() == scores
                best = max(range(len(scores)), key=lambda i: (scores[i], -i))
                chosen = model.choose(model.scores(states[stream, t][None]))
                assert chosen.tolist() == [best]


@pytest.mark.parametrize("ending", [".npz", ".NPZ", ".safetensors"])
def test_a_small_model_by_hand(tmp_path, ending):
    path = minimal().save(tmp_path / f"model{ending}")
    model = load(path)
    assert (model.signed, model.output, model.cell) == (True, "argmax", "elman")
    assert model.tokens == ("a", "b") and model.text is None and model.score_scale is None
    assert model.embedding is None and model.vocabulary == 2
    assert model.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    (layer,) = model.layers
    assert layer.recurrent.dtype == layer.input.dtype == np.int8
    assert layer.recurrent.tolist() == [[0, 1], [1, -1]] and layer.input.tolist() == [[1, 0], [-1, 1]]
    assert layer.bias.tolist() == [0, -2] and layer.reset.tolist() == [0, 0]
    assert model.head.weight.tolist() == [[1, 0], [0, 1]]
    assert model.head.bias.tolist() == [0, 0] and model.head.fraction_rank.tolist() == [0, 1]
    # State 00 is v = −1, −1. Token a: pre = −1 + 1 + ½ and −1 + 1 − 1 − 1½, so 10, which is v = 1, −1.
    # Token b: pre = −1 + 0 + ½ and 1 + 1 + 1 − 1½, so 01.
    assert model.run(np.array([[0, 1]]), "state").tolist() == [[[1, 0], [0, 1]]]
    assert model.run(np.array([[0, 1]])).tolist() == [[0, 1]]


@pytest.mark.parametrize("ending", ["npz", "safetensors"])
def test_the_same_bytes_every_time(tmp_path, ending):
    first = minimal().save(tmp_path / f"first.{ending}").read_bytes()
    assert minimal().save(tmp_path / f"second.{ending}").read_bytes() == first


def test_save_refuses_other_endings(tmp_path):
    with pytest.raises(ValueError, match=r"found ending '.pt'"):
        save(tmp_path / "model.pt", {}, {})


def fold(**tensors):
    """The minimal model with other tensors; ``__`` stands for a dot, None takes one away."""
    checkpoint = minimal()
    checkpoint.header["tokens"] = None
    checkpoint.tensors.update({name.replace("__", "."): array for name, array in tensors.items()})
    kept = {name: np.asarray(array) for name, array in checkpoint.tensors.items() if array is not None}
    return Checkpoint(checkpoint.header, kept).load()


def test_scales_become_integer_weights():
    model = fold(
        rnn__weight_hh_l0=[[0.0, 0.75], [0.5, -0.5]],
        rnn__weight_ih_l0=[[0.5, 0.0], [0.0, 0.0]],
        rnn__bias_l0=[0.6, -0.6],
    )
    (layer,) = model.layers
    assert layer.recurrent.tolist() == [[0, 3], [1, -1]]  # in units of ¼ and ½
    assert layer.input.tolist() == [[2, 0], [0, 0]]
    assert layer.bias.tolist() == [2, -2]
    assert layer.recurrent.dtype == np.int8


def test_large_multiples_take_two_bytes():
    for multiple, dtype in ((255, np.int16), (127, np.int8)):
        (layer,) = fold(rnn__weight_ih_l0=np.eye(2) * multiple).layers
        assert layer.input.tolist() == [[multiple, 0], [0, multiple]] and layer.input.dtype == dtype


def test_embedding_scales_become_integer_vectors():
    model = fold(
        embedding__weight=[[0.5, -0.5, 0], [0, 0.75, 0.75]],
        rnn__weight_hh_l0=[[0, 0.5], [1.0, -1.0]],
        rnn__weight_ih_l0=np.array([[1, 0, 0], [0, -1, 1]], np.int8),
    )
    assert model.embedding.tolist() == [[2, -2, 0], [0, 3, 3]] and model.embedding.dtype == np.int8
    (layer,) = model.layers
    assert layer.recurrent.tolist() == [[0, 2], [4, -4]] and layer.input.tolist() == [[1, 0, 0], [0, -1, 1]]
    assert layer.bias.tolist() == [2, -6]
    wide = fold(embedding__weight=[[200.0, 0], [0, 1]])
    assert wide.embedding.tolist() == [[200, 0], [0, 1]] and wide.embedding.dtype == np.int16


def test_a_negative_gain_turns_the_neuron_round_and_a_zero_gain_makes_a_constant():
    norm = {"rnn__norm_l0__mean": [0.0, 0], "rnn__norm_l0__var": [4.0, 4]}
    weights = {"rnn__weight_hh_l0": np.array([[0, 1], [1, 0]], np.int8), "rnn__bias_l0": None}
    (layer,) = fold(**weights, **norm, rnn__norm_l0__weight=[-1.0, 2], rnn__norm_l0__bias=[1.0, 1]).layers
    # −pre/2 + 1 ≥ 0 ⇔ −pre + 2 ≥ 0 (less than 2, for ε); 2·pre/2 + 1 ≥ 0 ⇔ pre + 1 ≥ 0 (a little more, for ε)
    assert layer.recurrent.tolist() == [[0, -1], [1, 0]] and layer.input.tolist() == [[-1, 0], [-1, 1]]
    assert layer.bias.tolist() == [2, 1]
    for shift, bias in ((0.0, 0), (-0.0, 0), (1.0, 0), (-1e-30, -1)):
        gain = {"rnn__norm_l0__weight": [0.0, 1], "rnn__norm_l0__bias": [shift, 0]}
        (layer,) = fold(**weights, **norm, **gain).layers
        assert layer.recurrent[0].tolist() == [0, 0] and layer.input[0].tolist() == [0, 0]
        assert layer.bias[0] == bias


def test_norm_eps_is_the_decimal_that_is_written():
    # The stored 0.9 is a little more than 9/10, so that with ε = 1/10 the variance is a little more than 1.
    checkpoint = minimal()
    checkpoint.header["norm_eps"] = 0.1
    stored = 0.9
    assert Fraction(stored) + Fraction(1, 10) > 1 == stored + 0.1
    norm = {"weight": [-1.0, 1], "bias": [1.0, -1], "mean": [0.0, 0], "var": [stored, stored]}
    for part, numbers in norm.items():
        checkpoint.tensors[f"rnn.norm_l0.{part}"] = np.array(numbers)
    checkpoint.tensors["rnn.bias_l0"] = np.zeros(2)
    # −pre + √(1+δ) ≥ 0 holds at pre = 1; pre − √(1+δ) ≥ 0 doesn't.
    assert checkpoint.load().layers[0].bias.tolist() == [1, -2]


def test_a_bias_beyond_reach_is_a_constant():
    (layer,) = fold(rnn__bias_l0=np.array([1e300, -1e300])).layers
    assert layer.bias.tolist() == [2, -5]  # the first row has 2 weights, the second 4


def test_torch_biases_add_exactly():
    # In float32 the sum of these rounds to 1; exactly it is a little less.
    (layer,) = fold(
        rnn__bias_l0=None,
        rnn__bias_ih_l0=np.array([1, 1], np.float32),
        rnn__bias_hh_l0=np.array([-(2.0**-40), 2.0**-40], np.float32),
    ).layers
    assert layer.bias.tolist() == [0, 1]


def test_head_scale_and_score_scale():
    checkpoint = minimal()
    checkpoint.header.update(score_scale=0.5, output="scores")
    checkpoint.tensors["head.weight"] = np.array([[0.25, 0], [0, 0]])
    checkpoint.tensors["head.bias"] = np.array([0.5, -0.75])
    model = checkpoint.load()
    assert model.head.bias.tolist() == [2, -3] and model.head.fraction_rank.tolist() == [0, 0]
    assert model.score_scale == 0.125


def test_fractions_are_ranked_exactly():
    third = np.float32(1 / 3)
    bias = np.array([3, -1 + float(third), 5 + 0.75, float(third), float(np.nextafter(third, np.float32(1)))])
    model = fold(head__weight=np.eye(5, 2).astype(np.int8), head__bias=bias)
    assert model.head.bias.tolist() == [3, -1, 5, 0, 0]
    assert model.head.fraction_rank.tolist() == [0, 1, 3, 1, 2]


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("code", ["<f4", ">f4", ">f8", "<f2", ">i2", "<i8", "|i1"])
def test_every_layout_of_numbers(order, code):
    weights = np.array([[0, 1, -1], [1, -1, 0], [0, 0, 0], [1, 1, 1]])
    model = fold(
        embedding__weight=np.asarray(weights, np.dtype(code), order=order),
        rnn__weight_ih_l0=np.asarray([[1, 0, -1], [0, 1, 1]], np.dtype(code), order=order),
        head__weight=np.asarray(weights[:, :2], np.dtype(code), order=order),
        head__bias=np.asarray([1, -2, 3, 0], np.dtype(code)),
    )
    assert model.embedding.tolist() == weights.tolist()
    assert model.layers[0].input.tolist() == [[1, 0, -1], [0, 1, 1]]
    assert model.head.weight.tolist() == weights[:, :2].tolist() and model.head.bias.tolist() == [1, -2, 3, 0]


def test_header_defaults_and_text_rules():
    checkpoint = minimal()
    checkpoint.header["text"] = {"lower": True, "unknown": "b"}
    checkpoint.header["score_scale"] = 2
    checkpoint.header["written by"] = ["anyone", {"at": None}]
    model = checkpoint.load()
    assert (model.text.lower, model.text.fold_space, model.text.unknown) == (True, False, "b")
    assert model.score_scale == 2.0
    del checkpoint.header["tokens"], checkpoint.header["text"]
    assert checkpoint.load().tokens is None


def test_states_are_the_only_output_without_a_head():
    checkpoint = minimal()
    checkpoint.header["output"] = "state"
    del checkpoint.tensors["head.weight"], checkpoint.tensors["head.bias"]
    model = checkpoint.load()
    assert model.head is None and model.run(np.array([[0]])).shape == (1, 1, 2)
