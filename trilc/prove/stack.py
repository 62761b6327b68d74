"""The one construction of miters: machines' gates one after the other over common leaves, as formulas number them.

Nothing is merged, so that an outsider who reads the same machines makes the same gates, and every gate of a machine
has its place. What is proved about a miter merges its gates first (:meth:`trilc.prove.miter.Miter.merged`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from trilc.aig import AIG, Literals
from trilc.aig.copying import at
from trilc.errors import InputError
from trilc.prove.miter import Miter

Pairs = Sequence[tuple[int, int]]
"""Literals of a stack, two and two."""


@dataclass(frozen=True)
class Registers:
    """Leaves that are registers."""

    names: Sequence[str] = ()
    reset: Sequence[int] = ()


class Stack:
    """Gates of machines over leaves with names, inputs and then registers; literals are those of an AIG."""

    def __init__(self, inputs: Sequence[str], registers: Registers | None = None) -> None:
        self._registers = registers or Registers()
        self._inputs = tuple(inputs)
        self.leaves = list(range(2, 2 + 2 * (len(self._inputs) + len(self._registers.names)), 2))
        """The literal of each."""
        self._end = 1 + len(self.leaves)
        self._gates: list[Literals] = []

    def enter(self, machine: AIG, inputs: Sequence[int], state: Sequence[int]) -> Literals:
        """(nodes,) where the nodes of a machine are that reads these literals."""
        own = 2 * np.arange(self._end, self._end + machine.num_ands)
        nodes = np.concatenate([np.array([0, *inputs, *state], np.int64), own]).astype(np.uint32)
        self._append(at(nodes, machine.fanins))
        return nodes

    def conjunctions(self, pairs: Pairs) -> list[int]:
        """A gate for each pair."""
        found = range(2 * self._end, 2 * (self._end + len(pairs)), 2)
        self._append(_rows(pairs))
        return list(found)

    def equal(self, pairs: Pairs) -> list[int]:
        """That both literals of a pair are equal, by three gates: ``x ∧ ¬y``, ``¬x ∧ y``, and that it is neither."""
        x, y = _rows(pairs).T.astype(np.int64)
        one = 2 * (self._end + 3 * np.arange(len(x)))
        rows = np.stack([np.stack([x, y ^ 1], 1), np.stack([x ^ 1, y], 1), np.stack([one ^ 1, one + 3], 1)], 1)
        self._append(rows.reshape(-1, 2).astype(np.uint32))
        return (one + 4).tolist()

    def miter(
        self,
        outputs: Mapping[str, int],
        constraints: Sequence[int] = (),
        new_state: Sequence[tuple[int, int]] = (),
        next_state: Sequence[int] = (),
        known: int = 0,
    ) -> Miter:
        """The graph with these outputs; ``new_state`` and ``known`` are those of :class:`Miter`."""
        further = [literal for both in new_state for literal in both]
        aig = AIG(
            fanins=np.sort(np.concatenate([np.zeros((0, 2), np.uint32), *self._gates]), axis=1),
            input_names=self._inputs,
            register_names=tuple(self._registers.names),
            next_state=np.array(next_state, np.uint32),
            reset=np.array(self._registers.reset, np.uint8),
            outputs=np.array([*outputs.values(), *further], np.uint32),
            output_names=(*outputs, *(f"new {k}" for k in range(len(further)))),
            constraints=np.array(constraints, np.uint32),
        )
        return Miter(aig, tuple(outputs), known)

    def different(
        self,
        pairs: Mapping[str, tuple[int, int]],
        constraints: Sequence[int] = (),
        new_state: Sequence[tuple[int, int]] = (),
        next_state: Sequence[int] = (),
        known: int = 0,
    ) -> Miter:
        """The miter in which an output says that the literals of a pair differ."""
        names = dict(zip(pairs, (x ^ 1 for x in self.equal(list(pairs.values()))), strict=True))
        return self.miter(names, constraints, new_state, next_state, known)

    def _append(self, gates: Literals) -> None:
        self._gates.append(gates)
        self._end += len(gates)


@dataclass(frozen=True, eq=False)
class Side:
    """A machine's nodes in a stack, by the names that it gives them."""

    machine: AIG
    nodes: Literals = field(repr=False)
    """(nodes,) literals of the stack."""

    @property
    def outputs(self) -> dict[str, int]:
        """By name."""
        return dict(zip(self.machine.output_names, at(self.nodes, self.machine.outputs).tolist(), strict=True))

    @property
    def next_state(self) -> dict[str, int]:
        """By the name of the register."""
        return dict(zip(self.machine.register_names, at(self.nodes, self.machine.next_state).tolist(), strict=True))

    @property
    def constraints(self) -> list[int]:
        """In their order."""
        found: list[int] = at(self.nodes, self.machine.constraints).tolist()
        return found


def enter(stack: Stack, machine: AIG, inputs: Mapping[str, int], state: Mapping[str, int]) -> Side:
    """Enter a machine that reads literals by the names of its inputs and registers."""
    sources = [inputs[name] for name in machine.input_names], [state[name] for name in machine.register_names]
    return Side(machine, stack.enter(machine, *sources))


def outputs_of(a: Side, b: Side) -> dict[str, tuple[int, int]]:
    """Each output of both, the second machine's being found by name."""
    theirs = b.outputs
    return {f"output {name}": (x, theirs[name]) for name, x in a.outputs.items()}


def constraints_of(a: Side, b: Side) -> dict[str, tuple[int, int]]:
    """Each constraint of both."""
    pairs = zip(a.constraints, b.constraints, strict=True)
    return {f"constraint {k}": pair for k, pair in enumerate(pairs)}


def require_same_interface(a: AIG, b: AIG) -> None:
    """Raise :class:`InputError` unless inputs and outputs have the same names, and are none of ours."""
    for kind in ("input", "output"):
        left, right = set(getattr(a, f"{kind}_names")), set(getattr(b, f"{kind}_names"))
        if left != right:
            raise InputError(f"the netlists differ in the {kind} {min(left ^ right)!r}: both must have the same")
    registers = [f"{word} {name}" for word in ("state", "start") for g in (a, b) for name in g.register_names]
    if taken := set(a.input_names).intersection(registers):
        raise InputError(f"the name {min(taken)!r} is one that proofs use for themselves; rename it")
    if len(a.constraints) != len(b.constraints):
        raise InputError(f"the netlists have {len(a.constraints)} and {len(b.constraints)} constraints")


def _rows(pairs: Pairs) -> Literals:
    return np.array(pairs, np.uint32).reshape(-1, 2)
