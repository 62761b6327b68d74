"""From the embedding to integer token vectors."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from trilc.cells.elman.layer import Weights
from trilc.errors import InputError
from trilc.exact.tensors import Tensors
from trilc.exact.unit import LARGEST_MULTIPLE, common_unit

NAME = "embedding.weight"


def fold_embedding(tensors: Tensors) -> tuple[Weights, Fraction]:
    """The (V, E) token vectors in integers, and the real value of an integer 1 in them (0 if all are 0).

    Scales may differ between tokens where they are small multiples of one unit. Raises :class:`InputError`
    naming the row where they aren't.
    """
    stored = tensors.ternary(NAME, "V, E", tensors.size(NAME, 0), tensors.size(NAME, 1))
    scales, rows = np.unique(stored.scales, return_index=True)
    unit, largest = Fraction(0), Fraction(0)
    for row in sorted(rows[scales > 0].tolist()):
        scale = Fraction(stored.scales[row].item())
        unit, largest = common_unit(unit, scale), max(largest, scale)
        if largest / unit > LARGEST_MULTIPLE:
            raise InputError(
                f"{NAME}[{row}]: found scale {float(scale)} beside those of the rows before it; "
                f"expected scales that are multiples, up to {LARGEST_MULTIPLE}, of one unit"
            )
    multiples = {scale: int(Fraction(scale) / unit) if scale else 0 for scale in scales.tolist()}
    if set(multiples.values()) <= {0, 1}:
        return stored.signs, unit
    factors = np.array([multiples[scale] for scale in stored.scales.tolist()], np.int16)
    vectors = stored.signs * factors[:, None]
    return vectors.astype(np.int8) if factors.max() <= np.iinfo(np.int8).max else vectors, unit
