"""Those who listen while tokens are read: the pace, the meter of switches, and who keeps the last states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trilc.errors import InputError

if TYPE_CHECKING:
    from trilc.activity import Meter
    from trilc.cli.pace import Pace
    from trilc.runner import Runner
    from trilc.saved_state import SavedState


class Audience:
    """Hears of streams when they begin, of their tokens, and of their end."""

    def __init__(self, pace: Pace, meter: Meter | None = None, keep: bool = False) -> None:
        self._pace, self._meter, self._keep = pace, meter, keep
        self._states: list[SavedState] = []
        self._numbers: list[NDArray[np.int64]] = []

    def begin(self, streams: int, first: int = 0) -> None:
        """So many streams begin side by side, ``first`` and those behind it."""
        if self._meter:
            self._meter.begin(streams, first)

    def read(self, tokens: NDArray[np.integer], lengths: NDArray[np.int64] | None = None) -> None:
        """They read (streams, some) tokens, each as many as ``lengths`` says."""
        if self._meter:
            self._meter.read(tokens.T, lengths)
        self._pace.said(tokens.size)

    @property
    def keeps(self) -> bool:
        """Whether it must hear of the end of each stream when the runner stands there."""
        return self._keep

    def end(self, runner: Runner, streams: NDArray[np.int64] | None = None, first: int = 0) -> None:
        """They have ended, all or some of those from ``first`` on, and the runner stands where they do."""
        if self._keep:
            state = runner.state
            lanes = np.arange(len(state.bits)) if streams is None else streams
            self._numbers.append(first + lanes)
            self._states.append(replace(state, bits=state.bits[lanes]))

    def hear(self, pieces: Iterable[NDArray[Any]], runner: Runner) -> Iterator[NDArray[Any]]:
        """The pieces of one stream as they pass by."""
        self.begin(1)
        for piece in pieces:
            yield piece
            self.read(piece[None])
        self.end(runner)

    def hear_lines(self, groups: Iterable[list[NDArray[Any]]]) -> Iterator[list[NDArray[Any]]]:
        """Groups of whole streams as they pass by."""
        for group in groups:
            yield group
            for stream in group:
                self.begin(1)
                self.read(stream[None])

    @property
    def state(self) -> SavedState:
        """The states in which all streams ended."""
        if not self._states:
            raise InputError("there was no stream, so there is no state to save")
        bits = np.concatenate([state.bits for state in self._states])
        return replace(self._states[0], bits=bits[np.argsort(np.concatenate(self._numbers))])
