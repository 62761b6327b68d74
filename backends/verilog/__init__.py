"""Structural Verilog (IEEE 1364-2005): a module that an engineer can instantiate."""

from backends.verilog.reader import read
from backends.verilog.writer import write

__all__ = ["read", "write"]
