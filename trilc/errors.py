"""The one error that a user's input can cause."""

from __future__ import annotations

import os


class InputError(ValueError):
    """Something from outside (a file, an option, a token) is not as it must be.

    The message is one line: what was found, where, and what was expected. The command line prints it and
    exits with code 2; library callers may catch it as a ``ValueError``.
    """


def file_name(path: str | os.PathLike[str]) -> str:
    """A file's name, fit for one line of a message."""
    name = os.fspath(path)
    return name if name.isprintable() else ascii(name)
