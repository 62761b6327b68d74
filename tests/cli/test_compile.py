"""``trilc compile``: every option, every ending, the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess

import numpy as np
import pytest

import trilc as library
from passes import DEFAULT, Pipeline
from tests.cli.command import PROGRAM, refused, said, trilc
from tests.cli.conftest import save
from tests.models import random_model
from tests.oracles import icarus
from trilc import ir
from trilc.cli import stages
from trilc.compiler import words
from trilc.version import VERSION

ENDINGS = (".blif", ".v", ".aig", ".aag", ".py")
TOKENS = np.random.default_rng(1).integers(0, 5, 300)


@pytest.fixture(scope="module")
def written(checkpoint, tmp_path_factory):
    """A folder with everything that one command can write."""
    folder = tmp_path_factory.mktemp("written")
    targets = [argument for ending in ENDINGS for argument in ("-o", folder / f"net{ending}")]
    more = ["--testbench", folder / "bench.v", "--emit-ir", folder / "net.ir", "--stats", folder / "net.json"]
    said("compile", checkpoint, *targets, *more)
    return folder


def test_every_netlist_says_what_the_model_says(written, checkpoint):
    expected = library.load(checkpoint).run(TOKENS[None])[0]
    for ending in set(ENDINGS) - {".py"}:
        assert np.array_equal(library.simulate(library.read_aig(written / f"net{ending}"), TOKENS), expected)


def test_the_standalone_program_runs_by_itself(written, checkpoint, tmp_path):
    given = " ".join(map(str, TOKENS)).encode()
    shutil.copy(written / "net.py", tmp_path)
    done = subprocess.run([PROGRAM[0], tmp_path / "net.py"], input=given, capture_output=True, check=True)
    expected = library.load(checkpoint).run(TOKENS[None])[0]
    assert done.stdout.split() == [str(index).encode() for index in expected]


def test_the_bench_passes_and_fails_for_another_module(written, checkpoint, tmp_path):
    assert "PASS" in icarus.simulate([written / "bench.v", written / "net.v"], tmp_path)
    right = (written / "net.v").read_text()
    broken = re.sub(r"assign out\[0\] = (.*);", r"assign out[0] = ~(\1);", right)
    assert broken != right
    (tmp_path / "net.v").write_text(broken)
    assert "FAIL" in icarus.simulate([written / "bench.v", tmp_path / "net.v"], tmp_path)


def test_the_word_level_graph_parses_back(written, checkpoint):
    text = (written / "net.ir").read_text()
    graph = words(library.load(checkpoint))
    assert ir.dump(ir.parse(text)) == ir.dump(graph)


def test_version_and_hash_are_in_every_file(written, checkpoint):
    digest = hashlib.sha256(checkpoint.read_bytes()).hexdigest()
    names = {f"net{ending}" for ending in ENDINGS} | {"bench.v", "net.ir", "net.json"}
    assert {path.name for path in written.iterdir()} == names
    for path in written.iterdir():
        assert VERSION.encode() in path.read_bytes(), path
        assert digest.encode() in path.read_bytes(), path


def test_the_same_bytes_in_another_directory_process_and_order(written, checkpoint, tmp_path):
    command = [*PROGRAM, "compile", checkpoint]
    for ending in reversed(ENDINGS):
        command += ["-o", f"net{ending}"]
    command += ["--emit-ir", "net.ir", "--testbench", "bench.v"]
    environment = {**os.environ, "PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo"}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (written / path.name).read_bytes(), path.name
    assert len([*tmp_path.iterdir()]) == len(ENDINGS) + 2


def test_statistics_tell_of_every_stage(written, checkpoint):
    statistics = json.loads((written / "net.json").read_text())
    aig = library.read_aig(written / "net.aig")
    assert statistics["trilc"] == VERSION
    assert statistics["output"] == "argmax"
    assert statistics["ands"] == aig.num_ands
    assert statistics["registers"] == aig.num_registers
    assert statistics["files"] == [str(written / f"net{ending}") for ending in ENDINGS]
    _, steps = Pipeline.parse(DEFAULT).run(library.compile(library.load(checkpoint), passes=""))
    rows = statistics["stages"]
    assert [row["stage"] for row in rows[:2]] == ["words", "gates"]
    assert [row["stage"] for row in rows[2 : 2 + len(steps)]] == [step.text for step in steps]
    assert [row["stage"] for row in rows[2 + len(steps) :]] == ["proof", *(f"write {f}" for f in statistics["files"])]
    for row in rows[1 : 2 + len(steps)]:
        assert row["ands"] >= 0
        assert row["levels"] >= 0
        assert row["registers"] >= 0
    assert all(row["seconds"] >= 0 for row in rows)
    assert rows[1 + len(steps)]["ands"] == aig.num_ands


def test_json_is_the_statistics(checkpoint, tmp_path):
    printed = said("compile", checkpoint, "--json", "--stats", tmp_path / "stats.json", "--passes", "dead")
    assert json.loads(printed) == json.loads((tmp_path / "stats.json").read_text())
    assert json.loads(printed)["passes"] == "dead"
    assert json.loads(printed)["files"] == []


def test_the_table_has_a_row_for_each_stage(checkpoint, tmp_path):
    target = tmp_path / ("long" * 30) / "net.aig"
    target.parent.mkdir()
    printed = said("compile", checkpoint, "-o", target, "--passes", "strash, 2*(balance, dead)")
    lines = printed.splitlines()
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines if line.startswith("│")]
    assert [row[0] for row in cells[:7]] == ["words", "gates", "strash", "balance", "dead", "balance", "dead"]
    assert cells[0][1:4] == ["", "", ""]
    for row in cells[1:7]:
        assert all(cell.replace(",", "").isdigit() for cell in row[1:4])
        float(row[4])
    assert "".join(row[0] for row in cells[7:-1]).replace(" ", "") == f"proofwrite{target}"
    assert cells[-1][0] == "all"


def test_a_long_table_has_one_row_for_the_middle(checkpoint, tmp_path):
    out = said("compile", checkpoint, "-o", tmp_path / "a.aig", "--passes", "40*strash")
    assert out.count("strash") == 12 + 5  # "words" and "gates" come first, the proof and the file last
    assert re.search(r"… 23 passes +│ +\d", out)


def test_passes(checkpoint, tmp_path):
    for name, text in {"none": "", "dead": "dead"}.items():
        said("compile", checkpoint, "--passes", text, "-o", tmp_path / f"{name}.aig")
    model = library.load(checkpoint)
    plain = library.read_aig(tmp_path / "none.aig")
    assert plain.num_ands == library.compile(model, passes="").num_ands
    assert library.read_aig(tmp_path / "dead.aig").num_ands < plain.num_ands
    assert "one of the passes" in refused("compile", checkpoint, "--passes", "dead, magic")
    assert "options of rewrite" in refused("compile", checkpoint, "--passes", "rewrite(speed=3)")


@pytest.mark.parametrize("output", ["argmax", "scores", "state"])
def test_outputs(output, checkpoint, tmp_path):
    target = tmp_path / "net.blif"
    said("compile", checkpoint, "--outputs", output, "-o", target, "--passes", "dead")
    model = library.load(checkpoint)
    found = library.simulate(library.read_aig(target), TOKENS)
    assert np.array_equal(found, model.run(TOKENS[None], output)[0])


def test_keep_state_keeps_every_register(tmp_path):
    model = random_model(np.random.default_rng(2), 4, 3, 0.5)
    model.head.weight[:] = 0  # nothing depends on the state
    path = save(tmp_path / "deaf.npz", model)
    said("compile", path, "-o", tmp_path / "small.aig")
    said("compile", path, "-o", tmp_path / "whole.aig", "--keep-state")
    assert library.read_aig(tmp_path / "small.aig").num_registers == 0
    whole = library.read_aig(tmp_path / "whole.aig")
    assert whole.num_registers == 4
    state = said("simulate", tmp_path / "whole.aig", "--show", "state", stdin="0 1 2").split()
    expected = library.load(path).run(np.array([[0, 1, 2]]), "state")[0]
    assert state == ["".join(map(str, row)) for row in expected]
    assert "--keep-state" in refused("simulate", tmp_path / "small.aig", "--show", "state", stdin="0")


def test_safetensors_and_an_ending_in_capitals(checkpoint, tmp_path):
    capital = tmp_path / "SMALL.NPZ"
    capital.write_bytes(checkpoint.read_bytes())
    said("compile", capital, "-o", tmp_path / "a.aig", "--passes", "dead")
    assert said("simulate", capital, stdin="1 2 3") == said("simulate", checkpoint, stdin="1 2 3")


def test_progress_is_a_line_a_stage_once_patience_is_over(checkpoint, monkeypatch):
    monkeypatch.setattr(stages, "PATIENCE", 0.0)

    class Slow(stages.Stages):
        def end(self, stage, seconds, size):
            assert self._timer is not None
            self._timer.join()  # as long as it takes to show it
            super().end(stage, seconds, size)

    monkeypatch.setattr(stages, "Stages", Slow)
    result = trilc("compile", checkpoint, "--passes", "dead", "--json")
    assert result.code == 0
    assert result.err.splitlines() == ["trilc: words …", "trilc: gates …", "trilc: dead …", "trilc: proof …"]
    json.loads(result.out)


def test_without_a_wait_there_is_no_progress(checkpoint, monkeypatch):
    monkeypatch.setattr(stages, "PATIENCE", 1e6)
    assert trilc("compile", checkpoint, "--passes", "dead").err == ""


def test_a_bench_needs_one_module(checkpoint, tmp_path):
    bench = ["--testbench", tmp_path / "bench.v"]
    assert "exactly one -o FILE.v" in refused("compile", checkpoint, *bench)
    two = ["-o", tmp_path / "a.v", "-o", tmp_path / "b.v"]
    assert "exactly one -o FILE.v" in refused("compile", checkpoint, *two, *bench)


def test_no_file_is_written_over_another(checkpoint, tmp_path):
    here = tmp_path / "a.v"
    assert "named twice" in refused("compile", checkpoint, "-o", here, "--testbench", here)
    assert "named twice" in refused("compile", checkpoint, "--stats", checkpoint)
    (tmp_path / "link").symlink_to(tmp_path)
    assert "named twice" in refused("compile", checkpoint, "-o", here, "-o", tmp_path / "link" / "a.v")
    assert [*tmp_path.iterdir()] == [tmp_path / "link"]
