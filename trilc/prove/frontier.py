"""Where what two graphs in one have in common ends: cut points behind which only their differences are left.

Cut points make equivalence checking local (Kuehlmann, Krohm 1997): with them free, rare events, such as that no one of
two hundred words has its top bit, are a matter of a few gates.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from trilc.aig import AIG, Literals
from trilc.aig.traverse import reachable

_FAR = 1 << 30


def frontier(aig: AIG, outputs: Literals, known: int, depth: int) -> Literals:
    """Gates of the first graph that the second has too, ``depth`` levels below the nearest that only one has.

    The first ``known`` gates are those of the first graph; ``outputs`` compare the two.
    """
    first = aig.first_and
    live = reachable(aig, outputs)
    own = live.copy()
    own[: first + known] = False
    tops = outputs[outputs >> 1 >= first] >> 1
    own[tops] = own[aig.fanins[tops - first].ravel() >> 1] = False  # the gates that compare, which read both
    found: Literals = np.flatnonzero(_distances(aig.fanins, first, known, live, own) == depth).astype(np.uint32)
    return found


@njit(cache=True)
def _distances(fanins, first, known, live, own):
    """(nodes,) levels from the gates that both graphs have to the nearest that only one has; −1 for what is neither."""
    below = own.copy()
    distance = np.full(live.shape[0], _FAR)
    for row in range(fanins.shape[0] - 1, -1, -1):
        n = first + row
        both = below[n] and row < known
        for k in range(2):
            m = np.int64(fanins[row, k]) >> 1
            below[m] = below[m] or below[n]
            if live[n]:
                distance[m] = min(distance[m], distance[n] + 1 if both else 0)
        if not both:
            distance[n] = -1
    distance[:first] = -1
    return distance
