"""The machine that reads tokens, from a model and from a netlist."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.exactness.agreement import streams
from tests.exactness.cases import kinds_of_output
from tests.models import checkpoints, random_model
from trilc.aig import Builder
from trilc.compiler import compile
from trilc.errors import InputError
from trilc.model import OUTPUTS, Model
from trilc.outputs import output_bits
from trilc.runner import Runner, simulate


def some_model(output: str = "argmax") -> Model:
    return random_model(np.random.default_rng(3), 12, 7, layers=2, output=output)


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("threads", [1, 3])
def test_model_and_netlist_say_what_the_reference_says(output: str, threads: int) -> None:
    model = some_model()
    tokens = streams(model, 0, 2500 if threads > 1 else 3, 20)
    wanted = model.run(tokens, output)
    for source in (model, compile(model, output), compile(model, output, keep_state=True)):
        said = simulate(source, tokens, output, threads)
        assert said.shape == wanted.shape
        np.testing.assert_array_equal(said, wanted)
        np.testing.assert_array_equal(simulate(source, tokens[1], output, threads), wanted[1])


@pytest.mark.parametrize("output", OUTPUTS)
def test_no_tokens_and_no_steps(output: str) -> None:
    model = some_model()
    for shape in ((0,), (3, 0)):
        tokens = np.zeros(shape, np.int64)
        assert simulate(model, tokens, output).shape == model.run(np.atleast_2d(tokens), output).shape[2 - len(shape) :]


def test_a_run_goes_on_where_it_stood_until_reset() -> None:
    model = some_model()
    tokens = streams(model, 0, 4, 30).T
    runner = Runner(model, 4, "state")
    whole = runner.run(tokens)
    np.testing.assert_array_equal(whole, model.run(tokens.T, "state").swapaxes(0, 1))
    runner.reset()
    np.testing.assert_array_equal(np.concatenate([runner.run(tokens[:7]), runner.run(tokens[7:])]), whole)
    runner.reset(2)
    np.testing.assert_array_equal(runner.run(tokens[:, :2]), whole[:, :2])


@pytest.mark.parametrize("output", OUTPUTS)
def test_one_stream_in_pieces(output: str) -> None:
    model = some_model()
    tokens = streams(model, 0, 1, 50)[0]
    parts = list(Runner(model, 1, output).run_stream([tokens[:1], tokens[:0], tokens[1:30], tokens[30:]]))
    assert all(len(part) for part in parts)
    np.testing.assert_array_equal(np.concatenate(parts), model.run(tokens[None], output)[0])


@given(checkpoints(max_units=6), st.integers(0, 9))
def test_removed_registers_are_rebuilt_or_refused_by_name(checkpoint, seed: int) -> None:
    model = checkpoint.load()
    tokens = streams(model, seed)
    for output in kinds_of_output(model):
        netlist = compile(model, output)
        lost = [name for name, source in netlist.metadata["removed"].items() if source is None]
        if lost and output != "state":
            with pytest.raises(InputError, match=r"was removed: no output depends on it; .*--keep-state"):
                simulate(netlist, tokens, "state")
        else:
            np.testing.assert_array_equal(simulate(netlist, tokens, "state"), model.run(tokens, "state"))


def test_constant_equal_and_complementary_registers_are_rebuilt() -> None:
    """A layer whose second neuron is always off, third the first again, and fourth its complement."""
    first = random_model(np.random.default_rng(1), 4, 3, 1.0, outputs=2).layers[0]
    recurrent, entered, bias = first.recurrent.copy(), first.input.copy(), first.bias.copy()
    recurrent[:, 1:] = 0
    recurrent[:, 0], entered[:, :] = 1, [1, -1, 0]
    recurrent[3], entered[3] = -recurrent[0], -entered[0]
    bias[:] = -1, -99, -1, 0
    layer = replace(first, recurrent=recurrent, input=entered, bias=bias, reset=np.array([1, 0, 1, 0], np.uint8))
    head = random_model(np.random.default_rng(1), 4, 3, 1.0, outputs=2).head
    model = Model(True, None, (layer,), head, "argmax")
    netlist = compile(model, "state")
    assert netlist.metadata["removed"] == {"h_l0[1]": "0", "h_l0[2]": "h_l0[0]", "h_l0[3]": "!h_l0[0]"}
    scores = compile(model, "scores")
    assert scores.register_names == ("h_l0[0]",)
    tokens = streams(model, 0)
    np.testing.assert_array_equal(simulate(scores, tokens, "state"), model.run(tokens, "state"))
    np.testing.assert_array_equal(simulate(scores, tokens, "argmax"), model.run(tokens, "argmax"))


@given(checkpoints(outputs=("argmax", "scores")))
def test_bits_of_what_is_said(checkpoint) -> None:
    model = checkpoint.load()
    for output in kinds_of_output(model):
        netlist = compile(model, output, "")
        (tokens,) = streams(model, 0, 1)
        bits = output_bits(netlist.num_outputs, model.run(tokens[None], output)[0])
        assert bits.shape == (len(tokens), netlist.num_outputs)
        runner = Runner(netlist)
        said = np.concatenate(list(runner._engine._simulator.run_bits(tokens[:, None])))[:, 0]
        np.testing.assert_array_equal(bits, said)


def test_refusals() -> None:
    model = some_model()
    argmax = compile(model)
    with pytest.raises(InputError, match=r"puts out argmax, not scores; .*--outputs scores"):
        Runner(argmax, output="scores")
    with pytest.raises(InputError, match="token 7 is not in"):
        simulate(argmax, [[0, 1], [2, 7]])
    with pytest.raises(InputError, match="token -1 is not in"):
        simulate(model, [-1])
    with pytest.raises(InputError, match=r"found shape \(1, 1, 1\)"):
        simulate(model, [[[0]]])
    with pytest.raises(InputError, match="0 streams"):
        Runner(model, 0)
    with pytest.raises(InputError, match="tokens have no names"):
        Runner(model).named_tokens()
    with pytest.raises(InputError, match="what is said is no text"):
        Runner(random_model(np.random.default_rng(0), 3, 4, outputs=2)).named_outputs()
    with pytest.raises(InputError):
        Runner(Builder().build())
    with pytest.raises(InputError):
        Runner(replace(argmax, metadata={**argmax.metadata, "output": "words"}))
    with pytest.raises(InputError, match="are not the bits of 7 scores"):
        Runner(replace(argmax, metadata={**argmax.metadata, "output": "scores"}))
