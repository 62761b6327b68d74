"""The main job: a model in, a netlist out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from passes import DEFAULT, Pass, PassStatistics, Pipeline, Size
from trilc.aig import AIG
from trilc.ir import Graph, simplify
from trilc.lower.gates import to_gates
from trilc.lower.words import to_words
from trilc.metadata import metadata
from trilc.model import Model


class Observer(Protocol):
    """Follows a compilation, for progress and for its table."""

    def begin(self, stage: str) -> None:
        """A stage or pass is about to start."""

    def end(self, stage: str, seconds: float, size: Size | None) -> None:
        """It is done; ``size`` is what it left behind, None before there are gates."""


class _Unobserved:
    def begin(self, stage: str) -> None:
        pass

    def end(self, stage: str, seconds: float, size: Size | None) -> None:
        pass


def compile(
    model: Model,
    outputs: str | None = None,
    passes: str | Pipeline = DEFAULT,
    keep_state: bool = False,
    observer: Observer | None = None,
    for_luts: bool = False,
) -> AIG:
    """The netlist of a model, equal to it step by step.

    ``outputs`` is ``argmax``, ``scores`` or ``state``; None takes the model's own. ``passes`` simplify the
    gates; ``keep_state`` keeps every register; ``for_luts`` makes such gates as map to few lookup tables. The same
    model and options give the same netlist everywhere.

    Raises :class:`trilc.errors.InputError` where the outputs are not to be had or a pass is not known.
    """
    pipeline = Pipeline.parse(passes) if isinstance(passes, str) else passes
    observer = observer or _Unobserved()
    graph = words(model, outputs, observer)
    with timed(observer, "gates") as left:
        aig = to_gates(graph, metadata(model, outputs), keep_registers=keep_state, for_luts=for_luts)
        left.append(Size.of(aig))
    return run_passes(aig, pipeline, observer)


def words(model: Model, outputs: str | None = None, observer: Observer | None = None) -> Graph:
    """The word-level graph that :func:`compile` lowers, simplified. Raises as it does."""
    with timed(observer or _Unobserved(), "words"):
        return simplify(to_words(model, outputs))


def run_passes(aig: AIG, pipeline: Pipeline, observer: Observer) -> AIG:
    """Run a pipeline under an observer."""

    def report(_: int, step: Pass, statistics: PassStatistics | None) -> None:
        if statistics is None:
            observer.begin(step.name)
        else:
            observer.end(statistics.text, statistics.seconds, statistics.after)

    return pipeline.apply(aig, report)


@contextmanager
def timed(observer: Observer, stage: str) -> Iterator[list[Size]]:
    """Report a block as a stage; it appends the size of what it made, if it made gates."""
    observer.begin(stage)
    start = time.perf_counter()
    left: list[Size] = []
    yield left
    observer.end(stage, time.perf_counter() - start, left[0] if left else None)
