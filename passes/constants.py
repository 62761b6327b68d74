"""Constants: gates and registers that never change, and registers that always agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from passes.removal import can_stand_in, metadata_after
from trilc.aig import AIG, UNKNOWN, Literals
from trilc.aig.rehash import rehash
from trilc.aig.ternary import stuck_registers
from trilc.aig.traverse import restrict

WORK = 1 << 28
"""Gates that the search for equal registers may visit before it gives up, a register counting as 16."""


@dataclass(frozen=True)
class Constants:
    """Propagate constants, from gate to gate and through the registers from their reset values on.

    Registers are found constant by ternary simulation, and constant or equal (or complementary) by induction:
    all that agree at reset are assumed to agree for ever, and those whose next states then differ are set
    apart until nothing differs (van Eijk 2000, with structural hashing as the proof of equality). The
    environment's constraints are not used. With ``keep_registers`` every present state counts as possible, and
    constants go from gate to gate only.
    """

    name: ClassVar[str] = "constants"

    def apply(self, aig: AIG) -> AIG:
        """See the class."""
        sources = np.arange(0, 2 * aig.first_and, 2, dtype=np.uint32)
        first = 1 + aig.num_inputs
        own = sources[first:].copy()
        if aig.num_registers and not aig.keep_registers:
            sources[first:] = _equal_registers(aig, stuck_registers(aig))
        fanins, literal_of = rehash(aig, sources)
        rebuilt = aig.with_roots(literal_of[aig.roots >> 1] ^ (aig.roots & 1), fanins=fanins)
        kept = sources[first:] == own
        removed = {aig.register_names[k]: _name(aig, int(sources[first + k])) for k in np.flatnonzero(~kept)}
        gates = np.ones(len(fanins), np.bool_)
        return restrict(rebuilt, gates, kept, metadata=metadata_after(aig, removed))


def _name(aig: AIG, literal: int) -> str:
    """A constant or register literal as the metadata write it."""
    if literal < 2:
        return str(literal)
    return "!" * (literal & 1) + aig.register_names[(literal >> 1) - 1 - aig.num_inputs]


def _equal_registers(aig: AIG, stuck: NDArray[np.uint8]) -> Literals:
    """(registers,) uint32: a constant, or the literal of the first register that each equals (itself, maybe).

    ``group`` is 0 for the registers held to be constant, else 1 + the first register that each is held to equal
    up to complement; what is compared is always a value ⊕ its reset value.
    """
    number = np.arange(aig.num_registers)
    fixed = stuck != UNKNOWN
    alone = (aig.reset == UNKNOWN) | ~np.array([can_stand_in(name) for name in aig.register_names])
    flip = np.where(aig.reset == UNKNOWN, 0, aig.reset).astype(np.uint32)
    group = np.where(aig.reset == UNKNOWN, 1 + number, 0)
    own = aig.register_literals
    sources = np.arange(0, 2 * aig.first_and, 2, dtype=np.uint32)
    for _ in range(max(WORK // (aig.num_nodes + 16 * aig.num_registers), 8)):
        leader = np.maximum(group - 1, 0)
        values = np.where(group == 0, flip, own[leader] ^ flip[leader] ^ flip)
        sources[1 + aig.num_inputs : aig.first_and] = values
        _, literal_of = rehash(aig, sources)
        following = literal_of[aig.next_state >> 1] ^ (aig.next_state & 1) ^ flip
        stays = (group == 0) & ((following == 0) | fixed)
        company = np.where(alone, 1 + aig.num_registers + number, group)
        _, leaders, which = np.unique(company << 32 | following, return_index=True, return_inverse=True)
        split = np.where(stays, 0, 1 + leaders[which])
        if (split == group).all():
            return values
        group = split
    return np.where(fixed, stuck, own).astype(np.uint32)
