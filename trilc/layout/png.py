"""Pictures in PNG (ISO/IEC 15948), written row by row."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray


def write_png(stream: BinaryIO, width: int, height: int, bands: Iterable[NDArray[np.uint8]]) -> None:
    """Write (rows, width, 3) RGB bands, from the top, as one picture of ``height`` rows."""
    stream.write(b"\x89PNG\r\n\x1a\n")
    _chunk(stream, b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    packer = zlib.compressobj(6)
    for band in bands:
        rows = np.zeros((len(band), 1 + 3 * width), np.uint8)  # a row begins with its filter: none
        rows[:, 1:] = band.reshape(len(band), -1)
        _chunk(stream, b"IDAT", packer.compress(rows.tobytes()))
    _chunk(stream, b"IDAT", packer.flush())
    _chunk(stream, b"IEND", b"")


def _chunk(stream: BinaryIO, kind: bytes, data: bytes) -> None:
    stream.write(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)))
