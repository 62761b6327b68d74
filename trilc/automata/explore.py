"""Every state that a model can reach, breadth first, each found once.

States are listed one by one, since decision diagrams of them are hardly smaller, if at all, where nets are trained: the
BDD of the 446,090 states that one of 32 units reaches has 332,057 nodes, and that of 500,000 states of one of 64 units
seven times as many nodes as states; nor do trained nets have implications between two units that hold in every state.
Where states have structure, :mod:`trilc.automata.symbolic` counts far more than can be listed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.automata.machine import UNSAID, Machine
from trilc.automata.observe import Observation
from trilc.automata.rows import enter, fill, hash_of, warm
from trilc.automata.steps import Step, step_of, successors

BATCH = 1 << 20
"""Successors between two looks at progress, an interrupt, and the room that is left."""

BLOCK = 1 << 10
"""Successors that are made together, before they are looked up."""

SHOWN = 1 << 16
"""States whose outputs are found together."""

LIMIT = 10_000_000
"""States, where nothing else is asked for."""

MEMORY = 8 << 30
"""Bytes, where nothing else is asked for."""


@dataclass(frozen=True, eq=False)
class Reached:
    """The states that were found: number 0 is the reset state, the others follow as they were met."""

    observed: Observation
    step: Step
    rows: NDArray[np.uint64]
    """(states, words) packed bits of the units that what is observed depends on."""
    delta: NDArray[np.int32]
    """(states, V) the next state; −1 in states whose successors were not looked for."""
    followed: int
    """How many states' successors were looked for."""
    depth: int
    """Every state that so many tokens lead to was found."""

    @property
    def states(self) -> int:
        """How many were found."""
        return len(self.rows)

    @property
    def complete(self) -> bool:
        """Whether there are no others."""
        return self.followed == self.states

    def bits(self) -> NDArray[np.uint8]:
        """(states, kept units) of all states."""
        return self.step.unpacked(self.rows, self.observed.model.units)[:, self.step.kept]

    def machine(self) -> Machine:
        """The machine of these states; it is bounded where they are not :attr:`complete`."""
        values = np.concatenate([
            self.observed.values(self.step.unpacked(self.rows[k : k + SHOWN], self.observed.model.units))
            for k in range(0, self.states, SHOWN)
        ])  # fmt: skip
        entered = np.zeros(self.states, np.bool_)
        entered[self.delta[: self.followed]] = True
        occurring, rank = np.unique(values[entered], axis=0, return_inverse=True)
        said = np.full(self.states, UNSAID, np.int32)
        said[entered] = occurring[rank, 0] if values.shape[1] == 1 else rank
        output = np.full(self.delta.shape, UNSAID, np.int32)
        np.take(said, self.delta[: self.followed], out=output[: self.followed])
        return Machine(self.delta, output, 0, self.observed.model.tokens, self.observed.names(occurring))


def bytes_per_state(words: int, vocabulary: int) -> int:
    """Memory for each state at the most, its bits being so many words: of the search, and of what is made of it."""
    return 8 * words + 24 * vocabulary + 80


def explore(
    observed: Observation,
    limit: int = LIMIT,
    memory: int = MEMORY,
    depth: int | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Reached:
    """The states that can be reached from reset, of the units that what is observed depends on.

    The search ends, not :attr:`~Reached.complete`, where it finds more than ``limit`` states or as many as would take
    more than ``memory`` bytes (:func:`bytes_per_state`), and after ``depth`` tokens. ``say`` follows it.
    """
    step = step_of(observed.model, observed.units())
    vocabulary = observed.model.vocabulary
    most = max(1, min(limit, memory // bytes_per_state(step.words, vocabulary), (1 << 31) - 2))
    rows = np.empty((1, step.words), np.uint64)
    delta = np.empty((1, vocabulary), np.int32)
    table = np.zeros(4, np.uint64)
    rows[0] = step.packed(observed.model.reset_state(1))[0]
    fill(rows, table, 1)
    block = max(1, BLOCK // vocabulary)
    scratch = np.zeros((block * vocabulary, step.words), np.uint64), np.empty(block * vocabulary, np.uint64)
    sums, room = np.empty_like(step.bias), np.empty_like(step.bias[:1])
    count, at, level, deep = 1, 0, 1, 0
    while at < count <= most and (depth is None or deep < depth):
        goal = at + max(1, min(BATCH // vocabulary, count))
        goal = goal if depth is None else min(goal, level)
        need = min(most + 1, count + (goal - at) * vocabulary)
        if need > len(rows):
            size = min(most + 1, max(need, 2 * len(rows)))
            rows.resize((size, step.words), refcheck=False)
            delta.resize((size, vocabulary), refcheck=False)
        if 3 * need > 2 * len(table):
            del table
            table = np.zeros(1 << (3 * need // 2).bit_length(), np.uint64)
            fill(rows, table, count)
        at, count, level, deep = _advance(
            rows, delta, table, at, goal, count, level, deep, step.layers, step.tables, step.added, step.bias,
            step.group, sums, room, *scratch,
        )  # fmt: skip
        say(f"{count:,} states, {at:,} of them followed, {deep:,} tokens deep")
    del table
    rows.resize((count, step.words), refcheck=False)
    delta.resize((count, vocabulary), refcheck=False)
    delta[at:] = UNSAID
    return Reached(observed, step, rows, delta, at, deep)


@njit(cache=True, nogil=True)
def _advance(
    rows, delta, table, at, goal, count, level, deep, layers, tables, added, bias, group, sums, room, following, hashes
):
    """Follow states ``at`` … ``goal − 1``, as far as there are so many and the rows have room for what is found.

    ``level`` states were there when the first of those after ``deep`` + 1 tokens was found.
    """
    vocabulary = delta.shape[1]
    block = hashes.shape[0] // vocabulary
    while at < min(goal, count):
        end = min(at + block, goal, level)
        successors(rows, at, end, layers, tables, added, bias, group, sums, room, following)
        many = (end - at) * vocabulary
        for k in range(many):
            hashes[k] = hash_of(following[k])
        warm(rows, table, hashes[:many])
        for s in range(at, end):
            for t in range(vocabulary):
                k = (s - at) * vocabulary + t
                number = enter(rows, table, count, following[k], hashes[k])
                delta[s, t] = number
                if number == count:
                    count += 1
                    if count == rows.shape[0]:
                        return s, count, level, deep
        at = end
        if at == level:
            level = count
            deep += 1
    return at, count, level, deep
