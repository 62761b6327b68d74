"""What strangers put into files does not reach the terminal, a shell, or other files."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.cli.command import refused, said
from tests.cli.conftest import save
from tests.models import random_model
from trilc.cli.terminal import visible

ESCAPES = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e"


def test_what_a_terminal_would_obey_is_spelt_out():
    assert visible("a\n\tb λ\u00a0👍\u200d") == "a\n\tb λ\u00a0👍\u200d"
    assert visible("\x1b[31m\r\x00\x7f\x9b\u2028\u202e") == "\\x1b[31m\\r\\x00\\x7f\\x9b\\u2028\\u202e"


def hostile_netlist(path: Path) -> Path:
    about = {"metadata": {"trilc": ESCAPES, "model": ESCAPES, "output": "[red]x[/red]", "vocabulary": [1]}}
    path.write_text(f"aag 1 1 0 1 0\n2\n2\nc\ntrilc {json.dumps(about)}\n")
    return path


def test_tables_and_json_hold_no_escapes(tmp_path):
    path = hostile_netlist(tmp_path / "it.aag")
    for arguments in (("info", path), ("info", path, "--json"), ("opt", path, "--passes", "")):
        printed = said(*arguments)
        assert not any(sign in printed for sign in "\x1b\x07\x9b\u202e")
    assert "[red]x[/red]" in said("info", path)
    assert json.loads(said("info", path, "--json"))["compiled_by"] == ESCAPES


def test_messages_hold_no_escapes(tmp_path):
    path = tmp_path / f"it{ESCAPES}\n.aag"
    assert refused("info", path).isprintable()
    path.write_text(f"aag 1 1 0 0 0\n2\ni0 {ESCAPES}\n")
    assert refused("info", path).isprintable()
    header = {"tokens": ["a", ESCAPES, ESCAPES]}
    model = random_model(np.random.default_rng(1), 3, 3, 0.7)
    assert refused("info", save(tmp_path / "it.npz", model, **header)).isprintable()


@pytest.fixture
def naughty(tmp_path) -> Path:
    """A model whose tokens are what terminals obey."""
    model = random_model(np.random.default_rng(1), 4, 4, 0.9)
    return save(tmp_path / "it.npz", model, tokens=["a", "\n", "\x1b[2J", "\r"])


def test_text_is_exact_in_files_and_harmless_on_terminals(naughty):
    command = [sys.executable, "-m", "trilc", "simulate", naughty, "--show", "text"]
    tokens = b" ".join(b"%d" % (k * k % 4) for k in range(200))
    exact = subprocess.run(command, input=tokens, capture_output=True, check=True).stdout
    assert b"\x1b[2J" in exact or b"\r" in exact
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=theirs) as process:
        os.close(theirs)
        assert process.stdin
        process.stdin.write(tokens)
        process.stdin.close()
        shown = b""
        while True:
            try:
                piece = os.read(ours, 1 << 16)
            except OSError:  # all is read
                break
            if not piece:
                break
            shown += piece
        assert process.wait() == 0
    os.close(ours)
    lines = shown.replace(b"\r\n", b"\n")
    assert b"\x1b" not in lines
    assert b"\r" not in lines
    assert lines.decode() == visible(exact.decode())


NAMES = ("; touch pwned", "$(touch pwned)", "`touch pwned`", "-o pwned", "--help", "a b", "'\"", "%s", "{0}", "é")


@pytest.mark.parametrize("name", NAMES)
def test_names_of_files_are_names(name, checkpoint, tmp_path, monkeypatch):
    """No shell sees them, and what they are turned into inside of a file is harmless."""
    monkeypatch.chdir(tmp_path)
    Path("models").mkdir()
    model = Path("models") / f"{name}.npz"
    model.write_bytes(checkpoint.read_bytes())
    endings = (".v", ".blif", ".aig", ".aag", ".py")
    targets = [Path("models") / f"{name}{ending}" for ending in endings]
    said("compile", model, *(word for target in targets for word in ("-o", target)), "--passes", "")
    for target in targets[:-1]:
        assert said("simulate", target, stdin="0 1 2 3 4") == said("simulate", checkpoint, stdin="0 1 2 3 4")
    verilog = targets[0].read_text()
    module = next(line for line in verilog.splitlines() if line.startswith("module"))
    assert module.removeprefix("module ").rstrip("(").isidentifier()
    assert sorted(path.name for path in Path().iterdir()) == ["models"]
    assert len([*Path("models").iterdir()]) == 1 + len(targets)


def test_no_shell_is_ever_asked():
    """Where the package starts a process, it names a program and a list of words."""
    root = Path(__file__).parent.parent.parent
    for package in ("trilc", "passes", "backends"):
        for source in (root / package).rglob("*.py"):
            text = source.read_text()
            for way in ("os.system", "os.popen", "getoutput", "shell=", "create_subprocess_shell"):
                assert way not in text, source
            assert not re.search(r"(?<![\w.])(eval|exec)\(", text), source


def test_streams_of_nothing(checkpoint, tmp_path):
    path = tmp_path / "tokens.npy"
    for shape in ((2**40, 0), (2**62, 0)):
        with path.open("wb") as file:
            np.lib.format.write_array_header_1_0(
                file, {"descr": "|u1", "fortran_order": False, "shape": shape}
            )
        assert "streams without a token" in refused("simulate", checkpoint, path)
        assert "streams without a token" in refused("simulate", checkpoint, path, "-o", tmp_path / "out.npy")
    assert [*tmp_path.iterdir()] == [path]


def test_endless_and_special_files(checkpoint, tmp_path):
    for name, source in (("it.aig", "/dev/zero"), ("it.npz", "/dev/zero"), ("it.blif", "/dev/random")):
        (tmp_path / name).symlink_to(source)
        assert "expected a regular file" in refused("info", tmp_path / name)
    assert "expected a token id" in refused("simulate", checkpoint, "/dev/zero")
    assert "expected a token" in refused("simulate", checkpoint, "/dev/zero", "--input", "text")
