"""Yosys, as the pyosys wheel carries it, in a process of its own: its crashes and its state stay there."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

from tests.oracles import tools

_RUN = """
import sys
from pyosys import libyosys
design = libyosys.Design()
for command in sys.stdin.read().replace("\\n", ";").split(";"):
    libyosys.run_pass(command.strip(), design)
"""


def available() -> bool:
    return importlib.util.find_spec("pyosys") is not None


def run(script: str, timeout: float = 120, cwd: Path | None = None, expected: str = "$^") -> str:
    """What Yosys prints for a script. Raises ``RuntimeError`` for an error, or a warning not ``expected``."""
    if not available():
        tools.missing("pyosys")
    printed = tools.run([sys.executable, "-c", _RUN], timeout, cwd, script)
    complaints = [
        line
        for line in printed.splitlines()
        if line.startswith("ERROR") or (line.startswith("Warning") and not re.search(expected, line))
    ]
    if complaints:
        raise RuntimeError(f"Yosys on {script[:1000]!r}: {complaints[0]}\n{printed}")
    return printed


def read(source: Path) -> str:
    """The command that reads a file by its ending."""
    commands = {
        ".v": f"read_verilog {source}",
        ".blif": f"read_blif {source}",
        ".aig": f"read_aiger -module_name top -clk_name clk {source}",
        ".aag": f"read_aiger -module_name top -clk_name clk {source}",
    }
    return commands[source.suffix]


def to_aiger(source: Path, target: Path, timeout: float = 120) -> None:
    """Read a Verilog, BLIF or AIGER file and write AIGER with symbols, ascii for the ending ``.aag``.

    The clock stays an input. A symbol may hold several names of one bit, separated by spaces.
    """
    ascii_option = "-ascii " if target.suffix == ".aag" else ""
    run(
        f"{read(source)}; proc; opt_clean; dfflegalize -cell $_DFF_P_ 01; simplemap; aigmap; opt_clean; "
        f"write_aiger {ascii_option}-symbols {target}",
        timeout,
    )
