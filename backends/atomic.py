"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from trilc.errors import InputError, file_name


@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A binary file that takes the place of ``path`` when the block ends, and leaves no trace when it fails.

    It is written beside its target (through symbolic links), flushed to the disk and renamed. It gets the
    permissions that ``open`` would have given or left. Devices and pipes are written directly. Raises
    :class:`InputError` where the system refuses.
    """
    try:
        if _is_special(path):
            with Path(path).open("wb") as stream:
                yield stream
        else:
            with _beside(Path(os.path.realpath(path))) as stream:
                yield stream
    except OSError as error:
        raise InputError(f"cannot write {file_name(path)}: {error.strerror or error}") from error


@contextmanager
def _beside(target: Path) -> Iterator[BinaryIO]:
    temporary = target.with_name(f".trilc-{secrets.token_hex(8)}")
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(None, "Permission denied")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        with os.fdopen(handle, "wb") as stream:
            if target.exists():
                os.fchmod(handle, stat.S_IMODE(target.stat().st_mode))
            yield stream
            stream.flush()
            os.fsync(handle)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _is_special(path: str | os.PathLike[str]) -> bool:
    """Whether ``path`` is a device, a pipe, a directory, or another process's or our own open file."""
    if os.path.abspath(path).startswith(("/dev/", "/proc/")):  # noqa: PTH100 (links must stay unresolved)
        return True
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)  # noqa: PTH116 (any path-like)
    except FileNotFoundError:
        return False
