"""Putting LUTs together: equal ones once, none that is a constant or a wire, none that nobody reads."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig.word_tables import EMPTY, VARIABLES, flip, normalise


class Luts(NamedTuple):
    """LUTs in topological order over the nodes below ``first``, and the literals that are seen of them."""

    leaves: NDArray[np.uint32]
    """(LUTs, k) nodes, those beyond the width 0."""
    widths: NDArray[np.uint8]
    tables: NDArray[np.uint64]
    roots: NDArray[np.uint32]
    """(roots,) literals: ``2·node + complement``."""


def assemble(luts: Luts, first: int) -> Luts:
    """The same functions of the roots, tidied up; the roots are uncomplemented.

    A LUT that is only seen negated is negated itself; where a node is seen both ways there is an inverter, and
    where the constant true is seen, a LUT without inputs. Linear in time.
    """
    count, literal_of = len(luts.widths), np.empty(first + len(luts.widths), np.uint32)
    literal_of[:first] = 2 * np.arange(first)
    work = Luts(np.zeros_like(luts.leaves), np.zeros_like(luts.widths), np.zeros_like(luts.tables), luts.roots)
    slots = np.zeros(1 << max(2 * count, 16).bit_length(), np.uint32)
    count = _hash(luts, first, literal_of, work, slots)
    roots = literal_of[luts.roots >> 1] ^ (luts.roots & 1)
    seen = np.zeros((first + count, 2), np.bool_)
    seen[roots >> 1, roots & 1] = True
    used = seen[:, 0] | seen[:, 1]
    _mark(work, first, count, used)
    inverters = np.flatnonzero(seen[:, 1] & (seen[:, 0] | (np.arange(len(seen)) < first)))
    negated = seen[:, 1] & ~seen[:, 0]
    negated[:first] = False
    number = np.cumsum(used[first:], dtype=np.int64) + first - 1
    number = np.concatenate([np.arange(first), number])
    total = int(used[first:].sum()) + len(inverters)
    result = Luts(
        np.zeros((total, luts.leaves.shape[1]), np.uint32), np.zeros(total, np.uint8), np.zeros(total, np.uint64),
        number[roots >> 1].astype(np.uint32),
    )  # fmt: skip
    _renumber(work, first, used, negated, number, result)
    after = total - len(inverters)
    result.widths[after:] = inverters > 0
    result.leaves[after:, 0] = number[inverters]
    result.tables[after:] = ~np.where(inverters > 0, VARIABLES[0], EMPTY)
    twice = np.isin(roots >> 1, inverters) & (roots & 1 == 1)
    result.roots[twice] = first + after + np.searchsorted(inverters, roots[twice] >> 1)
    return result


@njit(cache=True)
def _hash(luts, first, literal_of, out, slots):
    """Enter every LUT unless it is a constant, a wire, or there already, maybe negated; returns their number."""
    mask = slots.shape[0] - 1
    literal = np.empty(luts.leaves.shape[1], np.int64)
    count = 0
    for i in range(luts.widths.shape[0]):
        size = np.int64(luts.widths[i])
        for k in range(size):
            literal[k] = literal_of[luts.leaves[i, k]]
        table, size = normalise(luts.tables[i], literal, size)
        negate = np.int64(table & np.uint64(1))
        if negate:
            table = ~table
        if size == 0:
            literal_of[first + i] = negate
            continue
        if size == 1:
            literal_of[first + i] = literal[0] ^ negate
            continue
        key = table
        for k in range(size):
            key = (key ^ np.uint64(literal[k])) * np.uint64(0x9E3779B97F4A7C15)
            key ^= key >> np.uint64(29)
        slot = np.int64(key & np.uint64(mask))
        while slots[slot] != 0:
            other = np.int64(slots[slot]) - first
            same = out.tables[other] == table and out.widths[other] == size
            for k in range(size):
                same = same and out.leaves[other, k] == literal[k] >> 1
            if same:
                break
            slot = (slot + 1) & mask
        if slots[slot] == 0:
            slots[slot] = first + count
            out.tables[count] = table
            out.widths[count] = size
            for k in range(size):
                out.leaves[count, k] = literal[k] >> 1
            count += 1
        literal_of[first + i] = 2 * np.int64(slots[slot]) ^ negate
    return count


@njit(cache=True)
def _mark(luts, first, count, used):
    for i in range(count - 1, -1, -1):
        if used[first + i]:
            for k in range(luts.widths[i]):
                used[luts.leaves[i, k]] = True


@njit(cache=True)
def _renumber(luts, first, used, negated, number, out):
    for node in range(first, used.shape[0]):
        if not used[node]:
            continue
        i, row = node - first, number[node] - first
        table = luts.tables[i]
        for k in range(luts.widths[i]):
            x = luts.leaves[i, k]
            out.leaves[row, k] = number[x]
            if negated[x]:
                table = flip(table, k)
        out.widths[row] = luts.widths[i]
        out.tables[row] = ~table if negated[node] else table
