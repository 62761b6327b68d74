"""The pipeline of passes: its text form, and the manager that runs, measures and checks it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from importlib import import_module
from typing import Any, ClassVar, NamedTuple, Protocol

from passes import efforts
from trilc.aig import AIG
from trilc.aig.traverse import depth
from trilc.errors import InputError

DEFAULT = efforts.pipeline()
"""The pipeline that is run where none is given."""

PASSES = (
    "balance", "constants", "correspond", "dead", "dontcare", "invariants", "refactor", "resubstitute", "rewrite",
    "speed", "strash", "sweep", "tabulate",
)
"""Every pass by name: the class ``Name`` in the module ``passes.name``."""

LONGEST = 10_000
"""Passes that a pipeline's text may unfold to."""

WORK = 6000
"""Thousands of gates that a repeated part may go through, pass by pass, before it ends: minutes."""


class Pass(Protocol):
    """What the manager asks of a pass: a frozen dataclass whose fields are its options."""

    name: ClassVar[str]
    """What it is called in a pipeline's text."""

    def apply(self, aig: AIG) -> AIG:
        """A graph with the same inputs, outputs, constraints and observable behaviour from reset."""


@dataclass(frozen=True)
class Size:
    """How large a graph is."""

    ands: int
    levels: int
    registers: int

    @classmethod
    def of(cls, aig: AIG) -> Size:
        """Measure a graph, in time linear in it."""
        return cls(aig.num_ands, depth(aig), aig.num_registers)


@dataclass(frozen=True)
class PassStatistics:
    """What one run of one pass did."""

    text: str
    """The pass with its options, as in a pipeline's text."""
    before: Size
    after: Size
    seconds: float
    """Wall time of ``apply`` alone."""


Callback = Callable[[int, Pass, "PassStatistics | None"], None]
"""Called with the position of a pass, the pass, and what it did: ``None`` when it is about to start."""

Check = Callable[[AIG, AIG], bool]
"""Whether two graphs behave alike; called with the graph before and after each pass."""


class WrongPassError(RuntimeError):
    """A pass changed what the circuit does: the check of a pipeline, or its proof, says so."""


class UnprovedPassError(RuntimeError):
    """A pass could be proved neither right nor wrong within the prover's budget."""


@dataclass(frozen=True)
class Pipeline:
    """A sequence of passes.

    Its text is passes between commas, options in brackets, and ``n*`` before a pass or a bracketed part to
    repeat it: ``"constants, dead, 2*(rewrite(cuts=8), balance), 3*refactor"``. ``<=n*`` repeats it while it pays,
    ``<=n/p/w*`` until p rounds on end have not, or w thousand gates were gone through: see :class:`Repeat`.
    """

    passes: tuple[Pass | Repeat, ...] = ()
    prove: bool = False
    """Whether the result of each pass is proved equal to what it was given (see :mod:`trilc.prove`)."""

    @classmethod
    def parse(cls, text: str) -> Pipeline:
        """Read a pipeline's text; :class:`InputError` names the place and what is known there."""
        return cls(tuple(_Reader(text).read()))

    def __str__(self) -> str:
        return ", ".join(str(step) if isinstance(step, Repeat) else _text(step) for step in self.passes)

    def apply(self, aig: AIG, callback: Callback | None = None) -> AIG:
        """The graph after all passes."""
        return self.run(aig, callback)[0]

    def run(
        self, aig: AIG, callback: Callback | None = None, check: Check | None = None
    ) -> tuple[AIG, list[PassStatistics]]:
        """The graph after all passes, and what each did.

        Raises :class:`WrongPassError` naming the first pass whose result ``check`` finds to behave otherwise, or the
        proof, which names the output and inputs too; :class:`UnprovedPassError` where the proof finds neither.
        """
        statistics: list[PassStatistics] = []

        def run(step: Pass, aig: AIG) -> AIG:
            position = len(statistics)
            if callback:
                callback(position, step, None)
            before = Size.of(aig)
            start = time.perf_counter()
            result = step.apply(aig)
            seconds = time.perf_counter() - start
            if check and not check(aig, result):
                raise WrongPassError(f"pass {position + 1}, {_text(step)}, changed what the circuit does")
            if self.prove:
                _prove(f"pass {position + 1}, {_text(step)}", aig, result)
            statistics.append(PassStatistics(_text(step), before, Size.of(result), seconds))
            if callback:
                callback(position, step, statistics[-1])
            return result

        for step in self.passes:
            aig = step.run(aig, run) if isinstance(step, Repeat) else run(step, aig)
        return aig, statistics


@dataclass(frozen=True)
class Repeat:
    """Passes that are repeated while that pays, in a text ``<=rounds*(…)`` to ``<=rounds/patience/work*(…)``.

    Every round goes on from what the last one left, be it larger or smaller. The smallest graph met is the result:
    after ``rounds`` rounds, or ``patience`` rounds on end without fewer gates than ever, or when the passes have
    gone through ``work`` thousand gates.
    """

    body: tuple[Pass, ...]
    rounds: int
    patience: int = 1
    work: int = WORK

    def __str__(self) -> str:
        limits = [self.rounds, self.patience, self.work]
        while len(limits) > 1 and limits[-1] == (1, 1, WORK)[len(limits) - 1]:
            limits.pop()
        return f"<={'/'.join(map(str, limits))}*({', '.join(map(_text, self.body))})"

    def run(self, aig: AIG, run: Callable[[Pass, AIG], AIG]) -> AIG:
        """The smallest graph met, each pass being run by ``run``."""
        best, vain, work = aig, 0, 0
        for _ in range(self.rounds):
            for step in self.body:
                work += aig.num_ands
                aig = run(step, aig)
            vain = 0 if aig.num_ands < best.num_ands else vain + 1
            if vain == 0:
                best = aig
            if vain == self.patience or work > 1000 * self.work:
                break
        return best


def _prove(name: str, before: AIG, after: AIG) -> None:
    """Prove a pass right; the errors are those of :meth:`Pipeline.run`."""
    from trilc.prove import equivalent
    from trilc.prove.equivalence import Answer

    try:
        verdict = equivalent(before, after)
    except InputError as error:
        raise WrongPassError(f"{name}, changed what the circuit is: {error}") from None
    if verdict.answer is Answer.DIFFERENT:
        steps = "; ".join(" ".join(f"{name}={bit}" for name, bit in step.items()) for step in verdict.trace)
        start = " ".join(f"{name}={bit}" for name, bit in (verdict.start or {}).items())
        begun = f" from the state {start}" if start else ""
        raise WrongPassError(f"{name}, changed what the circuit does: {verdict.where} after the inputs {steps}{begun}")
    if verdict.answer is Answer.UNKNOWN:
        raise UnprovedPassError(f"{name}, could not be proved: {verdict.where} is undecided")


def _text(step: Pass) -> str:
    """A pass with those of its options that are not at their defaults."""
    options = [
        f"{field.name}={str(value).lower()}"
        for field in fields(step)  # type: ignore[arg-type]
        if (value := getattr(step, field.name)) != field.default
    ]
    return f"{step.name}({', '.join(options)})" if options else step.name


_Steps = list["Pass | Repeat"]


class _Times(NamedTuple):
    """A repetition as written: ``patience`` is 0 where its rounds are all run."""

    number: int
    patience: int
    work: int
    place: int


class _Reader:
    """Reads a pipeline's text from left to right; ``(`` after a name opens options, elsewhere a repeated part."""

    TOKEN = re.compile(r"\s*(?:(\w+)|(<=|[*/(),=]))?")

    def __init__(self, text: str) -> None:
        self._text = text
        self._end = 0
        self._advance()

    def read(self) -> Iterator[Pass | Repeat]:
        """The passes, repetitions of a fixed number of times unfolded."""
        open_parts: list[tuple[_Times, _Steps]] = []
        steps: _Steps = []
        if not self._token:
            return iter(steps)
        while True:
            times = self._times()
            if times.patience and any(outer.patience for outer, _ in open_parts):
                raise InputError(f"passes, at character {times.place}: '<=' stands within another")
            if self._token == "(":
                self._advance()
                open_parts.append((times, steps))
                steps = []
                continue
            steps += self._repeated(times, [self._pass()])
            self._refuse_many(len(steps))
            while self._token == ")" and open_parts:
                self._advance()
                times, outer = open_parts.pop()
                outer += self._repeated(times, steps)
                steps = outer
            if self._token == ",":
                self._advance()
            elif not self._token and not open_parts:
                return iter(steps)
            else:
                raise self._error("',' or ')'" if open_parts else "','")

    def _times(self) -> _Times:
        place, number, patience, work = self._start + 1, 1, 0, WORK
        if self._token == "<=":
            self._advance()
            number, patience = self._number(), 1
            if self._token == "/":
                self._advance()
                patience = self._number()
            if self._token == "/":
                self._advance()
                work = self._number()
            self._expect("*")
        elif self._token.isdecimal():
            number = self._number()
            self._expect("*")
        return _Times(number, patience, work, place)

    def _number(self) -> int:
        number = int(self._token[:9]) if self._token.isdecimal() else 0
        if not 1 <= number <= LONGEST:
            raise self._error(f"a repetition of 1 to {LONGEST} times")
        self._advance()
        return number

    def _repeated(self, times: _Times, steps: _Steps) -> _Steps:
        self._refuse_many(times.number * len(steps))
        if times.patience:
            body = tuple(step for step in steps if not isinstance(step, Repeat))
            return [Repeat(body, times.number, times.patience, times.work)]
        return times.number * steps if times.number > 1 else steps

    def _refuse_many(self, number: int) -> None:
        if number > LONGEST:
            raise self._error(f"at most {LONGEST} passes in all")

    def _pass(self) -> Pass:
        if self._token not in PASSES:
            raise self._error(f"one of the passes {', '.join(PASSES)}")
        name, place = self._token, self._start
        kind = getattr(import_module(f"passes.{name}"), name.capitalize())
        self._advance()
        options: dict[str, Any] = {}
        known = {field.name: field.default for field in fields(kind)}
        if self._token == "(":
            self._advance()
            while self._token != ")":
                if self._token not in known or self._token in options:
                    raise self._error(f"one of the options of {name}, each once ({', '.join(known) or 'it has none'})")
                option = self._token
                self._advance()
                self._expect("=")
                options[option] = self._value(known[option])
                if self._token == ",":
                    self._advance()
                elif self._token != ")":
                    raise self._error("',' or ')'")
            self._advance()
        try:
            step: Pass = kind(**options)
        except InputError as refusal:
            raise InputError(f"passes, at character {place + 1}: {refusal}") from None
        return step

    def _value(self, default: Any) -> Any:
        token = self._token
        if isinstance(default, bool):
            if token not in ("true", "false"):
                raise self._error("true or false")
            value: Any = token == "true"
        else:
            if not token.isdecimal() or len(token) > 9:
                raise self._error("a whole number")
            value = int(token)
        self._advance()
        return value

    def _expect(self, token: str) -> None:
        if self._token != token:
            raise self._error(f"{token!r}")
        self._advance()

    def _advance(self) -> None:
        match = self.TOKEN.match(self._text, self._end)
        assert match is not None  # the pattern matches the empty string
        self._token = match.group(1) or match.group(2) or self._text[match.end() : match.end() + 1]
        self._start = match.start(match.lastindex) if match.lastindex else match.end()
        self._end = self._start + len(self._token)

    def _error(self, expected: str) -> InputError:
        found = repr(self._token) if self._token else "the end"
        return InputError(f"passes, at character {self._start + 1}: expected {expected}, found {found}")
