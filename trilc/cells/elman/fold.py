"""From a layer's tensors to integers: scales, biases and normalisation fold into weights and thresholds.

A neuron fires where ``pre >= 0``, with ``pre = unit · N + offset``: the unit is the largest number of which
both weight scales are integer multiples, N a sum of integer weights, the offset its bias. Normalisation is
monotonic in N, so that what remains is ``±N + bias >= 0`` with an integer bias, a floor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np
from numpy.typing import NDArray

from trilc.cells.elman.layer import ElmanLayer, Weights
from trilc.errors import InputError
from trilc.exact.surd import floor_surd
from trilc.exact.tensors import Tensors
from trilc.exact.ternary import Ternary
from trilc.exact.unit import LARGEST_MULTIPLE, common_unit


@dataclass(frozen=True)
class Below:
    """What a layer reads: token vectors, or the new state of the layer below."""

    axis: str
    """How the format page calls its width: ``V``, ``E`` or ``H``."""
    width: int
    unit: Fraction = Fraction(1)
    """The real value of an integer 1 in it; 0 where all of it is 0."""
    peak: int = 1
    """The largest magnitude among its integers."""


@dataclass(frozen=True)
class Norm:
    """``(pre − mean) / √variance · gain + shift``, neuron by neuron."""

    gain: Sequence[Fraction]
    shift: Sequence[Fraction]
    mean: Sequence[Fraction]
    variance: Sequence[Fraction]
    """Positive: the stored one and norm_eps together."""


def fold_layer(tensors: Tensors, k: int, below: Below, norm_eps: Fraction) -> ElmanLayer:
    """Layer ``k`` of a checkpoint in integers.

    Raises :class:`InputError` naming the tensor, and the entry in it, that is malformed or can't be exact.
    """
    units = tensors.size(f"rnn.weight_hh_l{k}", 1)
    recurrent = tensors.ternary(f"rnn.weight_hh_l{k}", "H, H", units, units)
    weight_ih = tensors.ternary(f"rnn.weight_ih_l{k}", f"H, {below.axis}", units, below.width)
    offset = _offsets(tensors, k, units)
    norm = _norm(tensors, k, units, norm_eps)
    unit, multiples = _multiples(k, recurrent, weight_ih, below.unit)
    bias = np.empty(units, np.int64)
    reach = _reach(recurrent, multiples[0], 1) + _reach(weight_ih, multiples[1], below.peak)
    for j in range(units):
        direction, threshold = 1, 0
        if norm is None:
            threshold = floor(offset[j] / unit[j])
        else:
            direction, threshold = _through(norm, j, unit[j], offset[j])
        multiples[:, j] *= direction
        # A bias beyond all that the sum can reach makes a constant, whatever its size.
        bias[j] = min(max(threshold, -int(reach[j]) - 1), int(reach[j]))
    reset = f"rnn.h0_l{k}"
    return ElmanLayer(
        recurrent=_weights(recurrent, multiples[0]),
        input=_weights(weight_ih, multiples[1]),
        bias=bias,
        reset=tensors.bits(reset, "H,", units) if reset in tensors else np.zeros(units, np.uint8),
    )


def _through(norm: Norm, j: int, unit: Fraction, offset: Fraction) -> tuple[int, int]:
    """``(direction, bias)``: neuron j's ``unit · N + offset``, normalised, is at least 0 exactly where
    ``direction · N + bias`` is.

    That is the inequality solved for N; the direction is the sign of the gain.
    """
    gain, shift = norm.gain[j], norm.shift[j]
    if gain == 0:
        return 0, 0 if shift >= 0 else -1
    direction = 1 if gain > 0 else -1
    rational = direction * (offset - norm.mean[j]) / unit
    return direction, floor_surd(rational, direction * shift / (gain * unit), norm.variance[j])


def _offsets(tensors: Tensors, k: int, units: int) -> list[Fraction]:
    """The bias: one tensor, or the exact sum of torch's two."""
    own, halves = f"rnn.bias_l{k}", (f"rnn.bias_ih_l{k}", f"rnn.bias_hh_l{k}")
    given = [name for name in halves if name in tensors]
    if not given:
        return tensors.rationals(own, "H,", units) if own in tensors else [Fraction(0)] * units
    if own in tensors:
        raise InputError(f"{given[0]}: found beside {own}; expected one form of the bias")
    for name in halves:
        tensors.require(name, beside=given[0])
    return [a + b for a, b in zip(*(tensors.rationals(name, "H,", units) for name in halves), strict=True)]


def _norm(tensors: Tensors, k: int, units: int, norm_eps: Fraction) -> Norm | None:
    names = [f"rnn.norm_l{k}.{part}" for part in ("weight", "bias", "mean", "var")]
    given = [name for name in names if name in tensors]
    if not given:
        return None
    for name in names:
        tensors.require(name, beside=given[0])
    gain, shift, mean, variance = (tensors.rationals(name, "H,", units) for name in names)
    for j, stored in enumerate(variance):
        if stored + norm_eps <= 0:
            raise InputError(
                f"{names[3]}[{j}]: found {float(stored)}; "
                f"expected a positive sum with norm_eps ({float(norm_eps)})"
            )
    return Norm(gain, shift, mean, [stored + norm_eps for stored in variance])


def _multiples(
    k: int, recurrent: Ternary, weight_ih: Ternary, input_unit: Fraction
) -> tuple[list[Fraction], NDArray[np.int64]]:
    """Each neuron's unit, and its (2, H) recurrent and input scales as integer multiples of it."""
    units: list[Fraction] = []
    multiples = np.empty((2, len(recurrent.scales)), np.int64)
    for j, (alpha, beta) in enumerate(zip(recurrent.scales.tolist(), weight_ih.scales.tolist(), strict=True)):
        scales = Fraction(alpha), Fraction(beta) * input_unit
        unit = common_unit(*scales) or Fraction(1)
        p, q = (int(scale / unit) for scale in scales)
        if max(p, q) > LARGEST_MULTIPLE:
            times = "" if input_unit == 1 else f" (times {float(input_unit)} of the embedding)"
            raise InputError(
                f"rnn.weight_hh_l{k}[{j}] and rnn.weight_ih_l{k}[{j}]: found scales {alpha} and {beta}"
                f"{times}; expected a ratio of integers up to {LARGEST_MULTIPLE}"
            )
        units.append(unit)
        multiples[:, j] = p, q
    return units, multiples


def _reach(weights: Ternary, multiples: NDArray[np.int64], peak: int) -> NDArray[np.int64]:
    """The largest magnitude that each row's sum can have over values up to ``peak``."""
    fan_in: NDArray[np.int64] = np.count_nonzero(weights.signs, axis=1)
    return fan_in * multiples * peak


def _weights(weights: Ternary, multiples: NDArray[np.int64]) -> Weights:
    """Signs times multiples, row by row, in the smallest integer type that holds both signs of them."""
    if (multiples == 1).all():
        return weights.signs
    small = np.abs(multiples).max() <= np.iinfo(np.int8).max
    narrow: Weights = multiples.astype(np.int8) if small else multiples.astype(np.int16)
    return np.multiply(weights.signs, narrow[:, None])
