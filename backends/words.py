"""Text as arrays of numbers: every word becomes the number of its spelling, in the order of first sight.

A reader of a text format scans its file once in a kernel; from then on a net, a keyword or a cube is an
integer, and parsing is walking over an array.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.text import bytes_array
from trilc.errors import InputError

_LARGEST = 2**32 - 2**16


@dataclass(frozen=True, eq=False)
class Words:
    """The words of a file."""

    ids: NDArray[np.uint32]
    """(words,) the number of each word's spelling."""
    starts: NDArray[np.uint32]
    """(words,) where in ``text`` each word starts."""
    spans: NDArray[np.uint32]
    """(spellings, 2) where in ``text`` the first word of each spelling starts and stops."""
    text: bytes
    """The vocabulary's line, then the file."""
    offset: int
    """Where in ``text`` the file starts."""

    @classmethod
    def scan(cls, data: bytes, scanner: Any, vocabulary: Sequence[bytes]) -> Words:
        """The words of ``data`` as a scanner kernel finds them, numbered after those of ``vocabulary``.

        The scanner is called as ``scanner(text, key, table, spans, ids, starts, state)``. ``state`` is where
        in ``text`` it stands, how many words and how many spellings there are; it returns past the end of
        the text, at a byte that starts no word, or where ``spans`` is full, and goes on in larger arrays
        then. The hash is keyed by chance, against files made to collide; numbers do not depend on it. Raises
        :class:`InputError` for a byte that starts no word and for files of 4 GiB.
        """
        if len(data) > _LARGEST:
            raise InputError(f"a text netlist of {len(data)} bytes is too large (at most {_LARGEST})")
        prefix = b" ".join(vocabulary) + b"\n"
        text = prefix + data
        key = np.uint64(secrets.randbits(64) | 1)
        ids = np.empty(len(text) + 2, np.uint32)  # memory is real only where it is touched
        starts = np.empty(len(text) + 2, np.uint32)
        spans = np.zeros((1 << max(12, (len(text) // 64).bit_length()), 2), np.uint32)
        state = np.array([0, 0, 1], np.int64)  # number 0 has no spelling
        while True:
            table = np.zeros(4 * len(spans), np.uint64)
            _enter(bytes_array(text), key, table, spans, state[2])
            scanner(bytes_array(text), key, table, spans, ids, starts, state)
            if state[2] < len(spans):
                break
            spans = np.concatenate([spans, np.zeros_like(spans)])
        at, count, spellings = state.tolist()
        first = int(np.searchsorted(starts[:count], np.uint32(len(prefix))))
        words = cls(ids[first:count].copy(), starts[first:count].copy(), spans[:spellings], text, len(prefix))
        if at < len(text):
            raise InputError(f"{words._line_at(at)}: {chr(text[at])!r} starts no word of this format")
        return words

    def spelling(self, number: int) -> bytes:
        """The word with a number."""
        start, stop = self.spans[number].tolist()
        return self.text[start:stop]

    def quoted(self, number: int) -> str:
        """The word with a number as a message shows it."""
        return repr(self.spelling(number)[:80].decode("utf-8", "replace"))

    def line(self, word: int) -> str:
        """``line N`` for a word's position in ``ids``, or for the end of the file."""
        return self._line_at(int(self.starts[word]) if word < len(self.starts) else len(self.text))

    def _line_at(self, position: int) -> str:
        number = self.text.count(b"\n", self.offset, position) + 1
        return f"line {number}"


@njit(cache=True)
def word_hash(text, start, stop, key):
    """A keyed hash of ``text[start:stop]``."""
    h = key
    for k in range(start, stop):
        h = (h ^ np.uint64(text[k])) * key
        h ^= h >> np.uint64(29)
    return h


@njit(cache=True)
def intern_word(text, start, stop, key, table, spans, count):
    """The number of ``text[start:stop]``, entered as ``count`` where it is new.

    A slot of ``table`` holds the upper half of the hash and the number (0: empty); ``spans`` must have room.
    """
    mask = np.int64(table.shape[0] - 1)
    h = word_hash(text, start, stop, key)
    upper = h & _UPPER
    slot = np.int64(h & np.uint64(mask))
    while table[slot] != 0:
        if table[slot] & _UPPER == upper:
            number = np.int64(table[slot] & _LOWER)
            begin = np.int64(spans[number, 0])
            if np.int64(spans[number, 1]) - begin == stop - start:
                k = 0
                while k < stop - start and text[begin + k] == text[start + k]:
                    k += 1
                if k == stop - start:
                    return number
        slot = (slot + 1) & mask
    table[slot] = upper | np.uint64(count)
    spans[count, 0] = start
    spans[count, 1] = stop
    return count


@njit(cache=True)
def _enter(text, key, table, spans, count):
    """Enter the spellings ``1 … count-1`` into an empty table."""
    mask = np.int64(table.shape[0] - 1)
    for number in range(1, count):
        h = word_hash(text, np.int64(spans[number, 0]), np.int64(spans[number, 1]), key)
        slot = np.int64(h & np.uint64(mask))
        while table[slot] != 0:
            slot = (slot + 1) & mask
        table[slot] = (h & _UPPER) | np.uint64(number)


_LOWER = np.uint64(2**32 - 1)
_UPPER = np.uint64(2**64 - 2**32)
