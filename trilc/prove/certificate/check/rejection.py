"""The one error of the checker."""

import struct
import zipfile
import zlib


class RejectedError(Exception):
    """Something is not as it has to be."""


def require(holds, otherwise):
    """Reject with a reason, unless something holds."""
    if not holds:
        raise RejectedError(otherwise)


REFUSALS = (
    RejectedError, KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError, RuntimeError,
    EOFError, SyntaxError, MemoryError, struct.error, zipfile.BadZipFile, zlib.error,
)
"""What a malformed file may end in."""
