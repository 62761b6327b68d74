"""A Mealy machine as two tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.errors import InputError

Table = NDArray[np.int32]

UNSAID = -1
"""In both tables: what a machine that is bounded to short words does not say."""


@dataclass(frozen=True, eq=False)
class Machine:
    """What is said belongs to the token just read (Mealy 1955), so nothing is said of the empty word."""

    delta: Table
    """(states, V) the next state, by state and token."""
    output: Table
    """(states, V) what is said, by state and token."""
    start: int = 0
    tokens: tuple[str, ...] | None = None
    """The names of the tokens."""
    symbols: tuple[str, ...] | None = None
    """The names of the outputs."""

    @property
    def states(self) -> int:
        """How many there are."""
        return len(self.delta)

    @property
    def vocabulary(self) -> int:
        """How many tokens there are to read, V."""
        return int(self.delta.shape[1])

    @property
    def bounded(self) -> bool:
        """Whether it says nothing of long words."""
        return bool((self.delta == UNSAID).any())

    def run(self, words: NDArray[Any]) -> NDArray[np.int32]:
        """(words, T) what is said after every token of ``words``, (words, T), each read from the start."""
        state = np.full(len(words), self.start)
        said = np.empty(words.shape, np.int32)
        for t in range(words.shape[1]):
            said[:, t] = self.output[state, words[:, t]]
            state = self.delta[state, words[:, t]]
        return said

    def canonical(self) -> Machine:
        """The states that can be reached, numbered as a breadth-first search from the start meets them.

        Tokens are tried in ascending order, so that two machines are isomorphic exactly when these tables are equal.
        """
        order = breadth_first(self.delta, self.start)
        number = np.full(self.states + 1, UNSAID, np.int32)  # the last one stands for UNSAID
        number[order] = np.arange(len(order), dtype=np.int32)
        return replace(self, delta=number[self.delta[order]], output=self.output[order], start=0)

    def equals(self, other: Machine) -> bool:
        """Whether start and both tables are the same."""
        return (
            self.start == other.start
            and np.array_equal(self.delta, other.delta)
            and np.array_equal(self.output, other.output)
        )

    def check(self) -> None:
        """Raise :class:`InputError`, naming the entry, where the tables are not those of a machine."""
        if self.delta.shape != self.output.shape or not self.delta.size:
            raise InputError(f"found tables {self.delta.shape} and {self.output.shape}; expected two (states, V)")
        if not 0 <= self.start < self.states:
            raise InputError(f"start: found {self.start}; expected a state, 0 to {self.states - 1}")
        wrong = (self.delta < UNSAID) | (self.delta >= self.states)
        if wrong.any():
            state, token = np.argwhere(wrong)[0].tolist()
            raise InputError(
                f"delta[{state}][{token}]: found {self.delta[state, token]}; expected a state, 0 to {self.states - 1}"
            )


@njit(cache=True)
def breadth_first(delta, start):
    """The states that can be reached, in the order in which they are met."""
    met = np.zeros(delta.shape[0], np.bool_)
    queue = np.empty(delta.shape[0], np.int64)
    queue[0] = start
    met[start] = True
    count = 1
    at = 0
    while at < count:
        for t in range(delta.shape[1]):
            state = np.int64(delta[queue[at], t])
            if state >= 0 and not met[state]:
                met[state] = True
                queue[count] = state
                count += 1
        at += 1
    return queue[:count].copy()
