"""Kernels that parse what a large module is made of: wires and assignments.

They take the arrays of :class:`backends.verilog.parser.Module`; ``ids`` ends with a 0, which starts nothing.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from backends.verilog import scanner as v

FAULTS = {
    1: "a declared signal or a constant",
    2: "a bit of a vector, within its width",
    3: "a net on the left",
    4: "'='",
    5: "'&' or ';'",
    6: "a name that is not declared yet",
    7: "',' or ';'",
}
"""What was expected, by the number of the fault that a kernel returns."""


@njit(cache=True)
def operand(ids, at, base, width, value):
    """A literal such as ``~tok[3]``, the position after it, and what is wrong (0: nothing)."""
    complement = np.int64(0)
    if ids[at] == v.NOT:
        complement = np.int64(1)
        at += 1
    word = ids[at]
    if v.LOW <= word <= v.HIGH:
        return np.int64(word == v.HIGH) ^ complement, at + 1, 0
    variable = base[word]
    if variable == 0:
        return np.int64(0), at, 1
    if width[word] == 0:
        return 2 * variable + complement, at + 1, 0
    if ids[at + 1] != v.LEFT:
        return np.int64(0), at + 1, 2
    bit = value[ids[at + 2]]
    if bit < 0 or bit >= width[word]:
        return np.int64(0), at + 2, 2
    if ids[at + 3] != v.RIGHT:
        return np.int64(0), at + 3, 2
    return 2 * (variable + bit) + complement, at + 4, 0


@njit(cache=True)
def assignments(ids, at, base, width, value, gates, targets, count):
    """A run of ``assign`` statements; returns the position after it, the gates so far, and what is wrong."""
    while ids[at] == v.ASSIGN:
        at += 1
        targets[count] = at
        literal, after, fault = operand(ids, at, base, width, value)
        if fault != 0:
            return after, count, fault
        if literal < 2 or literal & 1:
            return at, count, 3
        gates[count, 0] = literal >> 1
        if ids[after] != v.EQUALS:
            return after, count, 4
        literal, at, fault = operand(ids, after + 1, base, width, value)
        if fault != 0:
            return at, count, fault
        gates[count, 1] = literal
        if ids[at] == v.AND:
            literal, at, fault = operand(ids, at + 1, base, width, value)
            if fault != 0:
                return at, count, fault
        gates[count, 2] = literal
        if ids[at] != v.SEMICOLON:
            return at, count, 5
        at += 1
        count += 1
    return at, count, 0


@njit(cache=True)
def declare_wires(ids, at, base, value, variables):
    """``wire a, b, c;``: scalars. Returns the position after it, the variables then, and what is wrong."""
    while True:
        at += 1
        word = ids[at]
        if word <= v.HIGH or value[word] >= 0 or base[word] != 0:
            return at, variables, 6
        base[word] = variables
        variables += 1
        at += 1
        if ids[at] == v.SEMICOLON:
            return at + 1, variables, 0
        if ids[at] != v.COMMA:
            return at, variables, 7


@njit(cache=True)
def decimals(text, spans, value):
    """The value of every spelling that is a decimal number below 2³¹, else −1."""
    for number in range(spans.shape[0]):
        total = np.int64(-1)
        for k in range(np.int64(spans[number, 0]), np.int64(spans[number, 1])):
            digit = np.int64(text[k]) - 48
            if digit < 0 or digit > 9 or total >= 2**27:
                total = np.int64(-1)
                break
            total = max(total, np.int64(0)) * 10 + digit
        value[number] = total


@njit(cache=True)
def first_twice(gates, driven):
    """Count each gate's variable in ``driven``; the first gate whose variable had a driver, or −1."""
    for i in range(gates.shape[0]):
        if driven[gates[i, 0]] > 0:
            return i
        driven[gates[i, 0]] = 1
    return -1
