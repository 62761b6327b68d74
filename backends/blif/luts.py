"""From a network of LUTs to BLIF: one ``.names`` per LUT, with an irredundant cover."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.blif.frame import Frame
from backends.text import CHUNK, NetNames, put_net
from trilc.aig.word_tables import irredundant_cover
from trilc.luts import LutNetwork

CUBES = 64
"""Cubes that an irredundant cover of six inputs has at most: each covers a minterm that no other does."""


def write(luts: LutNetwork, stream: BinaryIO, model: str = "trilc") -> None:
    """Write a network as the model ``model``: of each table the ones or the zeros, whichever are fewer cubes.

    Raises :class:`trilc.errors.InputError` for a name that is empty or holds a control character.
    """
    roots = (2 * luts.outputs, 2 * luts.next_state, 2 * luts.constraints)
    frame = Frame.of(luts, *roots, luts.first + luts.size)
    frame.put_head(stream, model, {"inputs": luts.k, "count": luts.size, "levels": luts.levels})
    if (luts.roots == 0).any():
        frame.put_constant(stream)
    _write_luts(luts, frame.nets, stream)
    frame.put_tail(stream)


def _write_luts(luts: LutNetwork, nets: NetNames, stream: BinaryIO) -> None:
    longest = len(_NAMES) + (luts.k + 1) * (nets.longest + 1) + CUBES * (luts.k + 3)
    step = max(1, CHUNK // longest)
    out = np.empty(longest * min(step, luts.size), np.uint8)
    for start in range(0, luts.size, step):
        part = slice(start, start + step)
        used = _put_luts(
            luts.leaves[part], luts.widths[part], luts.tables[part], luts.first + start, out,
            nets.text, nets.start, nets.label, nets.prefix, _NAMES,
        )  # fmt: skip
        stream.write(out[:used].data)


_NAMES: NDArray[np.uint8] = np.frombuffer(b".names ", np.uint8)


@njit(cache=True)
def _put_luts(leaves, widths, tables, first, out, text, start, label, prefix, keyword):
    ones, zeros = np.empty(CUBES, np.int64), np.empty(CUBES, np.int64)
    covers = np.empty(CUBES, np.uint64)
    at = 0
    for i in range(widths.shape[0]):
        width = np.int64(widths[i])
        out[at : at + keyword.shape[0]] = keyword
        at += keyword.shape[0]
        for k in range(width):
            at = put_net(out, at, np.int64(leaves[i, k]), text, start, label, prefix)
            out[at] = 32
            at += 1
        at = put_net(out, at, np.int64(first + i), text, start, label, prefix)
        out[at] = 10
        at += 1
        many = irredundant_cover(tables[i], width, ones, covers)
        few = irredundant_cover(~tables[i], width, zeros, covers)
        if many <= few or width == 0:
            at = _put_cubes(out, at, ones, many, width, 49)
        else:
            at = _put_cubes(out, at, zeros, few, width, 48)
    return at


@njit(cache=True)
def _put_cubes(out, at, cubes, count, width, value):
    for c in range(count):
        for k in range(width):
            literal = (cubes[c] >> 2 * k) & 3
            out[at] = 49 if literal == 1 else 48 if literal == 2 else 45
            at += 1
        if width > 0:
            out[at] = 32
            at += 1
        out[at] = value
        out[at + 1] = 10
        at += 2
    return at
