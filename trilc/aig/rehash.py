"""Rebuilding all gates through structural hashing, after inputs or registers were given other literals."""

from __future__ import annotations

import numpy as np
from numba import njit

from trilc.aig.aig import AIG, Literals
from trilc.aig.hashing import find_or_add


def rehash(aig: AIG, sources: Literals) -> tuple[Literals, Literals]:
    """The gates of ``aig`` where node ``n`` below the first AND reads as the literal ``sources[n]``.

    ``sources`` is (first AND,) uint32. Returns the new fan-ins and (nodes,) uint32: what each old node has
    become. No two new gates are alike, and none has a constant or twice the same node as fan-in.
    """
    fanins = np.empty_like(aig.fanins)
    table = np.zeros(1 << max(2 * aig.num_ands, 16).bit_length(), np.uint32)
    literal_of = np.empty(aig.num_nodes, np.uint32)
    literal_of[: aig.first_and] = sources
    count = _rehash(aig.fanins, aig.first_and, literal_of, fanins, table)
    return fanins[:count], literal_of


@njit(cache=True)
def _rehash(old, first, literal_of, fanins, table):
    count = 0
    for i in range(old.shape[0]):
        a, b = np.int64(old[i, 0]), np.int64(old[i, 1])
        a = np.int64(literal_of[a >> 1]) ^ (a & 1)
        b = np.int64(literal_of[b >> 1]) ^ (b & 1)
        literal_of[first + i], count = find_or_add(fanins, first, table, count, a, b)
    return count
