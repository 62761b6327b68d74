"""The numpy reference as an engine: the meaning of all others, at its own pace."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trilc.engines.engine import checked_states, checked_streams, checked_tokens
from trilc.model import Bits, Model


class Reference:
    """:meth:`Model.step`, step by step, as :class:`trilc.engines.engine.Engine` says."""

    def __init__(self, model: Model, streams: int, output: str) -> None:
        self._model, self._output = model, output
        self.streams = streams
        self.reset()

    @property
    def width(self) -> int:
        """Numbers that are said to a token."""
        return {"argmax": 1, "scores": self._model.num_outputs, "state": self._model.units}[self._output]

    def reset(self, streams: int | None = None) -> None:
        """Put every stream into the reset state."""
        self.streams = checked_streams(self.streams if streams is None else streams)
        self.state: Bits = self._model.reset_state(self.streams)
        """(streams, units) the present state."""
        self.position = 0
        """Steps made since the last reset."""

    def start(self, states: Bits, reached: bool) -> None:
        """Put streams into states; any will do."""
        self.state = checked_states(states, self.streams, self._model.state_names)

    def run(self, tokens: ArrayLike) -> NDArray[Any]:
        """What is said to (steps, streams) tokens."""
        given = checked_tokens(tokens, self.streams, self._model.vocabulary, self.position)
        shape = given.shape if self._output == "argmax" else (*given.shape, self.width)
        said = np.empty(shape, np.uint8 if self._output == "state" else np.int64)
        for step, read in enumerate(given):
            self.state = self._model.step(self.state, read)
            if self._output == "state":
                said[step] = self.state
            else:
                scores = self._model.scores(self.state)
                said[step] = self._model.choose(scores) if self._output == "argmax" else scores
        self.position += len(given)
        return said
