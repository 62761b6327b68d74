"""Registers and memory for straight-line code.

Of the values in registers, the one whose next use is farthest makes room (Belady, A study of replacement
algorithms for a virtual-storage computer, 1966), twice as far for one that is in memory already. What it leaves is kept
there at a home that is free again after the last use, the last freed first. Values that an instruction takes together
are best in a high and a low register: without AVX-512 two high ones make it longer by a byte.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig.simulation.microcode import ANDN, TERNARY

LOAD, STORE, MOVE, END = map(np.int64, range(5, 9))
"""Instructions besides those of logic."""
HOME = 64
"""Operands from here on are homes in memory, below registers."""

_NEVER = np.int64(1) << 60
_LOW = 8
"""Registers from here on are high."""


def assign(
    first: int,
    kind: NDArray[np.int64],
    operand: NDArray[np.int64],
    roots: NDArray[np.int64],
    registers: int,
    chunk: int,
) -> tuple[NDArray[np.int64], int]:
    """Machine instructions for ``kind`` and ``operand``; instruction ``k`` yields the value ``first + k``.

    Returns the instructions, (count, 6): instruction, truth table, target, operands (−1 for none); and the
    number of homes. The values below ``first`` have the homes of their numbers, and the roots' values go to
    the homes after these as soon as they are made, and stay there. TERNARY overwrites its first operand, and only an
    instruction's last operand may be at home. An END comes after every ``chunk`` instructions or so, and no
    register holds a value across it.
    """
    n = len(operand)
    after, ahead = np.full((n + 1, 3), _NEVER), np.full(first + n, _NEVER)
    made = np.empty(n + 1, np.int64)
    _next_uses(first, operand, ahead, after, made)
    register, home, root_of = (np.full(first + n, -1, np.int64) for _ in range(3))
    home[:first] = np.arange(first)
    holds, due = (np.full(registers, -1, np.int64) for _ in range(2))
    longest = 6 * n + 2 * len(roots) + (n // chunk + 2) * (registers + 1)
    out = np.full((longest, 6), -1, np.int64)
    out[:, 1] = 0
    sizes = np.array([0, 0, first + len(roots)], np.int64)  # instructions, free homes, homes
    free, next_root = np.empty(first + n, np.int64), np.empty(len(roots), np.int64)
    few = np.empty((3, 3), np.int64)
    _assign(
        first, kind, operand, roots, chunk, after, made, register, home, holds, due, out, free, sizes, root_of,
        next_root, few[0], few[1], few[2],
    )  # fmt: skip
    return out[: sizes[0]].copy(), int(sizes[2])


# These kernels are compiled where the first simulation waits for them: so all arrays are made above, and no helper is
# called with a literal number, for which numba would compile it anew.

_NONE, ZERO = np.int64(-1), np.int64(0)


@njit(cache=True)
def _next_uses(first, operand, ahead, after, made):
    """(n, 3) where each operand is used next and (n,) where each result is used first."""
    for k in range(operand.shape[0] - 1, -1, -1):
        made[k] = ahead[first + k]
        for m in range(3):
            if operand[k, m] >= 0:
                after[k, m] = ahead[operand[k, m]]
        for m in range(3):
            if operand[k, m] >= 0:
                ahead[operand[k, m]] = k


@njit(cache=True)
def _assign(
    first, kind, operand, roots, chunk, after, made, register, home, holds, due, out, free, sizes, root_of,
    next_root, operands, values, later,
):  # fmt: skip
    for i in range(roots.shape[0]):  # lists of the roots that have a value
        next_root[i] = root_of[roots[i]]
        root_of[roots[i]] = i
    for value in range(first):
        if root_of[value] >= 0:
            _emit(out, sizes, LOAD, ZERO, HOME + value)
            _put(ZERO, root_of[value], next_root, first, out, sizes)
    begin, kept = 0, first + roots.shape[0]
    for k in range(operand.shape[0]):
        if sizes[0] - begin >= chunk:
            _end(register, home, holds, due, out, free, sizes)
            begin = sizes[0]
        arity = 3 if kind[k, 0] == TERNARY else 2
        table = kind[k, 1]
        for m in range(3):
            values[m], later[m], operands[m] = operand[k, m], after[k, m], -1
        stays = _stays(kind[k, 0], arity, values, later, register)
        if stays >= 0:
            table = _exchange(table, values, later, stays, arity - 1)
        for m in range(arity):
            operands[m] = register[values[m]]
        for m in range(arity - 1 if stays >= 0 else arity):
            if register[values[m]] < 0:
                high = _best_high(values[m], np.int64(k), kind, operand, register)
                r = _room(k, high, operands, register, home, holds, due, out, free, sizes)
                _emit(out, sizes, LOAD, r, HOME + home[values[m]])
                register[values[m]], holds[r], due[r], operands[m] = r, values[m], later[m], r
        if arity == 3:
            for m in range(1, 3):
                if later[0] != _NEVER and later[m] == _NEVER and register[values[m]] >= 0:
                    table = _exchange(table, values, later, ZERO, m)
        for m in range(arity):
            r = register[values[m]]
            operands[m] = HOME + home[values[m]] if r < 0 else r
        dying = -1
        for m in range(arity):
            r = operands[m]
            if r < HOME:
                due[r] = later[m]
                if later[m] == _NEVER:
                    holds[r], due[r], register[values[m]] = -1, -1, -1
                    dying = r if m == 0 else dying
        at_zero, at_one, at_two = operands[0], operands[1], operands[2]
        if arity == 2:
            operands[0], operands[1] = -1, -1  # the result may take the register of an operand
        if arity == 3 and dying >= 0:
            r = dying
        else:
            high = _best_high(first + k, made[k], kind, operand, register)
            r = _room(k, high, operands, register, home, holds, due, out, free, sizes)
            if arity == 3:
                _emit(out, sizes, MOVE, r, at_zero)
                at_zero = r
        _emit(out, sizes, kind[k, 0], r, at_zero)
        out[sizes[0] - 1, 1] = table
        out[sizes[0] - 1, 4] = at_one
        out[sizes[0] - 1, 5] = at_two
        _put(r, root_of[first + k], next_root, first, out, sizes)
        home[first + k] = first + root_of[first + k] if root_of[first + k] >= 0 else -1
        if made[k] != _NEVER:
            register[first + k], holds[r], due[r] = r, first + k, made[k]
        for m in range(arity):  # only now, lest what made room for the result took an operand's home
            if later[m] == _NEVER and home[values[m]] >= kept:
                free[sizes[1]] = home[values[m]]
                sizes[1] += 1
                home[values[m]] = -1
    _end(register, home, holds, due, out, free, sizes)


@njit(cache=True)
def _put(r, root, next_root, first, out, sizes):
    """Store a register at the homes of the roots in a list."""
    while root >= 0:
        _emit(out, sizes, STORE, HOME + first + root, r)
        root = next_root[root]


@njit(cache=True)
def _emit(out, sizes, instruction, target, operand):
    out[sizes[0], 0], out[sizes[0], 2], out[sizes[0], 3] = instruction, target, operand
    sizes[0] += 1


@njit(cache=True)
def _keep(r, register, home, holds, due, out, free, sizes):
    """Leave a register, its value being at home."""
    value = holds[r]
    if home[value] < 0:
        if sizes[1]:
            sizes[1] -= 1
            home[value] = free[sizes[1]]
        else:
            home[value] = sizes[2]
            sizes[2] += 1
        _emit(out, sizes, STORE, HOME + home[value], r)
    register[value], holds[r], due[r] = -1, -1, -1


@njit(cache=True)
def _end(register, home, holds, due, out, free, sizes):
    for r in range(holds.shape[0]):
        if holds[r] >= 0:
            _keep(r, register, home, holds, due, out, free, sizes)
    _emit(out, sizes, END, _NONE, _NONE)


@njit(cache=True)
def _room(now, high, pinned, register, home, holds, due, out, free, sizes):
    """A register without a value, none of the pinned ones; a high or a low one if there is a choice."""
    best, farthest = _NONE, ZERO
    for i in range(holds.shape[0]):
        r = holds.shape[0] - 1 - i if high else i
        if pinned[0] == r or pinned[1] == r or pinned[2] == r:
            continue
        if holds[r] < 0:
            return r
        far = (due[r] - now) << (home[holds[r]] >= 0)
        if best < 0 or far > farthest:
            best, farthest = r, far
    _keep(best, register, home, holds, due, out, free, sizes)
    return best


@njit(cache=True)
def _best_high(value, use, kind, operand, register):
    """Whether a value should be in a high register, since what it is taken together with is not, or is in memory."""
    if use == _NEVER:
        return True
    if kind[use, 0] == ANDN:
        return operand[use, 0] == value
    other = operand[use, 1] if operand[use, 0] == value else operand[use, 0]
    return register[other] < _LOW


@njit(cache=True)
def _stays(kind, arity, values, later, register):
    """Which operand the instruction reads from its home, for that costs a byte or four and a load five or eight."""
    best = -1
    for m in range(arity):
        if register[values[m]] < 0 and (kind != ANDN or m == 1) and (best < 0 or later[m] > later[best]):
            best = m
    return best


@njit(cache=True)
def _exchange(table, values, later, i, j):
    """Let two operands change places; returns the truth table then, operand ``m`` being bit ``2 − m``."""
    values[i], values[j] = values[j], values[i]
    later[i], later[j] = later[j], later[i]
    result = 0
    for index in range(8):
        differ = ((index >> (2 - i)) ^ (index >> (2 - j))) & 1
        other = index ^ (differ << (2 - i)) ^ (differ << (2 - j)) if i != j else index
        result |= ((table >> other) & 1) << index
    return result
