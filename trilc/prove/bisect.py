"""Which pass of a pipeline changes what a circuit does, and where in its result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from passes.pipeline import Pass, PassStatistics, Pipeline
from trilc.aig import AIG
from trilc.compiler import compile
from trilc.errors import InputError
from trilc.model import Model
from trilc.prove.blame import Blame, blame
from trilc.prove.counterexample import Counterexample, ReplayError, replay
from trilc.prove.equivalence import Answer
from trilc.prove.pair import Pair, Source, pair
from trilc.prove.verification import CONFLICTS, Investigation, Verification

Say = Callable[[str], None]


@dataclass(frozen=True)
class Stage:
    """A step on the way from a source to its netlist."""

    position: int
    """1 for the first pass; 0 for the lowering of a checkpoint."""
    name: str
    before: Source
    after: AIG


@dataclass(frozen=True)
class Difference:
    """What two sources differ in, and the stage between them that brought it in, if there are stages."""

    verification: Verification
    """Of the stage's result against the source; of the whole pipeline where no stage is at fault."""
    pair: Pair
    stage: Stage | None = None
    stages: int = 0
    """Stages that ran."""
    blame: Blame | None = None
    first: bool = False
    """Whether all before the stage is proved right."""


def diff(
    a: Source,
    b: Source,
    *,
    outputs: str | None = None,
    tokens: int | None = None,
    conflicts: int = CONFLICTS,
    seconds: float | None = None,
    say: Say | None = None,
) -> Difference:
    """Where two sources differ: the shortest stream that shows it, and registers, outputs and gates.

    Parameters and errors are those of :func:`trilc.verify`; ``say`` is told what is under way.
    """
    compared = pair(a, b, outputs, tokens)
    found = Investigation(compared, conflicts, seconds).conclude(say)
    return Difference(found, compared, blame=_blamed(compared, found.counterexample))


def bisect_passes(
    source: Source,
    pipeline: Pipeline | str,
    *,
    outputs: str | None = None,
    tokens: int | None = None,
    conflicts: int = CONFLICTS,
    seconds: float | None = None,
    say: Say | None = None,
) -> Difference:
    """The first stage of a pipeline whose result does not behave as the source does, and where it goes wrong.

    The pipeline runs once. If its result differs from the source, the stream that shows it is played to what each
    stage was given and made: one of them turns right into wrong. Unless what that stage was given is proved equal to
    the source, there is an earlier one, found in the same way with the new stream. ``conflicts`` and ``seconds`` hold
    for each comparison.

    Raises :class:`InputError` where the pipeline is no pipeline, or where a pass changes inputs or outputs.
    """
    steps = Pipeline.parse(pipeline) if isinstance(pipeline, str) else pipeline
    stages, result = _run(source, steps, outputs, say)
    compared = pair(source, result, outputs, tokens)
    whole = found = Investigation(compared, conflicts, seconds).conclude(say)
    culprit: Stage | None = None
    left = stages
    proved = False
    while found.counterexample is not None and not proved:
        culprit = _turning(source, left, outputs, tokens, found.counterexample)
        compared = pair(source, culprit.after, outputs, tokens)
        whole = found
        left = left[: left.index(culprit)]
        if culprit.before is source:
            proved = True
            break
        given = pair(source, culprit.before, outputs, tokens)
        found = Investigation(given, conflicts, seconds).conclude(say)
        proved = found.answer is Answer.EQUAL
    if culprit is None:
        return Difference(whole, compared, stages=len(stages))
    alone = pair(culprit.before, culprit.after, outputs, tokens)
    assert whole.counterexample is not None
    example = replay(alone, whole.counterexample.steps, whole.counterexample.start)
    shortest = Investigation(alone, conflicts, seconds).conclude(say)
    if shortest.counterexample is not None:
        whole, compared, example = shortest, alone, shortest.counterexample
    return Difference(whole, compared, culprit, len(stages), _blamed(alone, example), proved)


def _run(
    source: Source, pipeline: Pipeline, outputs: str | None, say: Say | None
) -> tuple[list[Stage], AIG]:
    """What each stage was given and made, and the result."""
    stages: list[Stage] = []
    names: list[str] = []

    def about(_: int, step: Pass, statistics: PassStatistics | None) -> None:
        if statistics is None:
            names.append(step.name)
            if say:
                say(step.name)
        else:
            stages[-1] = replace(stages[-1], name=statistics.text)

    def note(before: AIG, after: AIG) -> bool:
        stages.append(Stage(len(names), names[-1], before, after))
        try:
            pair(before, after)
        except InputError as error:
            raise InputError(f"pass {len(names)}, {names[-1]}, changed what the circuit is: {error}") from None
        return True

    if isinstance(source, Model):
        aig = compile(source, outputs, "")
        stages.append(Stage(0, "lowering", source, aig))
    else:
        aig = source
    return stages, pipeline.run(aig, about, note)[0]


def _turning(
    source: Source, stages: list[Stage], outputs: str | None, tokens: int | None, example: Counterexample
) -> Stage:
    """The first stage whose result goes wrong on a stream, though what it was given does not."""
    for stage in stages:
        try:
            replay(pair(source, stage.after, outputs, tokens), example.steps, example.start)
        except ReplayError:
            continue
        return stage
    raise ReplayError("a pipeline's result is wrong on a stream, and no stage's is")


def _blamed(compared: Pair, example: Counterexample | None) -> Blame | None:
    return None if example is None else blame(compared.a, compared.b, example.steps, example.start)
