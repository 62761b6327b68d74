"""All ``.names`` of a file at once: which covers there are, and the gates that they stand for.

A cover is a pattern (how many fan-ins, which rows) applied to nets. A large netlist holds few patterns, so a
pattern is parsed once, in :mod:`backends.blif.cover`, and stamped out in a kernel.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.blif.cover import template
from backends.blif.scanner import NEWLINE
from backends.words import Words
from trilc.aig import Literals
from trilc.errors import InputError


@dataclass(frozen=True, eq=False)
class Covers:
    """The ``.names`` of a file, in its order."""

    targets: NDArray[np.int64]
    """(covers,) the position, among the words, of the net that each defines."""
    widths: NDArray[np.int64]
    """(covers,) how many fan-ins; their positions are just before the target's."""
    patterns: NDArray[np.int64]
    """(covers,) the first cover of the same pattern."""
    words: Words
    ends: NDArray[np.int64]
    """(covers,) the position after each one's rows."""

    @classmethod
    def find(cls, words: Words, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Covers:
        """Covers of the statements that start with ``.names`` at ``starts``. Raises :class:`InputError`."""
        heads = np.empty(len(starts), np.int64)
        fault = _heads(words.ids, starts, ends, heads)
        if fault >= 0:
            raise InputError(
                f"{words.line(fault)}: expected a cube and a value, or a value alone without fan-ins"
            )
        widths = heads - starts - 2
        if (widths < 0).any():
            raise InputError(f"{words.line(int(starts[np.argmax(widths < 0)]))}: .names without a net")
        patterns = np.empty(len(starts), np.int64)
        table = np.zeros(1 << (2 * len(starts) + 1).bit_length(), np.uint32)
        key = np.uint64(secrets.randbits(64) | 1)
        _classify(words.ids, heads, ends, widths, key, table, patterns)
        return cls(heads - 1, widths, patterns, words, ends)

    def gates(self, first_variable: int) -> tuple[Literals, int]:
        """(gates, 3) for :func:`backends.linking.link`, and the number of variables then.

        A net's variable is the number of its word. What lies inside a cover is numbered from
        ``first_variable``.
        """
        representatives = np.unique(self.patterns)
        templates = [self._template(int(cover)) for cover in representatives]
        sizes = np.array([len(gates) for gates, _ in templates], np.int64)
        pairs = np.array([pair for gates, _ in templates for pair in gates], np.int64).reshape(-1, 2)
        results = np.array([result for _, result in templates], np.int64)
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        which = np.searchsorted(representatives, self.patterns)
        total = int(sizes[which].sum())
        rows = np.empty((total + len(which), 3), np.uint32)
        local = np.empty(int((self.widths + sizes[which]).max(initial=0)) + 1, np.int64)
        used, variables = _stamp(
            self.words.ids,
            self.targets,
            self.widths,
            which,
            pairs,
            offsets,
            results,
            local,
            first_variable,
            rows,
        )
        return rows[:used], variables

    def _template(self, cover: int) -> tuple[tuple[tuple[int, int], ...], int]:
        ids = self.words.ids[self.targets[cover] + 2 : self.ends[cover]]
        rows = [self.words.spelling(number) for number in ids[ids != NEWLINE].tolist()]
        try:
            return template(int(self.widths[cover]), rows)
        except InputError as error:
            raise InputError(f"{self.words.line(int(self.targets[cover]))}: {error}") from None


@njit(cache=True)
def _heads(ids, starts, ends, heads):
    """Where the first line of each cover ends; returns a position in a row of the wrong length, or −1."""
    for i in range(starts.shape[0]):
        at = starts[i]
        while ids[at] != NEWLINE:
            at += 1
        heads[i] = at
        expected = 1 if at == starts[i] + 2 else 2
        at += 1
        while at < ends[i]:
            row = at
            while ids[at] != NEWLINE:
                at += 1
            if at - row != expected:
                return row
            at += 1
    return -1


@njit(cache=True)
def _classify(ids, heads, ends, widths, key, table, patterns):
    """For each cover, the first one of the same width and the same rows (hash table of covers plus one)."""
    mask = np.int64(table.shape[0] - 1)
    for i in range(heads.shape[0]):
        h = (key ^ np.uint64(widths[i])) * key
        for at in range(heads[i] + 1, ends[i]):
            h ^= h >> np.uint64(29)
            h = (h ^ np.uint64(ids[at])) * key
        h ^= h >> np.uint64(32)
        slot = np.int64(h & np.uint64(mask))
        while table[slot] != 0:
            other = np.int64(table[slot]) - 1
            length = ends[i] - heads[i]
            if widths[other] == widths[i] and ends[other] - heads[other] == length:
                k = 1
                while k < length and ids[heads[other] + k] == ids[heads[i] + k]:
                    k += 1
                if k >= length:
                    break
            slot = (slot + 1) & mask
        if table[slot] == 0:
            table[slot] = i + 1
        patterns[i] = np.int64(table[slot]) - 1


@njit(cache=True)
def _stamp(ids, targets, widths, which, pairs, offsets, results, local, variable, rows):
    """Write every cover's gates; returns the number of rows and of variables."""
    used = 0
    for i in range(targets.shape[0]):
        width = widths[i]
        target = targets[i]
        local[0] = 0
        for k in range(width):
            local[1 + k] = 2 * np.int64(ids[target - width + k])
        begin, end = offsets[which[i]], offsets[which[i] + 1]
        result = results[which[i]]
        direct = end > begin and result == 2 * (width + end - begin)
        for k in range(begin, end):
            if direct and k == end - 1:
                rows[used, 0] = ids[target]
            else:
                rows[used, 0] = variable
                local[1 + width + k - begin] = 2 * variable
                variable += 1
            rows[used, 1] = local[pairs[k, 0] >> 1] ^ (pairs[k, 0] & 1)
            rows[used, 2] = local[pairs[k, 1] >> 1] ^ (pairs[k, 1] & 1)
            used += 1
        if not direct:
            literal = local[result >> 1] ^ (result & 1)
            rows[used, 0] = ids[target]
            rows[used, 1] = literal
            rows[used, 2] = literal
            used += 1
    return used, variable
