"""The one way to make gates: a builder that hashes structurally and folds constants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trilc.aig import hashing
from trilc.aig.aig import AIG, FALSE, TRUE, UNKNOWN
from trilc.aig.traverse import node_levels


class Builder:
    """Builds an :class:`AIG`, gate by gate or many gates at a time.

    Every logic method takes literals (ints) or arrays of literals, broadcasts them, and returns an int or an
    array of the same shape: a whole row of adders is one call. Complement a literal with ``^ 1``. Inputs and
    registers are declared before the first gate.

    >>> b = Builder()
    >>> x, y = b.input("x"), b.input("y")
    >>> s = b.register("s", reset=0)
    >>> b.set_next(s, b.xor(x, s))
    >>> b.output("q", b.and_(s, y ^ 1))
    >>> b.build().num_ands
    4
    """

    def __init__(self, capacity: int = 1024) -> None:
        self._inputs: list[str] = []
        self._registers: list[str] = []
        self._reset: list[int] = []
        self._next: dict[int, int] = {}
        self._outputs: list[tuple[str, int]] = []
        self._constraints: list[int] = []
        self._fanins = np.zeros((max(capacity, 16), 2), np.uint32)
        self._table = np.zeros(_table_size(len(self._fanins)), np.uint32)
        self.num_ands = 0

    # The interface -----------------------------------------------------------------------------------

    def input(self, name: str) -> int:
        """Declare a primary input; returns its literal. Inputs come before registers."""
        if self._registers or self.num_ands:
            raise ValueError(f"input {name!r} is declared after a register or a gate")
        self._inputs.append(name)
        return 2 * len(self._inputs)

    def register(self, name: str, reset: int = 0) -> int:
        """Declare a register with reset value 0, 1 or ``UNKNOWN``; returns the literal of its present state."""
        if self.num_ands:
            raise ValueError(f"register {name!r} is declared after a gate")
        if reset not in (FALSE, TRUE, UNKNOWN):
            raise ValueError(f"register {name!r}: reset is {reset}, not 0, 1 or UNKNOWN")
        self._registers.append(name)
        self._reset.append(reset)
        return 2 * (len(self._inputs) + len(self._registers))

    def set_next(self, register: int, literal: int) -> None:
        """Give a register (by its literal) its next state."""
        self._next[int(register)] = int(literal)

    def output(self, name: str, literal: int) -> None:
        """Declare a primary output."""
        self._outputs.append((name, int(literal)))

    def constrain(self, literal: int) -> None:
        """Declare that the environment keeps a literal true at every step."""
        self._constraints.append(int(literal))

    # The logic ---------------------------------------------------------------------------------------

    @overload
    def and_(self, a: int, b: int) -> int: ...
    @overload
    def and_(self, a: ArrayLike, b: ArrayLike) -> Any: ...
    def and_(self, a: ArrayLike, b: ArrayLike) -> Any:
        """``a ∧ b``."""
        left, right = np.broadcast_arrays(np.asarray(a, np.uint32), np.asarray(b, np.uint32))
        out = np.empty(left.shape, np.uint32)
        self.emit(hashing.find_or_add_many, left.size, left.flatten(), right.flatten(), out.reshape(-1))
        return out if out.ndim else int(out)

    def or_(self, a: Any, b: Any) -> Any:
        """``a ∨ b``."""
        return self.and_(_not(a), _not(b)) ^ 1

    def xor(self, a: Any, b: Any) -> Any:
        """``a ⊕ b``: three gates."""
        return self.half_adder(a, b)[0]

    def mux(self, select: Any, then: Any, otherwise: Any) -> Any:
        """``select ? then : otherwise``: three gates."""
        return self.or_(self.and_(select, then), self.and_(_not(select), otherwise))

    def majority(self, a: Any, b: Any, c: Any) -> Any:
        """At least two of three: four gates."""
        return self.or_(self.and_(a, b), self.and_(c, self.or_(a, b)))

    def half_adder(self, a: Any, b: Any) -> tuple[Any, Any]:
        """Sum and carry of two bits: three gates."""
        carry = self.and_(a, b)
        return self.and_(_not(carry), self.or_(a, b)), carry

    def full_adder(self, a: Any, b: Any, c: Any) -> tuple[Any, Any]:
        """Sum and carry of three bits: seven gates, two half adders and an OR."""
        half, generate = self.half_adder(a, b)
        total, propagate = self.half_adder(half, c)
        return total, self.or_(generate, propagate)

    def emit(self, kernel: Callable[..., int], gates: int, *arguments: Any) -> None:
        """Let a compiled kernel add up to ``gates`` gates.

        It is called as ``kernel(fanins, first, table, count, *arguments)``, adds through
        :func:`trilc.aig.hashing.find_or_add` alone, and returns the new count.
        """
        self._reserve(gates)
        self.num_ands = kernel(self._fanins, self._first, self._table, self.num_ands, *arguments)

    def levels(self) -> NDArray[np.int32]:
        """(nodes,) int32: gates on the longest path to each node so far."""
        return np.asarray(node_levels(self._fanins[: self.num_ands], self._first))

    def build(self, metadata: Mapping[str, Any] | None = None, keep_registers: bool = False) -> AIG:
        """The graph so far. Raises ``ValueError`` where a register has no next state."""
        first = len(self._inputs) + 1
        missing = [name for i, name in enumerate(self._registers) if 2 * (first + i) not in self._next]
        if missing:
            raise ValueError(f"register {missing[0]!r} has no next state")
        aig = AIG(
            fanins=self._fanins[: self.num_ands].copy(),
            input_names=tuple(self._inputs),
            register_names=tuple(self._registers),
            output_names=tuple(name for name, _ in self._outputs),
            next_state=np.array(
                [self._next[2 * (first + i)] for i in range(len(self._registers))], np.uint32
            ),
            reset=np.array(self._reset, np.uint8),
            outputs=np.array([literal for _, literal in self._outputs], np.uint32),
            constraints=np.array(self._constraints, np.uint32),
            metadata=metadata or {},
            keep_registers=keep_registers,
        )
        aig.check()
        return aig

    def _reserve(self, more: int) -> None:
        need = self.num_ands + more
        if need > len(self._fanins):
            grown = np.zeros((max(need, 2 * len(self._fanins)), 2), np.uint32)
            grown[: self.num_ands] = self._fanins[: self.num_ands]
            self._fanins = grown
            self._table = np.zeros(_table_size(len(grown)), np.uint32)
            hashing.fill(grown, self._first, self._table, self.num_ands)

    @property
    def _first(self) -> int:
        """Number of the first gate."""
        return 1 + len(self._inputs) + len(self._registers)


def _table_size(capacity: int) -> int:
    """Slots for ``capacity`` gates at a load of at most one half."""
    return 1 << (2 * capacity - 1).bit_length()


def _not(a: Any) -> Any:
    return a ^ 1 if isinstance(a, int) else np.bitwise_xor(np.asarray(a, np.uint32), np.uint32(1))
