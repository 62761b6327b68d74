"""``--lut``: BLIF of lookup tables."""

from __future__ import annotations

import json

import pytest

from tests.cli.command import refused, said

IDS = "0 1 2 3 4 4 3 2 1 0"


def test_compile_maps_and_the_file_still_runs(checkpoint, tmp_path):
    target = tmp_path / "luts.blif"
    summary = json.loads(said("compile", checkpoint, "-o", target, "--lut", "4", "--json"))
    assert summary["lut_inputs"] == 4
    assert summary["proof"]["answer"] == "equal"
    assert 0 < summary["luts"] < summary["ands"]
    assert 0 < summary["lut_levels"] < summary["levels"]
    mapped = next(row for row in summary["stages"] if row["luts"] is not None)
    assert (mapped["luts"], mapped["levels"]) == (summary["luts"], summary["lut_levels"])
    widths = [len(line.split()) - 2 for line in target.read_text().splitlines() if line.startswith(".names")]
    assert max(widths) == 4
    assert said("simulate", target, stdin=IDS) == said("simulate", checkpoint, stdin=IDS)


def test_opt_maps_and_the_table_says_so(netlists, checkpoint, tmp_path):
    table = said("opt", netlists[".aig"], "-o", tmp_path / "luts.blif", "--lut", "6", "--passes", "")
    assert "LUTs" in table
    assert "map(k=6)" in table
    assert "LUTs" not in said("opt", netlists[".aig"], "--passes", "")
    assert said("simulate", tmp_path / "luts.blif", stdin=IDS) == said("simulate", checkpoint, stdin=IDS)


def test_info_says_luts(netlists, tmp_path):
    target = tmp_path / "luts.blif"
    summary = json.loads(said("opt", netlists[".aig"], "-o", target, "--lut", "5", "--json", "--passes", ""))
    facts = json.loads(said("info", target, "--json"))
    assert (facts["luts"], facts["lut_inputs"], facts["lut_levels"]) == (summary["luts"], 5, summary["lut_levels"])
    assert json.loads(said("info", netlists[".blif"], "--json"))["luts"] is None
    # gates made of it are gates again
    said("opt", target, "-o", tmp_path / "gates.blif")
    assert json.loads(said("info", tmp_path / "gates.blif", "--json"))["luts"] is None


@pytest.mark.parametrize("k", ["1", "7", "-3", "1000000000000"])
def test_widths_that_no_table_has(netlists, k, tmp_path):
    target = tmp_path / "luts.blif"
    assert refused("opt", netlists[".aig"], "-o", target, "--lut", k) == f"--lut {k}: expected 2 to 6 inputs"
    assert not target.exists()


@pytest.mark.parametrize("ending", [".aig", ".aag", ".v", ".py"])
def test_formats_that_hold_no_tables(checkpoint, ending, tmp_path):
    targets = (tmp_path / "a.blif", tmp_path / f"b{ending}")
    message = refused("compile", checkpoint, "-o", targets[0], "-o", targets[1], "--lut", "6")
    assert message == f"{targets[1]}: with --lut, expected the ending .blif"
    assert not any(target.exists() for target in targets)


def test_the_goal_reaches_the_adders(checkpoint, tmp_path):
    made = {
        goal: json.loads(
            said("compile", checkpoint, "-o", tmp_path / f"{goal}.blif", "--goal", goal, "--lut", "6", "--json")
        )
        for goal in ("gates", "luts")
    }
    assert made["luts"]["passes"] == "constants, dead, resubstitute, constants, dead"
    assert made["luts"]["luts"] <= made["gates"]["luts"]
    assert said("simulate", tmp_path / "luts.blif", stdin=IDS) == said("simulate", checkpoint, stdin=IDS)
