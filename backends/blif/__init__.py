"""The Berkeley Logic Interchange Format (UC Berkeley 1992), one model per file."""

from backends.blif.reader import read
from backends.blif.writer import write

__all__ = ["read", "write"]
