"""Every engine says what the reference says, in any number of streams, in pieces, and from any state."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.models import SHIPPED
from tests.exactness.cases import kinds_of_output
from tests.models import checkpoints, random_head, random_model
from tests.oracles import tools
from trilc.engines import choice, early
from trilc.engines.early import Early
from trilc.engines.reference import Reference
from trilc.engines.words import bank
from trilc.engines.words.engine import Words
from trilc.errors import InputError
from trilc.model import OUTPUTS, Model
from trilc.runner import Runner, simulate

ENGINES = {"words": Words, "reference": Reference, "early": Early}


def check(model: Model, output: str, streams: int = 3, steps: int = 20, threads: int = 1) -> None:
    """The word-level engine against the reference, in two pieces."""
    tokens = np.random.default_rng(steps).integers(0, model.vocabulary, (steps, streams))
    words = Words(model, streams, output, threads)
    said = np.concatenate([words.run(tokens[:7]), words.run(tokens[7:7]), words.run(tokens[7:])])
    expected = model.run(tokens.T, output).swapaxes(0, 1)
    assert said.dtype == expected.dtype
    np.testing.assert_array_equal(said, expected)
    np.testing.assert_array_equal(words.state, model.run(tokens.T, "state")[:, -1])


@pytest.mark.parametrize("planes", [False, True], ids=["tables", "planes"])
@given(checkpoint=checkpoints(max_units=70, max_outputs=40), threads=st.integers(1, 3))
def test_words_on_everything_that_checkpoints_hold(checkpoint, threads: int, planes: bool) -> None:
    model = checkpoint.load()
    with pytest.MonkeyPatch.context() as patch:
        if planes:
            patch.setattr(bank, "LARGEST_TABLE", 0)
        for output in kinds_of_output(model):
            check(model, output, threads=threads)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(
    ("units", "outputs", "layers", "density"),
    [(1, 1, 1, 1.0), (64, 32, 2, 0.5), (65, 33, 1, 1.0), (127, 31, 1, 1.0), (128, 64, 1, 1.0), (300, 100, 3, 0.9)],
)
def test_words_at_the_edges_of_words_and_of_types(units, outputs, layers, density, signed) -> None:
    rng = np.random.default_rng(units)
    model = random_model(rng, units, 5, density, layers=layers, outputs=outputs, signed=signed, fractions=True)
    check(model, "argmax")
    check(model, "state")


def test_sums_at_the_ends_of_their_type() -> None:
    """All weights of one sign, so that sums and thresholds reach as far as they can."""
    for units in (125, 126, 127, 128, 129):
        for sign in (1, -1):
            model = random_model(np.random.default_rng(units), units, 40, 1.0, signed=False)
            layer = model.layers[0]
            bias = np.linspace(-units - 1, units + 1, units).astype(np.int64)
            uniform = replace(layer, recurrent=np.full_like(layer.recurrent, sign), bias=bias)
            check(replace(model, layers=(uniform,)), "state")


def test_biases_of_any_size() -> None:
    rng = np.random.default_rng(5)
    model = random_model(rng, 20, 4, 0.5)
    far = np.array([-(2**62), 2**62, 0, 5, -1, 2**40], np.int64)
    layer = replace(model.layers[0], bias=np.resize(far, 20))
    head = replace(random_head(rng, 6, 20, 0.5, True), bias=far)
    for changed in (replace(model, layers=(layer,)), replace(model, head=head)):
        check(changed, "argmax")
    check(replace(model, head=replace(head, fraction_rank=np.zeros(6, np.int64))), "scores")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("output", OUTPUTS)
def test_states_can_be_set_and_streams_changed(engine: str, output: str) -> None:
    model = random_model(np.random.default_rng(2), 30, 6, layers=2)
    machine = ENGINES[engine](model, 4, output)
    tokens = np.random.default_rng(3).integers(0, 6, (9, 4))
    whole = machine.run(tokens)
    machine.reset(1)
    assert machine.streams == 1
    machine.run(tokens[:5, 2:3])
    state = machine.state
    other = ENGINES[engine](model, 1, output)
    other.start(state, reached=True)
    np.testing.assert_array_equal(other.run(tokens[5:, 2:3]), whole[5:, 2:3])
    assert machine.width == (1 if output == "argmax" else whole.shape[2])
    with pytest.raises(InputError, match="0 streams: at least one is needed"):
        machine.reset(0)


@pytest.mark.parametrize("engine", ["auto", "gates", "words", "reference"])
def test_refusals_are_the_same(engine: str) -> None:
    model = random_model(np.random.default_rng(2), 5, 3)
    runner = Runner(model, 2, engine=engine)
    runner.run([[0, 1], [2, 2]])
    with pytest.raises(InputError, match=r"^stream 1, position 3: token 3 is not in 0 … 2$"):
        runner.run([[0, 0], [1, 3]])
    with pytest.raises(InputError, match=r"^tokens: int64 \(2,\) where integers \(steps, 2\) are expected$"):
        runner.run([0, 1])
    with pytest.raises(InputError, match=r"^tokens: float64"):
        runner.run([[0.5, 1]])
    with pytest.raises(InputError, match="0 streams"):
        Runner(model, 0, engine=engine)
    fractional = replace(model, head=replace(model.head, fraction_rank=np.array([0, 1, 0])))
    with pytest.raises(InputError, match=r"head.bias\[1\]"):
        Runner(fractional, output="scores", engine=engine)
    headless = replace(model, head=None)
    with pytest.raises(InputError, match="head"):
        Runner(headless, output="argmax", engine=engine)
    with pytest.raises(InputError, match="output"):
        Runner(model, output="words", engine=engine)


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize(("name", "enough"), [("STEPS", 5), ("WORK", 5 * 2 * (40 * (40 + 6) + 6 * 40))])
def test_early_goes_over_to_words_where_it_stands(name: str, enough: int, output: str, monkeypatch) -> None:
    monkeypatch.setattr(early, name, enough)
    model = random_model(np.random.default_rng(2), 40, 6, outputs=6)
    tokens = np.random.default_rng(3).integers(0, 6, (9, 2))
    machine = Early(model, 2, output)
    machine.start(~machine.state & 1, reached=True)
    reference = Reference(model, 2, output)
    reference.start(~reference.state & 1, reached=True)
    for begin, end, kind in ((0, 3, Reference), (3, 5, Reference), (5, 6, Words), (6, 9, Words)):
        np.testing.assert_array_equal(machine.run(tokens[begin:end]), reference.run(tokens[begin:end]))
        assert isinstance(machine._engine, kind)
        np.testing.assert_array_equal(machine.state, reference.state)
    with pytest.raises(InputError, match="stream 1, position 9: token 6"):
        machine.run([[0, 6]])


def test_few_tokens_need_no_kernels() -> None:
    program = "import sys, trilc; trilc.simulate(trilc.load(sys.argv[1]), [0, 1]); print('numba' in sys.modules)"
    assert tools.run([sys.executable, "-c", program, SHIPPED]) == "False\n"


def test_the_choice() -> None:
    model = random_model(np.random.default_rng(2), 40, 3)
    assert choice.choose(model).engine == "words"
    assert choice.choose(model, streams=choice.MANY).engine == "gates"
    assert choice.choose(model, streams=choice.MANY, tokens=10**5) == (
        "words", "100,000 tokens are read sooner than gates are made", True,
    )  # fmt: skip
    assert choice.choose(model, streams=choice.MANY, tokens=10**10).engine == "gates"
    assert choice.choose(model, "reference", 10**4) == ("reference", "as asked for", False)
    netlist = Runner(model, engine="gates")._engine
    assert not isinstance(netlist, Words)
    with pytest.raises(InputError, match="found engine 'guess'; expected one of auto, gates, words, reference"):
        simulate(model, [0], engine="guess")


def test_a_netlist_has_only_gates() -> None:
    from trilc.compiler import compile

    model = random_model(np.random.default_rng(2), 5, 3)
    netlist = compile(model)
    tokens = [0, 1, 2, 2, 1]
    expected = model.run(np.array([tokens]))[0]
    for engine in ("auto", "gates"):
        np.testing.assert_array_equal(simulate(netlist, tokens, engine=engine), expected)
    for engine in ("auto", "gates", "words", "reference"):
        np.testing.assert_array_equal(simulate(model, tokens, engine=engine), expected)
    with pytest.raises(InputError, match="found engine 'words' for a netlist; expected gates"):
        Runner(netlist, engine="words")
