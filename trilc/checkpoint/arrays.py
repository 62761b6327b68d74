"""Arrays out of a file's bytes: types and sizes are checked before memory is asked for."""

from __future__ import annotations

from math import prod
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from trilc.errors import InputError

MAX_BYTES = 8 << 30
"""What the tensors of one checkpoint may take in memory, uncompressed."""
PIECE = 1 << 20
"""Bytes that are asked of a stream at once."""


def shown(name: str) -> str:
    """A name from a file, fit for one line of a message."""
    return name if name.isascii() and name.isprintable() and len(name) <= 80 else ascii(name[:80])


def size_in_bytes(dtype: np.dtype[Any], shape: tuple[int, ...]) -> int:
    """What an array takes; exact for any shape."""
    return prod(shape) * dtype.itemsize


def read_array(name: str, stream: IO[bytes], dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """The next bytes of ``stream`` as a C-ordered array.

    Memory is touched only as bytes arrive. Raises :class:`InputError` where the stream ends early.
    """
    data = np.empty(size_in_bytes(dtype, shape), np.uint8)
    for start in range(0, data.size, PIECE):
        piece = memoryview(data[start : start + PIECE])  # type: ignore[arg-type]
        while piece:
            count = stream.readinto(piece)  # type: ignore[attr-defined]
            if not count:
                raise InputError(f"{name}: the file ends within it")
            piece = piece[count:]
    return data.view(dtype).reshape(shape)
