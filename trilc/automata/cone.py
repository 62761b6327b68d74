"""The units of a model that what is observed depends on: the others neither add states nor are looked at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trilc.model import Model

Units = NDArray[np.bool_]


def cone(model: Model, seeds: Units) -> Units:
    """(units,) which units the ``seeds``, (units,), depend on: the least set with these and whatever its units read."""
    ends = np.cumsum([layer.units for layer in model.layers])
    needed = [part.copy() for part in np.split(seeds, ends[:-1])]
    grown = True
    while grown:
        grown = False
        for k, layer in reversed(list(enumerate(model.layers))):
            reads = [(k, layer.recurrent)] + ([(k - 1, layer.input)] if k else [])
            for below, weights in reads:
                read = (weights[needed[k]] != 0).any(axis=0) & ~needed[below]
                needed[below] |= read
                grown = grown or bool(read.any())
    return np.concatenate(needed)


def read_by_head(model: Model, rows: NDArray[np.int64] | None) -> Units:
    """(units,) which units the scores of ``rows`` read; with None, those that decide which score is largest.

    A unit that has the same weight in every score decides nothing.
    """
    assert model.head is not None
    weight = model.head.weight
    last = (weight[rows] != 0).any(axis=0) if rows is not None else (weight != weight[:1]).any(axis=0)
    return np.concatenate([np.zeros(model.units - len(last), np.bool_), last])
