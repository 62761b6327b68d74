"""The step of a model from packed states, one token after the other, by tables of sums.

A sum over a unit's inputs is a sum of table rows, one for each few bits of the state (Arlazarov, Dinic, Kronrod and
Faradžev 1970, the "four Russians"). What the old state adds is summed once for all tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.automata.cone import Units
from trilc.model import Model

WIDE = 64
"""Up to so many units a table row stands for 8 bits; for more it is 4, so that the tables stay in the caches."""


@dataclass(frozen=True, eq=False)
class Step:
    """The tables, and where each layer's begin.

    A state is a row of uint64 words; every layer begins with a word of its own. Sums stand in lines, one number for
    each unit, that are as long as the widest layer.
    """

    layers: NDArray[np.int64]
    """(layers, 4): units, first word, and the lines of ``tables`` in which the sums over the old state begin, and those
    over the new state of the layer below."""
    tables: NDArray[np.signedinteger]
    """Lines of sums, one for every value of every ``group`` bits."""
    added: NDArray[np.signedinteger]
    """(V, widest) what a token adds to the first layer."""
    bias: NDArray[np.signedinteger]
    """(layers, widest)"""
    group: int
    """Bits of the state that a line stands for."""
    words: int
    """Of a state."""
    bits: NDArray[np.int64]
    """(units,) which bit of a state is each unit of the model that is kept."""
    kept: NDArray[np.int64]
    """(units,) which unit of the model it is."""

    def packed(self, states: NDArray[np.uint8]) -> NDArray[np.uint64]:
        """(n, words) of (n, model's units) bits."""
        spread = np.zeros((len(states), 64 * self.words), np.uint8)
        spread[:, self.bits] = states[:, self.kept]
        return np.packbits(spread, axis=1, bitorder="little").view(np.uint64)

    def unpacked(self, rows: NDArray[np.uint64], units: int) -> NDArray[np.uint8]:
        """(n, units) bits of (n, words); units that are not kept are 0."""
        states = np.zeros((len(rows), units), np.uint8)
        spread = np.unpackbits(np.ascontiguousarray(rows).view(np.uint8), axis=1, bitorder="little")
        states[:, self.kept] = spread[:, self.bits]
        return states


def step_of(model: Model, units: Units) -> Step:
    """The step of the units that are kept, which read no others."""
    parts = np.split(units, np.cumsum([layer.units for layer in model.layers])[:-1])
    widths = [int(part.sum()) for part in parts]
    widest = max(widths)
    group = 8 if widest <= WIDE else 4
    layers, tables, bits = [], [], []
    bias = np.zeros((len(parts), widest), np.int64)
    line = word = 0
    for k, (layer, part, width) in enumerate(zip(model.layers, parts, widths, strict=True)):
        own = _tables(layer.recurrent[np.ix_(part, part)], group, model.signed, widest)
        below = _tables(layer.input[np.ix_(part, parts[k - 1])], group, model.signed, widest) if k else own[:0]
        layers.append((width, word, line, line + len(own)))
        tables += [own, below]
        bias[k, :width] = layer.bias[part]
        bits.append(64 * word + np.arange(width))
        line += len(own) + len(below)
        word += -(-width // 64)
    weights = model.layers[0].input[parts[0]].astype(np.int64)
    added = np.zeros((model.vocabulary, widest), np.int64)
    added[:, : widths[0]] = weights.T if model.embedding is None else model.embedding.astype(np.int64) @ weights.T
    sums = np.concatenate(tables)
    reach = sum(int(np.abs(part).max(initial=0)) for part in (bias, added)) + sum(
        int(np.abs(table).max(initial=0)) * (len(table) >> group) for table in tables
    )
    number = np.int16 if reach < 1 << 15 else np.int32
    if reach >= 1 << 31:
        raise OverflowError(f"sums of up to {reach} do not fit 32 bits")
    return Step(
        layers=np.array(layers, np.int64),
        tables=sums.astype(number),
        added=added.astype(number),
        bias=bias.astype(number),
        group=group,
        words=max(1, word),
        bits=np.concatenate(bits),
        kept=np.flatnonzero(units),
    )


def _tables(weights: NDArray[np.signedinteger], group: int, signed: bool, widest: int) -> NDArray[np.int64]:
    """(groups · 2^group, widest) sums of the values of so many columns at a time."""
    rows, columns = weights.shape
    groups = -(-columns // group)
    padded = np.zeros((widest, groups * group), np.int64)
    padded[:rows, :columns] = weights
    bits = np.arange(1 << group)[:, None] >> np.arange(group) & 1
    values = 2 * bits - 1 if signed else bits
    sums: NDArray[np.int64] = np.einsum("vb,rgb->gvr", values, padded.reshape(widest, groups, group))
    return sums.reshape(groups << group, widest)


@njit(cache=True, nogil=True)
def successors(states, begin, end, layers, tables, added, bias, group, sums, room, following):
    """``following[(s − begin) · V + t]`` is the row after state ``s`` has read token ``t``.

    ``sums`` is room for (layers, widest) sums, ``room`` for (1, widest).
    """
    vocabulary = added.shape[0]
    for s in range(begin, end):
        for k in range(layers.shape[0]):
            for j in range(sums.shape[1]):
                sums[k, j] = bias[k, j]
            _gather(states, s, layers[k, 1], layers[k, 0], tables, layers[k, 2], group, sums, k)
        for t in range(vocabulary):
            new = (s - begin) * vocabulary + t
            for k in range(layers.shape[0]):
                units, word = layers[k, 0], layers[k, 1]
                if k == 0:
                    for j in range(room.shape[1]):
                        room[0, j] = sums[0, j] + added[t, j]
                else:
                    for j in range(room.shape[1]):
                        room[0, j] = sums[k, j]
                    _gather(following, new, layers[k - 1, 1], layers[k - 1, 0], tables, layers[k, 3], group, room, 0)
                for low in range(0, units, 64):
                    bits = np.uint64(0)
                    for j in range(low, min(low + 64, units)):
                        bits |= np.uint64(room[0, j] >= 0) << np.uint64(j - low)
                    following[new, word + (low >> 6)] = bits


@njit(cache=True, inline="always")
def _gather(rows, row, word, bits, tables, line, group, sums, k):
    """Add to line ``k`` of ``sums`` what the ``bits`` from a word of a row on give."""
    low = (1 << group) - 1
    for g in range((bits + group - 1) // group):
        place = g * group
        value = np.int64(rows[row, word + (place >> 6)] >> np.uint64(place & 63)) & low
        at = line + (g << group) + value
        for j in range(sums.shape[1]):
            sums[k, j] += tables[at, j]
