"""What every kind of netlist has in common: what a file says besides its gates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Netlist(Protocol):
    """The names, registers and metadata of a graph of gates or of a network of LUTs."""

    @property
    def input_names(self) -> tuple[str, ...]:
        """Of the primary inputs."""

    @property
    def register_names(self) -> tuple[str, ...]:
        """Of the registers."""

    @property
    def output_names(self) -> tuple[str, ...]:
        """Of the primary outputs."""

    @property
    def reset(self) -> NDArray[np.uint8]:
        """(registers,) uint8, 0, 1 or ``UNKNOWN``."""

    @property
    def metadata(self) -> Mapping[str, Any]:
        """JSON values that travel with the netlist."""

    @property
    def keep_registers(self) -> bool:
        """Whether every register is observable."""
