"""Checkpoint files, written plainly: for examples, exporters and tests."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trilc.checkpoint import npz, safetensors

_TYPES = {np.dtype(code): name for name, code in safetensors.DTYPES.items() if name != "BF16"}


def save(
    path: str | os.PathLike[str], header: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]
) -> None:
    """Write a ``.npz`` or ``.safetensors`` checkpoint, by the ending: the same bytes for the same arguments.

    ``header`` is the JSON object of the format page, ``tensors`` the arrays by name. Nothing is checked: what
    is written may be refused by :func:`~trilc.checkpoint.load.load`. Raises ``ValueError`` for other endings.
    """
    path = Path(path)
    text = json.dumps(header, ensure_ascii=False)
    match path.suffix.lower():
        case ".npz":
            with path.open("wb") as file:
                np.savez_compressed(file, **{npz.HEADER: np.array(text), **tensors})  # type: ignore[arg-type]
        case ".safetensors":
            path.write_bytes(_safetensors(text, tensors))
        case ending:
            raise ValueError(f"found ending {ending!r}; expected .npz or .safetensors")


def _safetensors(text: str, tensors: Mapping[str, NDArray[Any]]) -> bytes:
    """Widest types first, so that every tensor begins at a multiple of its item's size."""
    table: dict[str, Any] = {safetensors.METADATA: {safetensors.HEADER: text}}
    pieces: list[bytes] = []
    at = 0
    for name in sorted(tensors, key=lambda name: (-tensors[name].dtype.itemsize, name)):
        array = tensors[name]
        dtype = array.dtype.newbyteorder("<")
        piece = array.astype(dtype, copy=False).tobytes()
        table[name] = {
            "dtype": _TYPES[dtype],
            "shape": array.shape,
            "data_offsets": (at, at + len(piece)),
        }
        pieces.append(piece)
        at += len(piece)
    head = json.dumps(table).encode()
    head += b" " * (-len(head) % 8)
    return b"".join([struct.pack("<Q", len(head)), head, *pieces])
