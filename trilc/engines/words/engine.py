"""A model as a machine of sums over words of state bits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trilc.engines.engine import checked_states, checked_streams, checked_tokens
from trilc.engines.words.kernel import ARGMAX, SCORES, STATE, run
from trilc.engines.words.layout import Layout
from trilc.model import Bits, Model

_HELD = 1 << 20
"""Numbers of the kernel's that wait to become what is said."""


class Words:
    """Runs a model as :class:`trilc.engines.engine.Engine` says; ``threads`` split the streams."""

    def __init__(self, model: Model, streams: int, output: str, threads: int = 1) -> None:
        self._model, self._output, self._threads = model, output, threads
        self._layout = layout = Layout(model)
        self._kind = {"argmax": ARGMAX, "scores": SCORES, "state": STATE}[output]
        self._numbers = {"argmax": 1, "scores": model.num_outputs, "state": layout.words}[output]
        self._order = np.zeros(0, np.int64) if layout.scores is None else layout.scores.order
        self.streams = streams
        self.reset()

    @property
    def width(self) -> int:
        """Numbers that are said to a token."""
        return self._model.units if self._output == "state" else self._numbers

    def reset(self, streams: int | None = None) -> None:
        """Put every stream into the reset state."""
        self.streams = checked_streams(self.streams if streams is None else streams)
        self._states = self._layout.pack(self._model.reset_state(self.streams))
        self.position = 0
        """Steps made since the last reset."""

    @property
    def state(self) -> Bits:
        """(streams, units) where every stream stands."""
        return self._layout.unpack(self._states)

    def start(self, states: Bits, reached: bool) -> None:
        """Put streams into states; any will do."""
        self._states = self._layout.pack(checked_states(states, self.streams, self._model.state_names))

    def run(self, tokens: ArrayLike) -> NDArray[Any]:
        """What is said to (steps, streams) tokens."""
        given = checked_tokens(tokens, self.streams, self._model.vocabulary, self.position)
        shape = given.shape if self._output == "argmax" else (*given.shape, self.width)
        said = np.empty(shape, np.uint8 if self._output == "state" else np.int64)
        steps = max(1, _HELD // (self.streams * self._numbers))
        for begin in range(0, len(given), steps):
            part = slice(begin, begin + steps)
            said[part] = self._decode(self._advance(given[part]))
        return said

    def _advance(self, tokens: NDArray[Any]) -> NDArray[np.int64]:
        """(steps, streams, numbers) that the kernel says."""
        layout = self._layout
        layout.by_token.find(tokens)
        said = np.empty((*tokens.shape, self._numbers), np.int64)
        codes = tokens.astype(np.int64)

        def task(streams: slice) -> None:
            run(
                layout.banks, layout.layers, layout.tables, layout.planes, layout.fixed, layout.by_token.rows,
                layout.head, self._order, codes[:, streams], self._states[streams], self._kind, said[:, streams],
            )  # fmt: skip

        share = -(-self.streams // self._threads)
        parts = [slice(begin, begin + share) for begin in range(0, self.streams, share)]
        if len(parts) == 1:
            task(parts[0])
        else:
            with ThreadPoolExecutor(self._threads) as pool:
                list(pool.map(task, parts))
        self.position += len(tokens)
        return said

    def _decode(self, numbers: NDArray[np.int64]) -> NDArray[Any]:
        if self._output == "state":
            return self._layout.unpack(numbers.view(np.uint64))
        if self._output == "argmax" or self._layout.scores is None:
            return numbers[..., 0]
        return self._layout.scores.of_sums(numbers)
