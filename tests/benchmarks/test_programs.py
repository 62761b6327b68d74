"""The benchmarks are there, and say what they take."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import BENCHMARKS, arguments
from tests.benchmarks.layout import largest

FILES = sorted(Path(__file__).parent.glob("*.py"))
PROGRAMS = [path.stem for path in FILES if path.stem != "__main__" and "\ndef main(" in path.read_text()]


def test_all_are_run_by_one_command():
    assert sorted(BENCHMARKS) == PROGRAMS


@pytest.mark.parametrize("program", [*PROGRAMS, "__main__"])
def test_help(program, monkeypatch, capsys):
    main = import_module(f"tests.benchmarks.{program}").main
    monkeypatch.setattr(sys, "argv", [program, "--help"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert "usage:" in capsys.readouterr().out


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_short_arguments_are_such(program, monkeypatch, capsys):
    """Refused, if at all, is only the wrong one that is added to them."""
    main = import_module(f"tests.benchmarks.{program}").main
    given = arguments(program, ["a.npz", "b.npz"], Path("c.aig"))
    monkeypatch.setattr(sys, "argv", [program, *given, "--no-such-thing"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "unrecognized arguments: --no-such-thing" in capsys.readouterr().err


@pytest.mark.parametrize("first", [1, 100, 5000])
@pytest.mark.parametrize("most", [0, 1, 99, 100, 1000, 70_000])
def test_the_largest_size(first, most):
    """Within a factor of two, in steps that double or halve."""
    tried = []

    def can(size):
        tried.append(size)
        return size <= most

    found = largest(can, first)
    assert len(tried) == len(set(tried))
    if found is None:
        assert most == 0 or first > most
        assert min(tried) == 1
    else:
        assert found <= most < 2 * found
