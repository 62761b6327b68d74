"""Two machines: equal, or a shortest word that tells them apart."""

from __future__ import annotations

import numpy as np
from numba import njit

from trilc.automata.machine import Machine
from trilc.errors import InputError


def difference(a: Machine, b: Machine) -> list[int] | None:
    """A shortest word after which they say different things, the first by tokens; None where there is none.

    Pairs of states that earlier ones make equal are not looked at again (Hopcroft and Karp 1971): were such a pair
    told apart by a word, an earlier one would be, too. Nearly linear in the number of states. What a bounded machine
    does not say differs from nothing. Raises :class:`InputError` where they read different numbers of tokens.
    """
    if a.vocabulary != b.vocabulary:
        raise InputError(f"the machines read {a.vocabulary} and {b.vocabulary} tokens; expected the same number")
    word = _search(a.delta, a.output, a.start, b.delta, b.output, b.start)
    return None if word is None else [int(token) for token in word]


@njit(cache=True)
def _search(delta_a, output_a, start_a, delta_b, output_b, start_b):
    n = delta_a.shape[0]
    leader = np.arange(n + delta_b.shape[0])
    pairs = np.empty((leader.shape[0], 2), np.int64)
    came = np.empty((leader.shape[0], 2), np.int64)
    pairs[0, 0], pairs[0, 1] = start_a, start_b
    came[0, 0] = -1
    leader[_find(leader, n + start_b)] = _find(leader, start_a)
    count, at = 1, 0
    while at < count:
        p, q = pairs[at, 0], pairs[at, 1]
        for t in range(delta_a.shape[1]):
            x, y = np.int64(delta_a[p, t]), np.int64(delta_b[q, t])
            if x < 0 or y < 0:
                continue
            if output_a[p, t] != output_b[q, t]:
                length, k = 1, at
                while came[k, 0] >= 0:
                    length += 1
                    k = came[k, 0]
                word = np.empty(length, np.int64)
                word[length - 1] = t
                k = at
                for place in range(length - 2, -1, -1):
                    word[place] = came[k, 1]
                    k = came[k, 0]
                return word
            left, right = _find(leader, x), _find(leader, n + y)
            if left != right:
                leader[right] = left
                pairs[count, 0], pairs[count, 1] = x, y
                came[count, 0], came[count, 1] = at, t
                count += 1
        at += 1
    return None


@njit(cache=True)
def _find(leader, x):
    while leader[x] != x:
        leader[x] = leader[leader[x]]
        x = leader[x]
    return x
