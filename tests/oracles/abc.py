"""Berkeley's ABC, as the pyosys wheel carries it. Its verdicts are read from what it prints."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Sequence
from pathlib import Path

from tests.oracles import tools

_COMPLAINTS = re.compile(r"error|warning|cannot|undriven|not driven|fail|assert|abort", re.IGNORECASE)
_EXPECTED = re.compile(r"Warning: The last (output is|\d+ outputs are) interpreted as|Verification failed")


def available() -> bool:
    return _find() is not None


def path() -> Path:
    """The program. Skips or fails the test where there is none."""
    return _find() or tools.missing("yosys-abc (the pyosys wheel)")


def run(script: str, timeout: float = 120, cwd: Path | None = None) -> str:
    """What ABC prints for a script. Raises ``RuntimeError`` for any complaint in it."""
    printed = tools.run([path(), "-q", script], timeout, cwd)
    complaints = [
        line for line in printed.splitlines() if _COMPLAINTS.search(line) and not _EXPECTED.match(line)
    ]
    if complaints:
        raise RuntimeError(f"ABC on {script!r}: {complaints[0]}\n{printed}")
    return printed


def cec(a: Path, b: Path, timeout: float = 120) -> bool:
    """Combinational equivalence, registers, matched by position, being cut; resets don't count."""
    return verdict(run(f"cec -n {a} {b}", timeout))


def dsec(a: Path, b: Path, timeout: float = 120) -> bool:
    """Sequential equivalence from the reset state."""
    return verdict(run(f"dsec -n {a} {b}", timeout))


def verdicts(questions: Sequence[str], directory: Path, timeout: float = 300) -> list[bool]:
    """The verdicts on ``cec …`` and ``dsec …`` commands about files in a directory, all asked in one run."""
    (directory / "questions.abc").write_text("\n".join(questions) + "\n")
    printed = run("source questions.abc", timeout, directory)
    answers = [line for line in printed.splitlines() if line.startswith("Networks are")]
    if len(answers) != len(questions):
        raise RuntimeError(f"ABC gives {len(answers)} verdicts on {len(questions)} questions:\n{printed}")
    return [verdict(line) for line in answers]


def to_aiger(source: Path, target: Path, timeout: float = 120) -> None:
    """Read a BLIF or binary AIGER file and write it as binary AIGER with symbols."""
    run(f"read {source}; strash; write_aiger -s {target}", timeout)


def verdict(printed: str) -> bool:
    if re.search(r"Networks are NOT EQUIVALENT", printed):
        return False
    if re.search(r"Networks are equivalent", printed):
        return True
    raise RuntimeError(f"ABC gives no verdict:\n{printed}")


def _find() -> Path | None:
    spec = importlib.util.find_spec("pyosys")
    if spec is None or spec.origin is None:
        return None
    program = Path(spec.origin).parent / "yosys-abc"
    return program if program.exists() else None
