"""Where forces are computed: by compiled kernels on the processor, or on a device of PyTorch's."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from trilc.errors import InputError
from trilc.layout.graph import Graph

Array = Any
"""An array of numpy's, or a tensor of PyTorch's: what is written with operators alone does for both."""


class Device(Protocol):
    """The kernels that the forces are made of (``repulsion``, ``relaxation``), and the way there and back.

    Places and fields are (nodes, 2) of float32. Points of a grid lie ``cell`` apart, the first of them at ``low``.
    """

    @property
    def fft(self) -> Any:
        """Fourier transforms: the module ``numpy.fft``, or what has the same functions."""

    def use(self) -> AbstractContextManager[None]:
        """A context to compute in: what the device lacks is told in an ``InputError``."""

    def load(self, array: NDArray[Any]) -> Array:
        """The array, where this device computes."""

    def fetch(self, array: Array) -> NDArray[np.float32]:
        """And back."""

    def level(self, graph: Graph) -> Any:
        """A graph as the kernels here want it."""

    def box(self, where: Array) -> tuple[Array, float]:
        """(2,) the lowest coordinates, and the longer side of the box about all places."""

    def variance(self, where: Array) -> float:
        """Of all coordinates."""

    def deposit(self, level: Any, where: Array, low: Array, cell: float, cells: int) -> Array:
        """(cells, cells) the masses of the nodes, each shared among the four points about it, the nearer the more."""

    def interpolate(self, where: Array, low: Array, cell: float, axes: list[Array]) -> Array:
        """(nodes, 2) what two (cells, cells) arrays, for either axis, are between their points: bilinear."""

    def step(self, level: Any, where: Array, field: Array, damping: float, reach: float) -> Array:
        """(nodes, 2) places after a step of ``damping`` times what field and neighbours ask, at most ``reach`` long.

        They ask a node to go to the middle of its neighbours, by weight, plus field · mass ÷ (sum of its weights); a
        node without neighbours, by the field.
        """


def device_named(name: str) -> Device:
    """``cpu``, or a device of PyTorch's: ``cuda``, ``cuda:1``, ``mps``, …; ``torch:cpu`` is PyTorch on the processor.

    :raises InputError: no such device is here, or no PyTorch (the extra ``gpu``).
    """
    if name == "cpu":
        from trilc.layout.processor import Processor

        return Processor()
    try:
        from trilc.layout.accelerator import Accelerator
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise InputError(
            f'device {name}: found no PyTorch; expected cpu, or PyTorch installed: pip install "trilc[gpu]"'
        ) from error
    except (ImportError, OSError) as error:
        raise InputError(f"device {name}: PyTorch cannot be loaded: {error}") from error
    return Accelerator(name)
