"""Whether a machine can ever be bad: a search for a run, and a proof that there is none, side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Protocol, TypeVar

from trilc.errors import InputError
from trilc.explain.engines.climb import Climb
from trilc.explain.engines.induction import Proved, Working
from trilc.explain.engines.proof import WAYS as PROOFS
from trilc.explain.engines.proof import Proof
from trilc.explain.engines.turns import Turns
from trilc.explain.system import System
from trilc.prove.race import Race
from trilc.prove.search import Found, Progress, Search
from trilc.prove.worker import Ended, Task

SEARCHES = ("random", "states", "guided", "sat")
"""What a search on the gates tries."""

CLIMB = "climb"
"""What a search on the weights tries, instead of a guided one."""

SHARES = {CLIMB: 3.0}
"""SAT finds short streams, soon or not at all."""

ENGINES = {
    "simulate": ("random", CLIMB, "guided"),
    "states": ("states",),
    "bmc": ("sat",),
    "induction": ("induction",),
    "pdr": ("pdr",),
    "auto": (CLIMB, *SEARCHES, *PROOFS),
}
"""What each choice of engine tries."""

CONFLICTS = 20_000
"""For a question of the induction; the search stops with the time."""

OVER = "the time is over"

NO_END = 2**31 - 1
"""Conflicts that are never spent."""

WORDS = 256
"""Words of random streams: sixteen thousand of them."""


class Sized(Protocol):
    """A witness, which takes so many tokens."""

    @property
    def length(self) -> int:
        """Tokens."""


W = TypeVar("W", bound=Sized)


@dataclass(frozen=True)
class Effort:
    """What may be tried, and until when."""

    engine: str = "auto"
    end: float | None = None
    """In seconds of the clock."""
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        if self.engine not in ENGINES:
            raise InputError(f"engine {self.engine!r}: expected one of {', '.join(ENGINES)}")

    @property
    def is_over(self) -> bool:
        """Whether there is no time left."""
        return self.end is not None and self.clock() >= self.end

    def share(self, part: float) -> Effort:
        """The same for a part of the time that is left."""
        if self.end is None:
            return self
        now = self.clock()
        return replace(self, end=now + part * max(0.0, self.end - now))


@dataclass
class Hunt(Generic[W]):
    """Looks for a run that is bad, or a proof that there is none; go through :meth:`run`, then see what is known."""

    system: System
    believe: Callable[[Found], W]
    """Replays a run on the reference and makes a witness of it; raises where it is none."""
    effort: Effort
    within: int | None = None
    """Tokens that a witness may take."""
    shortest: bool = False
    """Whether to go on until the witness is the shortest."""
    climb: Climb | None = None
    """The search on the weights, where there are any."""
    witness: W | None = None
    proved: Proved | None = None
    progress: Progress = field(default_factory=lambda: Progress(""))
    notes: list[str] = field(default_factory=list)
    """Why it is not decided."""

    @property
    def depth(self) -> int:
        """No stream of so many tokens or fewer is a witness."""
        return max(0, self.progress.depth - self.system.lag)

    @property
    def is_shortest(self) -> bool:
        """Whether no witness is shorter."""
        return self.witness is not None and self.depth >= self.witness.length - 1

    @property
    def is_settled(self) -> bool:
        """Whether there is no more to do."""
        if self.proved is not None:
            return True
        if self.witness is not None:
            return self.is_shortest or not self.shortest
        return self.within is not None and self.depth >= self.within

    def tried(self) -> str:
        """What was done in vain."""
        found = [f"none up to {self.depth:,} token{'s' * (self.depth != 1)}"]
        if self.progress.states > 1:
            found[0] += f" ({self.progress.states:,} states)"
        if self.progress.steps:
            found.append(f"none in {self.progress.streams:,} random streams of {self.progress.steps:,} steps")
        return "; ".join(found + self.notes)

    def run(self) -> Generator[str, None, None]:
        """Hunt; yields what is under way. Closing the iterator ends everything."""
        aig = self.system.aig
        if aig.outputs[0] == 0:
            self.proved = Proved("by the gates alone")
            return
        ways = ENGINES[self.effort.engine]
        climb = self.climb if CLIMB in ways else None
        searches = tuple(way for way in ways if way in SEARCHES and not (way == "guided" and climb is not None))
        proofs = tuple(way for way in ways if way in PROOFS)
        deepest = None if self.within is None else self.within + self.system.lag
        search = Search(self.system.miter, aig.num_inputs, NO_END, False, deepest, searches, WORDS)
        if self.effort.is_over:
            self.notes.append(OVER)
            return
        if "states" in searches:
            for progress in Search(self.system.miter, aig.num_inputs, NO_END, True, deepest)():
                self._take(progress)
                if self.is_settled:
                    return
                if self.effort.is_over:
                    self.notes.append(OVER)
                    return
                yield progress.doing
        tasks: dict[str, Task] = {"search": search} if searches else {}
        if climb is not None:
            tasks["search"] = Turns({"gates": search, CLIMB: climb}, shares=SHARES)
        if proofs:
            tasks["proof"] = Proof(aig, CONFLICTS, proofs)
        with Race(tasks, self.effort.end, self.notes.append) as race:
            for name, message in race:
                self._take(message)
                if self.is_settled:
                    return
                if self.witness is not None:
                    race.stop("proof")  # there is nothing to prove
                if isinstance(message, Working | Progress) and (name == "proof" or "proof" not in tasks):
                    yield message.doing
        if not self.effort.is_over:
            self.notes.append("no more to try")

    def _take(self, message: Any) -> None:
        match message:
            case Proved():
                self.proved = message
            case Found():
                self._believe(message)
            case Progress():
                known = self.progress
                if message.depth < known.depth or message.states < known.states:
                    message = Progress(
                        message.doing, max(message.depth, known.depth), max(message.states, known.states),
                        message.closed, message.streams, message.steps, message.found,
                    )  # fmt: skip
                self.progress = message
                if message.found is not None:
                    self._believe(message.found)
                elif message.closed:
                    self.proved = Proved(f"every token was tried in each of {message.states:,} states")
            case Ended():
                pass

    def _believe(self, found: Found) -> None:
        """Replay a run, and keep it where it is the shortest so far."""
        if self.within is not None and len(found.steps) - self.system.lag > self.within:
            return
        witness = self.believe(found)
        if self.witness is None or witness.length < self.witness.length:
            self.witness = witness
