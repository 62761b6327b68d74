"""The state of a model in the registers of a netlist, though passes removed some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trilc.aig import AIG
from trilc.errors import InputError
from trilc.model import Bits
from trilc.saved_state import FREE

CONSTANT, UNKNOWN = -1, -2
"""In place of a register: the bit never changes, or nothing that the netlist says depends on it."""


@dataclass(frozen=True, eq=False)
class StatePlace:
    """Where each bit of the model's state is found among a netlist's registers."""

    names: Sequence[str]
    """Of the bits."""
    source: NDArray[np.int64]
    """(bits,) a register, :data:`CONSTANT` or :data:`UNKNOWN`."""
    flip: NDArray[np.uint8]
    """(bits,) what it is to be xored with."""
    home: NDArray[np.int64]
    """(registers,) the bit that each register has been from the start, −1 where it is none."""
    invariants: list[list[int]] | None
    """As in :func:`trilc.metadata.metadata`."""

    @classmethod
    def of(cls, aig: AIG) -> StatePlace:
        """By the netlist's metadata, of the form that :func:`trilc.metadata.require` demands."""
        names, removed = aig.metadata["state"], aig.metadata["removed"]
        register = {name: k for k, name in enumerate(aig.register_names)}
        bit = {name: k for k, name in enumerate(names)}
        source, flip = np.full(len(names), UNKNOWN), np.zeros(len(names), np.uint8)
        for k, name in enumerate(names):
            said = name if name in register else removed.get(name, name)
            if said is None:
                continue
            value = said if name in register else said.removeprefix("!")
            flip[k] = value != said
            if name not in register and value in ("0", "1"):
                source[k], flip[k] = CONSTANT, flip[k] ^ (value == "1")
            elif value in register:
                source[k] = register[value]
        home = np.array([bit.get(name, -1) for name in aig.register_names], np.int64)
        return cls(names, source, flip, home, aig.metadata.get("invariants"))

    def bits(self, registers: Bits) -> Bits:
        """(streams, bits) the model's state, from (streams, registers); :data:`FREE` where it is not known."""
        padded = np.pad(registers, ((0, 0), (0, 2)))
        found: Bits = padded[:, self.source] ^ self.flip
        found[:, self.source == UNKNOWN] = FREE
        return found

    def registers(self, bits: Bits, reached: bool) -> Bits:
        """(streams, registers) from (streams, bits), which may be :data:`FREE` where nothing depends on them.

        ``reached`` says that the state was reached from reset. Raises :class:`InputError` where a bit is missing, and
        for a state in which the netlist need not do what the model does.
        """
        if (self.home < 0).any():
            raise InputError("the netlist has registers that are no part of its model's state")
        found = bits[:, self.home]
        if (found == FREE).any():
            missing = self.names[self.home[int(np.argmax((found == FREE).any(0)))]]
            raise InputError(f"{missing} is free where the state was saved; expected a bit, since it is needed here")
        rebuilt = self.bits(found)
        _require(bits, (rebuilt == bits) | (rebuilt == FREE) | (bits == FREE), self.names)
        if self.invariants is None and not reached:
            raise InputError(
                "the netlist may have been optimised for states that are reached from reset; expected one of those, "
                "saved by a run from reset on"
            )
        if self.invariants:
            literals = np.concatenate([np.asarray(clause, np.int64) for clause in self.invariants])
            starts = np.cumsum([0, *map(len, self.invariants[:-1])])
            values = bits[:, literals >> 1]
            true = (values == FREE) | (values != (literals & 1))
            _require(bits, np.logical_or.reduceat(true, starts, axis=1), self.names, self.invariants)
        return found


def _require(
    bits: Bits, holds: NDArray[np.bool_], names: Sequence[str], clauses: Sequence[Sequence[int]] | None = None
) -> None:
    """Refuse the first state of (streams, bits) with a clause, or a single bit, that doesn't hold."""
    if holds.all():
        return
    stream, k = np.argwhere(~holds)[0]
    found = [int(k)] if clauses is None else [literal >> 1 for literal in clauses[k]]
    shown = " and ".join(f"{names[bit]} = {bits[stream, bit]}" for bit in found[:8])
    raise InputError(
        f"stream {stream}: found {shown}, which never happens from reset on; the netlist was optimised for that "
        "(compile with --keep-state)"
    )
