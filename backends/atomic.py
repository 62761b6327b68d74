"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from trilc.errors import InputError, file_name

_HANDLES = "/proc/self/fd"


@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A binary file that takes the place of ``path`` when the block ends, and leaves no trace when it fails.

    It is written beside its target (through symbolic links), without a name where the file system has such files
    (Linux's ``O_TMPFILE``), flushed to the disk and renamed. It gets the permissions that ``open`` would have given
    or left. Devices and pipes are written directly. Raises
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
        handle, is_named = _open(temporary)
        with os.fdopen(handle, "wb") as stream:
            if target.exists():
                os.fchmod(handle, stat.S_IMODE(target.stat().st_mode))
            yield stream
            stream.flush()
            os.fsync(handle)
            if not is_named:  # a directory's handle, whichever, lets Python follow the link
                os.link(f"{_HANDLES}/{handle}", temporary, src_dir_fd=handle, follow_symlinks=True)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _open(temporary: Path) -> tuple[int, bool]:
    """A new file, and whether it bears its name yet: a file without one is gone when its process is killed."""
    flags = os.O_WRONLY | os.O_CLOEXEC
    if hasattr(os, "O_TMPFILE") and Path(_HANDLES).is_dir():
        with suppress(OSError):  # not every file system has such
            return os.open(temporary.parent, flags | os.O_TMPFILE, 0o666), False
    return os.open(temporary, flags | os.O_CREAT | os.O_EXCL, 0o666), True


def _is_special(path: str | os.PathLike[str]) -> bool:
    """Whether ``path`` is a device, a pipe, a directory, or another process's or our own open file."""
    if os.path.abspath(path).startswith(("/dev/", "/proc/")):  # noqa: PTH100 (links must stay unresolved)
        return True
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)  # noqa: PTH116 (any path-like)
    except FileNotFoundError:
        return False
