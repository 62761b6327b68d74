"""The word-level operations: bounded integers, each with its interval.

An operand is the number of an earlier value. A *literal* operand is a bit value that may be complemented.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Interval = tuple[int, int]
Values = NDArray[np.int64]


@dataclass(frozen=True)
class Input:
    """An integer from outside, between 0 and ``high``."""

    name: str
    high: int

    @property
    def operands(self) -> tuple[int, ...]:
        """Earlier values that this one is computed from."""
        return ()

    def interval(self, of: Callable[[int], Interval]) -> Interval:
        """Bounds of the value, given those of its operands."""
        return 0, self.high


@dataclass(frozen=True)
class State:
    """A bit that a register holds, with its reset value."""

    name: str
    reset: int

    @property
    def operands(self) -> tuple[int, ...]:
        """Earlier values that this one is computed from."""
        return ()

    def interval(self, of: Callable[[int], Interval]) -> Interval:
        """Bounds of the value, given those of its operands."""
        return 0, 1


@dataclass(frozen=True)
class Constant:
    """An integer known at compile time."""

    value: int

    @property
    def operands(self) -> tuple[int, ...]:
        """Earlier values that this one is computed from."""
        return ()

    def interval(self, of: Callable[[int], Interval]) -> Interval:
        """Bounds of the value, given those of its operands."""
        return self.value, self.value


@dataclass(frozen=True, eq=False)
class Popcount:
    """``Σ weight · literal`` over distinct bits, every weight positive."""

    bits: Values
    """(n,) operands, ascending."""
    complemented: NDArray[np.bool_]
    """(n,) whether ``1 − bit`` is counted."""
    weights: Values
    """(n,) positive."""

    @property
    def operands(self) -> Values:
        """Earlier values that this one is computed from."""
        return self.bits

    def interval(self, of: Callable[[int], Interval]) -> Interval:
        """Bounds of the value, given those of its operands."""
        return 0, int(self.weights.sum())


@dataclass(frozen=True)
class Add:
    """``Σ operands + offset``."""

    operands: tuple[int, ...]
    offset: int = 0

    def interval(self, of: Callable[[int], Interval]) -> Interval:
        """Bounds of the value, given those of its operands."""
        bounds = [of(operand) for operand in self.operands]
        return self.offset + sum(low for low, _ in bounds), self.offset + sum(high for _, high in bounds)


@dataclass(frozen=True, eq=False)
class Table:
    """``values[index]``."""

    index: int
    values: Values
    """(n,) one entry for each value of the index, which is never negative."""

    @property
    def operands(self) -> tuple[int, ...]:
        """Earlier values that this one is computed from."""
        return (self.index,)

    def interval(self, of: Callable[[int], Interval]) -> Interval:
        """Bounds of the value, given those of its operands."""
        low, high = of(self.index)
        reached = self.values[low : high + 1]
        return int(reached.min()), int(reached.max())


@dataclass(frozen=True)
class AtLeast:
    """The bit ``value >= threshold``."""

    value: int
    threshold: int

    @property
    def operands(self) -> tuple[int, ...]:
        """Earlier values that this one is computed from."""
        return (self.value,)

    def interval(self, of: Callable[[int], Interval]) -> Interval:
        """Bounds of the value, given those of its operands."""
        low, high = of(self.value)
        return int(low >= self.threshold), int(high >= self.threshold)


@dataclass(frozen=True)
class Argmax:
    """The index of the largest operand; among equals, the one with the largest rank, then the lowest index."""

    operands: tuple[int, ...]
    ranks: tuple[int, ...]

    def interval(self, of: Callable[[int], Interval]) -> Interval:
        """Bounds of the value, given those of its operands."""
        return 0, len(self.operands) - 1

    @property
    def priority(self) -> list[int]:
        """Indices in the order in which equals are preferred."""
        return sorted(range(len(self.ranks)), key=lambda index: (-self.ranks[index], index))


Op = Input | State | Constant | Popcount | Add | Table | AtLeast | Argmax
