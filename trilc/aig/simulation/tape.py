"""From an AIG to the tape that the machine runs."""

from __future__ import annotations

import re

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig.aig import AIG, TRUE
from trilc.aig.simulation import schedule
from trilc.aig.simulation.gates import GATES, Tape
from trilc.aig.simulation.mapping import COMPLEMENTED, MATCH, NO_LEAF, cover, pair
from trilc.errors import InputError

_ARITY = np.array([gate.arity for gate in GATES])


def compile_tape(aig: AIG, grouped: bool = True) -> Tape:
    """The tape of one step: outputs and next states from inputs and registers. Linear in time and memory.

    Equal gates are ``grouped`` for an interpreter's sake, or else values are used as soon as they can be.
    Raises ``InputError`` where the metadata's ``vocabulary`` is not a positive integer.
    """
    roots = np.concatenate([aig.outputs, aig.next_state])
    used, leaves, function = cover(aig, roots)
    opcode, complement = np.full(aig.num_ands, -1, np.int8), np.zeros(aig.num_ands, np.uint8)
    known = (MATCH.opcode, MATCH.complement, COMPLEMENTED)
    _polarize(aig.first_and, used, leaves, function, opcode, complement, *known)
    role = np.where(used, MATCH.role[function], 0).astype(np.uint8)
    partner = pair(leaves, role)
    operand = MATCH.order[function]
    carry = (partner >= 0) & (role % 2 == 0)
    opcode[carry] = MATCH.fused[function[carry]]
    opcode[partner[carry]] = opcode[carry]
    next_first = np.concatenate([aig.next_state, aig.outputs])  # a new state is used where outputs follow from it
    order = schedule.depth_first(aig.first_and, next_first, leaves, partner)
    if grouped:
        schedule.group(aig.first_and, order, leaves, partner, opcode)
    code, slot, slots = schedule.allocate(
        aig.first_and, order, roots, leaves, partner, carry, opcode, operand, _ARITY
    )
    starts = np.flatnonzero(np.diff(opcode[order], prepend=-1))
    stored = np.concatenate([np.zeros(aig.first_and, np.uint8), complement])
    return Tape(
        code=code,
        opcodes=opcode[order][starts],
        counts=np.diff(starts, append=len(order)),
        roots=2 * slot[roots >> 1] + ((roots & 1) ^ stored[roots >> 1]),
        slots=slots,
        reset=aig.reset == TRUE,
        input_bits=code_bits(aig.input_names),
        output_bits=code_bits(aig.output_names),
        vocabulary=_vocabulary(aig),
    )


def _vocabulary(aig: AIG) -> int | None:
    """What the metadata, which may come from anybody's file, says about the input codes."""
    found = aig.metadata.get("vocabulary")
    if found is not None and (type(found) is not int or found < 1):
        raise InputError(f"the netlist's metadata: vocabulary is {found!r:.40}, not a positive integer")
    return found


def code_bits(names: tuple[str, ...]) -> NDArray[np.int64]:
    """(names,) which bit of a code each name carries.

    The names of one vector, ``v[0] … v[n-1]`` in any order, say it themselves; other names count up.
    """
    parsed = [re.fullmatch(r"(.*)\[(\d{1,9})\]", name) for name in names]
    bits = [int(match[2]) for match in parsed if match]
    if len({match[1] for match in parsed if match}) == 1 and sorted(bits) == list(range(len(names))):
        return np.array(bits, np.int64)
    return np.arange(len(names))


@njit(cache=True)
def _polarize(first, used, leaves, function, opcode, complement, opcode_of, complement_of, complemented):
    """Decide which values are stored complemented, and rewrite each function over its leaves as stored."""
    for i in range(used.shape[0]):
        if used[i]:
            mask = np.int64(0)
            for m in range(3):
                if leaves[i, m] != NO_LEAF and np.int64(leaves[i, m]) >= first:
                    mask |= np.int64(complement[np.int64(leaves[i, m]) - first]) << m
            function[i] = complemented[mask, function[i]]
            opcode[i] = opcode_of[function[i]]
            complement[i] = complement_of[function[i]]
