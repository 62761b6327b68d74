"""The ``.npz`` container: a zip archive of ``.npy`` arrays. Nothing in it is ever unpickled."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO, Any

from numpy.typing import NDArray

from trilc.checkpoint.arrays import MAX_BYTES, read_array, shown, size_in_bytes
from trilc.checkpoint.json_text import LONGEST
from trilc.checkpoint.npy import read_npy_header
from trilc.errors import InputError
from trilc.exact.tensors import Entry

MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
HEADER = "__trilc__"
UNSUSPICIOUS = 1 << 28
"""Bytes that any archive may unpack to."""
LARGEST_RATIO = 256
"""How many times its size a larger archive may unpack to: ternary weights hold more than that, bombs hold 1000."""
LARGEST_JSON = 4 * LONGEST
"""Bytes of the header's text, four a character."""

_DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error,
    EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError,
)  # fmt: skip
"""What zipfile and zlib raise for archives that are damaged, encrypted or beyond them."""


def read_npz(file: IO[bytes]) -> tuple[str, dict[str, Entry]]:
    """The header's text and the tensors of an open ``.npz`` file, which stays open for the entries' ``read``.

    Raises :class:`InputError` naming the entry that is not a plain array of numbers.
    """
    with _damage_of("the archive"):
        archive = zipfile.ZipFile(file)
        members = archive.infolist()
    _check_directory(members, file.seek(0, os.SEEK_END))
    entries = {member.filename.removesuffix(".npy"): _entry(archive, member) for member in members}
    if HEADER not in entries:
        raise InputError(f"{HEADER} is missing; is this a trilc checkpoint?")
    return _header_text(entries.pop(HEADER)), entries


def _check_directory(members: list[zipfile.ZipInfo], size: int) -> None:
    names: set[str] = set()
    for member in members:
        name = shown(member.filename)
        if not member.filename.endswith(".npy"):
            raise InputError(f"entry {name} is not an array (.npy)")
        if member.filename in names:
            raise InputError(f"entry {name} is there twice")
        if member.flag_bits & 1:
            raise InputError(f"entry {name} is encrypted")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InputError(f"entry {name}: compression method {member.compress_type} is not supported")
        names.add(member.filename)
    total = sum(member.file_size for member in members)
    if total > MAX_BYTES:
        raise InputError(f"the archive unpacks to {total} bytes; expected at most {MAX_BYTES}")
    if total > max(UNSUSPICIOUS, LARGEST_RATIO * size):
        raise InputError(
            f"the archive of {size} bytes unpacks to {total}; expected at most {LARGEST_RATIO} times its size"
        )


def _entry(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Entry:
    """What the array says of itself: its ``.npy`` header, checked against the size in the directory."""
    name = shown(member.filename.removesuffix(".npy"))
    with _damage_of(name), archive.open(member) as stream:
        shape, _, dtype = read_npy_header(name, stream)
        start = stream.tell()
    if dtype.hasobject:
        raise InputError(f"{name}: holds pickled Python objects; expected numbers")
    if dtype.kind not in "biufU" or (dtype.kind == "f" and dtype.itemsize > 8):
        raise InputError(f"{name}: found type {shown(str(dtype))}; expected integers or floats up to 64 bits")
    present, declared = member.file_size - start, size_in_bytes(dtype, shape)
    if present != declared:
        raise InputError(f"{name}: found {present} bytes where shape {shape} of {dtype} takes {declared}")
    return Entry(dtype, shape, partial(_read, archive, member))


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    name = shown(member.filename.removesuffix(".npy"))
    with _damage_of(name), archive.open(member) as stream:
        shape, fortran, dtype = read_npy_header(name, stream)
        array = read_array(name, stream, dtype, shape[::-1] if fortran else shape)
        stream.read(1)  # at the end zipfile checks the checksum
    native = array.astype(dtype.newbyteorder("="), copy=False)
    return native.T if fortran else native


def _header_text(entry: Entry) -> str:
    if entry.dtype.kind != "U" or entry.shape != ():
        raise InputError(f"{HEADER}: found {entry.dtype} of shape {entry.shape}; expected one string")
    if entry.dtype.itemsize > LARGEST_JSON:
        raise InputError(f"{HEADER}: found {entry.dtype.itemsize} bytes; expected at most {LARGEST_JSON}")
    try:
        return entry.read().astype("<U").tobytes().decode("utf-32-le", "surrogatepass").rstrip("\0")
    except ValueError:
        raise InputError(f"{HEADER}: holds characters that are not Unicode") from None


@contextmanager
def _damage_of(name: str) -> Iterator[None]:
    try:
        yield
    except InputError:
        raise
    except _DAMAGE as error:
        raise InputError(f"{name}: damaged archive: {shown(str(error))}") from None
