"""Patterns to simulate: such as the constraints permit, as gates rarely see, or like those that told nodes apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trilc.aig import AIG, TRUE, UNKNOWN
from trilc.aig.simulation import literal_values, simulate_nodes

Words = NDArray[np.uint64]

SAMPLE = 16
"""Words of random patterns that tell which leaves a gate goes along with."""
UP = np.uint64(0xFFFFFFFF)
"""The lanes in which a gate is pushed up; in each half the noise grows from lane to lane."""
POOL = 4096
"""Words of noise, drawn from again and again."""
AROUND = 4
"""Words of patterns about counterexamples."""
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


def pushed(aig: AIG, words: int, rng: np.random.Generator) -> Words:
    """(inputs and registers, words): each word pushes one gate, drawn at random, up in half its lanes and down in half.

    The leaves that go along with the gate on random patterns are set so that it is true, or false, but for some noise
    that differs from lane to lane. Sums and comparisons, which are near their means on random patterns, come to their
    ends that way, and what is rarely true above them becomes true.
    """
    sample = rng.integers(0, 2**64, (aig.first_and - 1, SAMPLE), np.uint64)
    values = simulate_nodes(aig, sample)
    total = 64 * SAMPLE
    ones = np.bitwise_count(values[aig.first_and :]).sum(1, dtype=np.int64)
    lively = np.flatnonzero((ones > total // 16) & (ones < total - total // 16))
    if not lively.size:
        return rng.integers(0, 2**64, (aig.first_and - 1, words), np.uint64)
    gates = aig.first_and + rng.choice(lively, words)
    flips = np.packbits(rng.random((POOL, 64)) < np.tile(np.arange(32) / 64, 2), axis=1, bitorder="little")
    noise = flips.view(np.uint64)[:, 0]
    drawn = rng.integers(0, POOL, (aig.first_and - 1, words), np.uint16)
    result = rng.integers(0, 2**64, (aig.first_and - 1, words), np.uint64)
    for leaf in range(aig.first_and - 1):
        differ = np.bitwise_count(sample[leaf] ^ values[gates]).sum(1, dtype=np.int64) - total // 2
        pushed_up = noise[drawn[leaf]] ^ np.where(differ < 0, UP, ~UP)
        result[leaf] = np.where(np.abs(differ) > 1.5 * np.sqrt(total), pushed_up, result[leaf])
    return result


def perturbed(patterns: Words, lanes: int, rng: np.random.Generator) -> Words:
    """(leaves, 1): the first ``lanes`` lanes as they are, the others like them but for some flipped bits."""
    noise = rng.integers(0, 2**64, (3, len(patterns)), np.uint64)
    free = ~np.uint64(0) << np.uint64(lanes) if lanes < 64 else np.uint64(0)
    mixed: Words = _repeated(patterns, lanes) ^ (noise[0] & noise[1] & noise[2] & free)
    return mixed[:, None]


def around(patterns: Words, given: Words, lanes: int, rng: np.random.Generator) -> Words:
    """(leaves, AROUND): what is ``given`` (leaves,) in the first ``lanes`` lanes, again and again; the rest at random.

    From the second word on less and less of what is given is flipped: one bit in 8, in 32, in 128. Where hundreds of
    leaves must be as they are, the last words still keep them.
    """
    kept = _repeated(given, lanes)
    drawn = rng.integers(0, 2**64, (len(patterns), AROUND), np.uint64)
    result: Words = (_repeated(patterns, lanes) & kept)[:, None] | (drawn & ~kept[:, None])
    for word in range(1, AROUND):
        flips = rng.integers(0, 2**64, (1 + 2 * word, len(patterns)), np.uint64)
        result[:, word] ^= np.bitwise_and.reduce(flips, axis=0) & kept
    return result


def _repeated(patterns: Words, lanes: int) -> Words:
    """All 64 lanes filled with the first ``lanes``, the others of which must be zero."""
    filled = patterns.copy()
    while lanes < 64:
        filled |= filled << np.uint64(lanes)
        lanes *= 2
    return filled
