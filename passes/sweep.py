"""Sweeping: gates that are equal, or complements, become one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from trilc.aig import AIG
from trilc.aig.traverse import reachable, restrict
from trilc.errors import InputError
from trilc.sat import sweeping

LARGEST = 1 << 17
"""Nodes that a question may be about."""


@dataclass(frozen=True)
class Sweep:
    """SAT sweeping (Mishchenko et al., Fraigs, 2005).

    Gates that agree, up to complement, on random patterns are proved equal one by one and merged into the first, each
    within ``conflicts`` conflicts of the solver and over the ``cone`` nearest nodes below; the constraints are a care
    set. Never more gates; depth may grow.
    """

    name: ClassVar[str] = "sweep"
    conflicts: int = 100
    cone: int = 4000

    def __post_init__(self) -> None:
        if self.conflicts > 10**6:
            raise InputError(f"sweep: conflicts is {self.conflicts}, not 0 to 1000000")
        if not 2 <= self.cone <= LARGEST:
            raise InputError(f"sweep: cone is {self.cone}, not 2 to {LARGEST}")

    def apply(self, aig: AIG) -> AIG:
        """See the class."""
        merged = sweeping.sweep(aig, self.conflicts, self.cone).rebuild(aig)
        alive = reachable(merged, merged.roots)[aig.first_and :]
        result = restrict(merged, alive, np.ones(aig.num_registers, np.bool_))
        return result if result.num_ands <= aig.num_ands else aig
