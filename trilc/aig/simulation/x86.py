"""Machine code for x86-64 processors with AVX2 or AVX-512 (Intel 64 and IA-32 Architectures Software
Developer's Manual, volume 2): the bytes of each instruction.

Homes in memory lie from up to five pointers on, the arguments of a call by the System V convention. Every END
returns; all vector registers are the caller's to save.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from trilc.aig.simulation.microcode import ANDN, TERNARY
from trilc.aig.simulation.registers import END, HOME, LOAD, MOVE, STORE

_OPCODE = np.array([0xDB, 0xDF, 0xEB, 0xEF, 0x25, 0x6F, 0x7F, 0x6F])
"""vpand, vpandn, vpor, vpxor, vpternlog, and vmovdqu: load, store, between registers."""
_POINTERS = np.array([7, 6, 2, 1, 8])
"""rdi, rsi, rdx, rcx, r8."""
_LONGEST = 12


@njit(cache=True)
def encode(instructions, pointer, index, wide):
    """The bytes, and where each part up to an END begins.

    A home lies ``index`` vectors behind its ``pointer``, one of five. ``wide``: 512 bits (EVEX), else 256 (VEX).
    """
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
        base = _POINTERS[pointer[rm - HOME]] if rm >= HOME else rm
        moves = kind >= LOAD
        if wide:
            at = _evex(code, at, reg, second, base, kind == TERNARY, moves)
        else:
            at = _vex(code, at, reg, second, base, moves)
        code[at] = _OPCODE[kind]
        at += 1
        if rm >= HOME:
            at = _memory(code, at, reg, base, index[rm - HOME], 64 if wide else 32, wide)
        else:
            code[at] = 0xC0 | (reg & 7) << 3 | rm & 7
            at += 1
        if kind == TERNARY:
            code[at] = table
            at += 1
    return code[:at].copy(), parts


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
def _memory(code, at, reg, base, index, size, scaled):
    """ModRM and displacement; EVEX counts short displacements in vectors."""
    short = index if scaled else index * size
    code[at] = (0x40 if short < 128 else 0x80) | (reg & 7) << 3 | base & 7
    if short < 128:
        code[at + 1] = short
        return at + 2
    for byte in range(4):
        code[at + 1 + byte] = ((index * size) >> 8 * byte) & 0xFF
    return at + 5
