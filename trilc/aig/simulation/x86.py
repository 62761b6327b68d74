"""Machine code for x86-64 processors with AVX2 or AVX-512 (Intel 64 and IA-32 Architectures Software
Developer's Manual, volume 2): the bytes of each instruction.

Code that is read once for each use is bounded by its bytes: so they are few. Homes in memory lie in five regions.
Displacements of one byte reach a few homes around a base, so each part has a base in the midst of each region, and
others at the places that it uses most; registers whose numbers ask for a longer prefix come last. Every part is a
function of the System V convention, which has pointers to the regions as its arguments and returns at its END.
All vector registers are the caller's to save.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig.simulation.microcode import ANDN, TERNARY
from trilc.aig.simulation.registers import END, HOME, LOAD, MOVE, STORE, ZERO

SCRATCH, OLD, NEW, INPUTS, OUTPUTS = range(5)
"""The regions; zeros, ones and what registers can't keep are in the first."""

_OPCODE = np.array([0xDB, 0xDF, 0xEB, 0xEF, 0x25, 0x6F, 0x7F, 0x6F])
"""vpand, vpandn, vpor, vpxor, vpternlog, and vmovdqu: load, store, between registers."""
_ARGUMENTS = np.array([7, 6, 2, 8, 9])
"""rdi, rsi, rdx, r8 and r9 point to the regions; rcx is the argument between that none has."""
_OTHERS = np.array([1, 0, 3, 5, 10, 11, 13, 14, 15])
"""rcx, rax, rbx, rbp, r10, r11, r13, r14, r15: further bases."""
_SAVED = np.array([3, 5, 13, 14, 15])
"""Those among them that are the caller's."""
_PAYS = 4
"""Uses from which on a base of its own makes code shorter."""
_PUSH, _POP = np.int64(0x50), np.int64(0x58)
_LONGEST = 12
_FRAME = 200
"""Bytes, at most, with which a part begins and ends."""


def encode(
    instructions: NDArray[np.int64], region: NDArray[np.int64], index: NDArray[np.int64], wide: bool
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The bytes, and where each part up to an END begins.

    A home is the vector ``index`` of its ``region``. ``wide``: 512 bits (EVEX), else 256 (VEX).
    """
    reach = 256 if wide else 8  # vectors that a base reaches; EVEX counts short displacements in vectors
    windows = np.zeros(5, np.int64)
    np.maximum.at(windows, region, index // reach + 1)
    first_window = np.concatenate([[0], np.cumsum(windows)])
    window = first_window[region] + index // reach
    ends = np.flatnonzero(instructions[:, 0] == END)
    code = np.empty(len(instructions) * _LONGEST + len(ends) * _FRAME, np.uint8)
    parts, middle = np.empty(len(ends), np.int64), np.empty(5, np.int64)
    base, uses = (np.empty(first_window[-1], np.int64) for _ in range(2))
    places = region, index, window, first_window
    size = _encode(instructions, ends, *places, wide, reach, base, uses, middle, code, parts)
    return code[:size].copy(), parts


@njit(cache=True)
def _encode(instructions, ends, region, index, window, first_window, wide, reach, base, uses, middle, code, parts):
    begin = at = ZERO
    for part in range(ends.shape[0]):
        parts[part] = at
        _bases(instructions, begin, ends[part], window, first_window, uses, base, middle)
        at = _prologue(code, at, base, first_window, 32 * reach * (2 if wide else 1))
        for i in range(begin, ends[part]):
            at = _instruction(code, at, instructions, i, region, index, window, base, middle, wide, reach)
        at = _epilogue(code, at)
        begin = ends[part] + 1
    return at


@njit(cache=True)
def _bases(instructions, begin, end, window, first_window, uses, base, middle):
    """(windows,) the register that points to each, −1 for none; and (regions,) to which window the argument does."""
    for w in range(uses.shape[0]):
        uses[w], base[w] = 0, -1
    for i in range(begin, end):
        for m in range(2, 6):
            if instructions[i, m] >= HOME:
                uses[window[instructions[i, m] - HOME]] += 1
    for region in range(5):
        middle[region] = _most(uses, first_window[region], first_window[region + 1])
        if first_window[region] < first_window[region + 1]:
            base[middle[region]] = _ARGUMENTS[region]
            uses[middle[region]] = 0
    for k in range(_OTHERS.shape[0]):
        best = _most(uses, ZERO, uses.shape[0])
        if uses.shape[0] and uses[best] >= _PAYS:
            base[best] = _OTHERS[k]
            uses[best] = 0


@njit(cache=True)
def _most(uses, begin, end):
    """The first of those that are used most."""
    best = begin
    for w in range(begin, end):
        if uses[w] > uses[best]:
            best = w
    return best


@njit(cache=True)
def _prologue(code, at, base, first_window, size):
    """Save registers, and let bases point to the middles of their windows, which have ``size`` bytes."""
    for k in range(_SAVED.shape[0]):
        at = _push(code, at, _PUSH, _SAVED[k])
    for own in range(2):  # arguments last: others start from them
        for region in range(5):
            source = _ARGUMENTS[region]
            for w in range(first_window[region], first_window[region + 1]):
                if base[w] >= 0 and (base[w] == source) == (own == 1):
                    code[at] = 0x48 | (base[w] & 8) >> 1 | source >> 3
                    code[at + 1] = 0x8D  # lea
                    code[at + 2] = 0x80 | (base[w] & 7) << 3 | source & 7
                    at = _little_endian(code, at + 3, (w - first_window[region]) * size + size // 2)
    return at


@njit(cache=True)
def _epilogue(code, at):
    for k in range(_SAVED.shape[0]):
        at = _push(code, at, _POP, _SAVED[_SAVED.shape[0] - 1 - k])
    code[at], code[at + 1], code[at + 2] = 0xC5, 0xF8, 0x77  # vzeroupper
    code[at + 3] = 0xC3  # ret
    return at + 4


@njit(cache=True)
def _push(code, at, opcode, register):
    """Push, or pop."""
    if register >= 8:
        code[at] = 0x41
        at += 1
    code[at] = opcode | register & 7
    return at + 1


@njit(cache=True)
def _instruction(code, at, instructions, i, region, index, window, base, middle, wide, reach):
    kind, table, target = instructions[i, 0], instructions[i, 1], instructions[i, 2]
    if kind == STORE:
        reg, second, rm = instructions[i, 3], 0, target
    elif kind in (LOAD, MOVE):
        reg, second, rm = target, 0, instructions[i, 3]
    elif kind == TERNARY:
        reg, second, rm = target, instructions[i, 4], instructions[i, 5]
    else:
        reg, second, rm = target, instructions[i, 3], instructions[i, 4]
        if not wide and 8 <= rm < HOME and second < 8 and kind != ANDN:  # a short prefix, operands exchanged
            second, rm = rm, second
    moves = kind >= LOAD
    register, offset = rm, np.int64(0)
    if rm >= HOME:
        home = rm - HOME
        register = base[window[home]]
        offset = index[home] % reach - reach // 2
        if register < 0:
            register = _ARGUMENTS[region[home]]
            offset += (window[home] - middle[region[home]]) * reach
    if wide:
        at = _evex(code, at, reg, second, register, kind == TERNARY, moves)
    else:
        at = _vex(code, at, reg, second, register, moves)
    code[at] = _OPCODE[kind]
    at += 1
    if rm >= HOME:
        at = _memory(code, at, reg, register, offset, 64 if wide else 32, wide)
    else:
        code[at] = 0xC0 | (reg & 7) << 3 | rm & 7
        at += 1
    if kind == TERNARY:
        code[at] = table
        at += 1
    return at


@njit(cache=True)
def _vex(code, at, reg, second, rm, moves):
    """66.0F, or F3.0F for moves; 256 bits."""
    tail = (~second & 15) << 3 | 0b100 | (2 if moves else 1)
    if rm < 8:
        code[at] = 0xC5
        code[at + 1] = (~reg & 8) << 4 | tail
        return at + 2
    code[at] = 0xC4
    code[at + 1] = (~reg & 8) << 4 | 0x40 | 1
    code[at + 2] = tail
    return at + 3


@njit(cache=True)
def _evex(code, at, reg, second, rm, ternary, moves):
    """66.0F.W1, F3.0F.W1 for moves, 66.0F3A.W1 for TERNARY; 512 bits, no mask."""
    code[at] = 0x62
    code[at + 1] = (~reg & 8) << 4 | (~rm & 16) << 2 | (~rm & 8) << 2 | (~reg & 16) | (3 if ternary else 1)
    code[at + 2] = 0x80 | (~second & 15) << 3 | 0b100 | (2 if moves else 1)
    code[at + 3] = 0x40 | (~second & 16) >> 1
    return at + 4


@njit(cache=True)
def _memory(code, at, reg, base, offset, size, scaled):
    """ModRM and displacement, ``offset`` vectors of ``size`` bytes; EVEX counts short displacements in vectors."""
    short = offset if scaled else offset * size
    modrm = (reg & 7) << 3 | base & 7
    if offset == 0 and base & 7 != 5:
        code[at] = modrm
        return at + 1
    if -128 <= short < 128:
        code[at] = 0x40 | modrm
        code[at + 1] = short & 0xFF
        return at + 2
    code[at] = 0x80 | modrm
    return _little_endian(code, at + 1, offset * size)


@njit(cache=True)
def _little_endian(code, at, number):
    for byte in range(4):
        code[at + byte] = (number >> 8 * byte) & 0xFF
    return at + 4
