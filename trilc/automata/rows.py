"""Sets of rows of words by open addressing: states, packed, and the lines of tables.

A slot holds the number of a row plus one, and above it 32 bits of the row's hash: a row is read only where these agree.
"""

from __future__ import annotations

import numpy as np
from numba import njit

EMPTY = np.uint64(0)
_NUMBER = np.uint64(0xFFFFFFFF)
_TAG = np.uint64(0xFFFFFFFF00000000)


@njit(cache=True, inline="always")
def hash_of(row):
    """64 bits, each of which depends on every word."""
    mixed = np.uint64(0x9E3779B97F4A7C15)
    for k in range(row.shape[0]):
        mixed = (mixed ^ np.uint64(row[k])) * np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(32))


@njit(cache=True, nogil=True)
def enter(rows, table, count, row, hashed):
    """The number of ``row`` among the first ``count`` of ``rows``; the new one where it is not there: then it is."""
    mask = table.shape[0] - 1
    slot = np.int64(hashed & np.uint64(mask))
    tag = hashed & _TAG
    while table[slot] != EMPTY:
        if table[slot] & _TAG == tag:
            known = np.int64(table[slot] & _NUMBER) - 1
            same = True
            for k in range(row.shape[0]):
                if rows[known, k] != row[k]:
                    same = False
                    break
            if same:
                return known
        slot = (slot + 1) & mask
    for k in range(row.shape[0]):
        rows[count, k] = row[k]
    table[slot] = tag | np.uint64(count + 1)
    return count


@njit(cache=True, nogil=True)
def warm(rows, table, hashes):
    """Read what entering rows of these hashes reads: many misses of the caches at once take little more than one."""
    mask = table.shape[0] - 1
    read = EMPTY
    for k in range(hashes.shape[0]):
        read ^= table[np.int64(hashes[k] & np.uint64(mask))]
    for k in range(hashes.shape[0]):
        found = table[np.int64(hashes[k] & np.uint64(mask))]
        if found != EMPTY:
            read ^= rows[np.int64(found & _NUMBER) - 1, 0]
    return read


@njit(cache=True, nogil=True)
def fill(rows, table, count):
    """Enter rows that are all different into an empty table."""
    mask = table.shape[0] - 1
    for k in range(count):
        hashed = hash_of(rows[k])
        slot = np.int64(hashed & np.uint64(mask))
        while table[slot] != EMPTY:
            slot = (slot + 1) & mask
        table[slot] = (hashed & _TAG) | np.uint64(k + 1)


@njit(cache=True, nogil=True)
def enter_all(rows, table, count, found):
    """Enter many rows, as :func:`enter` does; returns the number of each (n,) and how many there are then."""
    numbers = np.empty(found.shape[0], np.int32)
    for k in range(found.shape[0]):
        number = enter(rows, table, count, found[k], hash_of(found[k]))
        numbers[k] = number
        if number == count:
            count += 1
    return numbers, count


@njit(cache=True)
def classes_of(lines):
    """(n,) the class of each of (n, m) lines, equal ones together, numbered as they are met; and how many."""
    size = 16
    while size < 2 * lines.shape[0]:
        size *= 2
    table = np.zeros(size, np.uint64)
    return enter_all(np.empty_like(lines), table, 0, lines)
