"""An Elman layer in word-level operations."""

from __future__ import annotations

from math import gcd

import numpy as np
from numpy.typing import NDArray

from trilc.cells.elman.layer import ElmanLayer
from trilc.ir.graph import Graph


def step(
    graph: Graph,
    layer: ElmanLayer,
    signed: bool,
    old: list[int],
    below: list[int],
    token: int,
    added: NDArray[np.int64] | None,
) -> list[int]:
    """Append the layer's step to ``graph``; returns the numbers of its new state bits.

    ``old`` numbers the layer's state bits and ``below`` the new state bits of the layer underneath. The first
    layer has nothing underneath: ``added`` (V, H) is what each token adds to its pre-activations.
    """
    if added is None:
        weights, added = (
            np.concatenate([layer.recurrent, layer.input], axis=1),
            np.zeros((1, layer.units), np.int64),
        )
    else:
        weights = layer.recurrent
    return [
        _neuron(graph, [*old, *below], row.astype(np.int64), column + bias, signed, token)
        for row, column, bias in zip(weights, added.T, layer.bias.tolist(), strict=True)
    ]


def _neuron(
    graph: Graph,
    bits: list[int],
    weights: NDArray[np.int64],
    added: NDArray[np.int64],
    signed: bool,
    token: int,
) -> int:
    """The bit ``Σ weight · v(bit) + added[token] >= 0``, as one count of bits against what the token asks for.

    A ±1 value is ``2·bit − 1``; whatever all weights have in common is divided out, rounding down, which
    changes no comparison. Token terms beyond the count's reach are drawn in to where they just decide.
    """
    if signed:
        weights, added = 2 * weights, added - int(weights.sum())
    unit = gcd(*weights.tolist()) or 1
    weights, added = weights // unit, added // unit
    low, high = int(weights[weights < 0].sum()), int(weights[weights > 0].sum())
    added = np.clip(added, -high - 1, -low)
    count = graph.popcount(bits, weights)
    if len(added) == 1:
        return graph.at_least(count, -int(added[0]))
    return graph.at_least(graph.add([count, graph.table(token, added)]), 0)
