"""The And-Inverter Graph: the value, its builder, and the kernels that walk it."""

from trilc.aig.aig import AIG, FALSE, TRUE, UNKNOWN, Literals
from trilc.aig.builder import Builder

__all__ = ["AIG", "FALSE", "TRUE", "UNKNOWN", "Builder", "Literals"]
