"""States on disk: where streams stand, whose they are, and whether they were reached from reset.

A ``.npz`` file of one array, ``state``, (streams, units) uint8 in the order of the model's layers, and of one string of
JSON, ``__trilc__``: ``{"format": "trilc-state", "version": 1, "model": …, "reached": …}``, ``model`` being the SHA-256
of the checkpoint. A bit is 0, 1, or 2 where nothing that the machine says depends on it. A plain ``.npy`` array of
bits, (units,) or (streams, units), is read too: it belongs to no model, and nobody knows how it was reached.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from trilc.checkpoint.arrays import read_array, size_in_bytes
from trilc.checkpoint.json_text import parse_json
from trilc.checkpoint.npy import read_npy_header
from trilc.checkpoint.npz import HEADER, MAGICS, read_npz
from trilc.errors import InputError, file_name
from trilc.model import Bits

FORMAT = "trilc-state"
VERSION = 1
FREE = 2
"""A bit of a state that nothing which was said depends on."""
LARGEST_ARRAY = 1 << 32
"""Bits in a plain array."""


@dataclass(frozen=True, eq=False)
class SavedState:
    """Where streams stand."""

    bits: Bits
    """(streams, units) 0, 1, or :data:`FREE`."""
    model: str | None = None
    """The SHA-256 of the checkpoint that it is a state of; None where that is not known."""
    reached: bool = False
    """Whether the model comes there from reset."""


def write_state(saved: SavedState, stream: IO[bytes]) -> None:
    """Write a ``.npz`` file: the same bytes for the same state."""
    header = {"format": FORMAT, "version": VERSION, "model": saved.model, "reached": saved.reached}
    arrays: dict[str, Any] = {HEADER: np.array(json.dumps(header)), "state": saved.bits}
    np.savez_compressed(stream, **arrays)


def read_state(path: str | os.PathLike[str]) -> SavedState:
    """The states in a ``.npz`` file of :func:`write_state`, or in a plain ``.npy`` array of bits.

    Raises :class:`InputError` naming the file, and what in it is not as it must be.
    """
    try:
        with Path(path).open("rb") as file:
            begin = file.read(4)
            file.seek(0)
            return _read_archive(file) if begin in MAGICS else _read_array(file)
    except InputError as error:
        raise InputError(f"{file_name(path)}: {error}") from None
    except OSError as error:
        raise InputError(f"{file_name(path)}: can't be read: {error.strerror or error}") from None


def _read_archive(file: IO[bytes]) -> SavedState:
    text, entries = read_npz(file)
    header = parse_json(text, "header")
    if (header.get("format"), header.get("version")) != (FORMAT, VERSION):
        raise InputError(f"header: expected format {FORMAT!r} of version {VERSION}, a state that trilc saved")
    model, reached = header.get("model"), header.get("reached")
    if not isinstance(model, str) or not isinstance(reached, bool):
        raise InputError("header: expected 'model', a string, and 'reached', true or false")
    if entries.keys() != {"state"}:
        raise InputError("expected one array, 'state'")
    entry = entries["state"]
    if entry.dtype != np.uint8 or len(entry.shape) != 2 or not entry.shape[0]:
        raise InputError(f"state: found {entry.dtype} of shape {entry.shape}; expected uint8 (streams, units)")
    bits = entry.read()
    _require_bits(bits, FREE)
    return SavedState(bits, model, reached)


def _read_array(file: IO[bytes]) -> SavedState:
    shape, fortran, dtype = read_npy_header("state", file)
    if dtype.kind not in "bui" or dtype.itemsize != 1 or len(shape) not in (1, 2) or not shape[0]:
        raise InputError(f"found {dtype} of shape {shape}; expected bits (units,) or (streams, units) in bytes")
    size = size_in_bytes(dtype, shape)
    present = os.fstat(file.fileno()).st_size - file.tell()
    if size > LARGEST_ARRAY or size != present:
        raise InputError(f"found {present} bytes where shape {shape} takes {size}")
    bits = read_array("state", file, np.dtype(np.uint8), shape[::-1] if fortran else shape)
    bits = bits.T if fortran else bits
    _require_bits(bits, 1)
    return SavedState(np.ascontiguousarray(np.atleast_2d(bits)))


def _require_bits(bits: Bits, largest: int) -> None:
    if bits.size and bits.max() > largest:
        raise InputError(f"state: found {bits.max()}; expected bits")
