"""A proof that a machine is never bad: from any state at once, or by induction and property-directed reachability."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trilc.aig import AIG
from trilc.explain.engines.induction import Induction, Proved, Working
from trilc.explain.engines.pdr import Pdr
from trilc.explain.engines.step import Step
from trilc.explain.engines.turns import Turns
from trilc.prove.search import Found
from trilc.prove.worker import Task

WAYS = ("induction", "pdr")

FIRST = 30_000
"""Conflicts for the question whether any state at all is bad."""

HEAD_START = 5.0
"""Seconds that property-directed reachability has for itself: induction's first stages may take long."""


@dataclass(frozen=True)
class Proof:
    """Tries both in turns, each for as long as the other; a worker's task."""

    aig: AIG
    conflicts: int
    """For a question of the induction."""
    ways: tuple[str, ...] = WAYS

    def __call__(self) -> Iterator[Working | Proved | Found]:
        """Prove, or find a run that is bad."""
        yield Working("whether any state at all is bad")
        step = Step(self.aig)
        with step.solver("glucose4") as solver:
            if solver.solve([step.bad], FIRST) is False:
                yield Proved("no state at all is bad, by SAT")
                return
        tasks: dict[str, Task] = {}
        if "pdr" in self.ways:
            tasks["pdr"] = Pdr(self.aig)
        if "induction" in self.ways:
            tasks["induction"] = Induction(self.aig, self.conflicts)
        for message in Turns(tasks, {"pdr": HEAD_START})():
            yield message
            if not isinstance(message, Working):
                return
