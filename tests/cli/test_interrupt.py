"""Ctrl-C at any moment: one line, exit code 2, no partial file."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from tests.cli.command import Result, handlers_restored, line_of
from tests.cli.conftest import save
from tests.models import random_model
from trilc import cli

INTERRUPTED = "interrupted; no file is half-written"

READY = (
    "import signal, sys; from trilc.cli import main\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # where it is ignored, as in the background
    "print('ready', file=sys.stderr, flush=True)\n"
    "main()"
)


def begin(*arguments, **options):
    """A program that has come as far as the command line's entry."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    command = [sys.executable, "-c", READY, *map(str, arguments)]
    process = subprocess.Popen(command, **(pipes | options))
    assert process.stderr
    assert process.stderr.readline() == b"ready\n"
    return process


def interrupt(process):
    """What it says after Ctrl-C, without the lines of progress before."""
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    *progress, last = err.decode().splitlines(keepends=True)
    assert all(line.startswith("trilc: ") and line.endswith(" …\n") for line in progress), err.decode()
    return line_of(Result(process.returncode, out.decode(), last))


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    return save(tmp_path_factory.mktemp("large") / "large.npz", random_model(np.random.default_rng(0), 300, 40, 0.3))


@pytest.mark.parametrize("seconds", [0.2, 0.7, 1.4, 2.3, 3.6])
def test_while_kernels_are_compiled(seconds, large, tmp_path):
    """Nothing is in Numba's cache, so that most of the time LLVM is at work."""
    (tmp_path / "out").mkdir()
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    targets = ["-o", tmp_path / "out" / "a.v", "-o", tmp_path / "out" / "a.py"]
    process = begin("compile", large, *targets, env=environment)
    time.sleep(seconds)
    assert interrupt(process) == INTERRUPTED
    assert not [*(tmp_path / "out").iterdir()]


@pytest.mark.parametrize("stage", ["gates", "dead", "balance"])
def test_while_kernels_run(stage, large, tmp_path):
    target = tmp_path / "a.aig"
    target.write_bytes(b"old")
    process = begin("compile", large, "-o", target, "--passes", "30*dead, 4000*(balance, strash)")
    for line in process.stderr:
        if line == f"trilc: {stage} …\n".encode():
            break
    time.sleep(0.1)
    assert interrupt(process) == INTERRUPTED
    assert target.read_bytes() == b"old"
    assert [*tmp_path.iterdir()] == [target]


def test_while_it_waits_for_input(netlists):
    process = begin("simulate", netlists[".aig"])
    process.stdin.write(b"1 2 3 ")
    process.stdin.flush()
    assert len(process.stdout.read1().split()) == 3
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.decode()) == (2, b"\n", f"trilc: error: {INTERRUPTED}\n")


def test_while_input_never_ends(netlists):
    with subprocess.Popen(["yes", "1"], stdout=subprocess.PIPE) as writer:
        process = begin("simulate", netlists[".aig"], stdin=writer.stdout)
        process.stdout.read(100_000)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        writer.kill()
    assert process.returncode == 2
    assert out.endswith(b"\n")
    assert err.decode() == f"trilc: error: {INTERRUPTED}\n"


def test_a_waveform_is_whole_up_to_an_interrupt(netlists, tmp_path):
    path = tmp_path / "run.vcd"
    with subprocess.Popen(["yes", "1"], stdout=subprocess.PIPE) as writer:
        process = begin("simulate", netlists[".aig"], "--vcd", path, stdin=writer.stdout)
        process.stdout.read(10_000)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        writer.kill()
    assert process.returncode == 2
    assert err.decode() == f"trilc: error: {INTERRUPTED}\n"
    times = [int(time) for time in re.findall(r"^#(\d+)$", path.read_text(), re.MULTILINE)]
    assert len(times) > 5_000
    assert times == list(range(0, 5 * len(times), 5))
    assert len(times) % 2 == 1  # up to the end of a token


def is_writing(process, folder):
    """Whether a file is there, with a name or, as Linux has them, open without one."""
    if [*folder.iterdir()]:
        return True
    opened = Path(f"/proc/{process.pid}/fd")
    if not opened.is_dir():
        return False
    names = []
    for handle in opened.iterdir():
        with suppress(OSError):  # closed meanwhile
            names.append(str(handle.readlink()))
    return any(name.startswith(f"{folder}/") for name in names)


def test_while_an_array_is_written(netlists, tmp_path):
    (tmp_path / "out").mkdir()
    with (tmp_path / "in.npy").open("wb") as file:  # 4 GB of zeros that take no room
        header = {"descr": "|u1", "fortran_order": False, "shape": (4, 10**9)}
        np.lib.format.write_array_header_1_0(file, header)
        file.truncate(file.tell() + 4 * 10**9)
    process = begin("simulate", netlists[".aig"], tmp_path / "in.npy", "-o", tmp_path / "out" / "said.npy")
    while not is_writing(process, tmp_path / "out"):
        assert process.poll() is None
        time.sleep(0.05)
    assert interrupt(process) == INTERRUPTED
    assert not [*(tmp_path / "out").iterdir()]


def test_an_interrupt_where_nothing_can_be_raised_is_raised_later(monkeypatch, capsys):
    """Python drops an exception of a finalizer; what goes wrong after it is not told."""

    class Finalized:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    class Torn:
        def __del__(self):
            raise AttributeError("torn by the interrupt")

    def run():
        Finalized()
        Torn()
        return 0

    monkeypatch.setattr(cli, "_run", run)
    with handlers_restored(), pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 2
    assert capsys.readouterr().err == f"trilc: error: {INTERRUPTED}\n"


STRUCK = """
import signal, sys
from typing import NamedTuple
import numpy as np
from numba import njit
from trilc import cli

class Pair(NamedTuple):
    one: np.ndarray
    other: np.ndarray

@njit
def copies(array):
    return Pair(array.copy(), array.copy())

module, function = sys.argv[1:]
struck = []

def strike(frame, event, _):
    there = str(frame.f_globals.get("__name__")).startswith(module) and frame.f_code.co_name == function
    if event == "call" and there and not struck:
        struck.append(True)
        signal.raise_signal(signal.SIGINT)

def run():
    sys.setprofile(strike)
    for _ in range(3):
        copies(np.zeros(1))
    sys.setprofile(None)
    print("not interrupted" if struck else "not struck")
    return 0

cli._run = run
signal.signal(signal.SIGINT, signal.default_int_handler)
cli.main()
"""


@pytest.mark.parametrize(
    "module, function",
    [
        ("numba.core.serialize", "_numba_unpickle"),
        ("namedtuple_", "<lambda>"),
        ("llvmlite.binding", "_raw_object_cache_notify"),
        ("llvmlite.binding", "_raw_object_cache_getbuffer"),
    ],
)
def test_an_interrupt_in_what_kernels_and_llvm_call(module, function):
    """A compiled kernel calls Python to make what it returns, and crashes where the first of these fails."""
    command = [sys.executable, "-c", STRUCK, module, function]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert line_of(Result(done.returncode, done.stdout, done.stderr)) == INTERRUPTED


def test_an_error_of_our_own_is_not_hidden(monkeypatch):
    def run():
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "_run", run)
    with handlers_restored(), pytest.raises(ZeroDivisionError):
        cli.main()
