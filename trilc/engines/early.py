"""Words, of which the first tokens need not wait until kernels are loaded."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trilc.engines.engine import Engine
from trilc.engines.reference import Reference
from trilc.model import Bits, Model

STEPS = 400
"""The reference makes at most so many, which takes a tenth of the time in which numba is loaded,"""

WORK = 4 * 10**7
"""and so many steps times streams times weights, which takes a third of it."""


class Early:
    """The reference while few tokens are read, words from the piece on that is more, as
    :class:`trilc.engines.engine.Engine` says.
    """

    def __init__(self, model: Model, streams: int, output: str, threads: int = 1) -> None:
        self._model, self._output, self._threads = model, output, threads
        matrices = [matrix for layer in model.layers for matrix in (layer.recurrent, layer.input)]
        heads = [] if model.head is None else [model.head.weight]
        self._weights = sum(matrix.size for matrix in [*matrices, *heads])
        self._steps = STEPS
        self._work = WORK
        self._engine: Engine = Reference(model, streams, output)

    @property
    def streams(self) -> int:
        """How many streams run side by side."""
        return self._engine.streams

    @property
    def width(self) -> int:
        """Numbers that are said to a token."""
        return self._engine.width

    @property
    def state(self) -> Bits:
        """(streams, units) where every stream stands."""
        return self._engine.state

    def reset(self, streams: int | None = None) -> None:
        """Put every stream into the reset state."""
        self._engine.reset(streams)

    def start(self, states: Bits, reached: bool) -> None:
        """Put streams into states; any will do."""
        self._engine.start(states, reached)

    def run(self, tokens: ArrayLike) -> NDArray[Any]:
        """What is said to (steps, streams) tokens."""
        if isinstance(self._engine, Reference):
            given = np.asarray(tokens)
            self._steps -= len(given) if given.ndim else 0
            self._work -= given.size * self._weights
            if self._steps < 0 or self._work < 0:
                self._engine = self._words(self._engine)
        return self._engine.run(tokens)

    def _words(self, reference: Reference) -> Engine:
        """In the same states, at the same place."""
        from trilc.engines.words.engine import Words

        words = Words(self._model, reference.streams, self._output, self._threads)
        words.start(reference.state, reached=True)
        words.position = reference.position
        return words
