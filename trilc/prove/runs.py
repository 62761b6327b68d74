"""Long random runs of two machines side by side, and shorter ones made of what they find."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trilc.prove.transition import MOST_INPUTS, ONES, Transition, Words, codes, packed, unpacked

WORDS = 64
"""Streams that run together, 64 to a word."""

MOST_DELETIONS = 4096
"""Shortened runs that are tried together."""


class Runs:
    """Random runs from reset, in so many words. What the constraints don't permit is drawn anew in the next step."""

    def __init__(self, transition: Transition, words: int = WORDS) -> None:
        self._transition = transition
        self._words = words
        self._rng = np.random.default_rng(1)
        self._state = transition.beginning(words, self._rng)
        self._first = self._state
        self._seeds: list[tuple[int, Words]] = []
        self._lengths = np.zeros(64 * words, np.int64)
        self.streams = 64 * words
        self.found: list[list[int]] | None = None
        """(steps, inputs) bits of a run that ends in a difference."""
        self.begun: list[int] = []
        """(registers,) bits of the state in which that run begins."""

    @property
    def steps(self) -> int:
        """Steps that every stream has made without a difference."""
        return int(self._lengths.min())

    def advance(self, steps: int) -> None:
        """Go on with every stream, up to the first difference in one of them."""
        for _ in range(steps):
            seed = len(self._seeds)
            differ, permitted, following = self._transition.step(self._inputs(seed), self._state)
            self._seeds.append((seed, permitted))
            wrong = np.flatnonzero(unpacked(differ[None], self.streams)[0])
            if wrong.size:
                self._trace(int(wrong[0]))
                return
            self._state = (following & permitted) | (self._state & ~permitted)
            self._lengths += unpacked(permitted[None], self.streams)[0]

    def _inputs(self, seed: int) -> Words:
        """(inputs, words) of a step, the same every time."""
        rng = np.random.default_rng([2, seed])
        count = self._transition.num_inputs
        drawn: Words = rng.integers(0, 2**64, (count, self._words), np.uint64)
        if 0 < count <= MOST_INPUTS and self._codes.size:
            chosen = self._codes[rng.integers(0, len(self._codes), self.streams)]
            drawn = packed(chosen >> np.arange(count)[:, None] & 1)
        return drawn

    @cached_property
    def _codes(self) -> NDArray[np.int64]:
        """Codes that are permitted in the first step: where constraints are on inputs alone, these are all."""
        transition = self._transition
        every = codes(1 << transition.num_inputs, transition.num_inputs)
        permitted = []
        for low in range(0, every.shape[1], 1024):
            part = every[:, low : low + 1024]
            state = np.repeat(self._first[:, :1], part.shape[1], axis=1)
            permitted.append(transition.step(part, state)[1] != 0)
        return np.flatnonzero(np.concatenate(permitted))

    def _trace(self, lane: int) -> None:
        word, bit = lane // 64, np.uint64(lane % 64)
        self.found = [
            (self._inputs(seed)[:, word] >> bit & np.uint64(1)).tolist()
            for seed, permitted in self._seeds
            if permitted[word] >> bit & np.uint64(1)
        ]
        self.begun = (self._first[:, word] >> bit & np.uint64(1)).tolist()


def shortened(transition: Transition, steps: list[list[int]], begun: list[int]) -> list[list[int]]:
    """The run without steps that its difference does not need (Zeller, Hildebrandt 2002), shorter where it can be.

    Each deletion is a lane of its own; what is left need not be the shortest run there is.
    """
    run = np.array(steps, np.uint8).reshape(len(steps), transition.num_inputs)
    size = len(run) // 2
    while size:
        begins = np.arange(0, len(run), size)[:MOST_DELETIONS]
        # lane k reads the run without its k-th part
        order = np.arange(len(run) - 1)[:, None]
        order = order + np.where(order >= begins, np.minimum(size, len(run) - 1 - order), 0)
        shorter = _first_difference(transition, run, order, begun)
        if shorter is None:
            size //= 2
        else:
            run = shorter
            size = min(size, len(run) // 2)
    found: list[list[int]] = run.tolist()
    return found


def _first_difference(
    transition: Transition, run: NDArray[np.uint8], order: NDArray[np.int64], begun: list[int]
) -> NDArray[np.uint8] | None:
    """The steps up to the earliest difference in a lane; ``order`` (steps, lanes) says which steps each reads."""
    lanes = order.shape[1]
    words = -(-lanes // 64)
    state = np.repeat(np.array(begun, np.uint64)[:, None] * ONES, words, axis=1)
    alive = packed(np.ones((1, lanes), np.bool_))[0]
    for t, chosen in enumerate(order):
        inputs = packed(run[chosen].T) if transition.num_inputs else np.zeros((0, words), np.uint64)
        differ, permitted, state = transition.step(inputs, state)
        wrong = np.flatnonzero(unpacked((differ & alive)[None], lanes)[0])
        if wrong.size:
            return run[order[: t + 1, int(wrong[0])]]
        alive &= permitted
    return None
