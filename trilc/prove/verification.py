"""Whether two sources are the same machine: a proof and a search for a difference, side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from trilc.aig import AIG
from trilc.prove.counterexample import Counterexample, Step, from_bits, replay
from trilc.prove.equivalence import Answer, Verdict, equivalent
from trilc.prove.pair import Pair, Source, pair
from trilc.prove.product import sequential
from trilc.prove.race import Race
from trilc.prove.search import Found, Progress, Search
from trilc.prove.worker import Ended, Task

CONFLICTS = 100_000
"""For a question to a solver, where nothing else is asked for."""


@dataclass(frozen=True)
class Verification:
    """What was found about two machines from reset on, and how far the search came."""

    answer: Answer
    how: str
    """How it was shown; or, of what is unknown, what was tried."""
    counterexample: Counterexample | None = None
    shortest: bool = False
    """Whether no shorter stream shows a difference."""
    depth: int = 0
    """No stream of so many steps or fewer shows a difference."""
    states: int = 0
    """States of both machines together that were reached."""
    streams: int = 0
    """Random streams, none of which shows a difference …"""
    steps: int = 0
    """… in so many steps."""


@dataclass(frozen=True)
class Proof:
    """Asks :func:`trilc.prove.equivalent` of neighbours, from one end of a path to the other; yields one verdict."""

    path: tuple[AIG, ...]
    conflicts: int

    def __call__(self) -> Iterator[Verdict]:
        """Prove; a worker's task."""
        verdict = Verdict(Answer.EQUAL)
        ways: list[str] = []
        for a, b in pairwise(self.path):
            # the machine with all registers first: the other's metadata say what became of those that it lacks
            is_first = set(b.register_names) <= set(a.register_names)
            verdict = equivalent(*((a, b) if is_first else (b, a)), self.conflicts, depth=0)
            if verdict.answer is not Answer.EQUAL:
                break
            ways += [verdict.how] if verdict.how and verdict.how not in ways else []
        yield replace(verdict, how="; ".join(ways) or None)


class Investigation:
    """A verification under way: go through :meth:`run`, as far as patience goes; then ask for the :meth:`verdict`."""

    def __init__(self, pair: Pair, conflicts: int = CONFLICTS, seconds: float | None = None) -> None:
        self.pair = pair
        self._conflicts = conflicts
        self._end = None if seconds is None else time.monotonic() + seconds
        self._progress = Progress("")
        self._proved: str | None = None
        self._found: Counterexample | None = None
        self._notes: list[str] = []

    def run(self) -> Generator[str, None, None]:
        """Look for a proof and for a difference until one is found or the budgets end; yields what is under way.

        Both run in processes of their own, which end when the iterator is closed. Raises :class:`InputError` where
        the machines can't be compared.
        """
        glance = Search.between(self.pair.a, self.pair.b, self._conflicts, glance=True)
        for progress in glance():
            self._note(progress)
            if self._settled():
                return
            if self._end is not None and time.monotonic() > self._end:
                self.note("the time is over")
                return
            yield progress.doing
        with closing(self._at_work()) as work:
            yield from work

    def conclude(self, say: Callable[[str], None] | None = None) -> Verification:
        """Go through all of :meth:`run`, telling ``say`` what is under way; returns the verdict."""
        with closing(self.run()) as running:
            for doing in running:
                if say:
                    say(doing)
        return self.verdict()

    def note(self, what: str) -> None:
        """Something to say where it stays unknown."""
        self._notes.append(what)

    def verdict(self) -> Verification:
        """What is known so far."""
        progress = self._progress
        so_far = Verification(
            Answer.UNKNOWN, "", None, False, progress.depth, progress.states, progress.streams, progress.steps
        )
        if self._found is not None:
            shortest = progress.depth >= len(self._found.steps) - 1
            how = "no shorter stream shows one" if shortest else f"no stream up to {progress.depth} steps shows one"
            return replace(
                so_far, answer=Answer.DIFFERENT, how=how, counterexample=self._found, shortest=shortest
            )
        if self._proved is not None:
            return replace(so_far, answer=Answer.EQUAL, how=self._proved)
        unit = "steps" if self.pair.token_bits is None else "tokens"
        tried = [f"no difference up to {progress.depth:,} {unit} ({progress.states:,} states)"]
        if progress.steps:
            tried.append(f"none in {progress.streams:,} random streams of {progress.steps:,} {unit}")
        return replace(so_far, how="; ".join(tried + self._notes))

    def _at_work(self) -> Generator[str, None, None]:
        tasks: dict[str, Task] = {
            "proof": Proof(self.pair.path, self._conflicts),
            "search": Search.between(self.pair.a, self.pair.b, self._conflicts),
        }
        with Race(tasks, self._end, self.note) as race:
            for _, message in race:
                if not isinstance(message, Ended):
                    self._note(message)
                if self._settled():
                    return
                if self._found is not None:
                    race.stop("proof")  # there is nothing to prove
                yield self._progress.doing

    def _note(self, message: Progress | Verdict) -> None:
        """Take a message in."""
        if isinstance(message, Progress):
            self._further(message)
        elif message.answer is Answer.EQUAL:
            self._proved = message.how
        elif message.answer is Answer.UNKNOWN:
            self.note(f"the proof left {message.where or 'it'} undecided")
        else:
            self._differs(message.trace, message.start or {})

    def _further(self, progress: Progress) -> None:
        known = self._progress
        best = max(known.depth, progress.depth)
        self._progress = replace(progress, depth=best, states=max(known.states, progress.states))
        if progress.found is not None:
            self._differs(*self._named(progress.found))
        elif progress.closed:
            inputs = "every input" if self.pair.token_bits is None else "every token"
            where = f" in each of the {progress.states:,} states that can be reached" if self._has_state() else ""
            self._proved = f"{inputs} was tried{where}"

    def _named(self, found: Found) -> tuple[list[Step], Step]:
        return from_bits(sequential(self.pair.a, self.pair.b), self.pair.a, found.steps, found.begun)

    def _has_state(self) -> bool:
        return bool(self.pair.a.num_registers or self.pair.b.num_registers)

    def _differs(self, steps: Any, start: Step) -> None:
        """Replay a difference, and keep it where it is the shortest so far."""
        found = replay(self.pair, steps, start)
        if self._found is None or len(found.steps) < len(self._found.steps):
            self._found = found

    def _settled(self) -> bool:
        if self._found is not None:
            return self._progress.depth >= len(self._found.steps) - 1
        return self._proved is not None


def verify(
    a: Source,
    b: Source,
    *,
    outputs: str | None = None,
    tokens: int | None = None,
    conflicts: int = CONFLICTS,
    seconds: float | None = None,
) -> Verification:
    """Whether two sources, each a checkpoint's model or a netlist, behave alike from reset on.

    A proof and a search for the shortest difference run side by side, and the first answer wins. ``outputs``
    (``argmax``, ``scores``, ``state``) says what is compared where a checkpoint or a netlist can put out several;
    ``tokens`` excludes all codes from there on. ``conflicts`` limits each question to a solver, ``seconds`` all of
    it: what is not decided then is unknown.

    Raises :class:`InputError` where the interfaces are not the same.
    """
    return Investigation(pair(a, b, outputs, tokens), conflicts, seconds).conclude()
