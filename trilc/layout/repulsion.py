"""The force between all nodes at once: masses on a grid, convolved by fast Fourier transforms."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

SMALLEST, LARGEST = 64, 1024
"""Cells on a side of the grid."""


class Repulsion:
    """The field ``Σ mass · r / |r|²`` of many nodes (the particle–mesh method: Hockney and Eastwood 1981).

    Every node's mass goes to the four cells about it, the cells' masses are convolved with the force, and the field
    between cells is interpolated. What lies within a cell of a node pushes it less than it should, or not at all.
    """

    def __init__(self, nodes: int) -> None:
        self.cells = SMALLEST
        while self.cells < LARGEST and self.cells**2 < nodes:
            self.cells *= 2
        side = 2 * self.cells
        away = np.fft.fftfreq(side, 1 / side).astype(np.float32)
        square = away[:, None] ** 2 + away[None, :] ** 2 + np.float32(0.25)
        self._kernels = [np.fft.rfft2(axis / square) for axis in (away[:, None], away[None, :])]

    def field(self, place: NDArray[np.float32], mass: NDArray[np.float32]) -> NDArray[np.float32]:
        """(nodes, 2) what a unit of mass would feel at (nodes, 2) places."""
        low = place.min(axis=0)
        extent = float((place.max(axis=0) - low).max()) or 1.0
        cell = np.float32(extent / (self.cells - 2))
        side = 2 * self.cells
        density = np.zeros((side, side), np.float32)
        _deposit(place, mass, low, cell, density)
        spectrum = np.fft.rfft2(density)
        field = np.empty((self.cells, self.cells, 2), np.float32)
        for axis, kernel in enumerate(self._kernels):
            field[..., axis] = np.fft.irfft2(spectrum * kernel, (side, side))[: self.cells, : self.cells]
        felt = np.empty_like(place)
        _interpolate(place, low, cell, field, felt)
        felt /= cell
        return felt


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
