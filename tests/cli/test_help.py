"""Help, the version, and what they do not import."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.command import PROGRAM, refused, said
from trilc.cli.group import COMMANDS
from trilc.version import VERSION


@pytest.mark.parametrize("arguments", [[], *([command] for command in COMMANDS)])
def test_help_shows_examples_and_imports_nothing_heavy(arguments):
    script = (
        "import sys; from trilc.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: code = end.code\n"
        "heavy = {'numpy', 'numba', 'rich', 'pyeda', 'networkx', 'pysat'} & set(sys.modules)\n"
        "sys.exit(code or ' '.join(heavy) or 0)"
    )
    command = [sys.executable, "-c", script, *arguments, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Examples:\n" in done.stdout
    assert f"  trilc {' '.join(arguments)}".rstrip() in done.stdout.split("Examples:\n")[1]


def test_no_command_is_answered_with_help():
    assert said() == said("--help") == said("-h")
    for command, purpose in COMMANDS.items():
        assert f"{command} " in said()
        assert purpose in said()


def test_as_a_module():
    done = subprocess.run([*PROGRAM, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"trilc {VERSION}\n" == said("--version")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["frobnicate"], "No such command 'frobnicate'. (see trilc --help)"),
        (["--frobnicate"], "o such option"),
        (["compile"], "Missing argument 'MODEL'. (see trilc compile --help)"),
        (["compile", "a.npz", "--outputs", "tea"], "'tea' is not one of"),
        (["info", "a.npz", "b.npz"], "unexpected extra argument"),
        (["simulate", "a.npz", "--generate", "0"], "0 is not in the range"),
        (["simulate", "a.npz", "--threads", "none"], "'none' is not a valid integer"),
    ],
)
def test_a_wrong_command_line_is_one_line(arguments, line):
    assert line in refused(*arguments)
