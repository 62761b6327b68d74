"""Icarus Verilog."""

from __future__ import annotations

from pathlib import Path

from tests.oracles import tools


def available() -> bool:
    return tools.find("iverilog") is not None and tools.find("vvp") is not None


def simulate(sources: list[Path], directory: Path, timeout: float = 120) -> str:
    """Compile with all warnings as errors, run, and return what the simulation prints."""
    if not available():
        tools.missing("Icarus Verilog")
    program = directory / "icarus.vvp"
    printed = tools.run(["iverilog", "-g2005", "-Wall", "-Wno-timescale", "-o", program, *sources], timeout)
    if printed.strip():
        raise RuntimeError(f"Icarus complains:\n{printed}")
    return tools.run(["vvp", "-n", program], timeout)
