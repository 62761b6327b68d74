"""Pseudo-random words, the same on every machine: xorshift (Marsaglia 2003)."""

from __future__ import annotations

from numba import njit
from numpy import uint64


@njit(cache=True)
def following(state):
    """The next word, never 0, of the generator whose state is ``state[0]``, uint64 and not 0."""
    x = state[0]
    x ^= x << uint64(13)
    x ^= x >> uint64(7)
    x ^= x << uint64(17)
    state[0] = x
    return x
