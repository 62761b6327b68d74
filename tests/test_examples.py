"""The examples that the README's tour does not run."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.cli.command import said

AUTOMATA = Path(__file__).parent.parent / "examples/automata/there_and_back.py"


def test_an_automaton_goes_there_and_comes_back(tmp_path, monkeypatch):
    done = subprocess.run(
        [sys.executable, AUTOMATA, "--folder", tmp_path / "program"], capture_output=True, text=True, check=True
    )
    assert "of its minimal automaton: 4\nequal to what went in\ncertified" in done.stdout
    monkeypatch.chdir(tmp_path)
    Path("tomita4.json").write_bytes(Path("program/tomita4.json").read_bytes())
    for line in re.findall(r"^    trilc (.*)$", AUTOMATA.read_text(), re.MULTILINE):
        said(*shlex.split(line))
    for name in ("tomita4.npz", "found.dot", "found.proof"):
        assert Path(name).read_bytes() == Path("program", name).read_bytes()
