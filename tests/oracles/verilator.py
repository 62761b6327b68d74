"""Verilator, from version 5 on."""

from __future__ import annotations

import re
from pathlib import Path

from tests.oracles import tools


def available() -> bool:
    program = tools.find("verilator")
    if program is None:
        return False
    version = re.search(r"Verilator (\d+)\.", tools.run([program, "--version"]))
    return version is not None and int(version[1]) >= 5


def lint(source: Path, timeout: float = 120) -> None:
    """Every lint warning there is. Raises ``RuntimeError`` for the first one."""
    _require()
    printed = tools.run(["verilator", "--lint-only", "-Wall", source], timeout)
    if printed.strip():
        raise RuntimeError(f"Verilator complains:\n{printed}")


def simulate(sources: list[Path], top: str, directory: Path, timeout: float = 300) -> str:
    """Compile to a program, run it, and return what it prints."""
    _require()
    tools.run(
        ["verilator", "--binary", "--top-module", top, "--Mdir", directory / "obj", "-o", "bench", *sources],
        timeout,
    )  # fmt: skip
    return tools.run([directory / "obj" / "bench"], timeout)


def _require() -> None:
    if not available():
        tools.missing("Verilator 5")
