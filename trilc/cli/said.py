"""What a machine says, as text on standard output or as an array in a file, piece by piece."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import click
import numpy as np
from numpy.typing import NDArray

from trilc.cli.terminal import visible
from trilc.errors import InputError

if TYPE_CHECKING:
    from trilc.runner import Runner

HELD = 1 << 24
"""Numbers said to all streams that run side by side, at most."""

SHOWN = 1 << 16
"""Numbers that become text at a time."""


class Printer:
    """Prints one stream after the other: tokens or text on a line for each, scores or states on a line a token.

    It is a context: however that ends, what was printed ends with a line.
    """

    def __init__(self, runner: Runner, show: str) -> None:
        self._lines = show in ("scores", "state")
        self._separator = " " if show == "tokens" else ""
        self._format = _format(runner, show)
        self._at_once = max(1, SHOWN // runner.width)
        self._begun = False

    def __enter__(self) -> Printer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._begun:
            self.end()

    def put(self, said: NDArray[Any]) -> None:
        """What is said next to the present stream, (some steps, …)."""
        for begin in range(0, len(said), self._at_once):
            text = self._format(said[begin : begin + self._at_once])
            separator = self._separator if self._begun else ""
            self._begun = not self._lines  # before it is printed: an interrupt may come in between
            click.echo(separator + text, nl=self._lines)

    def end(self) -> None:
        """The present stream ends."""
        if not self._lines:
            click.echo()
        self._begun = False


def print_stream(runner: Runner, show: str, parts: Iterable[NDArray[Any]]) -> None:
    """One stream, as it is said."""
    with Printer(runner, show) as printer:
        for part in parts:
            printer.put(part)
        printer.end()


def print_array(runner: Runner, show: str, tokens: NDArray[np.integer]) -> None:
    """What is said to (T,) or (streams, T) tokens, stream after stream."""
    steps, done = tokens.shape[-1], 0
    with Printer(runner, show) as printer:
        for piece in run_array(runner, tokens):
            for stream in piece:
                printer.put(stream)
                done += len(stream)
                if done >= steps:
                    printer.end()
                    done = 0


def write_array(runner: Runner, path: Path, tokens: NDArray[np.integer]) -> None:
    """Write what is said to (T,) or (streams, T) tokens as one ``.npy`` array, without holding it."""
    from backends import atomic_write

    nothing = runner.run(np.zeros((0, runner.streams), np.int64))
    header = {
        "descr": np.lib.format.dtype_to_descr(nothing.dtype),
        "fortran_order": False,
        "shape": (*tokens.shape, *nothing.shape[2:]),
    }
    with atomic_write(path) as file:
        np.lib.format.write_array_header_1_0(file, header)
        for piece in run_array(runner, tokens):
            file.write(piece.tobytes())


def run_array(runner: Runner, tokens: NDArray[np.integer]) -> Iterator[NDArray[Any]]:
    """What is said to every stream of (T,) or (streams, T) tokens, in order.

    Yields (some streams, T, …) arrays, or (1, some steps, …) where one stream is too long to hold. Raises
    :class:`InputError` naming the stream and the position of a token outside the vocabulary.
    """
    streams = np.atleast_2d(tokens)
    count, steps = streams.shape
    held = max(1, HELD // runner.width)
    at_once = max(1, min(count, held // max(1, steps)))
    for first in range(0, count, at_once):
        group = streams[first : first + at_once]
        runner.reset(len(group))
        for begin in range(0, max(1, steps), held):
            part = group[:, begin : begin + held]
            _require_tokens(part, runner.vocabulary, first, begin)
            yield runner.run(part.T).swapaxes(0, 1)


def _require_tokens(tokens: NDArray[np.integer], vocabulary: int, first: int, begin: int) -> None:
    if tokens.size and (tokens.min() < 0 or tokens.max() >= vocabulary):
        stream, position = np.argwhere((tokens < 0) | (tokens >= vocabulary))[0]
        found = tokens[stream, position]
        raise InputError(
            f"stream {first + stream}, position {begin + position}: token {found} is not in 0 … {vocabulary - 1}"
        )


def _format(runner: Runner, show: str) -> Callable[[NDArray[Any]], str]:
    match show:
        case "tokens":
            return lambda said: " ".join(map(str, said.tolist()))
        case "text":
            decode = runner.named_outputs().decode
            return (lambda said: visible(decode(said))) if sys.stdout.isatty() else decode
        case "scores":
            return lambda said: "\n".join(" ".join(map(str, row)) for row in said.tolist())
        case _:
            return lambda said: "\n".join("".join(map(str, row)) for row in said.tolist())
