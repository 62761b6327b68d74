"""The rows of a model as thresholds: neurons, comparisons of scores, and what is said."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from trilc.errors import InputError
from trilc.exact.product import product
from trilc.explain.formula.threshold import Bit, Integers, Literal, Statement, Sum, Threshold
from trilc.model import Head, Model


def neuron(model: Model, index: int) -> Statement:
    """Whether a state bit, by its number in all layers, is 1 after a token."""
    k, begin = _layer(model, index)
    layer, j = model.layers[k], index - begin
    bits = [Bit(begin + i) for i in range(layer.units)]
    weights = layer.recurrent[j].astype(np.int64)
    added = np.zeros(model.vocabulary, np.int64)
    if k:
        below = model.layers[k - 1].units
        bits += [Bit(begin - below + i, True) for i in range(below)]
        weights = np.concatenate([weights, layer.input[j].astype(np.int64)])
    elif model.embedding is None:
        added = layer.input[j].astype(np.int64)
    else:
        added = product(model.embedding, layer.input[j : j + 1])[:, 0]
    coefficients, constant = _over_bits(model, weights)
    constant += int(layer.bias[j])
    return Statement(f"h'[{index}]", (Threshold.of(bits, coefficients, added + constant, constant),))


def fan_in(model: Model, index: int) -> int:
    """How many bits a state bit depends on."""
    k, begin = _layer(model, index)
    layer, j = model.layers[k], index - begin
    return int(np.count_nonzero(layer.recurrent[j]) + (np.count_nonzero(layer.input[j]) if k else 0))


def match(model: Model, pattern: Mapping[int, int]) -> Statement:
    """Whether state bits have certain values after a token."""
    parts = []
    for index, value in pattern.items():
        (part,) = neuron(model, index).parts
        parts.append(part if value else part.complement())
    digits = "".join(str(value) for value in pattern.values())
    return Statement(f"h'[{','.join(map(str, pattern))}] = 0b{digits}", tuple(parts))


def score(model: Model, output: int, name: str) -> Sum:
    """The score of an output, of the state after a token. Raises :class:`InputError` where it is no integer."""
    model.require_integer_scores()
    coefficients, constant = _over_bits(model, _head(model).weight[output].astype(np.int64))
    used = np.flatnonzero(coefficients)
    bits = _last_layer(model)
    literals = tuple(Literal(bits[k], bool(coefficients[k] > 0)) for k in used.tolist())
    constant += int(_head(model).bias[output]) + int(coefficients[coefficients < 0].sum())
    return Sum(name, literals, np.abs(coefficients[used]), constant)


def difference(model: Model, one: int, other: int | None, least: int) -> Threshold:
    """Whether the integer score of one output exceeds that of another (None: 0) by at least so much."""
    head = _head(model)
    weights, bias = head.weight[one].astype(np.int64), int(head.bias[one])
    if other is not None:
        weights, bias = weights - head.weight[other], bias - int(head.bias[other])
    coefficients, constant = _over_bits(model, weights)
    constant += bias - least
    return Threshold.of(_last_layer(model), coefficients, np.full(model.vocabulary, constant), constant)


def beats(model: Model, one: int, other: int) -> Threshold:
    """Whether the argmax would choose one output rather than another: by score, then fraction, then index."""
    rank = _head(model).fraction_rank.tolist()
    wins_ties = (rank[one], -one) > (rank[other], -other)
    return difference(model, one, other, 0 if wins_ties else 1)


def said(model: Model, output: int, name: str) -> Statement:
    """Whether an output is what is said: it beats all others."""
    others = [other for other in range(model.num_outputs) if other != output]
    return Statement(name, tuple(beats(model, output, other) for other in others))


def _layer(model: Model, index: int) -> tuple[int, int]:
    """The layer of a state bit, and the number of the layer's first."""
    begin, k = 0, 0
    while index - begin >= model.layers[k].units:
        begin += model.layers[k].units
        k += 1
    return k, begin


def _over_bits(model: Model, weights: Integers) -> tuple[Integers, int]:
    """Coefficients of the bits, and a constant, that make the sum of weighted values."""
    return (2 * weights, -int(weights.sum())) if model.signed else (weights, 0)


def _last_layer(model: Model) -> list[Bit]:
    last = model.layers[-1].units
    return [Bit(model.units - last + j, True) for j in range(last)]


def _head(model: Model) -> Head:
    if model.head is None:
        raise InputError("head.weight is missing; without it there are no scores")
    return model.head
