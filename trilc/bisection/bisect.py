"""Which pass of a pipeline changes what a circuit does, and where in its result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from passes.pipeline import Pass, PassStatistics, Pipeline
from trilc.aig import AIG
from trilc.bisection.blame import Blame, blame
from trilc.compiler import compile
from trilc.errors import InputError
from trilc.model import Model
from trilc.prove.counterexample import Counterexample, ReplayError, replay
from trilc.prove.equivalence import Answer
from trilc.prove.pair import Pair, Source, pair
from trilc.prove.verification import CONFLICTS, Investigation, Verification

Say = Callable[[str], None]

INTERRUPTED = "interrupted"


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
    pair: Pair | None = None
    """What was compared; None where nothing was yet."""
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
    return Comparison(a, b, Limits(outputs, tokens, conflicts, seconds)).conclude(say)


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
    return Bisection(source, pipeline, Limits(outputs, tokens, conflicts, seconds)).conclude(say)


@dataclass(frozen=True)
class Limits:
    """What is compared, and how far: see :func:`trilc.verify`."""

    outputs: str | None = None
    tokens: int | None = None
    conflicts: int = CONFLICTS
    seconds: float | None = None

    def pair(self, a: Source, b: Source) -> Pair:
        """Two sources made comparable."""
        return pair(a, b, self.outputs, self.tokens)

    def investigation(self, compared: Pair) -> Investigation:
        """The search for a difference."""
        return Investigation(compared, self.conflicts, self.seconds)


class Comparison:
    """:func:`diff`, which may be interrupted: :meth:`conclude` it, or ask what is known :meth:`so_far`."""

    def __init__(self, a: Source, b: Source, limits: Limits) -> None:
        self._pair = limits.pair(a, b)
        self._investigation = limits.investigation(self._pair)

    def conclude(self, say: Say | None = None) -> Difference:
        """Look for a difference to the end; ``say`` is told what is under way."""
        found = self._investigation.conclude(say)
        return Difference(found, self._pair, blame=_blamed(self._pair, found.counterexample))

    def so_far(self) -> Difference:
        """After an interrupt."""
        self._investigation.note(INTERRUPTED)
        return Difference(self._investigation.verdict(), self._pair)


class Bisection:
    """:func:`bisect_passes`, which may be interrupted: :meth:`conclude` it, or ask what is known :meth:`so_far`."""

    def __init__(self, source: Source, pipeline: Pipeline | str, limits: Limits) -> None:
        self._source, self._limits = source, limits
        self._pipeline = Pipeline.parse(pipeline) if isinstance(pipeline, str) else pipeline
        self._stages: list[Stage] = []
        self._names: list[str] = []
        """Of the passes that have begun."""
        self._under_way: tuple[Pair, Investigation] | None = None
        self._found: Difference | None = None
        """The stage that is at fault, as far as is known."""

    def conclude(self, say: Say | None = None) -> Difference:
        """Run the passes and find the first that is wrong; ``say`` is told what is under way."""
        result = self._run(say)
        compared, whole = self._investigated(self._source, result, say)
        count = len(self._stages)
        found, left = whole, self._stages
        culprit: Stage | None = None
        proved = False
        while found.counterexample is not None and not proved:
            culprit = _turning(self._source, left, self._limits, found.counterexample)
            compared, whole = self._limits.pair(self._source, culprit.after), found
            left = left[: left.index(culprit)]
            proved = culprit.before is self._source
            self._found = Difference(whole, compared, culprit, count, None, proved)
            if not proved:
                found = self._investigated(self._source, culprit.before, say)[1]
                proved = found.answer is Answer.EQUAL
        if culprit is None:
            return Difference(whole, compared, stages=count)
        self._found = Difference(whole, compared, culprit, count, None, proved)
        alone, shortest = self._investigated(culprit.before, culprit.after, say)
        if shortest.counterexample is not None:
            whole, compared, example = shortest, alone, shortest.counterexample
        else:
            assert whole.counterexample is not None
            example = replay(alone, whole.counterexample.steps, whole.counterexample.start)
        return Difference(whole, compared, culprit, count, _blamed(alone, example), proved)

    def so_far(self) -> Difference:
        """After an interrupt."""
        if self._found is not None:
            known = self._found.verification
            return replace(self._found, verification=replace(known, how=f"{known.how}; {INTERRUPTED}"))
        if self._under_way is not None:
            compared, investigation = self._under_way
            investigation.note(INTERRUPTED)
            return Difference(investigation.verdict(), compared, stages=len(self._stages))
        where = f" in pass {len(self._names)}, {self._names[-1]}" if self._names else ""
        return Difference(Verification(Answer.UNKNOWN, f"nothing was compared yet; {INTERRUPTED}{where}"))

    def _investigated(self, a: Source, b: Source, say: Say | None) -> tuple[Pair, Verification]:
        compared = self._limits.pair(a, b)
        investigation = self._limits.investigation(compared)
        self._under_way = compared, investigation
        return compared, investigation.conclude(say)

    def _run(self, say: Say | None) -> AIG:
        """The result; what each stage was given and made is noted."""

        def about(_: int, step: Pass, statistics: PassStatistics | None) -> None:
            if statistics is None:
                self._names.append(step.name)
                if say:
                    say(step.name)
            else:
                self._stages[-1] = replace(self._stages[-1], name=statistics.text)

        def note(before: AIG, after: AIG) -> bool:
            place, name = len(self._names), self._names[-1]
            self._stages.append(Stage(place, name, before, after))
            try:
                pair(before, after)
            except InputError as error:
                raise InputError(f"pass {place}, {name}, changed what the circuit is: {error}") from None
            return True

        source = self._source
        if isinstance(source, Model):
            aig = compile(source, self._limits.outputs, "")
            self._stages.append(Stage(0, "lowering", source, aig))
        else:
            aig = source
        return self._pipeline.run(aig, about, note)[0]


def _turning(source: Source, stages: list[Stage], limits: Limits, example: Counterexample) -> Stage:
    """The first stage whose result goes wrong on a stream, though what it was given does not."""
    for stage in stages:
        try:
            replay(limits.pair(source, stage.after), example.steps, example.start)
        except ReplayError:
            continue
        return stage
    raise ReplayError("a pipeline's result is wrong on a stream, and no stage's is")


def _blamed(compared: Pair, example: Counterexample | None) -> Blame | None:
    return None if example is None else blame(compared.a, compared.b, example.steps, example.start)
