"""The ``.safetensors`` container: a length, a JSON object of types, shapes and offsets, and the bytes.

The package of that name writes the files of our tests. It does not read them here, because it hands numpy no
bfloat16 and says of a bad table neither which entry nor what was expected.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from trilc.checkpoint.arrays import MAX_BYTES, read_array, shown, size_in_bytes
from trilc.checkpoint.json_text import LONGEST, parse_json
from trilc.errors import InputError
from trilc.exact.tensors import Entry

METADATA = "__metadata__"
HEADER = "trilc"

DTYPES = {
    "BOOL": "?", "I8": "<i1", "I16": "<i2", "I32": "<i4", "I64": "<i8",
    "U8": "<u1", "U16": "<u2", "U32": "<u4", "U64": "<u8",
    "F16": "<f2", "F32": "<f4", "F64": "<f8", "BF16": "<u2",
}  # fmt: skip


@dataclass(frozen=True)
class _Row:
    """A tensor in the file's table."""

    name: str
    type: str
    shape: tuple[int, ...]
    begin: int
    end: int

    @property
    def dtype(self) -> np.dtype[Any]:
        """How its bytes are read."""
        return np.dtype(DTYPES[self.type])

    @property
    def stands_for(self) -> np.dtype[Any]:
        """The type of the array that is handed out: a bfloat16 is the upper half of a float32."""
        return np.dtype("f4") if self.type == "BF16" else self.dtype.newbyteorder("=")


def read_safetensors(file: IO[bytes], size: int) -> tuple[str, dict[str, Entry]]:
    """The header's text and the tensors of an open file of ``size`` bytes.

    The file must stay open for the entries' ``read``. Raises :class:`InputError` naming the entry that is not
    as the format says.
    """
    length = struct.unpack("<Q", file.read(8))[0] if size >= 8 else 0
    start = 8 + length
    if not 2 <= length <= LONGEST or start > size:
        raise InputError(f"not a safetensors file: a header of {length} bytes in a file of {size}")
    try:
        text = file.read(length).decode()
    except UnicodeDecodeError:
        raise InputError("not a safetensors file: its header is not UTF-8") from None
    table = parse_json(text, "the safetensors header")
    metadata = table.pop(METADATA, None)
    if not isinstance(metadata, dict) or not isinstance(metadata.get(HEADER), str):
        raise InputError(f"metadata key {HEADER!r} is missing; is this a trilc checkpoint?")
    rows = {name: _row(shown(name), row) for name, row in table.items()}
    _check_layout(list(rows.values()), size - start)
    entries = {
        name: Entry(row.stands_for, row.shape, partial(_read, file, start, row)) for name, row in rows.items()
    }
    return metadata[HEADER], entries


def _row(name: str, row: Any) -> _Row:
    match row:
        case {"dtype": str(type_), "shape": list(shape), "data_offsets": [int(begin), int(end)]}:
            pass
        case _:
            raise InputError(f"{name}: expected its dtype, shape and data_offsets")
    if type_ not in DTYPES:
        raise InputError(f"{name}: found type {shown(type_)}; expected integers or floats of 16 to 64 bits")
    if len(shape) > 32 or not all(type(n) is int and 0 <= n <= MAX_BYTES for n in shape):
        raise InputError(f"{name}: found shape {shown(str(shape))}, which is absurd")
    return _Row(name, type_, tuple(shape), begin, end)


def _check_layout(rows: list[_Row], size: int) -> None:
    """Each tensor takes what its shape says; they lie one after the other and fill the file."""
    at = 0
    for row in sorted(rows, key=lambda row: (row.begin, row.end)):
        declared = size_in_bytes(row.dtype, row.shape)
        if row.end - row.begin != declared:
            raise InputError(
                f"{row.name}: found {row.end - row.begin} bytes "
                f"where shape {row.shape} of {row.type} takes {declared}"
            )
        if row.begin != at:
            raise InputError(f"{row.name}: begins at byte {row.begin}; expected {at}")
        at = row.end
    if at != size:
        raise InputError(f"found {size} bytes of tensors; expected {at}")


def _read(file: IO[bytes], start: int, row: _Row) -> NDArray[Any]:
    file.seek(start + row.begin)
    array = read_array(row.name, file, row.dtype, row.shape)
    if row.type == "BF16":
        return (array.astype(np.uint32) << 16).view(row.stands_for)
    return array.astype(row.stands_for, copy=False)
