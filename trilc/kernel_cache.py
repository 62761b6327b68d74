"""Where compiled kernels are kept: numba needs some folder that it can write to, or it compiles nothing."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

VARIABLE = "NUMBA_CACHE_DIR"


def ensure_kernel_cache() -> None:
    """Where neither the package nor the user's cache can be written, let numba use a folder of this process.

    Kernels are compiled anew then, which takes a minute.
    """
    package = Path(__file__).parent / "__pycache__"
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path(os.path.expanduser("~")) / ".cache") / "numba"  # noqa: PTH111
    given = os.environ.get(VARIABLE)
    if any(_is_writable(folder) for folder in ([Path(given)] if given else []) + [package, user]):
        return
    with suppress(OSError):  # then numba says that there is no place
        folder = tempfile.mkdtemp(prefix="trilc-kernels-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ[VARIABLE] = folder
        if "numba" in sys.modules:  # it has looked at its environment already
            import numba

            numba.config.CACHE_DIR = folder  # type: ignore[attr-defined]


def _is_writable(folder: Path) -> bool:
    """Whether a folder is there, or can be made, and files in it too."""
    while not folder.exists():
        if folder.is_symlink() or folder == folder.parent:
            return False
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
