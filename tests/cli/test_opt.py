"""``trilc opt`` on netlists that others wrote."""

from __future__ import annotations

import json

import numpy as np
import pytest

import trilc as library
from passes import Pipeline, efforts
from tests.aig.circuits import mixed, outputs_of
from tests.cli.command import refused, said
from trilc.version import VERSION

BLIF = """\
# a gate with three inputs, one that nothing needs, and a counter of two bits
.model elsewhere
.inputs up down clk
.outputs low high both
.latch next_low low re clk 1
.latch next_high high re clk 0
.latch unused lonely re clk 0
.names low up next_low
10 1
01 1
.names low up high next_high
110 1
0-1 1
-01 1
.names up down low both
111 1
.names up down unused
00 0
.end
"""

AIGER = """\
aag 5 2 1 1 2
2
4
6 10 1
8
8 6 2
10 9 4
i0 request
i1 enable
l0 busy
o0 grant
c
written by hand
"""

FOREIGN = {".blif": BLIF, ".aag": AIGER}


@pytest.mark.parametrize("ending", FOREIGN)
@pytest.mark.parametrize("target", [".blif", ".aig", ".aag", ".v", ".py"])
@pytest.mark.parametrize("passes", [["--passes", ""], []])
def test_foreign_netlists_keep_their_names_and_behaviour(ending, target, passes, tmp_path):
    (tmp_path / f"in{ending}").write_text(FOREIGN[ending])
    said("opt", tmp_path / f"in{ending}", "-o", tmp_path / f"out{target}", *passes)
    if target == ".py":
        compile((tmp_path / "out.py").read_text(), "out.py", "exec")
        return
    before = library.read_aig(tmp_path / f"in{ending}")
    after = library.read_aig(tmp_path / f"out{target}")
    assert after.input_names == before.input_names
    assert after.output_names == before.output_names
    assert set(after.register_names) <= set(before.register_names)
    if passes:
        assert after.register_names == before.register_names
    stimulus = np.random.default_rng(0).integers(0, 2, (50, 4, before.num_inputs)).astype(bool)
    assert np.array_equal(outputs_of(after, stimulus)[0], outputs_of(before, stimulus)[0])


def test_registers_go_unless_they_are_kept(tmp_path):
    (tmp_path / "in.blif").write_text(BLIF)
    said("opt", tmp_path / "in.blif", "-o", tmp_path / "less.aig")
    said("opt", tmp_path / "in.blif", "-o", tmp_path / "kept.aig", "--keep-state")
    assert library.read_aig(tmp_path / "less.aig").register_names == ("low", "high")
    assert library.read_aig(tmp_path / "kept.aig").register_names == ("low", "high", "lonely")


def test_it_gets_smaller_in_place_and_says_so(tmp_path):
    circuit = mixed(3, 500)
    path = tmp_path / "in.aig"
    library.write_aig(circuit, path)
    summary = json.loads(said("opt", path, "-o", path, "--json", "--stats", tmp_path / "stats.json"))
    assert summary == json.loads((tmp_path / "stats.json").read_text())
    after = library.read_aig(path)
    assert summary["ands"] == after.num_ands < circuit.num_ands
    assert summary["trilc"] == VERSION
    assert summary["sha256"] is None
    rows = summary["stages"]
    assert (rows[0]["stage"], rows[0]["ands"]) == ("read", circuit.num_ands)
    assert rows[-1]["stage"] == f"write {path}"
    stimulus = np.random.default_rng(0).integers(0, 2, (40, 8, circuit.num_inputs)).astype(bool)
    assert np.array_equal(outputs_of(after, stimulus)[0], outputs_of(circuit, stimulus)[0])


def test_a_compiled_netlist_still_runs_and_knows_its_model(netlists, checkpoint, tmp_path):
    said("opt", netlists[".blif"], "-o", tmp_path / "less.v", "--passes", "2*(rewrite, balance), dead")
    ids = "0 1 2 3 4 4 3 2 1 0"
    assert said("simulate", tmp_path / "less.v", stdin=ids) == said("simulate", checkpoint, stdin=ids)
    digest = library.load(checkpoint).digest
    assert json.loads(said("opt", netlists[".blif"], "--json", "--passes", ""))["sha256"] == digest


@pytest.mark.parametrize("goal", efforts.GOALS)
def test_effort_and_goal_stand_for_passes(goal, netlists, tmp_path):
    sizes = []
    for effort in ("fast", "default"):
        target = tmp_path / f"{effort}.aig"
        summary = json.loads(said("opt", netlists[".blif"], "-o", target, "--effort", effort, "--goal", goal, "--json"))
        assert summary["passes"] == str(Pipeline.parse(efforts.pipeline(effort, goal)))
        assert library.read_aig(target).num_ands == summary["ands"]
        sizes.append(summary["ands"])
    assert sizes[1] <= sizes[0] or goal == "depth"
    chosen = said("opt", netlists[".blif"], "--passes", "dead", "--effort", "high", "--goal", goal, "--json")
    assert json.loads(chosen)["passes"] == "dead"
    assert "'fast', 'default', 'high'" in refused("opt", netlists[".blif"], "--effort", "most")


def test_the_same_bytes_every_time(netlists, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        said("opt", netlists[".aig"], "-o", tmp_path / name / "net.blif", "-o", tmp_path / name / "net.aig")
    for ending in ("blif", "aig"):
        first, second = (tmp_path / name / f"net.{ending}" for name in ("a", "b"))
        assert first.read_bytes() == second.read_bytes()


def test_a_foreign_netlist_is_not_simulated_as_a_model(tmp_path):
    (tmp_path / "in.aag").write_text(AIGER)
    assert "expected one compiled from a model" in refused("simulate", tmp_path / "in.aag", stdin="1")


def test_no_file_is_written_over_another(netlists, tmp_path):
    here = tmp_path / "a.aig"
    assert "named twice" in refused("opt", netlists[".aig"], "-o", here, "-o", here)
    assert "named twice" in refused("opt", netlists[".aig"], "-o", here, "--stats", here)
