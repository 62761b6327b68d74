"""One long stream in many lanes at once, exactly.

The stream is cut in parts, and every lane reads one. Where it starts is guessed: trained nets forget, so that from the
reset state, too, the tokens just before a part mostly lead to the state in which it truly begins. Each guess is
compared with what the lane before has reached, and where it was wrong, the part is read again from the true state on,
until both agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from trilc.errors import InputError
from trilc.model import Bits
from trilc.runner import Runner
from trilc.saved_state import SavedState

WARM = 256
"""Tokens before a part that guess its first state."""

STEPS = 512
"""Tokens of a part, at least."""

LANES = 1024
"""Parts, at most."""

HELD = 1 << 26
"""Bits of states that are held, at most."""

MENDED = 64
"""Tokens that are read again before both are compared."""


class Lanes:
    """Reads one stream from the state on in which the runner begins; the runner is its own from now on.

    Raises :class:`InputError` for a runner of another output.
    """

    def __init__(self, runner: Runner) -> None:
        if runner.output != "state":
            raise InputError(f"found output {runner.output!r}; expected 'state' to compare where lanes begin")
        self._runner = runner
        runner.reset(1)
        self._reset = runner.state
        self._state = self._reset.bits
        self.read_again = 0
        """Tokens that were, since a guess was wrong."""

    @property
    def at_once(self) -> int:
        """How many tokens are best read at once."""
        return min(LANES * 2 * STEPS, max(STEPS, HELD // self._runner.width))

    def run_stream(self, pieces: Iterable[NDArray[np.integer]]) -> Iterator[tuple[NDArray[np.integer], Bits]]:
        """Read tokens that come in pieces; yields (T,) of them, many at once, and the (T, units) states after them."""
        held: list[NDArray[np.integer]] = []
        count = 0
        for piece in pieces:
            held.append(piece)
            count += len(piece)
            if count >= self.at_once:
                yield from self._read(np.concatenate(held))
                held, count = [], 0
        if count:
            yield from self._read(np.concatenate(held))

    def _read(self, tokens: NDArray[np.integer]) -> Iterator[tuple[NDArray[np.integer], Bits]]:
        for begin in range(0, len(tokens), self.at_once):
            some = tokens[begin : begin + self.at_once]
            yield some, self.run(some)

    def run(self, tokens: NDArray[np.integer]) -> Bits:
        """Read (T,) more tokens; returns the (T, units) states after each of them."""
        if not len(tokens):
            return np.zeros((0, self._runner.width), np.uint8)
        steps = max(STEPS, -(-len(tokens) // LANES))
        lanes = -(-len(tokens) // steps)
        parts = np.pad(tokens, (0, lanes * steps - len(tokens))).reshape(lanes, steps)
        start = np.concatenate([self._state, self._guesses(parts)])
        states = self._from(start, parts)
        for lane in range(1, lanes):
            if (start[lane] != states[-1, lane - 1]).any():
                self._mend(states[:, lane], parts[lane], states[-1, lane - 1])
        found: Bits = states.swapaxes(0, 1).reshape(lanes * steps, -1)[: len(tokens)]
        self._state = found[-1:]
        return found

    def _guesses(self, parts: NDArray[np.integer]) -> Bits:
        """The states in which all parts but the first may begin."""
        before = parts[:-1, -WARM:]
        if not len(before):
            return self._state[:0]
        return np.asarray(self._from(np.repeat(self._reset.bits, len(before), axis=0), before)[-1])

    def _mend(self, states: Bits, tokens: NDArray[np.integer], true: Bits) -> None:
        """Correct the (T, units) states of a part that begins in another state than guessed."""
        self._begin(true[None])
        for begin in range(0, len(tokens), MENDED):
            some = slice(begin, begin + MENDED)
            said = self._runner.run(tokens[some, None])[:, 0]
            self.read_again += len(said)
            agree = bool((said[-1] == states[some][-1]).all())
            states[some] = said
            if agree:
                return

    def _from(self, start: Bits, parts: NDArray[np.integer]) -> Bits:
        """The (steps, lanes, units) states of (lanes, steps) tokens from (lanes, units) states on."""
        self._begin(start)
        return np.asarray(self._runner.run(parts.T))

    def _begin(self, states: Bits) -> None:
        if len(states) == 1:
            self._runner.reset(1)
        self._runner.start_from(SavedState(states, self._reset.model, True))
