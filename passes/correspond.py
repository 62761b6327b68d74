"""Correspondence: registers and gates that are equal from reset on become one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from passes.reliance import relying_on
from passes.removal import can_stand_in, metadata_after
from trilc.aig import AIG
from trilc.aig.traverse import reachable, restrict
from trilc.errors import InputError
from trilc.sat.induction import Effort, correspondences, reduced


@dataclass(frozen=True)
class Correspond:
    """Signal correspondence by induction over ``frames`` steps (van Eijk 2000).

    Registers and gates that are constant, equal or complements at every step from reset on, whatever the inputs that
    the constraints allow, are merged. What needs more than ``conflicts`` conflicts of the solver, or more than the
    ``cone`` nearest nodes, is left alone. With ``keep_registers`` every state counts as possible and nothing is done.
    """

    name: ClassVar[str] = "correspond"
    frames: int = 1
    conflicts: int = 100
    cone: int = 4000

    def __post_init__(self) -> None:
        if not 1 <= self.frames <= 100:
            raise InputError(f"correspond: frames is {self.frames}, not 1 to 100")
        if self.conflicts > 10**6:
            raise InputError(f"correspond: conflicts is {self.conflicts}, not 0 to 1000000")
        if not 2 <= self.cone <= 1 << 17:
            raise InputError(f"correspond: cone is {self.cone}, not 2 to {1 << 17}")

    def apply(self, aig: AIG) -> AIG:
        """See the class."""
        if aig.keep_registers or not aig.num_registers:
            return aig
        alone = ~np.array([can_stand_in(name) for name in aig.register_names])
        classes = correspondences(aig, self.frames, Effort(self.conflicts, self.cone), alone)
        merged = reduced(aig, classes)
        first = 1 + aig.num_inputs
        leader = classes.leader[first : aig.first_and]
        kept = leader == np.arange(first, aig.first_and)
        phase = classes.phase[first : aig.first_and] ^ classes.phase[leader]
        removed = {
            aig.register_names[k]: _value(aig, int(leader[k]), bool(phase[k])) for k in np.flatnonzero(~kept)
        }
        roots = np.concatenate([merged.outputs, merged.next_state[kept], merged.constraints])
        alive = reachable(merged, roots)[merged.first_and :]
        about = metadata_after(aig, removed)
        gates = np.arange(aig.first_and, aig.num_nodes)
        if self.frames > 1 or (classes.leader[gates] != gates).any():
            about = relying_on(about, None)  # equal gates, or steps before, say more than registers do
        result = restrict(merged, alive, kept, metadata=about)
        return aig if not removed and result.num_ands > aig.num_ands else result


def _value(aig: AIG, node: int, complement: bool) -> str:
    """A constant or register as the metadata write it."""
    if node == 0:
        return str(int(complement))
    return "!" * complement + aig.register_names[node - 1 - aig.num_inputs]
