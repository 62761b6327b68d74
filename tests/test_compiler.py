"""Compilation: the same netlist every time, what travels with it, and what an observer sees."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from passes import Pipeline, Size
from tests.exactness.cases import PIPELINES
from tests.models import random_model
from trilc.aig import AIG
from trilc.compiler import compile, words
from trilc.errors import InputError
from trilc.ir import dump
from trilc.model import Model, TextRules
from trilc.version import VERSION


def some_model(output: str = "argmax") -> Model:
    return random_model(np.random.default_rng(3), 24, 11, layers=2, embedding=5, output=output)


def fingerprint(aig: AIG) -> str:
    """A hash of all that a netlist holds."""
    arrays = (aig.fanins, aig.next_state, aig.reset, aig.outputs, aig.constraints)
    names = (aig.input_names, aig.register_names, aig.output_names, dict(aig.metadata), aig.keep_registers)
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays) + repr(names).encode()).hexdigest()


PROGRAM = """
from tests.test_compiler import compile, fingerprint, some_model
print(fingerprint(compile(some_model())))
"""


@pytest.mark.parametrize("passes", PIPELINES)
def test_the_same_netlist_twice(passes: str) -> None:
    assert fingerprint(compile(some_model(), passes=passes)) == fingerprint(compile(some_model(), passes=passes))


@pytest.mark.parametrize("seed", ["1", "4242"])
def test_the_same_netlist_in_any_process(seed: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, env=environment,
        cwd=Path(__file__).parents[1],
    )  # fmt: skip
    assert done.stdout.strip() == fingerprint(compile(some_model()))


def test_the_format_names_the_interface() -> None:
    model = some_model()
    for output, wanted in (
        ("argmax", [f"out[{i}]" for i in range(4)]),
        ("state", [f"state_l{k}[{j}]" for k in range(2) for j in range(24)]),
    ):
        aig = compile(model, output, keep_state=True)
        assert list(aig.output_names) == wanted
        assert list(aig.input_names) == [f"tok[{i}]" for i in range(4)]
        assert aig.register_names == model.state_names
        assert aig.reset.tolist() == model.reset_state(1)[0].tolist()
        assert len(aig.constraints) == 1  # codes 11 to 15 never occur
        assert aig.keep_registers
    scores = compile(model, "scores")
    width = scores.num_outputs // 11
    assert list(scores.output_names) == [f"score{o}[{i}]" for o in range(11) for i in range(width)]


def test_metadata_say_where_a_netlist_came_from() -> None:
    tokens = tuple("abcdefghijk")
    model = replace(
        some_model(), digest="ab" * 32, tokens=tokens, text=TextRules(lower=True, unknown="a"), score_scale=0.25
    )
    about = compile(model, "state", passes="").metadata
    assert about == {
        "trilc": VERSION,
        "model": "ab" * 32,
        "output": "state",
        "vocabulary": 11,
        "num_outputs": 11,
        "tokens": list(tokens),
        "text": {"lower": True, "fold_space": False, "unknown": "a"},
        "score_scale": 0.25,
        "state": list(model.state_names),
        "removed": {},
        "invariants": [],
    }


def test_removed_registers_are_told() -> None:
    layer = some_model().layers[0]
    never = replace(layer, bias=np.where(np.arange(24) == 7, -999, layer.bias), reset=np.zeros(24, np.uint8))
    model = replace(some_model(), layers=(never, some_model().layers[1]))
    assert compile(model).metadata["removed"]["h_l0[7]"] == "0"
    assert compile(model, keep_state=True).metadata["removed"] == {}


class Recorder:
    """An observer that writes everything down."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, ...]] = []
        self.sizes: list[Size | None] = []

    def begin(self, stage: str) -> None:
        self.calls.append(("begin", stage))

    def end(self, stage: str, seconds: float, size: Size | None) -> None:
        assert seconds >= 0
        self.calls.append(("end", stage))
        self.sizes.append(size)


def test_an_observer_sees_every_stage_begin_and_end() -> None:
    recorder = Recorder()
    aig = compile(some_model(), passes="dead, rewrite(cuts=5)", observer=recorder)
    assert recorder.calls == [
        ("begin", "words"), ("end", "words"), ("begin", "gates"), ("end", "gates"),
        ("begin", "dead"), ("end", "dead"), ("begin", "rewrite"), ("end", "rewrite(cuts=5)"),
    ]  # fmt: skip
    assert recorder.sizes[0] is None
    assert recorder.sizes[1] == Size.of(compile(some_model(), passes=""))
    assert recorder.sizes[-1] == Size.of(aig)


def test_passes_are_a_text_or_a_pipeline() -> None:
    text = "strash, dead"
    one, two = compile(some_model(), passes=text), compile(some_model(), passes=Pipeline.parse(text))
    assert fingerprint(one) == fingerprint(two)


def test_words_are_what_is_lowered() -> None:
    assert dump(words(some_model())) == dump(words(some_model(), "argmax")) != dump(words(some_model(), "state"))


def test_refusals() -> None:
    headless = random_model(np.random.default_rng(0), 3, 4, outputs=0, output="state")
    fractional = random_model(np.random.default_rng(0), 3, 4, fractions=True)
    with pytest.raises(InputError, match="'words': expected one of argmax, scores, state"):
        compile(some_model(), "words")
    with pytest.raises(InputError, match=r"no head\.weight"):
        compile(headless, "argmax")
    with pytest.raises(InputError, match=r"head\.bias\[\d\]: .* expected an integer"):
        compile(fractional, "scores")
    with pytest.raises(InputError, match="one of the passes"):
        compile(some_model(), passes="polish")
