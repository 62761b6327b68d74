"""Netlists, simulators, word-level graphs and the numpy reference say the same to random streams."""

from __future__ import annotations

import runpy
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends import write_aig
from tests.exactness.agreement import dissenters, same, streams
from tests.exactness.cases import PIPELINES, Case, cases, kinds_of_output
from tests.models import Checkpoint, checkpoints, random_model
from trilc.compiler import compile
from trilc.outputs import output_bits
from trilc.runner import simulate


@settings(max_examples=120)
@given(
    checkpoint=checkpoints(max_vocabulary=9, max_outputs=9),
    passes=st.sampled_from(PIPELINES),
    keep_state=st.booleans(),
    seed=st.integers(0, 99),
)
def test_all_say_the_same(checkpoint: Checkpoint, passes: str, keep_state: bool, seed: int) -> None:
    model = checkpoint.load()
    for output in kinds_of_output(model):
        netlist = Case(checkpoint, output, passes, keep_state).compile()
        assert dissenters(model, output, netlist, streams(model, seed)) == []
        assert not keep_state or netlist.register_names == model.state_names


@pytest.mark.parametrize(
    ("signed", "layers", "embedding", "output"),
    list(product([True, False], [1, 2], [None, 5], ["argmax", "scores", "state"])),
)
def test_larger_models_say_the_same(signed: bool, layers: int, embedding: int | None, output: str) -> None:
    rng = np.random.default_rng(layers)
    model = random_model(
        rng, 33, 17, layers=layers, embedding=embedding, outputs=21, signed=signed, output=output,
        fractions=output == "argmax",
    )  # fmt: skip
    assert dissenters(model, output, compile(model), streams(model, 0, 70, 9)) == []


def test_standalone_programs_say_the_same(tmp_path: Path) -> None:
    """One program's code is compiled and runs the tapes of all: besides its tape each is the same text."""
    code, machine = set(), None
    for number, case in enumerate(cases(checkpoints(max_vocabulary=9), 24)):
        netlist = case.compile()
        write_aig(netlist, tmp_path / f"{number}.py")
        program = runpy.run_path(str(tmp_path / f"{number}.py"))
        machine = machine or program["Machine"]
        tokens = streams(case.model, number)
        running = machine(program["read_tape"](program["_TAPE"]), len(tokens))
        bits = np.concatenate(list(running.run_bits(tokens.T)))
        wanted = case.model.run(tokens, case.output)
        for stream in range(len(tokens)):
            np.testing.assert_array_equal(bits[:, stream], output_bits(netlist.num_outputs, wanted[stream]))
        text = (tmp_path / f"{number}.py").read_text()
        code.add(text[text.index("from __future__") : text.index("\nMETADATA")])
    assert len(code) == 1


@settings(max_examples=20)
@given(checkpoint=checkpoints())
def test_models_are_simulated_as_they_are(checkpoint: Checkpoint) -> None:
    model = checkpoint.load()
    tokens = streams(model, 0)
    for output in kinds_of_output(model):
        assert same(simulate(model, tokens, output), model.run(tokens, output))
