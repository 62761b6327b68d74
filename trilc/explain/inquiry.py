"""Questions about a model or a netlist, answered exactly: yes, no, or unknown with what was tried."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

from trilc.aig import AIG
from trilc.errors import InputError
from trilc.explain.engines.climb import climbing
from trilc.explain.hunt import Effort, Hunt
from trilc.explain.language import parse
from trilc.explain.language.syntax import (
    Always,
    Change,
    Depends,
    Equal,
    Fixed,
    Formula,
    Not,
    Question,
    Reach,
    Why,
)
from trilc.explain.subject import Subject
from trilc.explain.system import System, dependence, sought
from trilc.explain.witness import Witness, of_dependence, of_formula
from trilc.model import Model

SECONDS = 60.0
"""For a question, where nothing else is asked for."""


class Answer(Enum):
    """What is known."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class Reply:
    """The answer to a question."""

    question: Question
    answer: Answer
    how: str
    """How that is known; or, of what is unknown, what was tried."""
    witness: Witness | None = None
    """What shows it, replayed on the reference."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What else is known, as JSON has it."""


class Inquiry:
    """A question under way: go through :meth:`run`, as far as patience goes; then ask for the :meth:`reply`.

    ``given`` is the input that questions about a change or a reason are about; ``seconds`` is None for no limit.
    Raises :class:`InputError` for a question that can't be asked.
    """

    def __init__(
        self,
        source: Model | AIG,
        text: str,
        given: Sequence[int] | None = None,
        seconds: float | None = SECONDS,
        engine: str = "auto",
        folder: Path = Path(),
    ) -> None:
        self.subject = Subject(source)
        self.question = parse(text, self.subject.terms)
        end = None if seconds is None or math.isinf(seconds) else time.monotonic() + seconds
        self._effort = Effort(engine, end)
        self._folder = folder
        self._notes: list[str] = []
        needs = isinstance(self.question, Change | Why)
        if needs and not given:
            raise InputError("this question is about a certain input: give it with --text or --tokens")
        if given and not needs:
            raise InputError("an input is given, and this question is about every input")
        self._given = tuple(given or ())
        vocabulary = self.subject.terms.vocabulary
        for place, token in enumerate(self._given):
            if not 0 <= token < vocabulary:
                raise InputError(f"the input, position {place}: found token {token}; expected 0 to {vocabulary - 1}")
        self._reply: Callable[[], Reply] = lambda: self._unknown("nothing was tried")

    def run(self) -> Generator[str, None, None]:
        """Look for the answer until it is found or the budgets end; yields what is under way."""
        yield "gates"
        match self.question:
            case Always(formula, within, assuming):
                yield from self._judge(Not(formula), assuming, within, False)
            case Reach(formula, shortest, within, assuming):
                yield from self._judge(formula, assuming, within, shortest)
            case Depends():
                yield from self._depend(self.question)
            case Fixed():
                from trilc.explain.constants import Constants

                constants = Constants(self.subject, self.question, self._effort)
                self._reply = lambda: self._of(*constants.answer())
                yield from constants.run()
            case Change():
                from trilc.explain.reasons import Nearest

                nearest = Nearest(self.subject, self.question, self._given, self._effort)
                self._reply = lambda: self._of(*nearest.answer())
                yield from nearest.run()
            case Why():
                from trilc.explain.reasons import Reasons

                reasons = Reasons(self.subject, self.question, self._given, self._effort)
                self._reply = lambda: self._of(*reasons.answer())
                yield from reasons.run()
            case Equal():
                yield from self._compare(self.question)

    def conclude(self, say: Callable[[str], None] | None = None) -> Reply:
        """Go through all of :meth:`run`, telling ``say`` what is under way; returns the reply."""
        with closing(self.run()) as running:
            for doing in running:
                if say:
                    say(doing)
        return self.reply()

    def note(self, what: str) -> None:
        """Something to say where it stays unknown."""
        self._notes.append(what)

    def reply(self) -> Reply:
        """What is known so far."""
        return self._reply()

    def _judge(
        self, formula: Formula, assuming: Formula, within: int | None, shortest: bool
    ) -> Generator[str, None, None]:
        system = sought(self.subject, formula, assuming)
        believe = partial(of_formula, self.subject, system, formula, assuming)
        climb = climbing(self.subject.source, system, formula, assuming, within)
        hunt: Hunt[Witness] = Hunt(system, believe, self._effort, within, shortest, climb)
        self._reply = lambda: self._of_hunt(hunt, isinstance(self.question, Always))
        yield from hunt.run()

    def _depend(self, asked: Depends) -> Generator[str, None, None]:
        system = dependence(self.subject, asked)
        believe = partial(of_dependence, self.subject, system, asked)
        hunt: Hunt[Witness] = Hunt(system, believe, self._effort, asked.within)
        self._reply = lambda: self._of_hunt(hunt, False)
        yield from hunt.run()

    def _of_hunt(self, hunt: Hunt[Witness], denied: bool) -> Reply:
        """The reply, where a witness says yes, or, ``denied``, no."""
        found, none = (Answer.NO, Answer.YES) if denied else (Answer.YES, Answer.NO)
        facts: dict[str, Any] = {"none_up_to": hunt.depth, "states": hunt.progress.states}
        facts |= {"random_streams": hunt.progress.streams, "random_steps": hunt.progress.steps}
        if hunt.witness is not None:
            facts["shortest"] = hunt.is_shortest
            no_shorter = "no shorter stream does" if hunt.is_shortest else f"none up to {hunt.depth} does"
            how = f"after {_tokens(hunt.witness.length)}; {no_shorter}"
            if hunt.shortest and not hunt.is_shortest:
                how = f"a stream of {_tokens(hunt.witness.length)} does; " + "; ".join([no_shorter, *hunt.notes])
                return Reply(self.question, Answer.UNKNOWN, how, hunt.witness, facts)
            return Reply(self.question, found, how, hunt.witness, facts)
        if hunt.proved is not None:
            facts["invariant"] = hunt.proved.invariant
            return Reply(self.question, none, hunt.proved.how, None, facts)
        if hunt.is_settled:
            return Reply(self.question, none, f"no stream of up to {_tokens(hunt.depth)} does", None, facts)
        return self._unknown(hunt.tried(), facts)

    def _compare(self, asked: Equal) -> Generator[str, None, None]:
        from trilc.explain.comparison import Comparison

        comparison = Comparison(self.subject.source, self._folder / asked.path, asked.within, self._effort)
        self._reply = lambda: self._of(*comparison.answer())
        yield from comparison.run()

    def _of(self, answer: bool | None, how: str, witness: Witness | None, facts: dict[str, Any]) -> Reply:
        if answer is None:
            return self._unknown(how, facts, witness)
        return Reply(self.question, Answer.YES if answer else Answer.NO, how, witness, facts)

    def _unknown(self, how: str, facts: dict[str, Any] | None = None, witness: Witness | None = None) -> Reply:
        return Reply(self.question, Answer.UNKNOWN, "; ".join([how, *self._notes]), witness, facts or {})


def ask(
    source: Model | AIG,
    question: str,
    given: Sequence[int] | None = None,
    *,
    seconds: float | None = SECONDS,
    engine: str = "auto",
) -> Reply:
    """The answer to a question about a model or a netlist, in the language of ``QUESTIONS.md``.

    ``given`` are the tokens that questions about a change or a reason are about. A witness is replayed on the
    reference before it is believed. What is not decided within ``seconds`` is unknown.

    Raises :class:`InputError` that names the column for a question that can't be understood.
    """
    return Inquiry(source, question, given, seconds, engine).conclude()


def question_system(source: Model | AIG, text: str) -> System:
    """The machine of a question about every stream: its output is true where what is looked for is found.

    Raises :class:`InputError` for another question.
    """
    subject = Subject(source)
    match parse(text, subject.terms):
        case Always(formula, _, assuming):
            return sought(subject, Not(formula), assuming)
        case Reach(formula, _, _, assuming):
            return sought(subject, formula, assuming)
        case Depends() as asked:
            return dependence(subject, asked)
        case asked:
            raise InputError(
                f"'{asked}' is no question about a bad state; expected always, never, reach, shortest or does"
            )


def _tokens(number: int) -> str:
    return f"{number:,} token{'s' * (number != 1)}"


