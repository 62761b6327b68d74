"""The head of an array in numpy's ``.npy`` format, from anybody's file. Nothing is unpickled."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from math import prod
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from trilc.checkpoint.arrays import MAX_BYTES, shown
from trilc.errors import InputError

LONGEST_HEADER = 4096


def read_npy_header(name: str, stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, whether columns come first, and type, from the beginning of a stream; it then stands before the data.

    Raises :class:`InputError` naming the array; what a damaged archive raises goes through.
    """
    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    try:
        version = npy.read_magic(stream)
        start = io.BytesIO(stream.read(LONGEST_HEADER + 4))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            shape, fortran, dtype = readers[version](start, max_header_size=LONGEST_HEADER)
        stream.seek(8 + start.tell())
    except (zipfile.BadZipFile, zlib.error):
        raise
    except Exception:  # whatever a hostile header makes numpy's parser raise
        raise InputError(f"{name}: not an array in numpy's .npy format") from None
    # numpy takes no absurd size either beside one that is 0
    if any(isinstance(size, bool) or size < 0 for size in shape) or prod(size or 1 for size in shape) > MAX_BYTES:
        raise InputError(f"{name}: found shape {shown(str(shape))}, which is absurd")
    return shape, fortran, dtype
