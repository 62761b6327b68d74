"""Arrays as NumPy's .npz files have them."""

import io
import struct
import zipfile
from ast import literal_eval
from fractions import Fraction
from math import prod

from .rejection import require

LARGEST = 1 << 27
"""Bytes that all entries may take."""

TYPES = {"|i1": "b", "|u1": "B", "|b1": "B", "<i2": "h", "<u2": "H", "<i4": "i", "<u4": "I", "<i8": "q", "<u8": "Q",
         "<f2": "e", "<f4": "f", "<f8": "d"}


def read(data):
    """By name, the shape and the flat values of each array, numbers being exact; a single text is just that."""
    arrays = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        require(sum(entry.file_size for entry in archive.infolist()) <= LARGEST, "npz: too large")
        for entry in archive.infolist():
            require(entry.filename.endswith(".npy"), "npz: an entry")
            name = entry.filename.removesuffix(".npy")
            require(name not in arrays, f"npz: {name} is there twice")
            arrays[name] = _array(archive.read(entry))
    return arrays


def _array(data):
    require(data[:6] == b"\x93NUMPY" and data[6] in (1, 2, 3), "npz: an entry is no array")
    begin = 10 if data[6] == 1 else 12
    size = int.from_bytes(data[8:begin], "little")
    require(size < 10000, "npz: a header is too long")
    header = literal_eval(data[begin : begin + size].decode("latin1").strip())
    kind, shape, body = header["descr"], header["shape"], data[begin + size :]
    require(all(type(n) is int and n >= 0 for n in shape), "npz: a shape")
    if kind.startswith("<U"):
        require(shape == () and len(body) == 4 * int(kind[2:]), "npz: a text")
        return body.decode("utf-32-le").rstrip("\0")
    code, count = TYPES[kind], prod(shape)
    require(len(body) == count * struct.calcsize(code), "npz: an array of another size than it says")
    values = list(struct.unpack(f"<{count}{code}", body))
    if header["fortran_order"] and len(shape) > 1:
        require(len(shape) == 2, "npz: an array of many dimensions")
        values = [values[i + shape[0] * j] for i in range(shape[0]) for j in range(shape[1])]
    return shape, [Fraction(x) for x in values] if code in "efd" else values
