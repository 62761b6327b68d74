"""Faults of the machine: nothing is lost, nothing is half-written, and one line says what was wrong."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import trilc
from backends import atomic_write
from tests.cli.command import end_of, line_of, said, start
from tests.cli.command import trilc as call

ROOT = Path(trilc.__file__).parent.parent


def limited(what: int, size: int):
    """For a process that may have no more of something."""
    return partial(resource.setrlimit, what, (size, size))


@pytest.fixture
def tokens(tmp_path) -> Path:
    path = tmp_path / "tokens.npy"
    np.save(path, np.zeros((4, 5000), np.uint8))
    return path


@pytest.mark.parametrize(
    ("command", "target"),
    [
        (["opt", "{netlist}", "-o", "{target}"], "out.aag"),
        (["opt", "{netlist}", "-o", "{target}"], "out.py"),
        (["opt", "{netlist}", "-o", "{target}", "--lut", "4"], "out.blif"),
        (["compile", "{checkpoint}", "-o", "{folder}/fine.v", "--testbench", "{target}"], "out_tb.v"),
        (["compile", "{checkpoint}", "--emit-ir", "{target}"], "out.ir"),
        (["compile", "{checkpoint}", "--stats", "{target}"], "out.json"),
        (["simulate", "{netlist}", "{tokens}", "-o", "{target}"], "out.npy"),
    ],
    ids=["aag", "py", "lut", "testbench", "ir", "stats", "npy"],
)
def test_a_disk_that_fills_up_keeps_the_old_file(command, target, checkpoint, netlists, tokens, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    places = {
        "checkpoint": checkpoint, "netlist": netlists[".aig"], "tokens": tokens, "folder": folder,
        "target": folder / target,
    }  # fmt: skip
    words = [word.format(**places) for word in command]
    said(*words)  # kernels are compiled now: their cache is no concern here
    fine = folder / "fine.v"
    small = fine.stat().st_size if fine.exists() else 700
    assert small < (folder / target).stat().st_size
    (folder / target).write_text("old")
    result = end_of(start(*words, preexec_fn=limited(resource.RLIMIT_FSIZE, small)))
    assert "File too large" in line_of(result)
    assert target in line_of(result)
    assert (folder / target).read_text() == "old"
    assert {path.name for path in folder.iterdir()} <= {target, "fine.v"}


def test_a_disk_that_has_no_room_for_compiled_kernels_is_named(netlists, tmp_path):
    command = ["opt", netlists[".aig"], "-o", tmp_path / "out.aag", "--passes", "rewrite"]
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    result = end_of(start(*command, env=environment, preexec_fn=limited(resource.RLIMIT_FSIZE, 100)))
    line = line_of(result)
    assert line == "the cache of compiled kernels, which NUMBA_CACHE_DIR can move elsewhere: File too large"
    assert {path.name for path in tmp_path.iterdir()} == {"cache"}


@pytest.mark.parametrize("seconds", [(), ("--seconds", "100")])
def test_a_certificate_on_a_disk_that_fills_up(seconds, checkpoint, netlists, tmp_path):
    words = ["verify", checkpoint, netlists[".aig"], "--certificate", tmp_path / "proof", *seconds]
    said(*words)
    shutil.rmtree(tmp_path / "proof")
    result = end_of(start(*words, preexec_fn=limited(resource.RLIMIT_FSIZE, 2000)))
    assert line_of(result) == f"cannot write {tmp_path / 'proof'}: File too large"
    assert [*tmp_path.iterdir()] == []


HALF = """
import os, sys
if sys.argv[2] == "named":
    del os.O_TMPFILE
from backends import atomic_write
with atomic_write(sys.argv[1]) as file:
    file.write(b"half")
    file.flush()
    print("half", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("old", [True, False])
@pytest.mark.parametrize("kind", ["nameless", "named"])
def test_killed_while_it_writes(kind, old, tmp_path):
    """Where files without a name are to be had, nothing is left."""
    target = tmp_path / "out.v"
    if old:
        target.write_bytes(b"old")
    process = subprocess.Popen(
        [sys.executable, "-c", HALF, target, kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout
    assert process.stdout.readline() == b"half\n"
    process.kill()
    process.communicate()
    assert target.exists() == old
    assert not old or target.read_bytes() == b"old"
    left = [path.name for path in tmp_path.iterdir() if path != target]
    if kind == "nameless" and _has_nameless_files(tmp_path):
        assert not left
    else:  # hidden, without the target's name, and in nobody's way
        assert len(left) == 1
        assert left[0].startswith(".trilc-")
    subprocess.run([sys.executable, "-c", HALF, target, kind], stdin=subprocess.DEVNULL, check=True, cwd=ROOT)
    assert target.read_bytes() == b"half"


def _has_nameless_files(folder: Path) -> bool:
    try:
        os.close(os.open(folder, os.O_WRONLY | os.O_TMPFILE))
    except (AttributeError, OSError):
        return False
    return True


def test_two_runs_that_write_the_same_file(checkpoint, tmp_path):
    """Whoever is last wins, and wins all of it."""
    target = tmp_path / "out.blif"
    wholes = []
    for passes in ("", "dead, rewrite"):
        said("compile", checkpoint, "-o", target, "--passes", passes)
        wholes.append(target.read_bytes())
    assert wholes[0] != wholes[1]
    target.unlink()
    runs = [start("compile", checkpoint, "-o", target, "--passes", passes) for passes in ("", "dead, rewrite") * 2]
    assert [end_of(run).code for run in runs] == [0] * 4
    assert target.read_bytes() in wholes
    assert [*tmp_path.iterdir()] == [target]


def test_two_writers_side_by_side(tmp_path):
    target = tmp_path / "out"
    with atomic_write(target) as first:
        first.write(b"fir")
        with atomic_write(target) as second:
            second.write(b"second")
        assert target.read_bytes() == b"second"
        first.write(b"st")
    assert target.read_bytes() == b"first"
    assert [*tmp_path.iterdir()] == [target]



@pytest.fixture(scope="module")
def sealed(tmp_path_factory) -> Path:
    """The package in a place where no cache can be made: a file lies where each would."""
    root = tmp_path_factory.mktemp("sealed")
    for package in ("trilc", "passes", "backends"):
        shutil.copytree(ROOT / package, root / package, ignore=shutil.ignore_patterns("__pycache__"))
        for folder in [root / package, *(path for path in (root / package).rglob("*") if path.is_dir())]:
            (folder / "__pycache__").write_text("")
    return root


def test_without_any_place_for_compiled_kernels_it_still_works(sealed, netlists, tmp_path):
    names = ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")
    environment = {key: value for key, value in os.environ.items() if key not in names}
    environment |= {"HOME": "/dev/null", "PYTHONPATH": str(sealed), "TMPDIR": str(tmp_path)}
    target = tmp_path / "out.aag"
    process = start("opt", netlists[".aig"], "-o", target, "--passes", "strash", env=environment, cwd=tmp_path)
    result = end_of(process)
    assert (result.code, result.err.count("error")) == (0, 0)
    said("opt", netlists[".aig"], "-o", tmp_path / "expected.aag", "--passes", "strash")
    assert target.read_bytes() == (tmp_path / "expected.aag").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"out.aag", "expected.aag"}  # its own cache is gone


GUARDED = """
import os, signal, sys
from trilc.cli import _complain
from trilc.cli.guard import guard
guard(_complain)
"""


def guarded(then: str, size: int = 1 << 30) -> subprocess.Popen[bytes]:
    """A process of limited memory that then does something."""
    return subprocess.Popen(
        [sys.executable, "-c", GUARDED + then], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
        preexec_fn=limited(resource.RLIMIT_AS, size),  # noqa: PLW1509
    )  # fmt: skip


@pytest.mark.parametrize("death", ["SIGABRT", "SIGSEGV", "SIGBUS", "SIGKILL"])
def test_where_memory_is_limited_a_sudden_death_is_one_line(death):
    result = end_of(guarded(f"os.kill(os.getpid(), signal.{death})"))
    assert line_of(result) == "out of memory: 1024 MiB (ulimit -v) did not suffice"


def test_where_memory_is_limited_all_else_is_as_ever(netlists):
    result = end_of(guarded("print('said'); print('complained', file=sys.stderr); sys.exit(7)"))
    assert (result.code, result.out, result.err) == (7, "said\n", "complained\n")
    assert line_of(end_of(guarded("", 100 << 20))).startswith("out of memory: found 100 MiB (ulimit -v); expected")
    generous = start("info", netlists[".aag"], preexec_fn=limited(resource.RLIMIT_AS, 4 << 30))
    assert end_of(generous).out == said("info", netlists[".aag"])


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_where_memory_is_limited_signals_reach_the_one_that_works(name):
    number = getattr(signal, name)
    wait = (
        f"signal.signal(signal.{name}, lambda *_: (os.write(1, b'reached\\n'), sys.exit(9)))\n"
        "os.write(1, b'ready\\n')\nwhile True: signal.pause()"
    )
    process = guarded(wait)
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(number)
    result = end_of(process)
    assert (result.code, result.out) == (9, "reached\n")


def test_where_memory_is_limited_another_signal_ends_both():
    process = guarded("os.kill(os.getpid(), signal.SIGTERM)")
    assert end_of(process).code == -signal.SIGTERM


def test_every_limit_of_memory_gives_a_result_or_one_line(netlists, tmp_path):
    """From too little to load anything up to enough."""
    codes = set()
    for mib in (64, 260, 300, 340, 400, 2048):
        target = tmp_path / f"out{mib}.blif"
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
        process = start(
            "opt", netlists[".aig"], "-o", target, env=environment,
            preexec_fn=limited(resource.RLIMIT_AS, mib << 20),
        )  # fmt: skip
        result = end_of(process)
        codes.add(result.code)
        assert target.exists() == (result.code == 0)
        if result.code:
            *_, last = result.err.splitlines(keepends=True)
            assert result.code == 2
            assert "memory" in last
            assert "Traceback" not in result.err
    assert codes == {0, 2}
    assert {path.suffix for path in tmp_path.iterdir()} == {".blif"}


def test_a_pass_without_memory_is_one_line(netlists, tmp_path, monkeypatch):
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("passes.sweep.sweeping.sweep", fail)
    target = tmp_path / "out.aag"
    target.write_text("old")
    result = call("opt", netlists[".aig"], "-o", target, "--passes", "sweep")
    assert "out of memory" in line_of(result)
    assert target.read_text() == "old"
    assert [*tmp_path.iterdir()] == [target]


@pytest.mark.parametrize("solver", ["cadical195", "glucose42", "minisat22"])
def test_a_solver_that_finds_no_memory_is_one_line(solver):
    """It is C++, and takes the process down with it or raises: the line is the same to whoever reads it."""
    greedy = (
        "import itertools\n"
        "from trilc.sat.solver import SatSolver\n"
        f"with SatSolver(name={solver!r}) as solver:\n"
        "    for first in itertools.count(1, 30_000):\n"
        "        solver.add([list(range(first, first + 30_000))] * 50)\n"
    )
    told = f"try:\n    exec({greedy!r})\nexcept MemoryError:\n    sys.exit(_complain('out of memory'))"
    result = end_of(guarded(told))
    *_, last = result.err.splitlines()
    assert result.code == 2
    assert last.startswith("trilc: error: out of memory")
    assert "Traceback" not in result.err
