"""File formats, readers beside writers: BLIF, AIGER and Verilog, and the emitters of the simulator."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backends.atomic import atomic_write
    from backends.files import read_aig, write_aig, write_luts
    from backends.verilog_testbench import write_testbench

FORMATS: Mapping[str, str] = MappingProxyType(
    {".aig": "aiger", ".aag": "aiger", ".blif": "blif", ".v": "verilog"}
)
"""The ending of a netlist's file name → the module of this package that reads and writes it."""

WRITTEN: Mapping[str, str] = MappingProxyType({**FORMATS, ".py": "standalone", ".c": "c"})
"""The same, with the formats that are written only."""

_HOMES = {
    "atomic_write": "backends.atomic",
    "read_aig": "backends.files",
    "write_aig": "backends.files",
    "write_luts": "backends.files",
    "write_testbench": "backends.verilog_testbench",
}

__all__ = ["FORMATS", "WRITTEN", "atomic_write", "read_aig", "write_aig", "write_luts", "write_testbench"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'backends' has no attribute {name!r}")
