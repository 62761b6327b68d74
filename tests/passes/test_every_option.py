"""Every pass with every option, every effort and goal, through every format: ABC says that nothing has changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from importlib import import_module
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from backends import FORMATS, read_aig, write_aig, write_luts
from passes import Pass, Pipeline, efforts
from passes.pipeline import PASSES
from tests.backends.circuits import same_order
from tests.oracles import abc
from tests.passes.graphs import random_graph
from trilc import luts
from trilc.aig import AIG

OPTIONS: dict[str, dict[str, tuple[int | bool, ...]]] = {
    "balance": {},
    "constants": {},
    "correspond": {"frames": (2, 5), "conflicts": (0, 10**6), "cone": (2, 1 << 16)},
    "dead": {},
    "dontcare": {
        "cut": (2, 12), "window": (0, 1000), "fanout": (1, 48), "tries": (1, 1000), "conflicts": (0, 10**6),
        "cone": (2, 1 << 16), "gates": (0, 1, 2),
    },
    "invariants": {"conflicts": (0, 10**6), "cone": (2, 1 << 16)},
    "refactor": {"cut": (2, 6, 12), "zero_cost": (True,), "espresso": (True,)},
    "resubstitute": {"cut": (2, 12), "window": (0, 1000)},
    "rewrite": {
        "cut": (2, 3), "cuts": (1, 250), "zero_cost": (True,), "seed": (7, 999_999_999), "loss": (1, 15),
        "preserve_depth": (True,),
    },
    "speed": {"percent": (0, 400)},
    "strash": {},
    "sweep": {"conflicts": (0, 10**6), "cone": (2, 1 << 16)},
    "tabulate": {"rounds": (1, 20), "divisors": (2, 5000)},
}  # fmt: skip
"""For each option of each pass the least and the most that means something, and what lies between."""


def steps() -> Iterator[Pass]:
    """Every pass as it stands, and with one option changed."""
    for name, options in OPTIONS.items():
        kind = getattr(import_module(f"passes.{name}"), name.capitalize())
        yield kind()
        for option, values in options.items():
            yield from (kind(**{option: value}) for value in values)


def machine(seed: int, gates: int = 120) -> AIG:
    """A random graph with known resets and without constraints: what ABC and we mean by them is the same then."""
    aig = random_graph(seed, inputs=5, registers=4, gates=gates, outputs=5)
    outputs, next_state = aig.outputs.copy(), aig.next_state.copy()
    next_state[0], outputs[0] = aig.input_literals[0], aig.register_literals[0]  # one that no pass can remove
    return dataclasses.replace(
        aig, reset=aig.reset & 1, constraints=aig.constraints[:0], next_state=next_state, outputs=outputs
    )


def test_no_option_is_left_out():
    assert tuple(OPTIONS) == PASSES
    for step in steps():
        assert set(OPTIONS[step.name]) == {field.name for field in dataclasses.fields(step)}


class Questions:
    """What came out of passes and through files, each to be compared with what went in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._asked: list[tuple[str, str]] = []
        self._by_abc: list[tuple[AIG, str]] = []

    def add(self, before: AIG, path: Path) -> None:
        """A file as we read it, and as ABC does if it is BLIF."""
        number = len(self._asked)
        write_aig(before, self._folder / f"a{number}.aig")
        found = read_aig(path)
        if "clk" in found.input_names:  # ABC keeps the clock as an input
            found = same_order(found, dataclasses.replace(found, input_names=before.input_names))
        write_aig(found, self._folder / f"b{number}.aig")
        self._asked.append((f"dsec -n a{number}.aig b{number}.aig", path.name))
        if path.suffix == ".blif":
            self._by_abc.append((before, path.name))

    def wrong(self) -> list[str]:
        """The files that ABC says are not what went in."""
        read = [f"read {name}; strash; write_aiger -s {name}.aig" for _, name in self._by_abc]
        (self._folder / "read.abc").write_text("\n".join(read) + "\n")
        abc.run("source read.abc", cwd=self._folder)
        for before, name in list(self._by_abc):
            self.add(before, self._folder / f"{name}.aig")
        found = abc.verdicts([question for question, _ in self._asked], self._folder)
        return [name for (_, name), equal in zip(self._asked, found, strict=True) if not equal]


def test_every_option_of_every_pass(tmp_path):
    questions = Questions(tmp_path)
    for number, (step, ending) in enumerate(zip(steps(), 100 * tuple(FORMATS), strict=False)):
        before = machine(number)
        path = tmp_path / f"{step.name}{number}{ending}"
        write_aig(step.apply(before), path)
        questions.add(before, path)
    assert questions.wrong() == []


def test_a_wrong_result_is_noticed(tmp_path):
    before = machine(0)
    for number, change in enumerate(("outputs", "next_state")):
        wrong = getattr(before, change).copy()
        wrong[0] ^= 1
        write_aig(dataclasses.replace(before, **{change: wrong}), tmp_path / f"b{number}.aig")
    write_aig(before, tmp_path / "a.aig")
    assert abc.verdicts(["cec -n a.aig b0.aig", "cec -n a.aig b1.aig", "cec -n a.aig a.aig"], tmp_path) == [
        False, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize("effort", efforts.EFFORTS)
def test_every_effort_and_goal_in_gates_and_tables(effort, tmp_path):
    questions = Questions(tmp_path)
    for number, (goal, k) in enumerate(product(efforts.GOALS, (None, 2, 4, 6))):
        before = machine(100 + number, gates=50 if effort == "high" else 120)
        result = Pipeline.parse(efforts.pipeline(effort, goal, made_for_luts=k == 6)).apply(before)
        for ending in FORMATS if k is None else (".blif",):
            path = tmp_path / f"{goal}{number}_{ending[1:]}{ending}"
            if k is None:
                write_aig(result, path)
            else:
                write_luts(luts.map(result, k, depth=goal == "depth", rounds=3), path)
            questions.add(before, path)
    assert questions.wrong() == []


def test_resets_are_compared(tmp_path):
    """The verdict rests on where the machines start."""
    before = machine(3)
    other = dataclasses.replace(before, reset=1 - before.reset)
    assert not np.array_equal(other.reset, before.reset)
    write_aig(before, tmp_path / "a.aig")
    write_aig(other, tmp_path / "b.aig")
    assert abc.verdicts(["dsec -n a.aig b.aig", "dsec -n a.aig a.aig"], tmp_path) == [False, True]
