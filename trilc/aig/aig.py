"""The And-Inverter Graph: an immutable value over flat arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Literals = NDArray[np.uint32]

FALSE = 0
TRUE = 1
UNKNOWN = 2
"""A reset value: the register starts as either bit."""


@dataclass(frozen=True, eq=False)
class AIG:
    """A sequential And-Inverter Graph.

    Nodes are numbered as in binary AIGER (Biere 2007): 0 is the constant false, then the inputs, the
    registers, and the ANDs in topological order. A literal is ``2·node + complement``. Arrays are read-only.

    At rest a gate costs 8 bytes: its two fan-in literals.
    """

    fanins: Literals
    """(ANDs, 2) uint32, ``fanins[i, 0] < fanins[i, 1]`` being the fan-ins of node ``first_and + i``."""
    input_names: tuple[str, ...] = ()
    register_names: tuple[str, ...] = ()
    output_names: tuple[str, ...] = ()
    next_state: Literals = field(default_factory=lambda: np.zeros(0, np.uint32))
    """(registers,) uint32, the literal that each register takes over at the clock's edge."""
    reset: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    """(registers,) uint8, 0, 1 or ``UNKNOWN``."""
    outputs: Literals = field(default_factory=lambda: np.zeros(0, np.uint32))
    """(outputs,) uint32."""
    constraints: Literals = field(default_factory=lambda: np.zeros(0, np.uint32))
    """(constraints,) uint32: literals that the environment keeps true at every step."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """JSON values that travel with the netlist: its source, its tokens, how removed registers are rebuilt."""
    keep_registers: bool = False
    """Whether every register is observable, so that no pass may remove, merge or re-encode one."""

    def __post_init__(self) -> None:
        for name in ("fanins", "next_state", "outputs", "constraints"):
            object.__setattr__(self, name, _frozen(getattr(self, name), np.uint32))
        object.__setattr__(self, "reset", _frozen(self.reset, np.uint8))
        object.__setattr__(self, "metadata", MappingProxyType(dict(self.metadata)))

    def __reduce__(self) -> tuple[Any, ...]:
        """Graphs go from process to process, though a read-only mapping does not."""
        values = (getattr(self, item.name) for item in fields(self))
        return AIG, tuple(dict(value) if isinstance(value, MappingProxyType) else value for value in values)

    @property
    def num_inputs(self) -> int:
        """Number of primary inputs."""
        return len(self.input_names)

    @property
    def num_registers(self) -> int:
        """Number of registers."""
        return len(self.register_names)

    @property
    def num_outputs(self) -> int:
        """Number of primary outputs."""
        return len(self.output_names)

    @property
    def num_ands(self) -> int:
        """Number of AND gates."""
        return len(self.fanins)

    @property
    def first_and(self) -> int:
        """Number of the first AND node."""
        return 1 + self.num_inputs + self.num_registers

    @property
    def num_nodes(self) -> int:
        """Number of nodes: the constant, inputs, registers and ANDs."""
        return self.first_and + self.num_ands

    @property
    def input_literals(self) -> Literals:
        """(inputs,) uint32: the literal of each input."""
        return np.arange(2, 2 * (1 + self.num_inputs), 2, dtype=np.uint32)

    @property
    def register_literals(self) -> Literals:
        """(registers,) uint32: the literal of each register's present state."""
        return np.arange(2 * (1 + self.num_inputs), 2 * self.first_and, 2, dtype=np.uint32)

    @property
    def roots(self) -> Literals:
        """Every literal that a user of the graph can see: outputs, next states, constraints, in this order."""
        return np.concatenate([self.outputs, self.next_state, self.constraints])

    def with_roots(self, roots: Literals, **changes: Any) -> AIG:
        """A copy whose outputs, next states and constraints are ``roots``, in the order of :attr:`roots`."""
        parts = np.split(roots, np.cumsum([self.num_outputs, self.num_registers]))
        return replace(self, outputs=parts[0], next_state=parts[1], constraints=parts[2], **changes)

    def check(self) -> None:
        """Verify every invariant that this class states; raise ``ValueError`` naming the first one broken."""
        if self.fanins.ndim != 2 or self.fanins.shape[1] != 2:
            raise ValueError(f"fanins must be (ANDs, 2), not {self.fanins.shape}")
        counts = {
            "next_state": self.num_registers,
            "reset": self.num_registers,
            "outputs": self.num_outputs,
        }
        for name, count in counts.items():
            if getattr(self, name).shape != (count,):
                raise ValueError(f"{name} must be ({count},), not {getattr(self, name).shape}")
        if self.num_nodes > 2**31:
            raise ValueError(f"{self.num_nodes} nodes do not fit 32-bit literals")
        own = 2 * (self.first_and + np.arange(self.num_ands, dtype=np.int64))
        wrong = (self.fanins[:, 1] >= own) | (self.fanins[:, 0] >= self.fanins[:, 1])
        if wrong.any():
            node = self.first_and + int(np.argmax(wrong))
            raise ValueError(f"node {node}: fan-ins are not two smaller literals in order")
        if self.roots.size and int(self.roots.max()) >= 2 * self.num_nodes:
            raise ValueError("an output, next state or constraint names a node that does not exist")
        if self.reset.size and int(self.reset.max()) > UNKNOWN:
            raise ValueError("a reset value is not 0, 1 or unknown")
        for kind in ("input", "register", "output"):
            names = getattr(self, f"{kind}_names")
            if len(set(names)) != len(names):
                raise ValueError(f"two {kind}s bear the same name")


def _frozen(array: NDArray[Any], dtype: type[np.generic]) -> NDArray[Any]:
    frozen = np.ascontiguousarray(array, dtype=dtype)
    if frozen is array and array.flags.writeable:
        frozen = array.view()
    frozen.flags.writeable = False
    return frozen
