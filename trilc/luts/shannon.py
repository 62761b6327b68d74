"""Tables as gates by Shannon's expansion, the inputs in whatever order takes the fewest gates."""

from __future__ import annotations

import numpy as np
from numba import njit

from trilc.aig import hashing
from trilc.aig.word_tables import EMPTY, FULL, cofactors, depends

MOST_GATES = 3 * 31
"""Gates of a table of six inputs, at most: one selection for each split that is not an input itself."""


@njit(cache=True)
def expand(fanins, first_and, hashes, count, table, width, inputs):
    """Add the gates of a table over the literals ``inputs``; returns its literal and the new gate count.

    Every cofactor, in each of its inputs, is free or set to 0 or 1: a number in base 3 whose digit 2 stands for free.
    From the smallest on, that input is found for each on which to split it for the fewest gates; equal gates are
    counted twice here but built once.
    """
    cubes = 3**width
    function, literal = np.empty(cubes, np.uint64), np.empty(cubes, np.int64)
    cost, split = np.zeros(cubes, np.int64), np.full(cubes, -1, np.int64)
    function[cubes - 1] = table
    for cube in range(cubes - 1, 0, -1):
        for i in range(width):
            step = 3**i
            if cube // step % 3 == 2:
                function[cube - 2 * step], function[cube - step] = cofactors(function[cube], i)
    for cube in range(cubes):
        for i in range(width):
            step = 3**i
            if cube // step % 3 == 2 and depends(function[cube], i):
                low, high = cube - 2 * step, cube - step
                gates = _join(function[low], function[high]) + cost[high]
                if function[low] != ~function[high]:
                    gates += cost[low]
                if split[cube] < 0 or gates < cost[cube]:
                    split[cube], cost[cube] = i, gates
    needed = np.zeros(cubes, np.bool_)
    needed[cubes - 1] = True
    for cube in range(cubes - 1, -1, -1):
        if needed[cube] and split[cube] >= 0:
            step = 3 ** split[cube]
            needed[cube - step] = True
            needed[cube - 2 * step] |= function[cube - step] != ~function[cube - 2 * step]
    for cube in range(cubes):
        if not needed[cube]:
            continue
        if split[cube] < 0:
            literal[cube] = np.int64(function[cube] & np.uint64(1))
            continue
        step = 3 ** split[cube]
        x, high = np.int64(inputs[split[cube]]), literal[cube - step]
        p, q = function[cube - 2 * step], function[cube - step]
        low = high ^ 1 if p == ~q else literal[cube - 2 * step]
        # where one half lies within the other, that one need not be cut to its side
        a, count = hashing.find_or_add(fanins, first_and, hashes, count, 1 if p & ~q == EMPTY else x ^ 1, low)
        b, count = hashing.find_or_add(fanins, first_and, hashes, count, 1 if q & ~p == EMPTY else x, high)
        neither, count = hashing.find_or_add(fanins, first_and, hashes, count, a ^ 1, b ^ 1)
        literal[cube] = neither ^ 1
    return literal[cubes - 1], count


@njit(cache=True)
def _join(low, high):
    """Gates of choosing between two different functions by an input."""
    simple = (low in (EMPTY, FULL)) + (high in (EMPTY, FULL))
    if simple:
        return 2 - simple
    return 2 if low & ~high == EMPTY or high & ~low == EMPTY else 3


@njit(cache=True)
def expand_one(fanins, first_and, hashes, count, table, width, literal):
    """The gates of one table over the inputs 1 … width; ``literal[0]`` is its literal. Returns the new gate count."""
    literal[0], count = expand(fanins, first_and, hashes, count, table, width, 2 + 2 * np.arange(width))
    return count
