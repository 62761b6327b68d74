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
from trilc.streams import PADDING, require_tokens

if TYPE_CHECKING:
    from trilc.cli.audience import Audience
    from trilc.runner import Runner

HELD = 1 << 24
"""Numbers said to all streams that run side by side, at most."""

BLOCKS = " ▌▐█"
"""None of two bits, the left one, the right one, both."""

SHOWN = 1 << 16
"""Numbers that become text at a time."""


class Printer:
    """Prints one stream after the other: tokens or text on a line for each, scores or states on a line a token.

    With ``apart`` an empty line ends the scores or states of a stream, since it may have any length.

    It is a context: however that ends, what was printed ends with a line.
    """

    def __init__(self, runner: Runner, show: str, apart: bool = False) -> None:
        self._lines = show in ("scores", "state")
        self._apart = apart
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
        if self._apart or not self._lines:
            click.echo()
        self._begun = False


def print_stream(runner: Runner, show: str, parts: Iterable[NDArray[Any]]) -> None:
    """One stream, as it is said."""
    with Printer(runner, show) as printer:
        for part in parts:
            printer.put(part)
        printer.end()


def print_streams(runner: Runner, show: str, parts: Iterable[list[NDArray[Any]]]) -> None:
    """Stream after stream."""
    with Printer(runner, show, apart=True) as printer:
        for part in parts:
            for stream in part:
                printer.put(stream)
                printer.end()


def print_array(
    runner: Runner, show: str, tokens: NDArray[np.integer], audience: Audience | None = None
) -> None:
    """What is said to (T,) or (streams, T) tokens, stream after stream."""
    steps, done = tokens.shape[-1], 0
    with Printer(runner, show, apart=is_padded(tokens)) as printer:
        for piece, lengths in run_array(runner, tokens, audience):
            for stream, length in zip(piece, lengths.tolist(), strict=True):
                printer.put(stream[:length])
                done += len(stream)
                if done >= steps:
                    printer.end()
                    done = 0


def write_array(
    runner: Runner, path: Path, tokens: NDArray[np.integer], audience: Audience | None = None
) -> None:
    """Write what is said to (T,) or (streams, T) tokens as one ``.npy`` array, without holding it.

    Behind the end of a stream stands :data:`PADDING` for an index, 0 for a score or a bit.
    """
    from backends import atomic_write

    said = runner.run(np.zeros((0, runner.streams), np.int64))
    padded, filler = is_padded(tokens), PADDING if said.ndim == 2 else 0
    kind = np.min_scalar_type(-max(1, runner.num_outputs)) if padded and said.ndim == 2 else said.dtype
    header = {
        "descr": np.lib.format.dtype_to_descr(kind),
        "fortran_order": False,
        "shape": (*tokens.shape, *said.shape[2:]),
    }
    with atomic_write(path) as file:
        np.lib.format.write_array_header_1_0(file, header)
        for piece, lengths in run_array(runner, tokens, audience):
            whole = np.ascontiguousarray(piece, kind)
            if padded:
                whole[np.arange(whole.shape[1]) >= lengths[:, None]] = filler
            file.write(whole.tobytes())


def run_array(
    runner: Runner, tokens: NDArray[np.integer], audience: Audience | None = None
) -> Iterator[tuple[NDArray[Any], NDArray[np.int64]]]:
    """What is said to every stream of (T,) or (streams, T) tokens, in order; :data:`PADDING` ends a stream early.

    Yields (some streams, T, …) arrays, or (1, some steps, …) where one stream is too long to hold, and how many
    steps of each are not padding; behind these stands whatever. The ``audience`` hears of them.
    Raises :class:`InputError` naming the stream and the position of a token outside the vocabulary.
    """
    streams = np.atleast_2d(tokens)
    count, steps = streams.shape
    padded = is_padded(tokens)
    held = max(1, HELD // runner.width)
    at_once = max(1, min(count, held // max(1, steps)))
    if runner.starts not in (None, count):
        raise InputError(f"found states of {runner.starts} streams; expected {count}")
    for first in range(0, count, at_once):
        group = streams[first : first + at_once]
        runner.reset(len(group), first)
        if audience:
            audience.begin(len(group), first)
        ended = np.zeros(len(group), np.bool_)
        for begin in range(0, max(1, steps), held):
            part, over = group[:, begin : begin + held], ended
            lengths = np.full(len(group), part.shape[1], np.int64)
            if padded:
                ends = np.logical_or.accumulate((part == PADDING) | ended[:, None], axis=1)
                lengths = (~ends).sum(axis=1)
                ended = lengths < part.shape[1]
                _require_padding(part, ends, first, begin)
                part = np.where(ends, 0, part)
            require_tokens(part, runner.vocabulary, first, begin)
            if audience and audience.keeps and padded:
                said = _run_to_ends(runner, part, np.where(over, -1, lengths), audience, first)
            else:
                said = runner.run(part.T).swapaxes(0, 1)
            if audience:
                audience.read(part, lengths)
            yield said, lengths
        if audience:
            audience.end(runner, np.flatnonzero(~ended), first)


def _run_to_ends(
    runner: Runner, tokens: NDArray[np.integer], lengths: NDArray[np.int64], audience: Audience, first: int
) -> NDArray[Any]:
    """Run (streams, some steps) tokens, and stop where streams end, so that the audience finds their states."""
    said, begun, steps = [], 0, tokens.shape[1]
    for end in [*np.unique(lengths[(lengths >= 0) & (lengths < steps)]).tolist(), steps]:
        said.append(runner.run(tokens[:, begun:end].T).swapaxes(0, 1))
        if end < steps:
            audience.end(runner, np.flatnonzero(lengths == end), first)
        begun = end
    return np.concatenate(said, axis=1)


def _require_padding(
    tokens: NDArray[np.integer], ends: NDArray[np.bool_], first: int, begin: int
) -> None:
    wrong = ends & (tokens != PADDING)
    if wrong.any():
        stream, position = np.argwhere(wrong)[0]
        raise InputError(
            f"stream {first + stream}, position {begin + position}: found token {tokens[stream, position]} behind the "
            f"stream's end; expected {PADDING}"
        )


def is_padded(tokens: NDArray[np.integer]) -> bool:
    """Whether some stream of (streams, T) tokens ends before the longest does."""
    return tokens.ndim == 2 and tokens.dtype.kind == "i" and bool((tokens[:, -1:] == PADDING).any())


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
            shown = _blocks if sys.stdout.isatty() else _digits
            return lambda said: "\n".join(map(shown, said))


def _digits(bits: NDArray[np.uint8]) -> str:
    return (bits + ord("0")).tobytes().decode()


def _blocks(bits: NDArray[np.uint8]) -> str:
    """Two bits in a character, the first to the left."""
    pairs = np.append(bits, np.zeros(len(bits) % 2, np.uint8)).reshape(-1, 2) @ np.array([1, 2])
    return f"│{''.join(BLOCKS[pair] for pair in pairs)}│"
