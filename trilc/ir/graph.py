"""The word-level graph of one step: from old state and input to new state and outputs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trilc.ir.ops import Add, Argmax, AtLeast, Constant, Input, Interval, Op, Popcount, State, Table


@dataclass(frozen=True)
class Output:
    """A named value that leaves the graph."""

    name: str
    value: int
    width: int | None
    """Bits of the two's complement word ``name[0] …``; None for a single bit that bears the name itself."""


class Graph:
    """Operations in topological order, each with its interval; values are numbered by position.

    The methods named like operations append one and return its number. They raise ``ValueError`` where an
    operand does not exist or is not of the kind that the operation takes.
    """

    def __init__(self) -> None:
        self.ops: list[Op] = []
        self.next_state: dict[int, int] = {}
        """Number of a ``State`` → number of the bit that it takes over."""
        self.outputs: list[Output] = []
        self._bounds = np.zeros((64, 2), np.int64)

    @property
    def bounds(self) -> NDArray[np.int64]:
        """(ops, 2) the interval of every value, its ends included."""
        return self._bounds[: len(self.ops)]

    def interval(self, value: int) -> Interval:
        """The ends of a value's interval."""
        low, high = self._bounds[value].tolist()
        return low, high

    def append(self, op: Op) -> int:
        """Append an operation; returns its number."""
        self.need(op.operands)
        number = len(self.ops)
        if number == len(self._bounds):
            self._bounds = np.concatenate([self._bounds, np.zeros_like(self._bounds)])
        self._bounds[number] = op.interval(self.interval)
        self.ops.append(op)
        return number

    def input(self, name: str, high: int) -> int:
        """An integer input in [0, high]."""
        if high < 0:
            raise ValueError(f"input {name!r}: the bound {high} is negative")
        return self.append(Input(name, high))

    def state(self, name: str, reset: int) -> int:
        """A state bit."""
        if reset not in (0, 1):
            raise ValueError(f"state {name!r}: reset is {reset}, not a bit")
        return self.append(State(name, reset))

    def constant(self, value: int) -> int:
        """An integer constant."""
        return self.append(Constant(int(value)))

    def popcount(self, bits: ArrayLike, weights: ArrayLike) -> int:
        """``Σ weight · bit`` for distinct bits and any integer weights; a negative one counts the complement.

        Since ``−w·b = w·(1 − b) − w``, the result is an :class:`Add` with an offset where there are any.
        """
        numbers, factors = np.asarray(bits, np.int64), np.asarray(weights, np.int64)
        counted = np.flatnonzero(factors)
        order = counted[np.argsort(numbers[counted], kind="stable")]
        numbers, factors = numbers[order], factors[order]
        if (np.diff(numbers) == 0).any():
            raise ValueError("popcount: a bit is counted twice")
        self.need_bits("popcount", numbers)
        if numbers.size == 0:
            return self.constant(0)
        count = self.append(Popcount(numbers, factors < 0, np.abs(factors)))
        negative = int(factors[factors < 0].sum())
        return self.add([count], negative) if negative else count

    def add(self, operands: Iterable[int], offset: int = 0) -> int:
        """``Σ operands + offset``."""
        return self.append(Add(tuple(operands), int(offset)))

    def table(self, index: int, values: ArrayLike) -> int:
        """``values[index]``."""
        entries = np.array(values, np.int64)
        entries.flags.writeable = False
        self.need([index])
        low, high = self.interval(index)
        if entries.ndim != 1 or low < 0 or high >= len(entries):
            raise ValueError(f"table: {entries.shape} entries for an index in [{low}, {high}]")
        return self.append(Table(index, entries))

    def at_least(self, value: int, threshold: int) -> int:
        """The bit ``value >= threshold``."""
        return self.append(AtLeast(value, int(threshold)))

    def argmax(self, operands: Iterable[int], ranks: Iterable[int]) -> int:
        """Index of the largest operand; ties by largest rank, then lowest index."""
        op = Argmax(tuple(operands), tuple(ranks))
        if not op.operands or len(op.operands) != len(op.ranks):
            raise ValueError(f"argmax: {len(op.operands)} operands with {len(op.ranks)} ranks")
        return self.append(op)

    def set_next(self, state: int, value: int) -> None:
        """Give a state bit its successor."""
        self.need([state])
        if not isinstance(self.ops[state], State):
            raise ValueError(f"%{state} is not a state bit")
        self.need_bits("next", [value])
        self.next_state[state] = value

    def output(self, name: str, value: int, width: int | None) -> None:
        """Declare an output."""
        self.need([value])
        low, high = self.interval(value)
        limit = 1 if width is None else width
        if limit < 1 or (width is None and (low < 0 or high > 1)):
            raise ValueError(f"output {name!r}: a value in [{low}, {high}] does not fit")
        self.outputs.append(Output(name, value, width))

    def check(self) -> None:
        """Verify that every state bit has a successor; raise ``ValueError`` naming one that has not."""
        for number, op in enumerate(self.ops):
            if isinstance(op, State) and number not in self.next_state:
                raise ValueError(f"state {op.name!r} has no successor")

    def need(self, operands: ArrayLike) -> None:
        """Verify that operands exist; raise ``ValueError`` naming the first that does not."""
        numbers = np.asarray(operands, np.int64)
        missing = (numbers < 0) | (numbers >= len(self.ops))
        if missing.any():
            raise ValueError(f"operand %{numbers[missing][0]} does not exist before %{len(self.ops)}")

    def need_bits(self, what: str, operands: ArrayLike) -> None:
        """Verify that operands exist and are bits; raise ``ValueError`` naming the first that is not."""
        self.need(operands)
        numbers = np.asarray(operands, np.int64)
        wide = (self._bounds[numbers, 0] < 0) | (self._bounds[numbers, 1] > 1)
        if wide.any():
            number = int(numbers[wide][0])
            raise ValueError(f"{what}: %{number} in {list(self.interval(number))} is not a bit")
