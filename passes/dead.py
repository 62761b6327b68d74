"""Dead logic: gates and registers that no output and no constraint can ever see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from passes.removal import metadata_after
from trilc.aig import AIG
from trilc.aig.traverse import observable, restrict


@dataclass(frozen=True)
class Dead:
    """Drop what is unobservable, now and at any later step. Running it twice changes nothing."""

    name: ClassVar[str] = "dead"

    def apply(self, aig: AIG) -> AIG:
        """See the class. With ``keep_registers`` only gates go."""
        seen = observable(aig)
        registers = seen[1 + aig.num_inputs : aig.first_and] | aig.keep_registers
        gone = {aig.register_names[k]: None for k in np.flatnonzero(~registers)}
        return restrict(aig, seen[aig.first_and :], registers, metadata=metadata_after(aig, gone))
