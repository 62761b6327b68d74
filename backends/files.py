"""Reading and writing a netlist by the ending of its file's name."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from backends import FORMATS, WRITTEN
from backends.atomic import atomic_write
from trilc.aig import AIG
from trilc.errors import InputError, file_name

if TYPE_CHECKING:
    from trilc.luts import LutNetwork


def read_aig(path: str | os.PathLike[str]) -> AIG:
    """The netlist in a file. Raises :class:`InputError` naming the file and the line."""
    format_ = _format(path, FORMATS)
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):  # a device or a pipe may have no end
            raise InputError(f"cannot read {file_name(path)}: expected a regular file")
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {file_name(path)}: {error.strerror or error}") from error
    try:
        if format_ == "aiger":
            from backends import aiger

            return aiger.read(data)
        if format_ == "blif":
            from backends import blif

            return blif.read(data)
        from backends import verilog

        return verilog.read(data)
    except InputError as error:
        raise InputError(f"{file_name(path)}: {error}") from None


def write_aig(aig: AIG, path: str | os.PathLike[str]) -> None:
    """Write a netlist, whole or not at all; its model or module is named after the file.

    Raises :class:`InputError` for an unknown ending, for a name that no file can hold, and where the system
    refuses.
    """
    format_ = _format(path, WRITTEN)
    stem = Path(path).stem
    with atomic_write(path) as stream:
        if format_ == "aiger":
            from backends import aiger

            aiger.write(aig, stream, ascii=Path(path).suffix == ".aag")
        elif format_ == "blif":
            from backends import blif

            blif.write(aig, stream, model=stem)
        elif format_ == "standalone":
            from backends import standalone

            standalone.write(aig, stream)
        elif format_ == "c":
            from backends.standalone import c

            c.write(aig, stream)
        else:
            from backends import verilog

            verilog.write(aig, stream, module=stem)


def write_luts(luts: LutNetwork, path: str | os.PathLike[str]) -> None:
    """Write a network of LUTs as BLIF, whole or not at all; its model is named after the file.

    Raises :class:`InputError` as :func:`write_aig` does.
    """
    _format(path, {".blif": "blif"})
    from backends.blif import luts as blif

    with atomic_write(path) as stream:
        blif.write(luts, stream, model=Path(path).stem)


def _format(path: str | os.PathLike[str], formats: Mapping[str, str]) -> str:
    ending = Path(path).suffix
    if ending not in formats:
        known = ", ".join(formats)
        raise InputError(f"{file_name(path)}: found the ending {ending!r}; expected one of {known}")
    return formats[ending]
