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

from trilc.aig.simulation.microcode import ANDN, TERNARY
from trilc.aig.simulation.registers import END, HOME, LOAD, MOVE, STORE

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
_LONGEST = 12
_FRAME = 200
"""Bytes, at most, with which a part begins and ends."""


@njit(cache=True)
def encode(instructions, region, index, wide):
    """The bytes, and where each part up to an END begins.

    A home is the vector ``index`` of its ``region``. ``wide``: 512 bits (EVEX), else 256 (VEX).
    """
    parts = np.empty(np.count_nonzero(instructions[:, 0] == END), np.int64)
    code = np.empty(instructions.shape[0] * _LONGEST + parts.shape[0] * _FRAME, np.uint8)
    reach = 256 if wide else 8  # vectors that a base reaches; EVEX counts short displacements in vectors
    first_window = np.zeros(6, np.int64)
    for home in range(region.shape[0]):
        first_window[region[home] + 1] = max(first_window[region[home] + 1], index[home] // reach + 1)
    first_window = np.cumsum(first_window)
    window = first_window[region] + index // reach
    begin = 0
    at = np.int64(0)
    for part in range(parts.shape[0]):
        end = begin
        while instructions[end, 0] != END:
            end += 1
        parts[part] = at
        base, middle = _bases(instructions[begin:end], window, first_window)
        at = _prologue(code, at, base, middle, first_window, 32 * reach * (2 if wide else 1))
        for i in range(begin, end):
            at = _instruction(code, at, instructions[i], region, index, window, base, middle, wide, reach)
        at = _epilogue(code, at)
        begin = end + 1
    return code[:at].copy(), parts


@njit(cache=True)
def _bases(instructions, window, first_window):
    """(windows,) the register that points to each, −1 for none; and (regions,) to which window the argument does."""
    uses = np.zeros(first_window[5], np.int64)
    for i in range(instructions.shape[0]):
        for place in instructions[i, 2:]:
            if place >= HOME:
                uses[window[place - HOME]] += 1
    base = np.full(uses.shape[0], -1, np.int64)
    middle = np.zeros(5, np.int64)
    for region in range(5):
        middle[region] = first_window[region]
        for w in range(first_window[region], first_window[region + 1]):
            if uses[w] > uses[middle[region]]:
                middle[region] = w
        if first_window[region] < first_window[region + 1]:
            base[middle[region]] = _ARGUMENTS[region]
            uses[middle[region]] = 0
    for register in _OTHERS:
        if uses.shape[0]:
            best = np.argmax(uses)
            if uses[best] >= _PAYS:
                base[best] = register
                uses[best] = 0
    return base, middle


@njit(cache=True)
def _prologue(code, at, base, middle, first_window, size):
    """Save registers, and let bases point to the middles of their windows, which have ``size`` bytes."""
    for register in _SAVED:
        at = _push(code, at, 0x50, register)
    for own in (False, True):  # arguments last: others start from them
        for region in range(5):
            for w in range(first_window[region], first_window[region + 1]):
                if base[w] >= 0 and (base[w] == _ARGUMENTS[region]) == own:
                    source = _ARGUMENTS[region]
                    code[at] = 0x48 | (base[w] & 8) >> 1 | source >> 3
                    code[at + 1] = 0x8D  # lea
                    code[at + 2] = 0x80 | (base[w] & 7) << 3 | source & 7
                    at = _little_endian(code, at + 3, (w - first_window[region]) * size + size // 2)
    return at


@njit(cache=True)
def _epilogue(code, at):
    for register in _SAVED[::-1]:
        at = _push(code, at, 0x58, register)
    for byte in (0xC5, 0xF8, 0x77, 0xC3):  # vzeroupper, ret
        code[at] = byte
        at += 1
    return at


@njit(cache=True)
def _push(code, at, opcode, register):
    """Push, or pop."""
    if register >= 8:
        code[at] = 0x41
        at += 1
    code[at] = opcode | register & 7
    return at + 1


@njit(cache=True)
def _instruction(code, at, instruction, region, index, window, base, middle, wide, reach):
    kind, table, target = instruction[0], instruction[1], instruction[2]
    if kind == STORE:
        reg, second, rm = instruction[3], 0, target
    elif kind in (LOAD, MOVE):
        reg, second, rm = target, 0, instruction[3]
    elif kind == TERNARY:
        reg, second, rm = target, instruction[4], instruction[5]
    else:
        reg, second, rm = target, instruction[3], instruction[4]
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
