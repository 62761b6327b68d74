"""The simulator written out as one program, run without this package in reach."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backends import standalone
from tests.aig.circuits import mixed
from trilc.aig import AIG
from trilc.aig.simulation import Simulator
from trilc.version import VERSION

METADATA = {"vocabulary": 60, "tokens": ['"""', "\\", "ä\n", "'''"]}


def text_of(aig: AIG) -> bytes:
    stream = io.BytesIO()
    standalone.write(aig, stream)
    return stream.getvalue()


@pytest.fixture(scope="module")
def aig() -> AIG:
    return replace(mixed(3, 2000), metadata=METADATA)


@pytest.fixture(scope="module")
def model(aig: AIG, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("standalone") / "model.py"
    path.write_bytes(text_of(aig))
    return path


def python(model: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """A fresh interpreter that sees installed packages, but trilc only if it were hidden in the program."""
    guard = (
        "import sys, runpy; sys.modules.update(dict.fromkeys(['trilc', 'passes', 'backends']));"
        "sys.argv = sys.argv[1:]; exec(compile(sys.stdin.read(), 'test', 'exec')) if sys.argv[0] == '-' else "
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, "-P", "-W", "error", "-c", guard, *arguments],
        input=stdin, capture_output=True, text=True, cwd=model.parent, env=environment, check=False,
    )  # fmt: skip


def test_bytes_are_repeatable_and_say_who_wrote_them(aig: AIG, model: Path) -> None:
    assert text_of(aig) == model.read_bytes()
    assert VERSION.encode() in model.read_bytes()[:300]
    assert b"import trilc" not in model.read_bytes()
    assert b"from trilc" not in model.read_bytes()


def test_as_a_program(aig: AIG, model: Path) -> None:
    tokens = np.random.default_rng(0).integers(0, 60, (300, 1))
    expected = "".join(f"{code}\n" for code in Simulator(aig, 1).run(tokens)[:, 0])
    result = python(model, str(model), stdin=" ".join(map(str, tokens[:, 0])))
    assert (result.stderr, result.returncode) == ("", 0)
    assert result.stdout == expected


def test_output_bits_and_metadata(aig: AIG, model: Path) -> None:
    result = python(model, str(model), "--bits", stdin="7\n 11\n")
    bits = next(Simulator(aig, 1).run_bits(np.array([[7], [11]])))[:, 0]
    assert result.stdout == "".join("".join(map(str, row)) + "\n" for row in bits)
    assert json.loads(python(model, str(model), "--metadata").stdout) == METADATA


def test_help_without_a_token_read(model: Path) -> None:
    result = python(model, str(model), "--help")
    assert result.returncode == 0
    assert "echo 7 4 11" in result.stdout


@pytest.mark.parametrize(
    ("stdin", "message"),
    [
        ("1 2 60", "error: stream 0, position 2: token 60 is not in 0 … 59"),
        ("1 -2", "error: input: '-2' is not a token id"),
        ("1 x\n", "error: input: 'x' is not a token id"),
        ("9" * 100_000, "error: input: '99999999999999999999' is not a token id"),
    ],
)
def test_bad_input_is_one_line(model: Path, stdin: str, message: str) -> None:
    result = python(model, str(model), stdin=stdin)
    assert (result.stderr, result.returncode) == (message + "\n", 2)


def test_as_a_module(aig: AIG, model: Path) -> None:
    tokens = np.random.default_rng(1).integers(0, 60, (80, 1500))
    np.save(model.parent / "tokens.npy", tokens)
    program = (
        "import sys; sys.path.insert(0, ''); import numpy, model\n"
        "simulator = model.Simulator(1500, threads=2)\n"
        "numpy.save('codes.npy', simulator.run(numpy.load('tokens.npy')))\n"
        "simulator.reset(); simulator.run(numpy.load('tokens.npy')[:1])\n"
        "numpy.save('state.npy', simulator.state)\n"
    )
    result = python(model, "-", stdin=program)
    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)
    simulator = Simulator(aig, 1500)
    assert np.array_equal(np.load(model.parent / "codes.npy"), simulator.run(tokens))
    simulator.reset()
    simulator.run(tokens[:1])
    assert np.array_equal(np.load(model.parent / "state.npy"), simulator.state)
