"""A network of lookup tables: an immutable value over flat arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig import AIG, Builder
from trilc.aig.word_tables import EMPTY, FULL, depends
from trilc.luts.shannon import MOST_GATES, expand

Nodes = NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class LutNetwork:
    """A sequential network of K-input lookup tables (LUTs).

    Nodes are numbered as in :class:`trilc.aig.AIG`: 0 is the constant false, then the inputs, the registers, and
    the LUTs in topological order. There are no complemented edges: whatever is negated is so in a table.

    At rest a LUT costs ``4·K + 9`` bytes.
    """

    leaves: Nodes
    """(LUTs, K) uint32: the nodes that each LUT reads, ascending; those beyond its width are 0."""
    widths: NDArray[np.uint8]
    """(LUTs,) uint8: how many nodes each LUT reads."""
    tables: NDArray[np.uint64]
    """(LUTs,) uint64: what each LUT computes; bit ``m`` is its value where leaf ``i`` is bit ``i`` of ``m``. A table
    depends on all of its leaves and is repeated up to 64 bits."""
    outputs: Nodes
    """(outputs,) uint32, nodes."""
    next_state: Nodes
    """(registers,) uint32, nodes."""
    constraints: Nodes
    """(constraints,) uint32: nodes that the environment keeps true at every step."""
    input_names: tuple[str, ...]
    register_names: tuple[str, ...]
    output_names: tuple[str, ...]
    reset: NDArray[np.uint8]
    """(registers,) uint8, 0, 1 or ``UNKNOWN``."""
    metadata: Mapping[str, Any]
    keep_registers: bool

    @property
    def k(self) -> int:
        """Inputs that a LUT may have."""
        return int(self.leaves.shape[1])

    @property
    def size(self) -> int:
        """Number of LUTs."""
        return len(self.widths)

    @property
    def first(self) -> int:
        """Number of the first LUT's node."""
        return 1 + len(self.input_names) + len(self.register_names)

    @property
    def levels(self) -> int:
        """LUTs on the longest path from an input or register to an output, next state or constraint."""
        level = _levels(self.leaves, self.widths, self.first)
        return int(level[self.roots].max(initial=0))

    @property
    def edges(self) -> int:
        """Nodes that the LUTs read, all together."""
        return int(self.widths.sum(dtype=np.int64))

    @property
    def roots(self) -> Nodes:
        """Every node that a user can see: outputs, next states, constraints, in this order."""
        return np.concatenate([self.outputs, self.next_state, self.constraints])

    def evaluate(self, sources: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """(roots, words) uint64 for (inputs + registers, words) uint64: 64 assignments in each word."""
        words = np.ascontiguousarray(sources, np.uint64)
        values = np.zeros((self.first + self.size, words.shape[1]), np.uint64)
        values[1 : self.first] = words
        _evaluate(self.leaves, self.widths, self.tables, self.first, values)
        found: NDArray[np.uint64] = values[self.roots]
        return found

    def to_aig(self) -> AIG:
        """The same functions as gates: each table by Shannon's expansion, equal gates kept once."""
        builder = Builder(8 * self.size)
        for name in self.input_names:
            builder.input(name)
        registers = [
            builder.register(name, int(reset))
            for name, reset in zip(self.register_names, self.reset.tolist(), strict=True)
        ]
        literal = np.zeros(self.first + self.size, np.uint32)
        literal[: self.first] = 2 * np.arange(self.first)
        builder.emit(
            _to_gates, MOST_GATES * self.size, self.leaves, self.widths, self.tables, self.first, literal
        )
        for name, node in zip(self.output_names, self.outputs.tolist(), strict=True):
            builder.output(name, int(literal[node]))
        for register, node in zip(registers, self.next_state.tolist(), strict=True):
            builder.set_next(register, int(literal[node]))
        for node in self.constraints.tolist():
            builder.constrain(int(literal[node]))
        return builder.build(self.metadata, self.keep_registers)

    def check(self) -> None:
        """Verify every invariant that this class states; raise ``ValueError`` naming the first one broken."""
        if (self.widths > self.k).any():
            raise ValueError(f"a LUT reads more than {self.k} nodes")
        own = self.first + np.arange(self.size, dtype=np.int64)
        inside = np.arange(self.k) < self.widths[:, None]
        if ((self.leaves >= own[:, None]) & inside).any():
            raise ValueError("a LUT reads a later one")
        later = inside[:, 1:] & (self.leaves[:, 1:] <= self.leaves[:, :-1])
        if later.any() or (inside & (self.leaves == 0)).any() or (~inside & (self.leaves != 0)).any():
            raise ValueError("the leaves of a LUT are not different nodes in order")
        if self.roots.size and int(self.roots.max()) >= self.first + self.size:
            raise ValueError("an output, next state or constraint names a node that does not exist")
        if not _well_formed(self.widths, self.tables):
            raise ValueError("a table does not depend on a leaf, or on something else")


@njit(cache=True)
def _levels(leaves, widths, first):
    level = np.zeros(first + widths.shape[0], np.int32)
    for i in range(widths.shape[0]):
        highest = 0
        for k in range(widths[i]):
            highest = max(highest, level[leaves[i, k]])
        level[first + i] = highest + 1
    return level


@njit(cache=True)
def _well_formed(widths, tables):
    for i in range(widths.shape[0]):
        for k in range(6):
            if depends(tables[i], k) != (k < widths[i]):
                return False
    return True


@njit(cache=True)
def _evaluate(leaves, widths, tables, first, values):
    """Halve the table input by input, from the last, for 64 assignments at once."""
    half = np.empty(32, np.uint64)
    for i in range(widths.shape[0]):
        width = np.int64(widths[i])
        for w in range(values.shape[1]):
            if width == 0:
                values[first + i, w] = tables[i]
                continue
            x = values[leaves[i, 0], w]
            for m in range(1 << (width - 1)):
                low = FULL if (tables[i] >> np.uint64(2 * m)) & np.uint64(1) else EMPTY
                high = FULL if (tables[i] >> np.uint64(2 * m + 1)) & np.uint64(1) else EMPTY
                half[m] = (low & ~x) | (high & x)
            for k in range(1, width):
                x = values[leaves[i, k], w]
                for m in range(1 << (width - 1 - k)):
                    half[m] = (half[2 * m] & ~x) | (half[2 * m + 1] & x)
            values[first + i, w] = half[0]


@njit(cache=True)
def _to_gates(fanins, first_and, table, count, leaves, widths, tables, first, literal):
    inputs = np.empty(leaves.shape[1], np.int64)
    for i in range(widths.shape[0]):
        for k in range(widths[i]):
            inputs[k] = literal[leaves[i, k]]
        literal[first + i], count = expand(
            fanins, first_and, table, count, tables[i], np.int64(widths[i]), inputs
        )
    return count
