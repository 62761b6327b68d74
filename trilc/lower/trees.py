"""Balanced trees of two-input gates over many groups of literals at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trilc.aig.aig import FALSE, Literals
from trilc.aig.builder import Builder


def any_of(builder: Builder, groups: NDArray[np.int64], literals: Literals, count: int) -> Literals:
    """(count,) the disjunction of the literals of each group, false for an empty one.

    ``groups[i]`` in [0, count) is the group of ``literals[i]``. Equal literals of a group count once.
    """
    keys = np.unique((groups.astype(np.uint64) << np.uint64(32)) | literals.astype(np.uint64))
    groups, literals = (keys >> np.uint64(32)).astype(np.int64), keys.astype(np.uint32)
    while len(literals) and (groups[1:] == groups[:-1]).any():
        place = np.arange(len(groups)) - np.searchsorted(groups, groups)
        left = place % 2 == 0
        paired = left & np.append(groups[1:] == groups[:-1], False)
        where = np.flatnonzero(paired)
        literals[where] = builder.or_(literals[where], literals[where + 1])
        groups, literals = groups[left], literals[left]
    result = np.full(count, FALSE, np.uint32)
    result[groups] = literals
    return result
