"""The kernel of the word-level engine: a block of steps in one call."""

from __future__ import annotations

import numpy as np
from numba import njit

from trilc.aig.popcount import popcount
from trilc.engines.words.bank import GROUP, GROUPS, HEADING
from trilc.engines.words.layout import BELOW, CHOICES, DATA, FIRST, LANES, PLANES, THRESHOLDS, WORDS
from trilc.engines.words.vectors import at_least, largest, sum_rows

ARGMAX, SCORES, STATE = range(3)
"""What is said."""

_PATTERNS = 2**GROUP


@njit(cache=True, nogil=True)
def run(banks, layers, tables, planes, fixed, by_token, head, order, tokens, states, kind, said):
    """Read (steps, streams) tokens, and go on from (streams, words) ``states``, which are left as they are then.

    ``said`` becomes (steps, streams, 1) chosen outputs, (steps, streams, O) sums of the head's rows, or
    (steps, streams, words) states. ``banks`` are those of the layers, then that of the head; ``tables``, ``planes``,
    ``fixed`` thresholds, (V, lanes) thresholds ``by_token``, and ``head``, its tables, are what they refer to.
    """
    words = states.shape[1]
    sums = np.empty(banks[:layers, LANES].max(), tables.dtype)
    scores = np.empty(banks[-1, LANES], head.dtype)
    rows = np.empty(words * GROUPS, np.uint32)
    for stream in range(tokens.shape[1]):
        state = states[stream]
        for word in range(words):
            _find_rows(state[word], word, rows)
        for step in range(tokens.shape[0]):
            for k in range(layers):
                _sum(banks, k, tables, planes, rows, state, sums)
                first = banks[k, FIRST] + banks[k, BELOW]
                for word in range(banks[k, WORDS] - banks[k, BELOW]):
                    if k == 0:
                        new = at_least(sums, 64 * word, by_token, tokens[step, stream] * banks[0, LANES] + 64 * word)
                    else:
                        new = at_least(sums, 64 * word, fixed, banks[k, THRESHOLDS] + 64 * word)
                    state[first + word] = new
                    _find_rows(new, first + word, rows)
            if kind == STATE:
                for word in range(words):
                    said[step, stream, word] = np.int64(state[word])
                continue
            _sum(banks, layers, head, planes, rows, state, scores)
            if kind == SCORES:
                for i in range(said.shape[2]):
                    said[step, stream, i] = scores[i]
            else:
                said[step, stream, 0] = order[_first_largest(scores)]


@njit(cache=True, nogil=True)
def _find_rows(bits, word, rows):
    """Which row of a table each group of a state word looks up."""
    for group in range(GROUPS):
        pattern = (bits >> np.uint64(GROUP * group)) & np.uint64(_PATTERNS - 1)
        rows[GROUPS * word + group] = np.uint32(np.uint64((GROUPS * word + group) * _PATTERNS) + pattern)


@njit(cache=True, nogil=True)
def _sum(banks, k, tables, planes, rows, state, sums):
    """The sums of a bank, into ``sums``."""
    first, count, lanes, at = banks[k, FIRST], banks[k, WORDS], banks[k, LANES], banks[k, DATA]
    if not banks[k, PLANES]:
        group = first * GROUPS
        sum_rows(sums, lanes, tables, at - group * _PATTERNS * lanes, rows, group, count)
        return
    below = banks[k, BELOW]
    for lane in range(lanes):
        total = np.int64(planes[at])
        total += _matches(state[first : first + below], planes[at + HEADING :]) * np.int64(planes[at + 1])
        own = planes[at + HEADING + 2 * below :]
        total += _matches(state[first + below : first + count], own) * np.int64(planes[at + 2])
        sums[lane] = total
        at += HEADING + 2 * count


@njit(cache=True, nogil=True)
def _matches(state, planes):
    """How many weights are 1 where the bit is 1, or −1 where it is 0."""
    words = state.shape[0]
    some = planes[words:]
    total = np.int64(0)
    for word in range(words):
        total += popcount((state[word] ^ planes[word]) & some[word])
    return total


@njit(cache=True, nogil=True)
def _first_largest(scores):
    """The first place of the largest score."""
    best, at = largest(scores, 0)
    for start in range(CHOICES, scores.shape[0], CHOICES):
        value, place = largest(scores, start)
        if value > best:
            best, at = value, start + place
    return at
