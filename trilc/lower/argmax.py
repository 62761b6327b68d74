"""The index of the largest word: elimination from the top bit down, then the first of those alive.

A word stays alive under a bit where it has the bit or no word alive has it. This takes four gates for each
word and bit; a tournament compares and selects and takes about twice as many.
"""

from __future__ import annotations

import numpy as np

from trilc.aig.aig import TRUE, Literals
from trilc.aig.builder import Builder
from trilc.lower.trees import any_of


def lower_argmax(builder: Builder, words: list[Literals], indices: list[int]) -> Literals:
    """(k,) bits of the index of the largest of unsigned words, the first of them among equals.

    ``words`` are (width,) each, lowest bit first, and each has its index; k is the least that holds every
    index, at least one.
    """
    bits = np.stack(words, axis=1)
    alive = np.full(len(words), TRUE, np.uint32)
    group = np.zeros(len(words), np.int64)
    for bit in bits[::-1]:
        bearing = builder.and_(alive, bit)
        some = any_of(builder, group, bearing, 1)
        alive = builder.or_(bearing, builder.and_(alive, some ^ 1))
    return _first_alive(builder, alive, np.array(indices, np.int64))


def _first_alive(builder: Builder, alive: Literals, indices: np.ndarray) -> Literals:
    """The index of the first literal that holds, by a balanced tree of selections over constant leaves."""
    width = max(1, int(indices.max()).bit_length())
    words = ((indices[:, None] >> np.arange(width)) & 1).astype(np.uint32)
    while len(words) > 1:
        half = len(words) // 2
        left, right = slice(0, 2 * half, 2), slice(1, 2 * half, 2)
        here, there = words[left], words[right]
        chosen = np.where(here == there, here, builder.mux(alive[left][:, None], here, there))
        rest = slice(2 * half, None)
        words = np.concatenate([chosen, words[rest]])
        alive = np.concatenate([builder.or_(alive[left], alive[right]), alive[rest]])
    return np.asarray(words[0])
