"""Forces by compiled kernels, on one core of the processor."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.layout.graph import Graph


class Processor:
    """The :class:`~trilc.layout.device.Device` that is always there. The same graph has the same places, bit by bit."""

    fft = np.fft

    def use(self) -> AbstractContextManager[None]:
        """There is nothing to do."""
        return nullcontext()

    def load(self, array: NDArray[Any]) -> NDArray[Any]:
        """The array itself."""
        return array

    def fetch(self, array: NDArray[np.float32]) -> NDArray[np.float32]:
        """The array itself."""
        return array

    def level(self, graph: Graph) -> Graph:
        """The graph itself."""
        return graph

    def box(self, where: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
        """The lowest corner and the longer side."""
        low, high = where[0].copy(), where[0].copy()
        _box(where, low, high)
        return low, float((high - low).max())

    def variance(self, where: NDArray[np.float32]) -> float:
        """Of all coordinates."""
        return float(where.var())

    def deposit(
        self, level: Graph, where: NDArray[np.float32], low: NDArray[np.float32], cell: float, cells: int
    ) -> NDArray[np.float32]:
        """Masses on the grid."""
        density = np.zeros((cells, cells), np.float32)
        _deposit(where, level.mass, low, np.float32(cell), density)
        return density

    def interpolate(
        self, where: NDArray[np.float32], low: NDArray[np.float32], cell: float, axes: list[NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        """The field between the points of the grid."""
        felt = np.empty_like(where)
        _interpolate(where, low, np.float32(cell), np.stack(axes, axis=-1), felt)
        return felt

    def step(
        self, level: Graph, where: NDArray[np.float32], field: NDArray[np.float32], damping: float, reach: float
    ) -> NDArray[np.float32]:
        """Where the nodes go."""
        moved = np.empty_like(where)
        limits = np.float32(damping), np.float32(reach)
        _step(level.first, level.neighbour, level.weight, level.mass, where, field, *limits, moved)
        return moved


@njit(cache=True, nogil=True)
def _box(place, low, high):
    for n in range(place.shape[0]):
        for axis in range(2):
            low[axis] = min(low[axis], place[n, axis])
            high[axis] = max(high[axis], place[n, axis])


@njit(cache=True, nogil=True)
def _deposit(place, mass, low, cell, density):
    for n in range(place.shape[0]):
        x, y = (place[n, 0] - low[0]) / cell, (place[n, 1] - low[1]) / cell
        i, j = np.int64(x), np.int64(y)
        u, v = x - i, y - j
        density[i, j] += mass[n] * (1 - u) * (1 - v)
        density[i + 1, j] += mass[n] * u * (1 - v)
        density[i, j + 1] += mass[n] * (1 - u) * v
        density[i + 1, j + 1] += mass[n] * u * v


@njit(cache=True, nogil=True)
def _interpolate(place, low, cell, field, felt):
    for n in range(place.shape[0]):
        x, y = (place[n, 0] - low[0]) / cell, (place[n, 1] - low[1]) / cell
        i, j = np.int64(x), np.int64(y)
        u, v = x - i, y - j
        for axis in range(2):
            upper = field[i, j, axis] * (1 - v) + field[i, j + 1, axis] * v
            lower = field[i + 1, j, axis] * (1 - v) + field[i + 1, j + 1, axis] * v
            felt[n, axis] = upper * (1 - u) + lower * u


@njit(cache=True, nogil=True)
def _step(first, neighbour, weight, mass, where, field, damping, reach, moved):
    for n in range(where.shape[0]):
        x, y, pull = np.float32(0), np.float32(0), np.float32(0)
        for e in range(first[n], first[n + 1]):
            x += weight[e] * where[neighbour[e], 0]
            y += weight[e] * where[neighbour[e], 1]
            pull += weight[e]
        dx, dy = field[n, 0], field[n, 1]
        if pull > 0:  # less than the mass, which counts edges within a group as well
            dx = x / pull - where[n, 0] + dx * mass[n] / pull
            dy = y / pull - where[n, 1] + dy * mass[n] / pull
        dx *= damping
        dy *= damping
        far = np.sqrt(dx * dx + dy * dy)
        if far > reach:
            dx *= reach / far
            dy *= reach / far
        moved[n, 0] = where[n, 0] + dx
        moved[n, 1] = where[n, 1] + dy
