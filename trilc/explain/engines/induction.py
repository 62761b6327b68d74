"""k-induction, strengthened by invariants that are proved first (Sheeran, Singh, Stålmarck 2000)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from passes import Pipeline
from trilc.aig import AIG, UNKNOWN
from trilc.prove.bounded import Bounded
from trilc.prove.miter import Miter
from trilc.sat.induction import Effort
from trilc.sat.invariants import constrained, implications

EQUAL = Pipeline.parse("correspond(conflicts=1000, cone=20000), dead")
"""Merges registers and gates that are equal from reset on."""

EFFORT = Effort(1000, 20_000)
"""For a pair of state bits."""

BAD = ("bad",)


@dataclass(frozen=True)
class Proved:
    """The machine is never bad."""

    how: str
    invariant: tuple[tuple[str, ...], ...] | None = None
    """Cubes of registers, ``!`` before those that are 0: no state in one of them occurs, and none outside is bad."""


@dataclass(frozen=True)
class Working:
    """What an engine is at."""

    doing: str


@dataclass(frozen=True)
class Induction:
    """Proves that a machine is never bad; a worker's task that yields :class:`Working` and at last :class:`Proved`.

    Registers and gates that are equal, and pairs of register literals that are never true together, are proved by
    induction from reset and taken for granted of every state. Then ``k`` steps without anything bad, from any state
    on, must not be followed by a bad one.
    """

    aig: AIG
    conflicts: int

    def __call__(self) -> Iterator[Working | Proved]:
        """Prove."""
        yield Working("registers and gates that are equal")
        aig = EQUAL.apply(self.aig)
        if aig.outputs[0] == 0:
            yield Proved("by induction over equal registers and gates")
            return
        yield Working("pairs of state bits that exclude each other")
        pairs = implications(aig, EFFORT)
        known = EQUAL.apply(constrained(aig, pairs))
        given = f"given {len(pairs):,} pairs of state bits that exclude each other"
        if known.outputs[0] == 0:
            yield Proved(f"by induction {given}")
            return
        anywhere = replace(known, reset=np.full(known.num_registers, UNKNOWN, np.uint8))
        with Bounded(Miter(aig, BAD)) as begun, Bounded(Miter(anywhere, BAD)) as step:
            while not begun.full and not step.full:
                yield Working(f"induction over {step.depth} step{'s' * (step.depth != 1)}")
                if begun.depth < step.depth:
                    if not begun.advance(self.conflicts) or begun.found is not None:
                        return
                elif not step.advance(self.conflicts):
                    return
                elif step.found is None:
                    yield Proved(f"by induction over {step.depth - 1} steps {given}")
                    return
                else:
                    step.go_on()
