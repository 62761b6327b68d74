"""The force between all nodes at once: masses on a grid, convolved by fast Fourier transforms."""

from __future__ import annotations

from typing import Any

import numpy as np

from trilc.layout.device import Array, Device

SMALLEST, LARGEST = 64, 1024
"""Cells on a side of the grid."""


class Repulsion:
    """The field ``Σ mass · r / |r|²`` of many nodes (the particle–mesh method: Hockney and Eastwood 1981).

    Every node's mass goes to the four cells about it, the cells' masses are convolved with the force, and the field
    between cells is interpolated. What lies within a cell of a node pushes it less than it should, or not at all.
    """

    def __init__(self, nodes: int, device: Device) -> None:
        self._device = device
        self.cells = SMALLEST
        while self.cells < LARGEST and self.cells**2 < nodes:
            self.cells *= 2
        side = 2 * self.cells
        away = np.fft.fftfreq(side, 1 / side).astype(np.float32)
        square = away[:, None] ** 2 + away[None, :] ** 2 + np.float32(0.25)
        forces = away[:, None] / square, away[None, :] / square
        self._kernels = [device.fft.rfft2(device.load(force)) for force in forces]

    def field(self, level: Any, where: Array, low: Array, width: float) -> Array:
        """(nodes, 2) what a unit of mass would feel at (nodes, 2) places, whose box begins at ``low``."""
        device, cells, side = self._device, self.cells, 2 * self.cells
        cell = (width or 1.0) / (cells - 2)
        spectrum = device.fft.rfft2(device.deposit(level, where, low, cell, cells), (side, side))
        axes = []
        for kernel in self._kernels:
            rows = device.fft.ifft(spectrum * kernel, None, 0)[:cells]  # the others are beyond the picture
            axes.append(device.fft.irfft(rows, side, 1)[:, :cells])
        felt = device.interpolate(where, low, cell, axes)
        felt /= cell
        return felt
