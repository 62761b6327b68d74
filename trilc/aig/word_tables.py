"""Truth tables of up to six inputs in one machine word.

Bit ``m`` is the value where input ``i`` is bit ``i`` of ``m``. A table of fewer inputs is repeated up to 64
bits: it does not depend on the inputs beyond its own.
"""

from __future__ import annotations

import numpy as np
from numba import njit

WIDEST = 6
"""Inputs that a table may have."""

VARIABLES = np.array(
    [0xAAAAAAAAAAAAAAAA, 0xCCCCCCCCCCCCCCCC, 0xF0F0F0F0F0F0F0F0, 0xFF00FF00FF00FF00, 0xFFFF0000FFFF0000,
     0xFFFFFFFF00000000], np.uint64,
)  # fmt: skip
"""The tables of the six inputs."""

FULL = np.uint64(0xFFFFFFFFFFFFFFFF)
EMPTY = np.uint64(0)

# what stays and what moves up when inputs i and i + 1 are exchanged
_STAYS = np.array(
    [0x9999999999999999, 0xC3C3C3C3C3C3C3C3, 0xF00FF00FF00FF00F, 0xFF0000FFFF0000FF, 0xFFFF00000000FFFF], np.uint64
)
_MOVES = np.array(
    [0x2222222222222222, 0x0C0C0C0C0C0C0C0C, 0x00F000F000F000F0, 0x0000FF000000FF00, 0x00000000FFFF0000], np.uint64
)


@njit(cache=True)
def swap_neighbours(table, i):
    """The table with inputs ``i`` and ``i + 1`` exchanged."""
    shift = np.uint64(1 << i)
    return (table & _STAYS[i]) | ((table & _MOVES[i]) << shift) | ((table >> shift) & _MOVES[i])


@njit(cache=True)
def stretch(table, leaf, size, wider, width):
    """A table over the sorted ``leaf`` as one over ``wider``, which has the same leaves and others between."""
    k = width - 1
    for i in range(size - 1, -1, -1):
        while wider[k] != leaf[i]:
            k -= 1
        for position in range(i, k):
            table = swap_neighbours(table, position)
    return table


@njit(cache=True)
def cofactors(table, i):
    """The tables where input ``i`` is 0 and where it is 1, neither depending on it."""
    shift = np.uint64(1 << i)
    high = table & VARIABLES[i]
    low = table & ~VARIABLES[i]
    return low | (low << shift), high | (high >> shift)


@njit(cache=True)
def depends(table, i):
    """Whether a function depends on input ``i``."""
    low, high = cofactors(table, i)
    return low != high


@njit(cache=True)
def drop_idle(table, leaf, size):
    """Drop the leaves that the function does not depend on; returns the table over the rest, and their number."""
    i = 0
    while i < size:
        if depends(table, i):
            i += 1
            continue
        for position in range(i, size - 1):
            table = swap_neighbours(table, position)
            leaf[position] = leaf[position + 1]
        size -= 1
    return table, size


@njit(cache=True)
def irredundant_cover(table, width, cubes, covers):
    """Cover a function of ``width`` inputs by prime cubes none of which the others cover; returns their number.

    Of a cube, bit ``2i`` is the literal ``x_i`` and bit ``2i + 1`` is ``¬x_i``; ``covers`` are their tables. Both need
    room for 64, as each cube covers a minterm that no other does.
    """
    count = 0
    rest = table
    minterm = 0
    while rest != EMPTY:
        while (rest >> np.uint64(minterm)) & np.uint64(1) == np.uint64(0):
            minterm += 1
        cube, cover = 0, FULL
        for i in range(width):
            cube |= (1 if minterm >> i & 1 else 2) << 2 * i
            cover &= VARIABLES[i] if minterm >> i & 1 else ~VARIABLES[i]
        for i in range(width):
            wider = cover | flip(cover, i)
            if wider & ~table == EMPTY:
                cover = wider
                cube &= ~(3 << 2 * i)
        cubes[count], covers[count] = cube, cover
        count += 1
        rest &= ~cover
    kept = 0
    for k in range(count):
        others = EMPTY
        for j in range(count):
            if j < kept or j > k:
                others |= covers[j]
        if covers[k] & ~others != EMPTY:
            cubes[kept], covers[kept] = cubes[k], covers[k]
            kept += 1
    return kept


@njit(cache=True)
def flip(table, i):
    """The table with input ``i`` negated."""
    shift = np.uint64(1 << i)
    return ((table & VARIABLES[i]) >> shift) | ((table & ~VARIABLES[i]) << shift)


@njit(cache=True)
def normalise(table, literal, size):
    """Turn a table over any literals into one over different nodes in order, on all of which it depends.

    ``literal`` is changed in place; returns the table and the number of inputs. Node 0 is the constant false.
    """
    for i in range(size):
        if literal[i] & 1:
            table = flip(table, i)
            literal[i] ^= 1
        if literal[i] == 0:
            table, _ = cofactors(table, i)
    for end in range(1, size):
        for i in range(end, 0, -1):
            if literal[i - 1] <= literal[i]:
                break
            literal[i - 1], literal[i] = literal[i], literal[i - 1]
            table = swap_neighbours(table, i - 1)
    for i in range(size - 1):
        if literal[i] == literal[i + 1]:
            low, high = cofactors(table, i)
            low, _ = cofactors(low, i + 1)
            _, high = cofactors(high, i + 1)
            table = (low & ~VARIABLES[i + 1]) | (high & VARIABLES[i + 1])
    return drop_idle(table, literal, size)
