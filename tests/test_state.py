"""States: saved, loaded, and refused where a netlist need not do what its model does."""

from __future__ import annotations

import io
import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trilc
from tests.exactness.agreement import streams
from tests.models import checkpoints, random_model
from trilc.errors import InputError
from trilc.model import Model
from trilc.saved_state import SavedState, read_state, write_state

PASSES = ("", "constants, dead", "invariants, constants, dead", "correspond, dead", "constants, invariants, correspond")


def passed(state: SavedState, tmp_path_factory) -> SavedState:
    path = tmp_path_factory.mktemp("state") / "state.npz"
    with path.open("wb") as file:
        write_state(state, file)
    return read_state(path)


@settings(max_examples=30)
@given(checkpoint=checkpoints(max_units=5), text=st.sampled_from(PASSES), cut=st.integers(0, 12))
def test_a_run_goes_on_where_it_was_saved(checkpoint, text, cut, tmp_path_factory):
    model = checkpoint.load()
    tokens = streams(model, cut)
    whole = model.run(tokens, "state")
    first = trilc.Runner(trilc.compile(model, passes="", keep_state=True), len(tokens), "state")
    first.run(tokens[:, :cut].T)
    saved = passed(first.state, tmp_path_factory)
    assert saved.reached
    assert saved.model == model.digest
    np.testing.assert_array_equal(saved.bits, whole[:, cut - 1] if cut else model.reset_state(len(tokens)))
    netlist = trilc.compile(model, passes=text)
    rest = trilc.Runner(netlist, len(tokens))
    rest.start_from(saved)  # what was reached is never refused
    wanted = model.run(tokens)[:, cut:]
    np.testing.assert_array_equal(rest.run(tokens[:, cut:].T).swapaxes(0, 1), wanted)
    rest.reset()
    last = rest.run(tokens[:, cut:].T), rest.state
    np.testing.assert_array_equal(last[0].swapaxes(0, 1), wanted)
    known = last[1].bits != 2
    np.testing.assert_array_equal(last[1].bits[known], whole[:, -1][known])
    rest.start_from(passed(last[1], tmp_path_factory))


def after(model: Model, state: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    said = []
    for token in tokens:
        state = model.step(state, np.array([token]))
        said.append(state[0] if model.output == "state" else model.scores(state)[0])
        if model.output == "argmax":
            said[-1] = model.choose(model.scores(state))[0]
    return np.array(said)


@settings(max_examples=40)
@given(checkpoint=checkpoints(max_units=3, max_layers=2), text=st.sampled_from(PASSES), seed=st.integers(0, 9))
def test_from_any_state_a_netlist_does_what_the_model_does_or_refuses(checkpoint, text, seed):
    model = checkpoint.load()
    runner = trilc.Runner(trilc.compile(model, passes=text))
    tokens = streams(model, seed, 1, 8)[0]
    for bits in itertools.product((0, 1), repeat=model.units):
        state = np.array([bits], np.uint8)
        try:
            runner.start_from(SavedState(state))
        except InputError as error:
            assert text, error
            assert "from reset" in str(error)
            continue
        np.testing.assert_array_equal(runner.run(tokens[:, None])[:, 0], after(model, state, tokens))


def one_hot() -> trilc.AIG:
    """A model's netlist in all but its origin: two registers of which never both are on, after the pass saw that."""
    b = trilc.Builder()
    x = b.input("tok[0]")
    p, q = b.register("h_l0[0]", 0), b.register("h_l0[1]", 0)
    b.set_next(p, b.and_(x, q ^ 1))
    b.set_next(q, b.and_(x ^ 1, p ^ 1))
    b.output("out[0]", b.xor(p, q))
    model = replace(random_model(np.random.default_rng(0), 2, 2), digest="ab")
    about = dict(trilc.compile(model, passes="").metadata)
    return replace(b.build(), metadata={**about, "output": "argmax"})


def test_implications_that_were_used_are_asked_for():
    from passes import Invariants

    result = Invariants().apply(one_hot())
    assert result.num_ands < one_hot().num_ands
    assert result.metadata["invariants"] == [[1, 3]]
    runner = trilc.Runner(result)
    for bits in ((0, 0), (0, 1), (1, 0)):
        runner.start_from(SavedState(np.array([bits], np.uint8)))
    with pytest.raises(InputError, match=r"stream 1: found h_l0\[0\] = 1 and h_l0\[1\] = 1, which never happens"):
        runner.start_from(SavedState(np.array([[0, 1], [1, 1]], np.uint8)))
    runner = trilc.Runner(replace(result, metadata={**result.metadata, "invariants": None}))
    with pytest.raises(InputError, match="optimised for states that are reached"):
        runner.start_from(SavedState(np.zeros((1, 2), np.uint8)))
    runner.start_from(SavedState(np.zeros((1, 2), np.uint8), "ab", reached=True))


def test_one_state_for_all_streams_or_one_for_each():
    model = random_model(np.random.default_rng(3), 8, 4)
    tokens = streams(model, 0, 3, 10)
    whole = model.run(tokens)
    runner = trilc.Runner(model, 3)
    runner.run(tokens[:, :4].T)
    saved = runner.state
    runner.reset()
    runner.start_from(saved)
    np.testing.assert_array_equal(runner.run(tokens[:, 4:].T).T, whole[:, 4:])
    assert runner.starts == 3
    runner.reset(1, 2)
    np.testing.assert_array_equal(runner.run(tokens[2:, 4:].T).T, whole[2:, 4:])
    with pytest.raises(InputError, match="found states of 3 streams"):
        runner.reset(2, 2)
    runner.start_from(replace(saved, bits=saved.bits[1:2]))
    runner.reset(2)
    np.testing.assert_array_equal(runner.run(np.stack([tokens[1, 4:]] * 2).T).T, whole[[1, 1], 4:])
    assert runner.starts is None


def test_states_that_are_none_of_this_machine():
    model = replace(random_model(np.random.default_rng(3), 8, 4), digest="ab")
    runner = trilc.Runner(model)
    with pytest.raises(InputError, match="found a state of model 'cd'; expected one of 'ab'"):
        runner.start_from(SavedState(np.zeros((1, 8), np.uint8), "cd"))
    with pytest.raises(InputError, match="found 7 bits of state; expected 8"):
        runner.start_from(SavedState(np.zeros((1, 7), np.uint8)))
    with pytest.raises(InputError, match=r"h_l0\[2\] is free where the state was saved"):
        runner.start_from(SavedState(np.array([[0, 0, 2, 0, 0, 0, 0, 0]], np.uint8), "ab"))


def test_files(tmp_path):
    bits = np.array([[0, 1, 2], [1, 1, 0]], np.uint8)
    first, second = io.BytesIO(), io.BytesIO()
    for stream in (first, second):
        write_state(SavedState(bits, "ab", True), stream)
    assert first.getvalue() == second.getvalue()
    path = tmp_path / "state.npy"
    for array, shape in ((np.eye(3, dtype=np.uint8), (3, 3)), (np.array([True, False]), (1, 2))):
        np.save(path, array)
        found = read_state(path)
        assert found.bits.shape == shape
        assert (found.bits == np.atleast_2d(array)).all()
        assert (found.model, found.reached) == (None, False)
    np.save(path, np.asfortranarray(np.arange(6).reshape(2, 3) % 2).astype(np.int8, order="F"))
    assert read_state(path).bits.tolist() == [[0, 1, 0], [1, 0, 1]]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (np.array([0, 2], np.uint8), "found 2; expected bits"),
        (np.array([0, 1]), "found int64 of shape"),
        (np.zeros((1, 1, 1), np.uint8), "expected bits"),
        (b"", "not an array in numpy's .npy format"),
        (b"PK\x03\x04", "archive"),
        (b"\x93NUMPY\x01\x00\x10\x00{'a':1}         ", "not an array in numpy's .npy format"),
        # numpy warns of Python 2's integers
        (
            b"\x93NUMPY\x01\x00\x40\x00" + b"{'descr':'|u1','fortran_order':False,'shape':(2L,)}".ljust(64) + bytes(2),
            "not an array in numpy's .npy format",
        ),
    ],
)
def test_files_that_hold_no_state(data, line, tmp_path):
    path = tmp_path / "state.npy"
    if isinstance(data, bytes):
        path.write_bytes(data)
    else:
        np.save(path, data)
    with pytest.raises(InputError, match=line) as error:
        read_state(path)
    assert str(error.value).startswith(str(path))
    with pytest.raises(InputError, match="can't be read"):
        read_state(tmp_path / "none")


def test_an_array_of_nothing_and_an_absurd_size(tmp_path):
    with (tmp_path / "state.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": (2**70, 0)})
    with pytest.raises(InputError, match="which is absurd"):
        read_state(tmp_path / "state.npy")
