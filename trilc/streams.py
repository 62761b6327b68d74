"""Streams of different lengths, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trilc.errors import InputError
from trilc.runner import Runner

Ids = NDArray[np.integer]

PADDING = -1
"""Stands in arrays of tokens behind the end of a stream."""

LANES = 1024
"""Streams for which it pays to run by themselves, since others are longer."""

HELD = 1 << 24
"""Numbers said to all streams that run side by side, at most, if each is shorter."""


def run_ragged(runner: Runner, streams: Sequence[Ids]) -> list[NDArray[Any]]:
    """What is said to each stream, (its tokens, …), in their order.

    Each starts as :meth:`Runner.reset` has it. Streams of like length run side by side, so that few lanes wait for
    others to end. Raises :class:`InputError` naming the stream and the position of a token outside the vocabulary, and
    where streams would start from states of their own.
    """
    if runner.starts is not None:
        raise InputError(f"found states of {runner.starts} streams; expected one state for all streams")
    for number, stream in enumerate(streams):
        require_tokens(stream[None], runner.vocabulary, number, 0)
    lengths = np.array([len(stream) for stream in streams], np.int64)
    said: list[NDArray[Any]] = [np.zeros(0)] * len(streams)
    for group in _alike(lengths, HELD // runner.width):
        tokens = np.zeros((lengths[group[0]], len(group)), np.int64)
        for lane, stream in enumerate(group):
            tokens[: lengths[stream], lane] = streams[stream]
        runner.reset(len(group))
        together = runner.run(tokens)
        for lane, stream in enumerate(group):
            said[stream] = together[: lengths[stream], lane]
    return said


def require_tokens(tokens: Ids, vocabulary: int, first: int, begin: int) -> None:
    """Refuse (streams, T) tokens that are no tokens, by stream and position counted from ``first`` and ``begin``."""
    if tokens.size and (tokens.min() < 0 or tokens.max() >= vocabulary):
        stream, position = np.argwhere((tokens < 0) | (tokens >= vocabulary))[0]
        found = tokens[stream, position]
        raise InputError(
            f"stream {first + stream}, position {begin + position}: token {found} is not in 0 … {vocabulary - 1}"
        )


def _alike(lengths: NDArray[np.int64], held: int) -> Iterator[NDArray[np.int64]]:
    """The streams in groups to be run together, longest first."""
    order = np.argsort(-lengths, kind="stable")
    begin = 0
    while begin < len(order):
        longest = int(lengths[order[begin]])
        most = max(1, held // max(1, longest))
        half = int(np.searchsorted(-lengths[order], -(longest // 2), side="right"))
        end = min(len(order), begin + most, max(half, begin + LANES))
        yield order[begin:end]
        begin = end
