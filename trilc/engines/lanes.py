"""One long stream in many lanes at once, exactly.

The stream is cut in parts, and every lane reads one. Where it starts is guessed: trained nets forget, so that from the
reset state, too, the tokens just before a part mostly lead to the state in which it truly begins. Each guess is
compared with what the lane before has reached, and where it was wrong, the part is read again from the true state on,
until both agree. A net that never forgets takes a few per cent longer than one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trilc.aig.simulation import Simulator
from trilc.model import Bits

Run = Callable[[NDArray[Any]], NDArray[Any]]
"""Reads (steps, streams) tokens, and returns what is said, (steps, streams, …)."""

WARM = 256
"""Tokens before a part that guess its first state."""

STEPS = 512
"""Tokens of a part, at least."""

LANES = 1024
"""Parts, at most."""

BLOCK = 64
"""Tokens after which the states of all lanes are kept, to be compared with."""


class Lanes:
    """Reads one stream with a simulator of one stream, from its present state on."""

    def __init__(self, simulator: Simulator, run: Run) -> None:
        self._simulator, self._run = simulator, run
        self.read_again = 0
        """Tokens that were, since a guess was wrong."""

    def read(self, tokens: NDArray[np.integer]) -> NDArray[Any]:
        """Read (T,) tokens; returns what is said, (T, …). The simulator is then in the state after them."""
        lanes = min(LANES, len(tokens) // STEPS)
        if lanes < 2:
            return self._run(tokens[:, None])[:, 0]
        self._simulator.checked(tokens[:, None])
        position = self._simulator.position
        steps = len(tokens) // lanes
        parts = tokens[: lanes * steps].reshape(lanes, steps)
        start = np.concatenate([self._simulator.state, self._guesses(parts[:-1, -WARM:])])
        said, reached = self._from(start, parts)
        for lane in range(1, lanes):
            true = reached[-1][lane - 1]
            if (start[lane] != true).any():
                self._mend(said[:, lane], parts[lane], [states[lane] for states in reached], true)
        self._begin(reached[-1][-1:])
        rest = self._run(tokens[lanes * steps :, None])[:, 0]
        self._simulator.position = position + len(tokens)
        return np.concatenate([said.swapaxes(0, 1).reshape(lanes * steps, *said.shape[2:]), rest])

    def _guesses(self, before: NDArray[np.integer]) -> Bits:
        """The states to which (lanes, some) tokens lead from reset."""
        self._simulator.reset(len(before))
        self._run(before.T)
        return self._simulator.state

    def _from(self, start: Bits, parts: NDArray[np.integer]) -> tuple[NDArray[Any], list[Bits]]:
        """What is said to (lanes, steps) tokens from (lanes, registers) states on, and the states after each block."""
        self._begin(start)
        said, reached = [], []
        for begin in range(0, parts.shape[1], BLOCK):
            said.append(self._run(parts[:, begin : begin + BLOCK].T))
            reached.append(self._simulator.state)
        return np.concatenate(said), reached

    def _mend(self, said: NDArray[Any], tokens: NDArray[np.integer], reached: list[Bits], true: Bits) -> None:
        """Correct what is said to a part that begins in another state than guessed, and the states it reaches."""
        self._begin(true[None])
        for block, guessed in enumerate(reached):
            some = slice(block * BLOCK, (block + 1) * BLOCK)
            said[some] = self._run(tokens[some, None])[:, 0]
            self.read_again += len(tokens[some])
            now = self._simulator.state[0]
            if (now == guessed).all():
                return
            guessed[:] = now

    def _begin(self, states: Bits) -> None:
        self._simulator.reset(len(states))
        self._simulator.state = states
