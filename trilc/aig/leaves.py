"""Leaves of cuts: small sets of nodes, kept in ascending order."""

from __future__ import annotations

from numba import njit


@njit(cache=True)
def union(x, size_x, y, size_y, out, widest):
    """Merge two sets into ``out``; their size, or −1 where it would be over ``widest``."""
    i = j = n = 0
    while i < size_x or j < size_y:
        if n == widest:
            return -1
        if j == size_y or (i < size_x and x[i] < y[j]):
            out[n] = x[i]
            i += 1
        elif i == size_x or y[j] < x[i]:
            out[n] = y[j]
            j += 1
        else:
            out[n] = x[i]
            i += 1
            j += 1
        n += 1
    return n


@njit(cache=True)
def within(x, size_x, y, size_y):
    """Whether ``x`` is a subset of ``y``."""
    j = 0
    for i in range(size_x):
        while j < size_y and y[j] < x[i]:
            j += 1
        if j == size_y or y[j] != x[i]:
            return False
        j += 1
    return True
