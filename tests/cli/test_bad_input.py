"""Whatever is wrong with what comes from outside: one line that names it, exit code 2, no file."""

from __future__ import annotations

import json
import os
import pickle
import resource
import subprocess
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.cli.command import Result, end_of, line_of, refused, said, start, trilc
from tests.cli.conftest import HEADER
from trilc.checkpoint import save

COMMANDS = ("compile", "simulate", "info")
ABOUT = {**HEADER, "state": "pm1", "output": "argmax", "tokens": None}


def tensors(**changes):
    small = {
        "rnn.weight_ih_l0": np.ones((2, 3), np.int8),
        "rnn.weight_hh_l0": np.ones((2, 2), np.int8),
        "head.weight": np.ones((3, 2), np.int8),
    }
    return small | {name.replace("__", "."): array for name, array in changes.items()}


CHECKPOINTS = {
    "weights that are not ternary": (
        tensors(rnn__weight_hh_l0=np.array([[1, 0], [3, 1]], np.int8)), "rnn.weight_hh_l0", {}),
    "not a number": (tensors(head__bias=np.array([0, np.nan, 0])), "head.bias[1]", {}),
    "infinity": (tensors(rnn__bias_l0=np.array([0, np.inf])), "rnn.bias_l0[1]", {}),
    "no units": (
        tensors(rnn__weight_hh_l0=np.ones((0, 0), np.int8), rnn__weight_ih_l0=np.ones((0, 3), np.int8)), "l0", {}),
    "no tokens": (tensors(rnn__weight_ih_l0=np.ones((2, 0), np.int8)), "rnn.weight_ih_l0", {}),
    "another shape": (tensors(rnn__weight_hh_l0=np.ones((2, 3), np.int8)), "rnn.weight_hh_l0", {}),
    "another type": (tensors(head__weight=np.ones((3, 2), complex)), "head.weight", {}),
    "strings": (tensors(head__weight=np.full((3, 2), "1")), "head.weight", {}),
    "a missing tensor": ({"head.weight": np.ones((3, 2), np.int8)}, "rnn.", {}),
    "another cell": (tensors(), "cell", {"cell": "transformer"}),
    "another version": (tensors(), "version", {"version": 2}),
    "names for other tokens": (tensors(), "tokens", {"tokens": ["a"]}),
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("case", CHECKPOINTS)
def test_a_checkpoint_that_is_wrong(case, command, tmp_path):
    arrays, place, header = CHECKPOINTS[case]
    path = tmp_path / "model.npz"
    save(path, ABOUT | header, arrays)
    line = refused(command, path, *(["-o", tmp_path / "out.v"] if command == "compile" else []), stdin="0 1")
    assert line.startswith(f"{path}: ")
    assert place in line
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize("ending", [".npz", ".safetensors"])
def test_a_checkpoint_cut_anywhere(ending, tmp_path):
    whole = tmp_path / f"whole{ending}"
    save(whole, ABOUT, tensors())
    said("info", whole)
    data, path = whole.read_bytes(), tmp_path / f"cut{ending}"
    for length in sorted({*range(0, len(data), 61), *range(12), len(data) - 1}):
        path.write_bytes(data[:length])
        assert refused("info", path).startswith(f"{path}: ")


class Bomb:
    """What nobody may unpickle."""

    def __reduce__(self):
        return os.mkdir, ("unpickled",)


def test_hostile_checkpoints(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("raw.npz").write_bytes(pickle.dumps(Bomb()))
    with Path("array.npz").open("wb") as file:
        np.savez(file, __trilc__=np.array(Bomb(), object), allow_pickle=True)
    Path("array.safetensors").write_bytes(pickle.dumps(Bomb()))
    Path("absurd.safetensors").write_bytes((2**63).to_bytes(8, "little") + b"{}")
    header = json.dumps({"a": {"dtype": "I8", "shape": [2**40, 2**40], "data_offsets": [0, 2**80]}}).encode()
    Path("shape.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    os.mkfifo("pipe.npz")
    Path("folder.npz").mkdir()
    names = sorted(str(path) for path in Path().iterdir())
    for name in [*names, "missing.npz", "missing.blif", "missing.safetensors"]:
        for command in COMMANDS:
            assert name in refused(command, name)
    assert sorted(str(path) for path in Path().iterdir()) == names


NETLISTS = {
    "a loop": (".blif", ".model m\n.inputs a\n.outputs y\n.names a y x\n11 1\n.names x y\n1 1\n.end\n"),
    "an undriven net": (".blif", ".model m\n.inputs a\n.outputs y\n.names a b y\n11 1\n.end\n"),
    "a net driven twice": (".blif", ".model m\n.inputs a\n.outputs y\n.names a y\n1 1\n.names a y\n0 1\n.end\n"),
    "a cover too wide": (".blif", ".model m\n.inputs a\n.outputs y\n.names a y\n11 1\n.end\n"),
    "no model": (".blif", "hello\n"),
    "bytes": (".blif", "\udc80\udcff\udcfe"),
    "a loop of gates": (".aag", "aag 3 1 0 1 2\n2\n4\n4 2 6\n6 2 4\n"),
    "a gate that is not there": (".aag", "aag 3 1 0 1 1\n2\n4\n4 2 6\n"),
    "a gate twice": (".aag", "aag 3 1 0 1 2\n2\n4\n4 2 2\n4 2 3\n"),
    "wrong counts": (".aag", "aag 9 1 0 5 1\n2\n4\n4 2 2\n"),
    "counts that make no sum": (".aag", "aag 1 5 0 0 0\n2\n"),
    "absurd counts": (".aig", "aig 4000000000 1 0 1 3999999999\n2\n"),
    "gates cut off": (".aig", "aig 9 1 0 1 8\n4\n\x02"),
    "no header": (".aig", "AIG\n"),
    "nothing": (".aig", ""),
    "another language": (".v", "module m(input a, output y); always @* y = a; endmodule\n"),
    "metadata that is none": (".aag", 'aag 1 1 0 1 0\n2\n2\nc\ntrilc {"metadata":[[[[\n'),
}


@pytest.mark.parametrize("case", NETLISTS)
def test_a_netlist_that_is_wrong(case, tmp_path):
    ending, text = NETLISTS[case]
    path = tmp_path / f"in{ending}"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    for command in ("info", "opt", "simulate"):
        target = ["-o", tmp_path / "out.blif"] if command == "opt" else []
        assert refused(command, path, *target, stdin="0").startswith(f"{path}: ")
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize(
    "lie",
    [
        {"output": "tea"}, {"output": ["argmax"]}, {"vocabulary": 0}, {"vocabulary": "5"}, {"vocabulary": True},
        {"vocabulary": 4}, {"num_outputs": -1}, {"num_outputs": None}, {"tokens": "abcde"},
        {"tokens": ["a", "a", "b", "c", "d"]}, {"tokens": ["", "a", "b", "c", "d"]},
        {"tokens": [1, 2, 3, 4, 5]}, {"tokens": ["\ud800", "a", "b", "c", "d"]}, {"text": {"lower": 1}},
        {"text": []}, {"text": {"lower": True, "fold_space": True, "unknown": "z"}}, {"score_scale": "1"},
        {"score_scale": -1}, {"score_scale": 10**400}, {"state": "h"}, {"state": [3]}, {"state": ["nobody"]},
        {"removed": []}, {"removed": {"h_l0[0]": 3}}, {"output": "scores"}, {"output": "scores", "num_outputs": 0},
    ],
)  # fmt: skip
def test_metadata_that_lie(lie, netlists, tmp_path):
    lines = netlists[".aag"].read_text().split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith("trilc {"))
    about = json.loads(lines[at].removeprefix("trilc "))
    about["metadata"] |= lie
    lines[at] = f"trilc {json.dumps(about)}"
    path = tmp_path / "in.aag"
    path.write_text("\n".join(lines))
    results = [
        trilc("simulate", path, stdin="0 1 2 3 4"),
        trilc("simulate", path, "--show", "state", stdin="0 1 2 3 4"),
        trilc("simulate", path, "--show", "text", "--input", "text", stdin="abé"),
        trilc("simulate", path, "--generate", "3", stdin="1"),
        trilc("info", path),
    ]
    assert any(result.code for result in results)
    for result in results:
        if result.code:
            line_of(result)


@pytest.mark.parametrize(
    ("target", "line"),
    [
        ("missing/out.v", "missing is not a directory"),
        ("file/out.v", "file is not a directory"),
        ("folder.v", "Is a directory"),
        ("out.edif", "expected an ending among .aig, .aag, .blif, .v, .py"),
        ("out", "expected an ending among"),
    ],
)
def test_targets_that_cannot_be_written_are_refused_before_any_work(target, line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("folder.v").mkdir()
    before = sorted(Path().iterdir())
    found = refused("compile", "there is no model.npz", "-o", "fine.v", "-o", target)
    assert target in found
    assert line in found
    assert refused("opt", "there is no netlist.aig", "-o", target) == found
    if "ending" not in line:
        for option in ("--stats", "--emit-ir", "--testbench"):
            assert refused("compile", "there is no model.npz", "-o", "fine.v", option, target) == found
    assert sorted(Path().iterdir()) == before


def test_a_disk_that_fills_up_leaves_whole_files_alone(checkpoint, tmp_path):
    """The files before the one that fails are whole; it, and those after it, are not there."""
    (tmp_path / "full.v").symlink_to("/dev/full")
    targets = [tmp_path / "a.aig", tmp_path / "full.v", tmp_path / "c.blif"]
    line = refused("compile", checkpoint, *(word for target in targets for word in ("-o", target)))
    assert line == f"cannot write {tmp_path / 'full.v'}: No space left on device"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.aig", "full.v"]
    assert json.loads(said("info", tmp_path / "a.aig", "--json"))["output"] == "argmax"
    for option in ("--stats", "--emit-ir"):
        assert "No space left on device" in refused("compile", checkpoint, option, tmp_path / "full.v")


def test_a_file_that_outgrows_its_limit_is_not_there(checkpoint, tmp_path):
    """A write that fails half-way, as on a disk that fills up, leaves the old file."""
    (tmp_path / "out.v").write_text("old")
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (2000, 2000))
    process = start("compile", checkpoint, "-o", tmp_path / "out.v", "--passes", "dead", preexec_fn=limit)
    assert line_of(end_of(process)) == f"cannot write {tmp_path / 'out.v'}: File too large"
    assert (tmp_path / "out.v").read_text() == "old"
    assert [*tmp_path.iterdir()] == [tmp_path / "out.v"]


def test_a_table_that_nobody_can_take(checkpoint):
    with Path("/dev/full").open("wb") as full:
        process = start("info", checkpoint, stdout=full)
        _, error = process.communicate(timeout=60)
    assert (process.returncode, error) == (2, b"trilc: error: standard output: No space left on device\n")


def test_without_standard_streams_it_still_works(checkpoint, tmp_path):
    command = f"exec {' '.join(map(str, _command('compile', checkpoint, '-o', tmp_path / 'a.aig')))} <&- >&- 2>&-"
    assert subprocess.run(command, shell=True, check=False).returncode == 0
    assert [*tmp_path.iterdir()] == [tmp_path / "a.aig"]
    command = f"exec {' '.join(map(str, _command('info', tmp_path / 'missing.npz')))} <&- >&- 2>&-"
    assert subprocess.run(command, shell=True, check=False).returncode == 2


def test_out_of_memory_is_one_line(tmp_path):
    """A model whose word-level graph does not fit in what the process may take."""
    units = 4000
    arrays = {
        "rnn.weight_ih_l0": np.ones((units, 3), np.int8),
        "rnn.weight_hh_l0": np.ones((units, units), np.int8),
        "head.weight": np.ones((3, units), np.int8),
    }
    save(tmp_path / "large.npz", ABOUT, arrays)
    limit = partial(resource.setrlimit, resource.RLIMIT_AS, (700 << 20, 700 << 20))
    one_thread = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    target = tmp_path / "out.aig"
    process = start("compile", tmp_path / "large.npz", "-o", target, preexec_fn=limit, env=one_thread)
    out, err = process.communicate(timeout=120)
    *progress, last = err.decode().splitlines(keepends=True)
    assert "memory" in line_of(Result(process.returncode, out.decode(), last))
    assert all(line.startswith("trilc: ") and line.endswith(" …\n") for line in progress)
    assert [*tmp_path.iterdir()] == [tmp_path / "large.npz"]


def _command(*arguments):
    from tests.cli.command import PROGRAM

    return [*PROGRAM, *arguments]
