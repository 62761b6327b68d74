"""A model as the kernel takes it: a bank of sums for each layer and for the head, and thresholds.

A state is a row of 64-bit words, layer after layer, each beginning a word. What a layer reads lies side by side: the
new state of the layer below, and its own old one. Where a bit's value is 2b − 1, Σ w·v = 2·Σ w·b − Σ w; so every
neuron is a sum over bits and a threshold, and only the first layer's thresholds depend on the token.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from trilc.engines.words.bank import Bank, Integers, Weights, bank
from trilc.exact.product import product
from trilc.model import Bits, Head, Model

CHOICES = 32
"""The head's sums come in a multiple of so many: among these the kernel looks for the largest at once."""

NUMBERS = FIRST, WORDS, BELOW, LANES, PLANES, DATA, THRESHOLDS = range(7)
"""A bank in numbers. The last two say where its data and its thresholds begin."""

Sums = NDArray[np.signedinteger[Any]]


class Layout:
    """A model's numbers in memory."""

    def __init__(self, model: Model) -> None:
        words = [-(-layer.units // 64) for layer in model.layers]
        ends = np.cumsum([0, *words]).tolist()
        self.words: int = ends[-1]
        """Words of a state."""
        self._bits = np.concatenate([64 * ends[k] + np.arange(layer.units) for k, layer in enumerate(model.layers)])
        layers = [_Neurons(model, k, words) for k in range(len(words))]
        kind = np.result_type(*(layer.kind for layer in layers))
        tables, head_tables = _Store(kind), _Store(np.int8)
        planes, fixed = _Store(np.uint64), _Store(kind)
        self.by_token = TokenThresholds(model, layers[0], kind)
        numbers = []
        for k, layer in enumerate(layers):
            sums = bank(layer.weights, np.zeros(64 * words[k], np.int64), kind, ends[k] - layer.below, layer.below)
            at = (planes if sums.planes else tables).add(sums.data)
            start = fixed.add(layer.thresholds(model.layers[k].bias, kind)) if k else 0
            numbers.append((sums.first, sums.words, sums.below, sums.lanes, sums.planes, at, start))
        self.scores = None
        if model.head is not None:
            self.scores = Scores(model.head, model.signed, words[-1], ends[-2])
            head = self.scores.bank
            head_tables = _Store(self.scores.kind)
            at = (planes if head.planes else head_tables).add(head.data)
            numbers.append((head.first, head.words, 0, head.lanes, head.planes, at, 0))
        self.banks = np.array(numbers, np.int64)
        """Those of the layers, then that of the head, in :data:`NUMBERS`."""
        self.layers = len(layers)
        self.tables, self.planes, self.fixed = tables.joined(), planes.joined(), fixed.joined()
        """What these refer to: layers' tables, all planes, and the thresholds of layers above the first."""
        self.head = head_tables.joined()
        """The tables of the head."""

    def pack(self, state: Bits) -> NDArray[np.uint64]:
        """(…, units) bits as (…, words)."""
        spread = np.zeros((*state.shape[:-1], 64 * self.words), np.uint8)
        spread[..., self._bits] = state
        return np.packbits(spread, axis=-1, bitorder="little").view("<u8").astype(np.uint64)

    def unpack(self, words: NDArray[np.uint64]) -> Bits:
        """The inverse."""
        spread = np.unpackbits(words.astype("<u8").view(np.uint8), axis=-1, bitorder="little")
        return spread[..., self._bits]


class _Neurons:
    """A layer: its new state is ``sums >= thresholds``."""

    def __init__(self, model: Model, k: int, words: list[int]) -> None:
        layer = model.layers[k]
        self.below = words[k - 1] if k else 0
        """Words of the layer below that it reads."""
        weights = _spread(layer.recurrent, words[k])
        if k:
            weights = np.hstack([_spread(layer.input, self.below), weights])
        self._unit = np.ones(layer.units, np.int64)
        if np.abs(weights).max(initial=0) > 1:  # scales were folded into them
            self._unit = np.maximum(np.gcd.reduce(weights, axis=1), 1).astype(np.int64)
            weights = weights // self._unit[:, None].astype(weights.dtype)
        self.weights: Weights = weights
        """(units, 64 · words) of what it reads."""
        self._low, self._high, self._total = _reach(weights)
        self.kind = _kind_for(self._low, self._high)
        """The smallest type that its sums fit."""
        self._factor = 2 if model.signed else 1
        self._middle: Integers = self._total if model.signed else np.zeros_like(self._total)
        self._lanes = 64 * words[k]

    def thresholds(self, rest: Integers, kind: np.dtype[Any]) -> Sums:
        """(lanes,) thresholds where (units,) ``rest`` is what else is added to the pre-activations."""
        wanted = -((rest // self._unit - self._middle) // self._factor)
        padded = np.full(self._lanes, np.iinfo(kind).max, kind)
        padded[: len(wanted)] = np.clip(wanted, self._low, self._high + 1)  # out of reach is out of reach
        return padded


class TokenThresholds:
    """The first layer's thresholds for each token, found when it is first read."""

    def __init__(self, model: Model, neurons: _Neurons, kind: np.dtype[Any]) -> None:
        self._layer, self._embedding, self._neurons = model.layers[0], model.embedding, neurons
        self._is_known = np.zeros(model.vocabulary, np.bool_)
        self.rows: Sums = np.empty((model.vocabulary, 64 * -(-self._layer.units // 64)), kind)
        """(V, lanes), those that were not found undefined."""

    def find(self, tokens: NDArray[np.integer]) -> None:
        """Fill the rows of these tokens."""
        if self._is_known.all():
            return
        for token in np.unique(tokens[~self._is_known[tokens]]):
            self.rows[token] = self._neurons.thresholds(self._rest(int(token)), self.rows.dtype)
            self._is_known[token] = True

    def _rest(self, token: int) -> Integers:
        """(units,) what a token adds to each sum."""
        if self._embedding is None:
            term: Integers = self._layer.input[:, token].astype(np.int64)
        else:
            term = product(self._embedding[token, None], self._layer.input)[0]
        return term + self._layer.bias


class Scores:
    """The head. Its rows stand as ties are decided: the first of the largest sums is the choice."""

    def __init__(self, head: Head, signed: bool, words: int, first: int) -> None:
        weights = _spread(head.weight, words)
        low, high, total = _reach(weights)
        self._factor = 2 if signed else 1
        offset, self._rest = np.divmod(head.bias - total if signed else head.bias, self._factor)
        self.order = np.lexsort((-head.fraction_rank, -self._rest))
        """(O,) the output of each row; equal ones in the order of their indices, for the sort is stable."""
        self.kind = _kind_for(low + offset, high + offset)
        """The smallest type that the sums fit."""
        padded = np.full(-(-len(offset) // CHOICES) * CHOICES, np.iinfo(self.kind).min, np.int64)
        padded[: len(offset)] = offset[self.order]
        self.bank: Bank = bank(weights[self.order], padded, self.kind, first)

    def of_sums(self, sums: Integers) -> Integers:
        """(…, O) scores of (…, O) sums of rows."""
        scores = np.empty_like(sums)
        scores[..., self.order] = self._factor * sums
        scores += self._rest
        return scores


class _Store:
    """Arrays that lie in one, each from the beginning of a cache line on: vectors that straddle two are slow."""

    LINE = 64

    def __init__(self, kind: DTypeLike) -> None:
        self._kind = np.dtype(kind)
        self._parts: list[NDArray[Any]] = []
        self._size = 0

    def add(self, part: NDArray[Any]) -> int:
        """Where it will begin."""
        start = self._size
        self._parts.append(part)
        line = self.LINE // self._kind.itemsize
        self._size += -(-part.size // line) * line
        return start

    def joined(self) -> NDArray[Any]:
        """All of them."""
        buffer = np.zeros(self._size * self._kind.itemsize + self.LINE, np.uint8)
        whole = buffer[-buffer.ctypes.data % self.LINE :][: self._size * self._kind.itemsize].view(self._kind)
        start = 0
        for part in self._parts:
            whole[start : start + part.size] = part.reshape(-1).view(self._kind)
            line = self.LINE // self._kind.itemsize
            start += -(-part.size // line) * line
        return whole


def _spread(weights: Weights, words: int) -> Weights:
    """Weights of so many words of bits: padding has none."""
    return np.pad(weights, ((0, 0), (0, 64 * words - weights.shape[1])))


def _reach(weights: Weights) -> tuple[Integers, Integers, Integers]:
    """(rows,) the least and the most that each row's sum can be, and the sum of its weights."""
    low: Integers = np.minimum(weights, 0).sum(axis=1, dtype=np.int64)
    total: Integers = weights.sum(axis=1, dtype=np.int64)
    return low, total - low, total


def _kind_for(low: Integers, high: Integers) -> np.dtype[Any]:
    """The type of sums in this range, of thresholds one beyond it, and of padding one beyond these."""
    largest = max(-int(low.min()), int(high.max()) + 1) + 1
    return np.dtype(next(f"i{width}" for width in (1, 2, 8) if largest <= 1 << (8 * width - 1)))
