"""Finding outside tools, running them, and what to do where one is missing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest


def find(name: str) -> Path | None:
    """A program on the path."""
    found = shutil.which(name)
    return Path(found) if found else None


def missing(what: str) -> NoReturn:
    """Skip the test, or fail it where ``TRILC_REQUIRE_TOOLS`` is set."""
    if os.environ.get("TRILC_REQUIRE_TOOLS", "0") not in ("", "0"):
        pytest.fail(f"{what} is required (TRILC_REQUIRE_TOOLS) and missing")
    pytest.skip(f"{what} is not installed")


def run(
    command: list[str | Path], timeout: float = 120, cwd: Path | None = None, typed: str = ""
) -> str:
    """All that a program prints, without colours, when it reads ``typed``.

    Raises ``RuntimeError`` for a failing exit status.
    """
    done = subprocess.run(
        command, input=typed, capture_output=True, text=True, timeout=timeout, cwd=cwd, check=False,
        errors="replace",
    )  # fmt: skip
    printed = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    if done.returncode != 0:
        raise RuntimeError(f"{Path(command[0]).name} ended with status {done.returncode}:\n{printed}")
    return printed
