"""BLIF as words: lines joined where a backslash says so, comments gone."""

from __future__ import annotations

import numpy as np
from numba import njit

from backends.words import intern_word

VOCABULARY = (b".model", b".inputs", b".outputs", b".names", b".latch", b".clock", b".end")
NEWLINE, MODEL, INPUTS, OUTPUTS, NAMES, LATCH, CLOCK, END = range(8)
"""Numbers of words; NEWLINE ends every line that holds a word, the last one too."""


@njit(cache=True)
def scan(text, key, table, spans, ids, starts, state):
    """The scanner for :meth:`backends.words.Words.scan`; it refuses nothing."""
    size = text.shape[0]
    at, words, count = state[0], state[1], state[2]
    while at <= size:
        byte = np.int64(text[at]) if at < size else 10
        if byte == 10:
            if words > 0 and ids[words - 1] != NEWLINE:
                ids[words] = NEWLINE
                starts[words] = at
                words += 1
            at += 1
        elif _is_space(byte):
            at += 1
        elif byte == 35:  # a comment
            while at < size and text[at] != 10:
                at += 1
        elif byte == 92 and _continued(text, at) > 0:
            at = _continued(text, at)
        else:
            if count == spans.shape[0]:
                break
            start = at
            while at < size:
                byte = np.int64(text[at])
                if _is_space(byte) or byte == 35 or (byte == 92 and _continued(text, at) > 0):
                    break
                at += 1
            number = intern_word(text, start, at, key, table, spans, count)
            count += np.int64(number == count)
            ids[words] = number
            starts[words] = start
            words += 1
    state[0] = at
    state[1] = words
    state[2] = count


@njit(cache=True)
def _is_space(byte):
    return byte == 32 or 9 <= byte <= 13


@njit(cache=True)
def _continued(text, at):
    """Where the next line starts, for a backslash that is the last thing in its line; else 0."""
    at += 1
    while at < text.shape[0] and text[at] != 10:
        if not _is_space(np.int64(text[at])):
            return 0
        at += 1
    return at + 1
