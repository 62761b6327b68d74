"""The pipeline of passes: its text form, and the manager that runs, measures and checks it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from importlib import import_module
from typing import Any, ClassVar, Protocol

from trilc.aig import AIG
from trilc.aig.traverse import depth
from trilc.errors import InputError

DEFAULT = (
    "constants, dead, balance, refactor, rewrite, 2*(resubstitute, rewrite(zero_cost=true), balance), "
    "refactor(zero_cost=true), resubstitute, rewrite(zero_cost=true), resubstitute, constants, dead"
)
"""The pipeline that is run where none is given."""

PASSES = (
    "balance", "constants", "correspond", "dead", "dontcare", "invariants", "refactor", "resubstitute", "rewrite",
    "strash", "sweep", "tabulate",
)
"""Every pass by name: the class ``Name`` in the module ``passes.name``."""

LONGEST = 10_000
"""Passes that a pipeline's text may unfold to."""


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
    repeat it: ``"constants, dead, 2*(rewrite(cuts=8), balance), 3*refactor"``.
    """

    passes: tuple[Pass, ...] = ()
    prove: bool = False
    """Whether the result of each pass is proved equal to what it was given (see :mod:`trilc.prove`)."""

    @classmethod
    def parse(cls, text: str) -> Pipeline:
        """Read a pipeline's text; :class:`InputError` names the place and what is known there."""
        return cls(tuple(_Reader(text).read()))

    def __str__(self) -> str:
        return ", ".join(_text(step) for step in self.passes)

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
        size = Size.of(aig)
        for position, step in enumerate(self.passes):
            if callback:
                callback(position, step, None)
            start = time.perf_counter()
            result = step.apply(aig)
            seconds = time.perf_counter() - start
            before, size = size, Size.of(result)
            if check and not check(aig, result):
                raise WrongPassError(f"pass {position + 1}, {_text(step)}, changed what the circuit does")
            if self.prove:
                _prove(f"pass {position + 1}, {_text(step)}", aig, result)
            statistics.append(PassStatistics(_text(step), before, size, seconds))
            if callback:
                callback(position, step, statistics[-1])
            aig = result
        return aig, statistics


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


class _Reader:
    """Reads a pipeline's text from left to right; ``(`` after a name opens options, elsewhere a repeated part."""

    TOKEN = re.compile(r"\s*(?:(\w+)|([*(),=]))?")

    def __init__(self, text: str) -> None:
        self._text = text
        self._end = 0
        self._advance()

    def read(self) -> Iterator[Pass]:
        """The passes, repetitions unfolded."""
        open_parts: list[tuple[int, list[Pass]]] = []
        steps: list[Pass] = []
        if not self._token:
            return iter(steps)
        while True:
            times = self._times()
            if self._token == "(":
                self._advance()
                open_parts.append((times, steps))
                steps = []
                continue
            steps += self._repeated(times, [self._pass()])
            while self._token == ")" and open_parts:
                self._advance()
                times, outer = open_parts.pop()
                steps = outer + self._repeated(times, steps)
            if self._token == ",":
                self._advance()
            elif not self._token and not open_parts:
                return iter(steps)
            else:
                raise self._error("',' or ')'" if open_parts else "','")

    def _times(self) -> int:
        if not self._token.isdecimal():
            return 1
        times = int(self._token[:9])
        if not 1 <= times <= LONGEST:
            raise self._error(f"a repetition of 1 to {LONGEST} times")
        self._advance()
        self._expect("*")
        return times

    def _repeated(self, times: int, steps: list[Pass]) -> list[Pass]:
        if times * len(steps) > LONGEST:
            raise self._error(f"at most {LONGEST} passes in all")
        return times * steps

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
