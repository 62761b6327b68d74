"""What a machine says, as text on standard output or as an array in a file, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from trilc.runner import Runner

HELD = 1 << 22
"""Steps of all streams together that are held at a time."""

SEPARATORS = {"tokens": " ", "text": "", "scores": "\n", "state": "\n"}


def streams_at_once(shape: tuple[int, ...]) -> int:
    """How many streams of an array of (T,) or (streams, T) tokens run side by side."""
    streams, steps = (1, shape[0]) if len(shape) == 1 else shape
    return max(1, min(streams, HELD // max(1, steps)))


def run_array(runner: Runner, tokens: NDArray[np.integer]) -> Iterator[NDArray[Any]]:
    """What is said to every stream of (T,) or (streams, T) tokens, in order.

    Yields (some streams, T, …) arrays, or (1, some steps, …) where one stream is too long to hold.
    """
    streams = np.atleast_2d(tokens)
    at_once, steps = runner.streams, streams.shape[1]
    for first in range(0, len(streams), at_once):
        group = streams[first : first + at_once]
        runner.reset()
        for begin in range(0, max(1, steps), HELD):
            part = np.zeros((len(group[0, begin : begin + HELD]), at_once), group.dtype)
            part[:, : len(group)] = group[:, begin : begin + HELD].T
            yield runner.run(part).swapaxes(0, 1)[: len(group)]


def write_array(path: Path, shape: tuple[int, ...], pieces: Iterator[NDArray[Any]]) -> None:
    """Write what is said to (T,) or (streams, T) tokens as one ``.npy`` array, without holding it."""
    from backends import atomic_write

    with atomic_write(path) as file:
        for number, piece in enumerate(pieces):
            if number == 0:
                header = {
                    "descr": np.lib.format.dtype_to_descr(piece.dtype),
                    "fortran_order": False,
                    "shape": (*shape, *piece.shape[2:]),
                }
                np.lib.format.write_array_header_1_0(file, header)
            file.write(np.ascontiguousarray(piece).data)


def print_array(shape: tuple[int, ...], pieces: Iterator[NDArray[Any]], show: str, runner: Runner) -> None:
    """A line (or for scores and state, a block of lines) per stream."""
    steps = shape[-1]
    done = 0
    for piece in pieces:
        for stream in piece:
            done += len(stream)
            ended = done >= steps
            click.echo(_shown(stream, show, runner), nl=False)
            click.echo("\n" if ended else SEPARATORS[show], nl=False)
            done = 0 if ended else done


def print_stream(pieces: Iterator[NDArray[Any]], show: str, runner: Runner) -> None:
    """One stream, as it is said."""
    separator = ""
    for piece in pieces:
        click.echo(separator + _shown(piece, show, runner), nl=False)
        separator = SEPARATORS[show]
    click.echo()


def _shown(said: NDArray[Any], show: str, runner: Runner) -> str:
    match show:
        case "tokens":
            return " ".join(map(str, said.tolist()))
        case "text":
            return runner.named_outputs().decode(said)
        case "scores":
            return "\n".join(" ".join(map(str, row)) for row in said.tolist())
        case _:
            return "\n".join("".join(map(str, row)) for row in said.tolist())
