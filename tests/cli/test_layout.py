"""``trilc layout``."""

from __future__ import annotations

import json

import numpy as np

import trilc as library
from tests.cli.command import refused, said
from tests.layout.pictures import read_png
from trilc.layout import gate_graph


def test_pictures_of_checkpoints_and_netlists(checkpoint, netlists, tmp_path):
    for source in (checkpoint, netlists[".aig"], netlists[".v"]):
        for by in ("module", "level", "register"):
            facts = json.loads(said("layout", source, "-o", tmp_path / "a.png", "--by", by, "--size", "128", "--json"))
            shown = read_png((tmp_path / "a.png").read_bytes())
            assert shown.shape == (128, 128, 3)
            assert (shown != shown[0, 0]).any()
            assert facts["by"] == by
    aig = library.read_aig(netlists[".v"])
    assert (facts["nodes"], facts["wires"]) == (aig.num_nodes, len(gate_graph(aig)))
    said("layout", netlists[".v"], "-o", tmp_path / "b.png", "--by", "register", "--size", "128")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    out = said("layout", netlists[".v"], "--places", tmp_path / "places.npy", "--seed", "1")
    assert f"{aig.num_nodes:,} nodes" in out
    assert np.load(tmp_path / "places.npy").shape == (aig.num_nodes, 2)


def test_of_nothing(tmp_path):
    (tmp_path / "wire.aag").write_text("aag 1 1 0 1 0\n2\n2\n")
    facts = json.loads(said("layout", tmp_path / "wire.aag", "-o", tmp_path / "a.png", "--size", "16", "--json"))
    assert (facts["nodes"], facts["wires"], facts["by"]) == (2, 0, "level")
    (tmp_path / "none.aag").write_text("aag 0 0 0 0 0\n")
    said("layout", tmp_path / "none.aag", "-o", tmp_path / "a.png")


def test_what_is_refused(checkpoint, tmp_path):
    assert "Missing option '-o'" in refused("layout", checkpoint)
    assert "a.jpg: expected the ending .png" in refused("layout", checkpoint, "-o", tmp_path / "a.jpg")
    assert "is not in the range" in refused("layout", checkpoint, "-o", tmp_path / "a.png", "--size", "40000")
