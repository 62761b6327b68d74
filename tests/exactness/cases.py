"""What is compiled here: models that hypothesis makes, each with outputs and options of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from passes import DEFAULT
from passes.pipeline import PASSES
from tests.models import Checkpoint
from trilc.aig import AIG
from trilc.compiler import compile
from trilc.model import OUTPUTS, Model

PIPELINES = ("", *PASSES, DEFAULT)
"""No pass, each alone, and the pipeline that is run where none is given."""

T = TypeVar("T")


@dataclass(frozen=True)
class Case:
    """One compilation."""

    checkpoint: Checkpoint
    output: str
    passes: str
    keep_state: bool

    @cached_property
    def model(self) -> Model:
        """The checkpoint, read."""
        return self.checkpoint.load()

    def compile(self) -> AIG:
        """The netlist."""
        return compile(self.model, self.output, self.passes, self.keep_state)


def kinds_of_output(model: Model) -> list[str]:
    """The outputs that a model can have."""
    if model.head is None:
        return ["state"]
    return [output for output in OUTPUTS if output != "scores" or not model.head.fraction_rank.any()]


def cases(checkpoints: st.SearchStrategy[Checkpoint], number: int) -> list[Case]:
    """So many cases; pipelines, outputs and ``keep_state`` take turns."""
    made = []
    for turn, checkpoint in enumerate(sample(checkpoints, number)):
        outputs = kinds_of_output(checkpoint.load())
        passes = PIPELINES[turn % len(PIPELINES)]
        made.append(Case(checkpoint, outputs[turn % len(outputs)], passes, keep_state=turn % 5 < 2))
    return made


def sample(strategy: st.SearchStrategy[T], number: int) -> list[T]:
    """So many examples of a strategy, the same ones every time: for checks that take many at once."""
    examples: list[T] = []

    @settings(max_examples=number, phases=[Phase.generate], database=None, derandomize=True, deadline=None)
    @given(strategy)
    def collect(example: T) -> None:
        examples.append(example)

    collect()
    return examples
