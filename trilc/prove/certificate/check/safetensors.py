"""Arrays as .safetensors files have them: a length, a JSON table of types, shapes and places, and the bytes."""

import json
import struct
from fractions import Fraction
from math import prod

from .rejection import require

TYPES = {"BOOL": "B", "I8": "b", "U8": "B", "I16": "h", "U16": "H", "I32": "i", "U32": "I", "I64": "q", "U64": "Q",
         "F16": "e", "F32": "f", "F64": "d", "BF16": "H"}


def read(data):
    """By name, the shape and the flat values of each array, numbers being exact; the header is the text __trilc__."""
    (size,) = struct.unpack("<Q", data[:8])
    require(size <= len(data) - 8, "safetensors: the table is longer than the file")
    table, body = json.loads(data[8 : 8 + size], object_pairs_hook=_once), data[8 + size :]
    arrays, spans = {"__trilc__": table.pop("__metadata__")["trilc"]}, []
    for name, row in table.items():
        require(name not in arrays, f"safetensors: {name} is there twice")
        arrays[name] = _array(row, body)
        spans.append(tuple(row["data_offsets"]))
    spans.sort()
    ends = [0, *(end for _, end in spans)]
    require([begin for begin, _ in spans] == ends[:-1] and ends[-1] == len(body), "safetensors: the places of arrays")
    return arrays


def _array(row, body):
    begin, end = row["data_offsets"]
    shape, kind = tuple(row["shape"]), row["dtype"]
    require(all(type(n) is int and n >= 0 for n in (*shape, begin, end)), "safetensors: a shape")
    code, count = TYPES[kind], prod(shape)
    require(begin <= end <= len(body), "safetensors: a place")
    require(end - begin == count * struct.calcsize(code), "safetensors: an array of another size than it says")
    values = struct.unpack(f"<{count}{code}", body[begin:end])
    if kind == "BF16":  # the upper half of a float of 32 bits
        values = struct.unpack(f"<{count}f", struct.pack(f"<{count}I", *(value << 16 for value in values)))
    return shape, [Fraction(x) for x in values] if kind in ("F16", "F32", "F64", "BF16") else list(values)


def _once(pairs):
    """An object of JSON in which no name is there twice."""
    found = dict(pairs)
    require(len(found) == len(pairs), "safetensors: a name is there twice")
    return found
