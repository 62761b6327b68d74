"""Which bits each neuron of a model reads to any effect: the closed form, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trilc.exact.product import product
from trilc.explain.modules.threshold import literals_that_sum_to, pivots
from trilc.model import Model


@dataclass(frozen=True, eq=False)
class Reads:
    """What the neurons of a model can depend on, all its bits being free."""

    certain: NDArray[np.bool_]
    """(units, units) whether new bit i depends on old bit j, for sure: flipping j flips i in some state."""
    possible: NDArray[np.bool_]
    """(units, units) the same, or not known: new bits of the layer below are not as free as the closed form takes them.
    All others are independent."""


def reads(model: Model) -> Reads:
    """The closed form for every neuron. In the first layer it is exact; above, it says what can't be."""
    units = model.units
    possible = np.zeros((units, units), np.bool_)
    certain = np.zeros((units, units), np.bool_)
    begin = 0
    for k, layer in enumerate(model.layers):
        end = begin + layer.units
        weights, thresholds = _counts(model, k)
        local = np.array([_decides(row, at) for row, at in zip(weights, thresholds, strict=True)], np.bool_)
        local = local.reshape(layer.units, -1)
        possible[begin:end, begin:end] = local[:, : layer.units]
        if k == 0:
            certain[:end, :end] = local
        else:
            below = slice(begin - model.layers[k - 1].units, begin)
            possible[begin:end] |= (local[:, layer.units :].astype(np.int64) @ possible[below]) > 0
        begin = end
    return Reads(certain, possible)


def deciding_case(model: Model, unit: int, bit: int) -> tuple[NDArray[np.uint8], int] | None:
    """A state (units,) and a token at which flipping ``bit`` flips the new bit ``unit``, both of the first layer."""
    weights, thresholds = _counts(model, 0)
    row, at = weights[unit], thresholds[unit]
    size = abs(int(row[bit]))
    others = row.copy()
    others[bit] = 0
    if not size or (pivot := pivots(np.abs(row[row != 0]), at.tolist()).get(size)) is None:
        return None
    state = np.zeros(model.units, np.uint8)
    read = np.flatnonzero(others)
    literals = literals_that_sum_to(np.abs(others[read]), pivot.rest)
    state[read] = literals ^ (others[read] < 0)
    return state, int(np.flatnonzero(at == pivot.threshold)[0])


def _counts(model: Model, k: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A layer's neurons as counts of literals against thresholds: signed weights (H, n) and thresholds (H, tokens).

    The n bits are the layer's own and, above the first layer, the new ones below; a negative weight counts a
    complement.
    """
    layer = model.layers[k]
    weights = layer.recurrent.astype(np.int64)
    if k:
        weights = np.concatenate([weights, layer.input.astype(np.int64)], axis=1)
        asked = -layer.bias[:, None]
    else:
        below = layer.input.astype(np.int64)
        from_token = below if model.embedding is None else product(model.embedding, layer.input).T
        asked = -layer.bias[:, None] - from_token
    if model.signed:  # Σ w (2b − 1) >= a
        asked = -(-(asked + weights.sum(1)[:, None]) // 2)
    return weights, asked - np.minimum(weights, 0).sum(1)[:, None]


def _decides(weights: NDArray[np.int64], thresholds: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n,) which bits of one neuron can decide it."""
    sizes = np.abs(weights)
    return np.isin(sizes, list(pivots(sizes[sizes > 0], thresholds.tolist())))
