"""A tape as single logic instructions on numbered values, depth first: what is given registers next.

The gates are traced: applied to :class:`_Traced` values they leave the instructions that compute them. NOT is
no instruction: a complement waits until an AND takes it as ANDN, or De Morgan carries it on.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig.simulation.gates import GATES

AND, ANDN, OR, XOR, TERNARY = range(5)
"""Instructions; ANDN is ``~x & y``, TERNARY any function of three values, its truth table beside it."""


class Recipes(NamedTuple):
    """The instructions of every gate for one kind of processor."""

    steps: NDArray[np.int64]
    """(gates, steps, 5) instruction, truth table, and its operands: 0 … 2 a fan-in, 3 + i the i-th step, −1 none."""
    lengths: NDArray[np.int64]
    """(gates,) its steps."""
    results: NDArray[np.int64]
    """(gates, 2) the steps that yield its values, −1 for none."""
    arity: NDArray[np.int64]
    """(gates,) its fan-ins."""


class _Traced:
    """An operand of a recipe under the operators that gates use, perhaps complemented."""

    def __init__(self, steps: list[tuple[int, ...]], operand: int, complement: bool = False) -> None:
        self.steps, self.operand, self.complement = steps, operand, complement

    def _step(self, kind: int, x: int, y: int, complement: bool = False) -> _Traced:
        step = (kind, 0, x, y, -1)
        if step not in self.steps:
            self.steps.append(step)
        return _Traced(self.steps, 3 + self.steps.index(step), complement)

    def __invert__(self) -> _Traced:
        return _Traced(self.steps, self.operand, not self.complement)

    def __xor__(self, other: _Traced) -> _Traced:
        low, high = sorted((self.operand, other.operand))
        return self._step(XOR, low, high, self.complement != other.complement)

    def __and__(self, other: _Traced) -> _Traced:
        low, high = sorted((self.operand, other.operand))
        if self.complement and other.complement:
            return self._step(OR, low, high, True)
        if self.complement:
            return self._step(ANDN, self.operand, other.operand)
        if other.complement:
            return self._step(ANDN, other.operand, self.operand)
        return self._step(AND, low, high)

    def __or__(self, other: _Traced) -> _Traced:
        return ~(~self & ~other)


def recipes(ternary: bool) -> Recipes:
    """For processors with or without an instruction for all functions of three values."""
    found = []
    for gate in GATES:
        steps: list[tuple[int, ...]] = []
        results = []
        for function in gate.functions:
            if ternary and gate.arity == 3:
                table = function(0xF0, 0xCC, 0xAA) & 0xFF
                steps.append((TERNARY, table, 0, 1, 2))
                results.append(len(steps) - 1)
            else:
                value: Any = function(*(_Traced(steps, i) for i in range(gate.arity)))
                assert not value.complement, "a gate in the polarity that costs a NOT"
                results.append(value.operand - 3)
        found.append((steps, results))
    longest = max(len(steps) for steps, _ in found)
    table = np.full((len(GATES), longest, 5), -1, np.int64)
    for row, (steps, _) in zip(table, found, strict=True):
        row[: len(steps)] = steps
    return Recipes(
        steps=table,
        lengths=np.array([len(steps) for steps, _ in found]),
        results=np.array([(*results, -1)[:2] for _, results in found]),
        arity=np.array([gate.arity for gate in GATES]),
    )


@njit(cache=True)
def expand(first, code, opcodes, counts, roots, steps, length, results, arity):
    """The instructions of a tape: (n, 2) kinds and truth tables, (n, 3) operands, and the roots' values.

    Values below ``first`` are what a step starts with, the value ``first`` is all ones, and ``first + 1 + k`` is
    what instruction ``k`` yields; −1 is no operand. Depth first from the last root to the first, and of the fan-ins
    the one first that takes most registers (Sethi and Ullman, The generation of optimal code for arithmetic
    expressions, 1970), so that values are used soon after they are made; operations that no root needs are left
    out. ``roots`` are ``2·slot +
    complement``.
    """
    base = first + 1
    total = np.int64(0)
    slots = np.int64(first)
    for run in range(counts.shape[0]):
        total += np.int64(counts[run])
    for i in range(code.shape[0]):
        slots = max(slots, np.int64(code[i]) + 1)
    # which operation, and which of its results, a slot holds at present
    holder = np.full(slots, -1, np.int64)
    gate_of = np.empty(total, np.int64)
    fanin = np.full((total, 3), -1, np.int64)  # 2·operation + result + first, or what a step starts with
    p, at, size = 0, 0, 0
    for run in range(counts.shape[0]):
        gate = np.int64(opcodes[run])
        for _ in range(np.int64(counts[run])):
            gate_of[p] = gate
            size += length[gate]
            for m in range(arity[gate]):
                slot = np.int64(code[at + m])
                fanin[p, m] = holder[slot] if holder[slot] >= 0 else slot
            at += arity[gate]
            for m in range(2):
                if results[gate, m] >= 0:
                    holder[np.int64(code[at])] = first + 2 * p + m
                    at += 1
            p += 1
    size += roots.shape[0]
    need = _needs(first, fanin)
    kind = np.zeros((size, 2), np.int64)
    operand = np.full((size, 3), -1, np.int64)
    value = np.full((total, 2), -1, np.int64)
    opened = np.zeros(total, np.bool_)
    stack = np.empty(4 * total + 1, np.int64)
    values = np.empty(roots.shape[0], np.int64)
    n = 0
    for r in range(roots.shape[0] - 1, -1, -1):
        slot = np.int64(roots[r]) >> 1
        target = holder[slot] if holder[slot] >= 0 else slot
        height = 0
        if target >= first:
            stack[0] = (target - first) >> 1
            height = 1
        while height:
            p = stack[height - 1]
            if value[p, 0] >= 0:
                height -= 1
                continue
            if not opened[p]:
                opened[p] = True
                waiting = 0
                for m in range(2, -1, -1):
                    if fanin[p, m] >= first and value[(fanin[p, m] - first) >> 1, 0] < 0:
                        maker = (fanin[p, m] - first) >> 1
                        place = height
                        while place > height - waiting and need[stack[place - 1]] > need[maker]:
                            stack[place] = stack[place - 1]
                            place -= 1
                        stack[place] = maker
                        height += 1
                        waiting += 1
                continue
            height -= 1
            gate = gate_of[p]
            for step in range(length[gate]):
                kind[n + step, 0] = steps[gate, step, 0]
                kind[n + step, 1] = steps[gate, step, 1]
                for m in range(3):
                    source = steps[gate, step, 2 + m]
                    if source >= 3:
                        operand[n + step, m] = base + n + source - 3
                    elif source >= 0:
                        leaf = fanin[p, source]
                        operand[n + step, m] = value[(leaf - first) >> 1, (leaf - first) & 1] if leaf >= first else leaf
            for m in range(2):
                if results[gate, m] >= 0:
                    value[p, m] = base + n + results[gate, m]
            n += length[gate]
        values[r] = value[(target - first) >> 1, (target - first) & 1] if target >= first else target
        if roots[r] & 1:
            kind[n, 0], operand[n, 0], operand[n, 1] = XOR, values[r], first
            values[r] = base + n
            n += 1
    return kind[:n].copy(), operand[:n].copy(), values


@njit(cache=True)
def _needs(first, fanin):
    """(operations,) how many registers each would take if its fan-ins were a tree."""
    need = np.zeros(fanin.shape[0], np.int64)
    for p in range(fanin.shape[0]):
        a = b = c = np.int64(0)
        for m in range(3):
            n = need[(fanin[p, m] - first) >> 1] if fanin[p, m] >= first else 0
            if n > a:
                a, b, c = n, a, b
            elif n > b:
                b, c = n, b
            elif n > c:
                c = n
        need[p] = max(1, a, b + 1 if b else 0, c + 2 if c else 0)
    return need
