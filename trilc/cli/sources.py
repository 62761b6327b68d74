"""What the commands read: checkpoints and netlists by the ending, and token streams piece by piece."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

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


def read_source(path: Path) -> Model | AIG:
    """The model or netlist in a file, by the ending of its name."""
    from backends import FORMATS, read_aig

    if path.suffix in CHECKPOINTS:
        from trilc.checkpoint import load

        return load(path)
    if path.suffix in FORMATS:
        return read_aig(path)
    raise InputError(f"{path}: expected an ending among {', '.join([*CHECKPOINTS, *FORMATS])}")


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A file for reading, ``-`` being standard input."""
    if str(path) == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = path.open("rb")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    with stream:
        yield stream


def read_ids(stream: BinaryIO, name: str) -> Iterator[NDArray[np.int64]]:
    """Whitespace-separated token ids, as they arrive. Raises :class:`InputError` naming the word that is none."""
    rest, words = b"", 0
    while True:
        piece = _piece(stream)
        text = rest + piece
        if piece and not text[-1:].isspace():
            *complete, rest = text.split() or [b""]
            if len(rest) > PIECE:
                raise InputError(
                    f"{name}: word {words + len(complete)} is longer than {PIECE} bytes; expected a token id"
                )
        else:
            complete, rest = text.split(), b""
        if complete:
            yield _integers(complete, name, words)
            words += len(complete)
        if not piece:
            return


def read_text(stream: BinaryIO, name: str, tokenizer: Tokenizer) -> Iterator[NDArray[np.int64]]:
    """The tokens of UTF-8 text, as it arrives. Raises :class:`InputError` where the text or a token is none."""
    try:
        yield from tokenizer.encode_stream(_decoded(stream))
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: byte 0x{error.object[error.start]:02x} is not UTF-8") from None
    except InputError as error:
        raise InputError(f"{name}: {error}") from None


def read_array(path: Path) -> NDArray[np.integer]:
    """A memory map of (T,) or (streams, T) integers in an ``.npy`` file."""
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        reason = (
            error.strerror
            if isinstance(error, OSError) and error.strerror
            else "not an array of integers in .npy"
        )
        raise InputError(f"{path}: {reason}") from None
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "ui" or array.ndim not in (1, 2):
        raise InputError(f"{path}: expected integers of shape (T,) or (streams, T)")
    return array


def _decoded(stream: BinaryIO) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    while piece := _piece(stream):
        yield decoder.decode(piece)
    yield decoder.decode(b"", final=True)


def _piece(stream: BinaryIO) -> bytes:
    """What is there, without waiting for more; empty at the end."""
    piece: bytes = stream.read1(PIECE)  # type: ignore[attr-defined]
    return piece


def _integers(words: list[bytes], name: str, before: int) -> NDArray[np.int64]:
    try:
        return np.array(words).astype(np.int64)
    except (ValueError, OverflowError):
        for index, word in enumerate(words):
            if not word.isdigit() or len(word) > 18:
                shown = word[:40].decode("utf-8", "backslashreplace")
                raise InputError(
                    f"{name}: word {before + index}: found {shown!r}; expected a token id"
                ) from None
        raise
