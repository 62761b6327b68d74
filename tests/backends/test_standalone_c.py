"""The simulator written out as C: compiled with all warnings as errors, and run beside the reference."""

from __future__ import annotations

import ctypes
import io
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import trilc
from backends import standalone, write_aig
from backends.standalone import c
from tests.aig.circuits import mixed
from tests.benchmarks.models import MODELS
from tests.models import random_model
from trilc.aig import AIG, Builder
from trilc.aig.simulation import Simulator

CC = shutil.which("cc") or shutil.which("gcc")
pytestmark = pytest.mark.skipif(CC is None, reason="no C compiler")

STRICT = ["-std=c99", "-pedantic", "-Wall", "-Werror"]
METADATA = {"vocabulary": 60, "tokens": ['"""', "\\", "ä\n", "*/ #error ??/", "%s"]}


def build(aig: AIG, folder: Path, *flags: str) -> Path:
    write_aig(aig, folder / "model.c")
    command = [CC, *STRICT, *flags, "-o", "model", "model.c"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.stderr, done.returncode) == ("", 0)
    return folder / "model"


def run(program: Path, *arguments: str, stdin: str | bytes = "") -> subprocess.CompletedProcess[str]:
    data = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run([program, *arguments], input=data, capture_output=True, check=False)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture(scope="module")
def aig() -> AIG:
    return replace(mixed(3, 2000), metadata=METADATA)


@pytest.fixture(scope="module")
def program(aig: AIG, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(aig, tmp_path_factory.mktemp("c"), "-O1", "-DTRILC_MAIN", "-DTRILC_LANES=64")


def test_bytes_are_repeatable(aig: AIG, program: Path) -> None:
    stream = io.BytesIO()
    c.write(aig, stream)
    assert stream.getvalue() == (program.parent / "model.c").read_bytes()
    assert b"#error ??/" not in stream.getvalue()


def test_as_a_program(aig: AIG, program: Path) -> None:
    tokens = np.random.default_rng(0).integers(0, 60, (300, 1))
    expected = "".join(f"{code}\n" for code in Simulator(aig, 1).run(tokens)[:, 0])
    for arguments, stdin in (([], " ".join(map(str, tokens[:, 0]))), (["--bytes"], bytes(tokens[:, 0].tolist()))):
        done = run(program, *arguments, stdin=stdin)
        assert (done.stderr, done.stdout, done.returncode) == ("", expected, 0)
    bits = next(Simulator(aig, 1).run_bits(np.array([[7], [11]])))[:, 0]
    assert run(program, "--bits", stdin="7\n 11\n").stdout == "".join("".join(map(str, row)) + "\n" for row in bits)
    assert json.loads(run(program, "--metadata").stdout) == METADATA


@pytest.mark.parametrize("stdin", ["1 2 60", "1 2 -2", "1 2 x", "1 2 3x", "1 2 " + "9" * 100_000])
def test_bad_input_is_one_line(program: Path, stdin: str) -> None:
    done = run(program, stdin=stdin)
    assert (done.stderr, done.returncode) == ("error: position 2: expected a token id below 60\n", 2)
    assert run(program, "--what").returncode == 2


class Library:
    """The program's functions, called as another program would."""

    def __init__(self, path: Path, lanes: int) -> None:
        self._library, self._lanes = ctypes.CDLL(str(path)), lanes
        self._library.trilc_run.restype = ctypes.c_size_t
        self._machine = ctypes.create_string_buffer(1 << 22)
        self._library.trilc_init(self._machine)

    def run(self, tokens: np.ndarray) -> tuple[int, np.ndarray]:
        given = np.ascontiguousarray(tokens, np.uint32)
        said = np.zeros(given.shape, np.uint64)
        pointers = (ctypes.c_void_p(array.ctypes.data) for array in (given, said))
        return self._library.trilc_run(self._machine, *pointers, ctypes.c_size_t(len(given))), said


@pytest.mark.parametrize("lanes", [64, 128, 512])
def test_every_lane_of_every_width_says_what_the_reference_says(lanes: int, tmp_path: Path) -> None:
    model = random_model(np.random.default_rng(lanes), 20, 300, layers=2, fractions=True)
    netlist = trilc.compile(model, passes="dead")
    library = Library(build(netlist, tmp_path, "-O1", "-shared", "-fPIC", f"-DTRILC_LANES={lanes}"), lanes)
    tokens = np.random.default_rng(1).integers(0, 300, (20, lanes))
    expected = model.run(tokens.T).T
    for part in (slice(0, 8), slice(8, 20)):
        steps, said = library.run(tokens[part])
        assert steps == len(tokens[part])
        np.testing.assert_array_equal(said, expected[part])
    tokens[3, lanes - 1] = 300
    assert library.run(tokens)[0] == 3


@pytest.mark.parametrize("output", ["argmax", "scores", "state"])
def test_a_trained_model(output: str, tmp_path: Path) -> None:
    model = trilc.load(next(path for path in MODELS if path.stem == "kjv32"))
    netlist = trilc.compile(model, outputs=output, passes="dead", keep_state=True)
    build(netlist, tmp_path, "-O0", "-c")
    program = build(netlist, tmp_path, "-O1", "-DTRILC_MAIN")
    tokens = np.random.default_rng(2).integers(0, model.vocabulary, (200, 1))
    bits = np.concatenate(list(Simulator(netlist, 1).run_bits(tokens)))[:, 0]
    said = run(program, "--bits", stdin=" ".join(map(str, tokens[:, 0]))).stdout
    assert said == "".join("".join(map(str, row)) + "\n" for row in bits)
    if output == "argmax":
        said = run(program, stdin=" ".join(map(str, tokens[:, 0]))).stdout
        assert list(map(int, said.split())) == model.run(tokens.T)[0].tolist()


def test_no_gates_and_nothing_at_all(tmp_path: Path) -> None:
    b = Builder()
    x, s = b.input("x"), b.register("s", reset=1)
    b.set_next(s, x)
    b.output("q", s ^ 1)
    program = build(b.build(), tmp_path, "-DTRILC_MAIN")
    assert run(program, stdin="1 0 0").stdout == "0\n0\n1\n"
    build(Builder().build(), tmp_path, "-c")
    assert standalone.write is not c.write
