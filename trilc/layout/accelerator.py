"""Forces as tensors, on a device of PyTorch's: CUDA, ROCm, Apple's MPS, XPU."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trilc.errors import InputError
from trilc.layout.graph import Graph

OLDEST = "2.8"
"""The first PyTorch with what is needed here."""
NODE, EDGE = 95, 40
"""Bytes of the device's memory that are in use at the most: for each node and for each edge."""
EXHAUSTED = re.compile("out of memory|allocate memory|ALLOC_FAILED")
"""What PyTorch, its devices and their libraries say when memory is at an end."""


def names() -> list[str]:
    """Devices of this machine, as PyTorch calls them."""
    found = ["torch:cpu"]
    if torch.accelerator.is_available():
        kind = torch.accelerator.current_accelerator().type
        found += [kind, *(f"{kind}:{k}" for k in range(torch.accelerator.device_count()))]
    return found


class Level:
    """A graph on a device."""

    def __init__(self, graph: Graph, device: torch.device) -> None:
        self.mass = torch.from_numpy(graph.mass).to(device)
        self._first = torch.from_numpy(graph.first).to(device)
        self._neighbour = torch.from_numpy(graph.neighbour).to(device)
        self._weight = torch.from_numpy(graph.weight).to(device)
        total = max(float(graph.mass.sum()), float(graph.weight.sum()))
        self.unit = 2.0 ** (math.frexp(total)[1] - 61)
        """The fixed point of sums: a power of two, so small that masses or weights add up to less than 2⁶¹ of it."""
        pull = self.around(torch.ones_like(self.mass))[:, None]
        self.tied = pull > 0
        self.pull = pull.where(self.tied, 1.0)
        self.lever = self.mass[:, None] / self.pull

    def around(self, value: Tensor) -> Tensor:
        """(nodes,) the sum of weight · value over the neighbours of each node, of values from −1 to 1.

        As differences of a running sum over all edges: a scan keeps every core busy also where one node has a million
        neighbours, and in integers it is exact. (Products with sparse matrices and sums of segments take a third of
        the time on a processor; on GPUs the former promise no order of summing, the latter leave a node to one thread.)
        """
        running = torch.zeros(len(self._neighbour) + 1, dtype=torch.int64, device=value.device)
        running[1:] = (value / self.unit).index_select(0, self._neighbour).mul_(self._weight)
        running[1:].cumsum_(0)
        return running[self._first].diff() * self.unit


class Accelerator:
    """A :class:`~trilc.layout.device.Device` of PyTorch's.

    Arrays stay there from the first places to the last. What many cores add up they add in fixed point: sums of
    integers do not depend on the order, as those of floating-point numbers do. So a device repeats its places as far as
    its transforms repeat themselves. Places of different devices differ in last digits, and after many steps by more.
    Memory is at most :data:`EDGE` bytes for each edge, :data:`NODE` for each node and 100 MB for the grid, besides what
    PyTorch and its libraries take.
    """

    fft = torch.fft

    def __init__(self, name: str) -> None:
        """:raises InputError: it is not here."""
        if not hasattr(torch, "AcceleratorError"):
            raise InputError(f"device {name}: found PyTorch {torch.__version__}; expected {OLDEST} or newer")
        if name not in names():
            raise InputError(f"device {name}: not found; expected one of cpu, {', '.join(names())}")
        self._name = name
        self._device = torch.device(name.removeprefix("torch:"))
        try:
            float(torch.ones(1, device=self._device))
        except RuntimeError as error:  # it is there, and does not work
            raise InputError(f"device {name}: {_first_line(error)}") from error

    @contextmanager
    def use(self) -> Iterator[None]:
        """Tell what the device lacks; the processor lends one core, for its threads wait long for one that is busy."""
        threads = torch.get_num_threads()
        if self._device.type == "cpu":
            torch.set_num_threads(1)
        try:
            yield
        except RuntimeError as error:
            if EXHAUSTED.search(str(error)):
                need = f"some {EDGE} bytes for each edge and {NODE} for each node are needed there"
                raise InputError(f"device {self._name}: out of memory; {need}, or --device cpu") from error
            if isinstance(error, torch.AcceleratorError):
                raise InputError(f"device {self._name}: {_first_line(error)}") from error
            raise
        finally:
            if self._device.type == "cpu":
                torch.set_num_threads(threads)

    def load(self, array: NDArray[Any]) -> Tensor:
        """The array as a tensor there."""
        return torch.from_numpy(array).to(self._device)

    def fetch(self, array: Tensor) -> NDArray[np.float32]:
        """And back."""
        found: NDArray[np.float32] = array.numpy(force=True)
        return found

    def level(self, graph: Graph) -> Level:
        """The graph there."""
        return Level(graph, self._device)

    def box(self, where: Tensor) -> tuple[Tensor, float]:
        """The lowest corner and the longer side."""
        low = where.amin(0)
        return low, float((where.amax(0) - low).max())

    def variance(self, where: Tensor) -> float:
        """Of all coordinates."""
        return float(where.var(correction=0))

    def deposit(self, level: Level, where: Tensor, low: Tensor, cell: float, cells: int) -> Tensor:
        """Masses on the grid."""
        density = torch.zeros(cells * cells, dtype=torch.int64, device=self._device)
        mass = level.mass / level.unit
        for at, share in _corners(where, low, cell, cells):
            density.index_add_(0, at, (mass * share).long())
        return (density * level.unit).view(cells, cells)

    def interpolate(self, where: Tensor, low: Tensor, cell: float, axes: list[Tensor]) -> Tensor:
        """The field between the points of the grid."""
        felt = torch.zeros_like(where)
        flat = [axis.flatten() for axis in axes]
        for at, share in _corners(where, low, cell, len(axes[0])):
            for axis, field in enumerate(flat):
                felt[:, axis] += field.index_select(0, at) * share
        return felt

    def step(self, level: Level, where: Tensor, field: Tensor, damping: float, reach: float) -> Tensor:
        """Where the nodes go."""
        span = where.abs().max().clamp(min=1e-30)
        middle = torch.stack([level.around(axis / span) for axis in where.unbind(1)], 1) * span / level.pull
        asked = torch.where(level.tied, middle - where + field * level.lever, field) * damping
        far = torch.linalg.vector_norm(asked, dim=1, keepdim=True)
        return where + asked * (reach / far).clamp(max=1)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _corners(where: Tensor, low: Tensor, cell: float, cells: int) -> Iterator[tuple[Tensor, Tensor]]:
    """For the four points of the grid about each node: (nodes,) which, and the share that it has of the node."""
    at = (where - low) / cell
    point = at.int()
    u, v = (at - point).unbind(1)
    i, j = point.unbind(1)
    first = i * cells + j
    yield first, (1 - u) * (1 - v)
    yield first + cells, u * (1 - v)
    yield first + 1, (1 - u) * v
    yield first + cells + 1, u * v
