"""From the head's tensors to integer scores."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import numpy as np

from trilc.errors import InputError
from trilc.exact.tensors import Tensors
from trilc.model import Head

LARGEST_BIAS = 1 << 62


def fold_head(tensors: Tensors, units: int) -> tuple[Head | None, Fraction]:
    """The head in integers, None where there is none, and the real value of one of its units of score.

    Scores are compared as W · v + b/α: integers W and one scale α for the tensor. Raises :class:`InputError`
    naming the row whose scale or bias does not allow that.
    """
    if "head.weight" not in tensors:
        if "head.bias" in tensors:
            tensors.require("head.weight", beside="head.bias")
        return None, Fraction(1)
    outputs = tensors.size("head.weight", 0)
    stored = tensors.ternary("head.weight", "O, H", outputs, units)
    scaled = np.flatnonzero(stored.scales)
    scale = stored.scales[scaled[0]].item() if scaled.size else 1.0
    for row in scaled.tolist():
        if stored.scales[row] != scale:
            raise InputError(
                f"head.weight[{row}]: found scale {stored.scales[row]} where row {scaled[0]} has {scale}; "
                "expected one scale for the tensor"
            )
    unit = Fraction(scale)
    biases = [Fraction(0)] * outputs
    if "head.bias" in tensors:
        biases = [bias / unit for bias in tensors.rationals("head.bias", "O,", outputs)]
    for row, bias in enumerate(biases):
        if abs(bias) > LARGEST_BIAS:
            raise InputError(
                f"head.bias[{row}]: found {float(bias * unit)}; expected at most 2^62 times the head's scale"
            )
    floors = [floor(bias) for bias in biases]
    fractions = [bias - whole for bias, whole in zip(biases, floors, strict=True)]
    ranks = {fraction: rank for rank, fraction in enumerate(sorted({Fraction(0), *fractions}))}
    head = Head(
        weight=stored.signs,
        bias=np.array(floors, np.int64),
        fraction_rank=np.array([ranks[fraction] for fraction in fractions], np.int64),
    )
    return head, unit
