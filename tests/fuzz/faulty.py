"""A reader with every fault that a campaign must notice."""

from __future__ import annotations

import os

from trilc.errors import InputError

FILES = (b"abort", b"hang", b"large", b"lines", b"escape", b"traceback", b"refused", b"sound")


def read(data: bytes) -> None:
    """What is read says what goes wrong."""
    match data:
        case b"abort":
            os.abort()
        case b"hang":
            while True:
                pass
        case b"large":
            bytearray(3 << 30)
        case b"lines":
            raise InputError("two\nlines")
        case b"escape":
            raise InputError("\x1b[31mred")
        case b"traceback":
            raise LookupError(data)
        case b"refused":
            raise InputError("no")
