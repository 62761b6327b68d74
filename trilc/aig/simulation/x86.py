"""Machine code for x86-64 processors with AVX2 or AVX-512 (Intel 64 and IA-32 Architectures Software
Developer's Manual, volume 2): the bytes of each instruction.

Code that is read once for each use is bounded by its bytes: so they are few. Homes in memory lie in several regions,
which are cut into windows that a displacement of one byte reaches. A few registers hold multiples of a window's size:
a base, and one of these times 1, 2, 4 or 8, reach many windows for a byte more. Each part has its bases where that
makes it shortest, those for which a short prefix suffices first. Every part is a function of the System V convention:
its argument points to the pointers to the regions, and it returns at its END. All vector registers are the caller's to
save.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig.simulation.microcode import ANDN, TERNARY
from trilc.aig.simulation.registers import END, HOME, LOAD, MOVE, STORE, ZERO

SCRATCH, OLD, NEW, INPUTS, OUTPUTS = range(5)
"""The regions; zeros, ones and what registers can't keep are in the first."""
REGIONS = 5

_OPCODE = np.array([0xDB, 0xDF, 0xEB, 0xEF, 0x25, 0x6F, 0x7F, 0x6F])
"""vpand, vpandn, vpor, vpxor, vpternlog, and vmovdqu: load, store, between registers."""
_BASES = np.array([6, 2, 7, 8, 9, 10, 11, 13, 14, 15])
"""rsi, rdx, rdi, r8 … r11, r13 … r15."""
_ARGUMENT = np.int64(7)
"""rdi."""
_INDICES = np.array([0, 1, 3, 5, 12])
"""rax, rcx, rbx, rbp, r12: these hold"""
_MULTIPLES = np.array([1, 3, 5, 7, 9])
"""so many windows."""
_SAVED = np.array([3, 5, 12, 13, 14, 15])
"""The caller's among them."""
_FAR, _NEAR = np.int64(8), np.int64(5)
"""Bytes of an instruction with a displacement of four bytes, and of one; an index, and a long prefix, take one more."""
_PUSH, _POP = np.int64(0x50), np.int64(0x58)
_LONGEST = 12
_FRAME = 250
"""Bytes, at most, with which a part begins and ends."""


def encode(
    instructions: NDArray[np.int64], region: NDArray[np.int64], index: NDArray[np.int64], wide: bool
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The bytes, and where each part up to an END begins.

    A home is the vector ``index`` of its ``region``. ``wide``: 512 bits (EVEX), else 256 (VEX).
    """
    reach = 256 if wide else 8  # vectors of a window; EVEX counts short displacements in vectors
    windows = np.zeros(REGIONS, np.int64)
    np.maximum.at(windows, region, index // reach + 1)
    first_window = np.concatenate([[0], np.cumsum(windows)])
    window = first_window[region] + index // reach
    ends = np.flatnonzero(instructions[:, 0] == END)
    code = np.empty(len(instructions) * _LONGEST + len(ends) * _FRAME, np.uint8)
    parts, base_at = np.empty(len(ends), np.int64), np.empty((2, len(_BASES)), np.int64)
    reached = np.zeros((6, first_window[-1]), np.int64)
    size = _encode(instructions, ends, index, window, first_window, wide, reach, base_at, reached, code, parts)
    return code[:size].copy(), parts


@njit(cache=True)
def _encode(instructions, ends, index, window, first_window, wide, reach, base_at, reached, code, parts):
    begin = at = ZERO
    size = reach * (64 if wide else 32)
    uses, cost, base, register, scale, used = reached
    for part in range(ends.shape[0]):
        parts[part] = at
        _choose_bases(
            instructions, begin, ends[part], window, first_window, base_at, uses, cost, base, register, scale, used
        )
        at = _prologue(code, at, base_at, first_window, size)
        for i in range(begin, ends[part]):
            at = _instruction(code, at, instructions, i, index, window, base_at, base, register, scale, wide, reach)
        at = _epilogue(code, at)
        begin = ends[part] + 1
    return at


@njit(cache=True)
def _choose_bases(instructions, begin, end, window, first_window, base_at, uses, cost, base, register, scale, used):
    """Where bases lie (region and window, −1 for none), and how the windows that are used are reached.

    That is: the bytes it costs, by which base, and times which scale of which index register, −1 for none. One base
    after the other goes where it makes the part shorter than anywhere else; every region has one, for far windows.
    """
    count = ZERO
    for i in range(begin, end):
        for m in range(2, 6):
            if instructions[i, m] >= HOME:
                w = window[instructions[i, m] - HOME]
                if uses[w] == 0:
                    used[count], cost[w], base[w], register[w] = w, _FAR, -1, -1
                    count += 1
                uses[w] += 1
    without = ZERO
    for region in range(first_window.shape[0] - 1):
        without += _uses_any(used, count, first_window[region], first_window[region + 1])
    for k in range(_BASES.shape[0]):
        best, where, home = np.int64(-1), ZERO, ZERO
        for u in range(count):
            region = _region(first_window, used[u])
            if base[used[u]] < 0 or without < _BASES.shape[0] - k:
                gain = _gain(uses, cost, used[u], first_window[region + 1], k)
                if gain > best:
                    best, where, home = gain, used[u], region
        base_at[0, k] = -1
        if best < 0:
            continue
        base_at[0, k], base_at[1, k] = home, where
        if base[where] < 0:
            without -= 1
            for u in range(count):
                if _region(first_window, used[u]) == home:
                    base[used[u]] = k
        _reach(uses, cost, base, register, scale, where, first_window[home + 1], k)
    for u in range(count):
        uses[used[u]] = 0


@njit(cache=True)
def _region(first_window, w):
    region = ZERO
    while first_window[region + 1] <= w:
        region += 1
    return region


@njit(cache=True)
def _uses_any(used, count, low, high):
    for u in range(count):
        if low <= used[u] < high:
            return 1
    return 0


@njit(cache=True)
def _gain(uses, cost, where, high, k):
    """Bytes that a base at a window saves."""
    near = _NEAR + (_BASES[k] >= 8)
    gain = uses[where] * max(cost[where] - near, 0)
    for i in range(_INDICES.shape[0]):
        bytes_ = _NEAR + 1 + (_BASES[k] >= 8 or _INDICES[i] >= 8)
        for shift in range(4):
            w = where + (_MULTIPLES[i] << shift)
            if w < high:
                gain += uses[w] * max(cost[w] - bytes_, 0)
    return gain


@njit(cache=True)
def _reach(uses, cost, base, register, scale, where, high, k):
    """Let a base at a window reach those for which that is shorter."""
    near = _NEAR + (_BASES[k] >= 8)
    if near < cost[where]:
        cost[where], base[where], register[where] = near, k, -1
    for i in range(_INDICES.shape[0]):
        bytes_ = _NEAR + 1 + (_BASES[k] >= 8 or _INDICES[i] >= 8)
        for shift in range(4):
            w = where + (_MULTIPLES[i] << shift)
            if w < high and uses[w] and bytes_ < cost[w]:
                cost[w], base[w], register[w], scale[w] = bytes_, k, _INDICES[i], shift


@njit(cache=True)
def _prologue(code, at, base_at, first_window, size):
    """Save registers; let bases point to the middles of their windows, which have ``size`` bytes."""
    for k in range(_SAVED.shape[0]):
        at = _push(code, at, _PUSH, _SAVED[k])
    for i in range(_INDICES.shape[0]):
        if _INDICES[i] >= 8:
            code[at] = 0x41
            at += 1
        code[at] = 0xB8 | _INDICES[i] & 7  # mov
        at = _little_endian(code, at + 1, _MULTIPLES[i] * size)
    for own in range(2):  # the argument last: others are read by it
        for k in range(_BASES.shape[0]):
            register, region = _BASES[k], base_at[0, k]
            if region >= 0 and (register == _ARGUMENT) == (own == 1):
                code[at] = 0x48 | (register & 8) >> 1
                code[at + 1] = 0x8B  # mov
                code[at + 2] = 0x40 | (register & 7) << 3 | _ARGUMENT
                code[at + 3] = 8 * region
                code[at + 4] = 0x48 | register >> 3
                code[at + 5] = 0x81  # add
                code[at + 6] = 0xC0 | register & 7
                at = _little_endian(code, at + 7, (base_at[1, k] - first_window[region]) * size + size // 2)
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
def _instruction(code, at, instructions, i, index, window, base_at, base, register, scale, wide, reach):
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
    low, times, factor, offset = rm, np.int64(-1), ZERO, ZERO
    if rm >= HOME:
        home = rm - HOME
        w = window[home]
        low, times, factor = _BASES[base[w]], register[w], scale[w]
        offset = index[home] % reach - reach // 2
        if times < 0:
            offset += (w - base_at[1, base[w]]) * reach
    if wide:
        at = _evex(code, at, reg, second, low, times, kind == TERNARY, moves)
    else:
        at = _vex(code, at, reg, second, low, times, moves)
    code[at] = _OPCODE[kind]
    at += 1
    if rm >= HOME:
        at = _memory(code, at, reg, low, times, factor, offset, 64 if wide else 32, wide)
    else:
        code[at] = 0xC0 | (reg & 7) << 3 | rm & 7
        at += 1
    if kind == TERNARY:
        code[at] = table
        at += 1
    return at


@njit(cache=True)
def _vex(code, at, reg, second, rm, times, moves):
    """66.0F, or F3.0F for moves; 256 bits. ``rm`` is a register or base, ``times`` an index register or −1."""
    tail = (~second & 15) << 3 | 0b100 | (2 if moves else 1)
    if rm < 8 and times < 8:
        code[at] = 0xC5
        code[at + 1] = (~reg & 8) << 4 | tail
        return at + 2
    code[at] = 0xC4
    code[at + 1] = (~reg & 8) << 4 | (0 if times >= 8 else 0x40) | (~rm & 8) << 2 | 1
    code[at + 2] = tail
    return at + 3


@njit(cache=True)
def _evex(code, at, reg, second, rm, times, ternary, moves):
    """66.0F.W1, F3.0F.W1 for moves, 66.0F3A.W1 for TERNARY; 512 bits, no mask."""
    middle = 0 if times >= 8 or rm >= 16 else 0x40
    code[at] = 0x62
    code[at + 1] = (~reg & 8) << 4 | middle | (~rm & 8) << 2 | (~reg & 16) | (3 if ternary else 1)
    code[at + 2] = 0x80 | (~second & 15) << 3 | 0b100 | (2 if moves else 1)
    code[at + 3] = 0x40 | (~second & 16) >> 1
    return at + 4


@njit(cache=True)
def _memory(code, at, reg, base, times, factor, offset, size, scaled):
    """ModRM, SIB where there is an index register ``times`` 2^``factor``, and displacement.

    ``offset`` counts vectors of ``size`` bytes; so does EVEX in short displacements.
    """
    short = offset if scaled else offset * size
    mode = 0x80
    if offset == 0 and base & 7 != 5:
        mode = 0
    elif -128 <= short < 128:
        mode = 0x40
    code[at] = mode | (reg & 7) << 3 | (base & 7 if times < 0 else 4)
    at += 1
    if times >= 0:
        code[at] = factor << 6 | (times & 7) << 3 | base & 7
        at += 1
    if mode == 0x40:
        code[at] = short & 0xFF
        at += 1
    elif mode:
        at = _little_endian(code, at, offset * size)
    return at


@njit(cache=True)
def _little_endian(code, at, number):
    for byte in range(4):
        code[at + byte] = (number >> 8 * byte) & 0xFF
    return at + 4
