"""The density of a layout's edges and nodes, as a picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.layout.png import write_png

TILE = 1 << 22
"""Pixels of a tile, which is so many rows."""
POINTS = 1 << 26
"""Points that all edges are drawn of, about: a long one among millions is dotted, and nobody sees it."""
MARGIN = 0.02
GOLDEN = 0.6180339887498949
"""Where on an edge its points begin differs from edge to edge."""
BACKGROUND = (12, 14, 20)
DARKEST = 0.25
"""How bright the least ink is."""


def draw(
    stream: BinaryIO, where: NDArray[np.float32], edges: NDArray[np.int32], colours: NDArray[np.uint8], size: int
) -> None:
    """Write a square PNG, ``size`` pixels wide, of (nodes, 2) places, (edges, 2) nodes and (nodes, 3) colours.

    Every edge spends the same ink along its length, in the colour of its second node; a pixel is as bright as the
    logarithm of its ink, in the mean colour of that. Tiles of rows are drawn one by one, so memory is that of one.
    """
    at = _pixels(where, size)
    peak, drawn = 0.0, []
    for canvas in _tiles(at, edges, colours, size):
        peak = max(peak, float(canvas[..., 3].max()))
        drawn = [canvas] if len(canvas) == size else []  # a tile that is all need not be drawn again
    tiles = drawn or _tiles(at, edges, colours, size)
    write_png(stream, size, size, (_shown(canvas, peak) for canvas in tiles))


def _pixels(where: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """(nodes, 2) places in pixels, x and then y downwards. The outermost thousandth of the nodes may fall outside."""
    if not len(where):
        return where
    low, high = np.quantile(where, [0.0005, 0.9995], axis=0) if len(where) > 10_000 else (where.min(0), where.max(0))
    scale = size * (1 - 2 * MARGIN) / max(float((high - low).max()), 1e-12)
    middle = (low + high) / 2
    at: NDArray[np.float32] = ((where - middle) * scale + size / 2).astype(np.float32)
    return at


def _tiles(
    at: NDArray[np.float32], edges: NDArray[np.int32], colours: NDArray[np.uint8], size: int
) -> Iterator[NDArray[np.float32]]:
    """The ink of each tile, (rows, size, 4): red, green, blue, all."""
    most = max(4, POINTS // max(1, len(edges)))
    rows = min(size, max(1, TILE // size))
    canvas = np.zeros((rows, size, 4), np.float32)
    for top in range(0, size, rows):
        canvas[:] = 0
        _draw_edges(at, edges, colours, most, top, canvas)
        _draw_nodes(at, colours, top, canvas)
        yield canvas[: size - top]


def _shown(canvas: NDArray[np.float32], peak: float) -> NDArray[np.uint8]:
    ink = canvas[..., 3:]
    bright = np.log1p(ink * 100) / np.log1p(max(peak, 1e-6) * 100)
    bright = np.where(ink > 0, DARKEST + (1 - DARKEST) * bright, 0)
    mean = canvas[..., :3] / np.maximum(ink, 1e-12)
    mixed: NDArray[np.float64] = mean * bright + np.array(BACKGROUND) * (1 - bright)
    return np.round(mixed).clip(0, 255).astype(np.uint8)


@njit(cache=True, nogil=True)
def _draw_edges(at, edges, colours, most, top, canvas):
    rows, width = canvas.shape[0], canvas.shape[1]
    for e in range(edges.shape[0]):
        a, b = edges[e, 0], edges[e, 1]
        x, y = at[a, 0], at[a, 1] - top
        dx, dy = at[b, 0] - x, at[b, 1] - top - y
        if (y < 0 and y + dy < 0) or (y >= rows and y + dy >= rows):
            continue
        steps = min(most, max(1, np.int64(np.ceil(max(abs(dx), abs(dy))))))
        ink = np.float32(1) / steps
        # only the steps that fall into these rows
        begin, end = 0.0, 1.0
        if dy != 0:
            one, other = -y / dy, (rows - y) / dy
            begin, end = max(0.0, min(one, other)), min(1.0, max(one, other))
        for k in range(np.int64(begin * steps), min(steps, np.int64(end * steps) + 1)):
            part = (k + (e * GOLDEN) % 1.0) / steps
            column, row = np.int64(np.floor(x + part * dx)), np.int64(np.floor(y + part * dy))
            if 0 <= column < width and 0 <= row < rows:
                for channel in range(3):
                    canvas[row, column, channel] += ink * colours[b, channel]
                canvas[row, column, 3] += ink


@njit(cache=True, nogil=True)
def _draw_nodes(at, colours, top, canvas):
    for n in range(1, at.shape[0]):
        column, row = np.int64(np.floor(at[n, 0])), np.int64(np.floor(at[n, 1] - top))
        if 0 <= column < canvas.shape[1] and 0 <= row < canvas.shape[0]:
            for channel in range(3):
                canvas[row, column, channel] += np.float32(colours[n, channel])
            canvas[row, column, 3] += np.float32(1)
