"""Patterns that the constraints permit: where few do, random ones alone say nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trilc.aig import AIG, TRUE, UNKNOWN
from trilc.aig.simulation import literal_values, simulate_nodes

Words = NDArray[np.uint64]

STEPS = 32
"""Steps of a run; the lanes are those of its end."""


def care_words(aig: AIG, values: Words) -> Words:
    """(words,) where all constraints hold, of the values (nodes, words)."""
    care: Words = np.bitwise_and.reduce(literal_values(values, aig.constraints), axis=0, initial=~np.uint64(0))
    return care


def reached(aig: AIG, words: int, rng: np.random.Generator) -> Words:
    """(inputs and registers, words): lanes of random runs from reset, each in a state that it can reach.

    A step whose inputs break a constraint is taken back, so that only its lanes' last inputs may do so.
    """
    state = np.where(aig.reset[:, None] == TRUE, ~np.uint64(0), np.uint64(0)) * np.ones(words, np.uint64)
    free = aig.reset == UNKNOWN
    state[free] = rng.integers(0, 2**64, (int(free.sum()), words), np.uint64)
    leaves = np.zeros((aig.first_and - 1, words), np.uint64)
    permitted = np.zeros(words, np.uint64)
    for _ in range(STEPS):
        inputs = rng.integers(0, 2**64, (aig.num_inputs, words), np.uint64)
        drawn = np.concatenate([inputs, state])
        values = simulate_nodes(aig, drawn)
        care = care_words(aig, values)
        # what a lane shows is its last permitted step
        leaves = (drawn & care) | (leaves & ~care)
        permitted |= care
        state = (literal_values(values, aig.next_state) & care) | (state & ~care)
    last = (drawn & ~permitted) | (leaves & permitted)
    result: Words = last
    return result
