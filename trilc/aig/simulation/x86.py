"""Machine code for x86-64 processors with AVX2 or AVX-512 (Intel 64 and IA-32 Architectures Software
Developer's Manual, volume 2): the bytes of each instruction.

Homes in memory lie from the first argument (``rdi``) on. Every END returns; all vector registers are the
caller's to save.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from trilc.aig.simulation.microcode import ANDN, TERNARY
from trilc.aig.simulation.registers import END, HOME, LOAD, MOVE, STORE

_OPCODE = np.array([0xDB, 0xDF, 0xEB, 0xEF, 0x25, 0x6F, 0x7F, 0x6F])
"""vpand, vpandn, vpor, vpxor, vpternlog, and vmovdqa: load, store, between registers."""
_LONGEST = 12


@njit(cache=True)
def encode(instructions, wide):
    """The bytes, and where each part up to an END begins. ``wide``: 512 bits (EVEX), else 256 (VEX)."""
    code = np.empty(instructions.shape[0] * _LONGEST, np.uint8)
    parts = np.empty(np.count_nonzero(instructions[:, 0] == END), np.int64)
    at, part, begin = 0, 0, 0
    for i in range(instructions.shape[0]):
        kind, table, target = instructions[i, 0], instructions[i, 1], instructions[i, 2]
        if kind == END:
            for byte in (0xC5, 0xF8, 0x77, 0xC3):  # vzeroupper, ret
                code[at] = byte
                at += 1
            parts[part] = begin
            part, begin = part + 1, at
            continue
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
        at = _evex(code, at, reg, second, rm, kind == TERNARY) if wide else _vex(code, at, reg, second, rm)
        code[at] = _OPCODE[kind]
        at = _operands(code, at + 1, reg, rm, 64 if wide else 32, wide)
        if kind == TERNARY:
            code[at] = table
            at += 1
    return code[:at].copy(), parts


@njit(cache=True)
def _vex(code, at, reg, second, rm):
    """66.0F, 256 bits."""
    tail = (~second & 15) << 3 | 0b101
    if rm >= HOME or rm < 8:
        code[at] = 0xC5
        code[at + 1] = (~reg & 8) << 4 | tail
        return at + 2
    code[at] = 0xC4
    code[at + 1] = (~reg & 8) << 4 | 0x40 | 1
    code[at + 2] = tail
    return at + 3


@njit(cache=True)
def _evex(code, at, reg, second, rm, ternary):
    """66.0F.W1 or 66.0F3A.W1, 512 bits, no mask."""
    low = 0 if rm >= HOME else rm
    code[at] = 0x62
    code[at + 1] = (~reg & 8) << 4 | (~low & 16) << 2 | (~low & 8) << 2 | (~reg & 16) | (3 if ternary else 1)
    code[at + 2] = 0x80 | (~second & 15) << 3 | 0b101
    code[at + 3] = 0x40 | (~second & 16) >> 1
    return at + 4


@njit(cache=True)
def _operands(code, at, reg, rm, size, scaled):
    """ModRM and displacement; EVEX counts short displacements in vectors."""
    if rm < HOME:
        code[at] = 0xC0 | (reg & 7) << 3 | rm & 7
        return at + 1
    displacement = (rm - HOME) * size
    short = rm - HOME if scaled else displacement
    code[at] = (0x40 if short < 128 else 0x80) | (reg & 7) << 3 | 7
    if short < 128:
        code[at + 1] = short
        return at + 2
    for byte in range(4):
        code[at + 1 + byte] = (displacement >> 8 * byte) & 0xFF
    return at + 5
