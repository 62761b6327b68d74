"""Structural hashing: equal gates become one, gates with a constant or repeated fan-in disappear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from trilc.aig import AIG
from trilc.aig.rehash import rehash


@dataclass(frozen=True)
class Strash:
    """Rebuild the graph through a hash table of fan-in pairs. Never more gates; running it twice changes nothing."""

    name: ClassVar[str] = "strash"

    def apply(self, aig: AIG) -> AIG:
        """See the class."""
        fanins, literal_of = rehash(aig, np.arange(0, 2 * aig.first_and, 2, dtype=np.uint32))
        return aig.with_roots(literal_of[aig.roots >> 1] ^ (aig.roots & 1), fanins=fanins)
