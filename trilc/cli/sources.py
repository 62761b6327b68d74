"""What the commands read: checkpoints and netlists by the ending, and token streams piece by piece."""

from __future__ import annotations

import codecs
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trilc.errors import InputError

if TYPE_CHECKING:
    from trilc.aig import AIG
    from trilc.model import Model
    from trilc.text import Tokenizer

CHECKPOINTS = (".npz", ".safetensors")

PIECE = 1 << 16
"""Bytes read at a time, at most."""

MOST_EMPTY = 1 << 20
"""Streams of no tokens at all, which take no byte of an array."""

LINES = 1 << 20
"""Bytes of lines that are looked at together, at most."""

LONGEST_LINE = 1 << 24
"""Bytes of a line that is a stream."""

Progress = Callable[[int], None]
"""Told of so many bytes more."""

LONGEST_ID = 18
"""Digits that fit an int64."""


def nothing_read(_: int) -> None:
    """Where nobody wants to know."""


def read_source(path: Path) -> Model | AIG:
    """The model or netlist in a file, by the ending of its name."""
    from backends import FORMATS

    if path.suffix.lower() in CHECKPOINTS:
        from trilc.checkpoint import load

        return load(path)
    if path.suffix in FORMATS:
        from backends import read_aig

        return read_aig(path)
    raise InputError(f"{path}: expected an ending among {', '.join([*CHECKPOINTS, *FORMATS])}")


def read_tokens(
    path: Path, kind: str, tokenizer: Tokenizer | None = None, progress: Progress = nothing_read
) -> Iterator[NDArray[np.int64]]:
    """Token ids as they arrive from a file, ``-`` being standard input.

    ``kind`` is ``ids``, ``bytes`` (each is an id) or ``text``, which the tokenizer cuts. ``progress`` is told how many
    bytes were read. Raises :class:`InputError` naming the file and the place in it.
    """
    with _naming(_name(path)):
        pieces = _followed(_pieces(path, PIECE), progress)
        match kind:
            case "ids":
                yield from _ids(pieces)
            case "bytes":
                yield from (np.frombuffer(piece, np.uint8).astype(np.int64) for piece in pieces)
            case _:
                assert tokenizer is not None
                yield from tokenizer.encode_stream(_decoded(pieces))


def read_lines(
    path: Path, kind: str, vocabulary: int, tokenizer: Tokenizer | None = None, progress: Progress = nothing_read
) -> Iterator[list[NDArray[np.int64]]]:
    """The token ids of every line, the lines that have arrived together in one list; the rest as :func:`read_tokens`.

    Raises :class:`InputError` naming the line, too, also for a token outside the vocabulary, and for a line of more
    than :data:`LONGEST_LINE` bytes.
    """
    with _naming(_name(path)):
        number = 0
        for lines in _lines(_followed(_pieces(path, LINES), progress)):
            streams = []
            for line in lines:
                number += 1
                with _naming(f"line {number}"):
                    streams.append(_line(line, kind, tokenizer))
                    _require_tokens(streams[-1], vocabulary)
            yield streams


def _line(line: bytes, kind: str, tokenizer: Tokenizer | None) -> NDArray[np.int64]:
    """The token ids of a line without its end."""
    match kind:
        case "ids":
            words = line.split()
            return _integers(words, 0) if words else np.zeros(0, np.int64)
        case "bytes":
            return np.frombuffer(line, np.uint8).astype(np.int64)
        case _:
            assert tokenizer is not None
            try:
                return tokenizer.encode(line.decode())
            except UnicodeDecodeError as error:
                raise InputError(f"byte {error.start}: found 0x{line[error.start]:02x}; expected UTF-8") from None


def _require_tokens(ids: NDArray[np.int64], vocabulary: int) -> None:
    if ids.size and ids.max() >= vocabulary:
        position = int(np.argmax(ids >= vocabulary))
        raise InputError(f"position {position}: token {ids[position]} is not in 0 … {vocabulary - 1}")


def _lines(pieces: Iterable[bytes]) -> Iterator[list[bytes]]:
    """The lines without their ends; a line may be cut between pieces. What comes last need not end."""
    rest, number = b"", 0
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        number += len(lines)
        if lines:
            yield [line.removesuffix(b"\r") for line in lines]
        if len(rest) > LONGEST_LINE:
            raise InputError(
                f"line {number + 1}: found more than {LONGEST_LINE} bytes; expected lines that are streams (--lines)"
            )
    if rest:
        yield [rest]


def read_prompt(text: str, tokenizer: Tokenizer) -> Iterator[NDArray[np.int64]]:
    """The token ids of a prompt. Raises :class:`InputError` naming the place in it."""
    with _naming("the prompt"):
        yield from tokenizer.encode_stream([text])


def read_array(path: Path) -> NDArray[np.integer]:
    """A memory map of (T,) or (streams, T) integers in an ``.npy`` file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            array: NDArray[Any] = np.lib.format.open_memmap(path, mode="r")
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror or error}") from None
    except Exception:  # whatever a hostile header makes numpy's parser raise
        raise InputError(f"{path}: not an array of integers in numpy's .npy format") from None
    if array.dtype.kind not in "ui" or array.ndim not in (1, 2):
        raise InputError(
            f"{path}: found {array.dtype} of shape {array.shape}; expected integers of shape (T,) or (streams, T)"
        )
    if not array.size and len(array) > MOST_EMPTY:
        raise InputError(f"{path}: found {len(array)} streams without a token; expected at most {MOST_EMPTY}")
    return array


@contextmanager
def _naming(source: str) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        raise InputError(f"{source}: {error}") from None


def _name(path: Path) -> str:
    return "standard input" if str(path) == "-" else str(path)


def _followed(pieces: Iterable[bytes], progress: Progress) -> Iterator[bytes]:
    for piece in pieces:
        progress(len(piece))
        yield piece


def _pieces(path: Path, most: int) -> Iterator[bytes]:
    """What is there, without waiting for more, up to so many bytes at a time."""
    try:
        if str(path) != "-":
            source: Any = path.open("rb")
        elif sys.stdin is None:
            raise InputError("it is closed")
        else:
            source = nullcontext(sys.stdin.buffer)
        with source as stream:
            while piece := stream.read1(most):
                yield piece
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror or error}") from None


def _ids(pieces: Iterable[bytes]) -> Iterator[NDArray[np.int64]]:
    """Whitespace-separated ids; a word may be cut between pieces."""
    rest, before = b"", 0
    for piece in pieces:
        words = (rest + piece).split()
        rest = b"" if piece[-1:].isspace() else words.pop()
        if words:
            yield _integers(words, before)
            before += len(words)
        if len(rest) > PIECE:
            raise _no_id(rest, before)
    if rest:
        yield _integers([rest], before)


def _integers(words: list[bytes], before: int) -> NDArray[np.int64]:
    if not b"".join(words).isdigit() or max(map(len, words)) > LONGEST_ID:
        index = next(i for i, word in enumerate(words) if not word.isdigit() or len(word) > LONGEST_ID)
        raise _no_id(words[index], before + index)
    return np.array(list(map(int, words)), np.int64)


def _no_id(word: bytes, index: int) -> InputError:
    shown = word[:40].decode("utf-8", "backslashreplace")
    return InputError(f"position {index}: found {shown!r}; expected a token id")


def _decoded(pieces: Iterable[bytes]) -> Iterator[str]:
    """UTF-8 text; a character may be cut between pieces."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    read = 0
    try:
        for piece in pieces:
            read += len(piece)
            yield decoder.decode(piece)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        place = read - len(error.object) + error.start
        raise InputError(f"byte {place}: found 0x{error.object[error.start]:02x}; expected UTF-8") from None
