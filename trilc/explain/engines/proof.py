"""A proof that a machine is never bad: by induction, and where that fails by property-directed reachability."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trilc.aig import AIG
from trilc.explain.engines.induction import Induction, Proved, Working
from trilc.explain.engines.pdr import Pdr
from trilc.prove.search import Found

WAYS = ("induction", "pdr")


@dataclass(frozen=True)
class Proof:
    """Tries one after the other; a worker's task."""

    aig: AIG
    conflicts: int
    """For a question of the induction."""
    ways: tuple[str, ...] = WAYS

    def __call__(self) -> Iterator[Working | Proved | Found]:
        """Prove, or find a run that is bad."""
        if "induction" in self.ways:
            for message in Induction(self.aig, self.conflicts)():
                yield message
                if isinstance(message, Proved):
                    return
        if "pdr" in self.ways:
            yield from Pdr(self.aig)()
