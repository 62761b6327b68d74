"""Invariants: what no state that is reached can show is a don't-care."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from passes.dontcare import Dontcare
from passes.reliance import relying_on
from passes.sweep import Sweep
from trilc.aig import AIG, Literals
from trilc.errors import InputError
from trilc.sat.induction import Effort
from trilc.sat.invariants import constrained, implications, unconstrained


@dataclass(frozen=True)
class Invariants:
    """Sweeping and don't-cares of the states that are reached (Case, Mishchenko, Brayton 2006).

    Implications between two registers that hold from reset on, whatever the inputs that the constraints allow, are
    proved by induction, each within ``conflicts`` conflicts of the solver and over the ``cone`` nearest nodes. They
    are a care set for ``sweep`` and ``dontcare``. With ``keep_registers`` every state counts as possible and nothing
    is done. Never more gates; depth may grow.
    """

    name: ClassVar[str] = "invariants"
    conflicts: int = 200
    cone: int = 4000

    def __post_init__(self) -> None:
        if self.conflicts > 10**6:
            raise InputError(f"invariants: conflicts is {self.conflicts}, not 0 to 1000000")
        if not 2 <= self.cone <= 1 << 16:
            raise InputError(f"invariants: cone is {self.cone}, not 2 to {1 << 16}")

    def apply(self, aig: AIG) -> AIG:
        """See the class."""
        if aig.keep_registers or not aig.num_registers:
            return aig
        pairs = implications(aig, Effort(self.conflicts, self.cone))
        if not len(pairs):
            return aig
        room = 4 * len(pairs)  # the constraints are part of every question
        graph = constrained(aig, pairs)
        for step in (Sweep(cone=Sweep.cone + room), Dontcare(cone=Dontcare.cone + room)):
            graph = step.apply(graph)
        result = Sweep(conflicts=0).apply(unconstrained(graph, len(aig.constraints)))
        return replace(result, metadata=_relying(aig, pairs)) if result.num_ands <= aig.num_ands else aig


def _relying(aig: AIG, pairs: Literals) -> dict[str, Any]:
    """The metadata, with the implications: one of the two literals of a pair is false."""
    names = np.array([f"{flip}{name}" for name in aig.register_names for flip in ("!", "")], np.object_)
    clauses = names[pairs.astype(np.int64) - 2 * (1 + aig.num_inputs)]
    return relying_on(aig.metadata, [tuple(dict.fromkeys(clause)) for clause in clauses.tolist()])
