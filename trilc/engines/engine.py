"""What every engine is, and the checks that all make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trilc.errors import InputError
from trilc.model import Bits
from trilc.saved_state import FREE


class Engine(Protocol):
    """Runs a model in many streams at once. All start in the reset state, and stay where they are between calls."""

    @property
    def streams(self) -> int:
        """How many streams run side by side."""

    @property
    def width(self) -> int:
        """Numbers that are said to a token: 1 for ``argmax``, O for ``scores``, units for ``state``."""

    def reset(self, streams: int | None = None) -> None:
        """Put every stream back into the reset state; ``streams`` changes how many there are.

        Raises :class:`InputError` for less than one.
        """

    @property
    def state(self) -> Bits:
        """(streams, units) where every stream stands; :data:`FREE` where nothing that is said depends on it."""

    def start(self, states: Bits, reached: bool) -> None:
        """Put streams into (streams, units) or (1, units) states; ``reached`` says that they were reached from reset.

        Raises :class:`InputError` where a bit is free that is needed, and for states that the engine can't be in.
        """

    def run(self, tokens: ArrayLike) -> NDArray[Any]:
        """Read (steps, streams) tokens from the present state on; returns what is said at each step.

        (steps, streams) for ``argmax``; (steps, streams, O) int64 for ``scores``; (steps, streams, units) bits for
        ``state``. Raises :class:`InputError` at a token outside the vocabulary, before any step is made.
        """


def checked_streams(streams: int) -> int:
    """How many streams there are. Raises :class:`InputError` for less than one."""
    if streams < 1:
        raise InputError(f"{streams} streams: at least one is needed")
    return streams


def checked_tokens(tokens: ArrayLike, streams: int, vocabulary: int, position: int) -> NDArray[Any]:
    """(steps, streams) tokens, of which the first step is the stream's ``position``. Raises :class:`InputError`."""
    given = np.asarray(tokens)
    if given.ndim != 2 or given.shape[1] != streams or given.dtype.kind not in "ui":
        raise InputError(f"tokens: {given.dtype} {given.shape} where integers (steps, {streams}) are expected")
    if given.size and (given.min() < 0 or given.max() >= vocabulary):
        step, stream = np.argwhere((given < 0) | (given >= vocabulary))[0]
        place = f"stream {stream}, position {position + step}"
        raise InputError(f"{place}: token {given[step, stream]} is not in 0 … {vocabulary - 1}")
    return given


def checked_states(states: Bits, streams: int, names: Sequence[str]) -> Bits:
    """(streams, units) from as many states or one. Raises :class:`InputError` where a bit is free."""
    if (states == FREE).any():
        missing = names[int(np.argmax((states == FREE).any(0)))]
        raise InputError(f"{missing} is free where the state was saved; expected a bit, since it is needed here")
    return np.broadcast_to(states, (streams, states.shape[1])).copy()
