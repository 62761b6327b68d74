"""Tables of an index's bits: every column of every table at once, in the cheapest of a few forms.

Form ``j`` decodes the ``j`` high bits of the index into minterms, builds each block of a column as a
multiplexer tree over the low bits, and joins the blocks under their minterms. ``j = 0`` is the plain tree;
larger ``j`` share blocks and products between columns.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trilc.aig.aig import FALSE, TRUE, Literals
from trilc.aig.builder import Builder
from trilc.lower.trees import any_of

FREE = np.uint32(0xFFFFFFFF)
"""The entry of a code that never occurs."""

MOST_ENTRIES = 1 << 22
"""Table entries expanded at a time; the form is chosen on the columns that fit."""


def lower_tables(builder: Builder, index: Literals, columns: NDArray[np.bool_]) -> Literals:
    """(C,) literals of the Boolean columns (C, n) of tables under the index bits (k,), n at most 2^k.

    Codes from n on never occur: whatever suits is built for them.
    """
    size = 1 << len(index)
    flip = columns[:, :1]
    distinct, where = np.unique(columns ^ flip, axis=0, return_inverse=True)
    at_once = max(1, MOST_ENTRIES // size)
    form = min(range(len(index) + 1), key=lambda j: _cost(len(index), distinct[:at_once], j))
    parts = [
        _lower_form(builder, index, distinct[begin : begin + at_once], form)
        for begin in range(0, len(distinct), at_once)
    ]
    built: Literals = np.concatenate([np.zeros(0, np.uint32), *parts])
    return built[where.ravel()] ^ flip[:, 0].astype(np.uint32)


def _cost(bits: int, columns: NDArray[np.bool_], form: int) -> int:
    """ANDs that a form needs by itself."""
    trial = Builder()
    index = np.array([trial.input(f"i{bit}") for bit in range(bits)], np.uint32)
    _lower_form(trial, index, columns, form)
    return trial.num_ands


def _lower_form(builder: Builder, index: Literals, columns: NDArray[np.bool_], decoded: int) -> Literals:
    low = len(index) - decoded
    entries = np.full((len(columns), 1 << len(index)), FREE, np.uint32)
    entries[:, : columns.shape[1]] = columns
    blocks = entries.reshape(len(columns), 1 << decoded, 1 << low)
    for bit in index[:low]:
        blocks = _select(builder, bit, blocks[..., 1::2], blocks[..., 0::2])
    blocks = blocks[..., 0]
    if decoded == 0:
        return np.where(blocks[:, 0] == FREE, FALSE, blocks[:, 0]).astype(np.uint32)
    column, code = np.nonzero((blocks != FALSE) & (blocks != FREE))
    products = builder.and_(_minterms(builder, index[low:])[code], blocks[column, code])
    return any_of(builder, column, products, len(columns))


def _select(builder: Builder, bit: np.uint32, high: Literals, low: Literals) -> Literals:
    """``bit ? high : low`` where both sides may be free."""
    result = np.where(high == FREE, low, high)
    differ = (high != low) & (high != FREE) & (low != FREE)
    result[differ] = builder.mux(bit, high[differ], low[differ])
    return result


def _minterms(builder: Builder, bits: Literals) -> Literals:
    """(2^k,) the product of the bits or their complements for every code, lowest bit first."""
    products = np.array([TRUE], np.uint32)
    for bit in bits:
        products = builder.and_(
            np.concatenate([products, products]), np.repeat([bit ^ 1, bit], len(products))
        )
    return products
