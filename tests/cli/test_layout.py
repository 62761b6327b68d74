"""``trilc layout``."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

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


def test_forces_on_a_device(netlists, tmp_path):
    pytest.importorskip("torch")
    drawn = tmp_path / "a.png"
    facts = json.loads(said("layout", netlists[".v"], "-o", drawn, "--size", "128", "--device", "torch:cpu", "--json"))
    assert facts["device"] == "torch:cpu"
    first = drawn.read_bytes()
    assert (read_png(first) != read_png(first)[0, 0]).any()
    said("layout", netlists[".v"], "-o", drawn, "--size", "128", "--device", "torch:cpu")
    assert drawn.read_bytes() == first


@pytest.mark.parametrize("name", ["foo", "cuda:99", f"cuda:{10**30}", "cuda:-1", "cpu:0", "meta", "", "\x1b", "\udcff"])
def test_devices_that_are_not_there(name, netlists, tmp_path):
    pytest.importorskip("torch")
    line = refused("layout", netlists[".v"], "-o", tmp_path / "a.png", "--device", name)
    assert "not found; expected one of cpu, torch:cpu" in line
    assert line.isprintable()
    assert not (tmp_path / "a.png").exists()


def test_devices_without_pytorch(netlists, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "trilc.layout.accelerator", None)
    monkeypatch.delitem(sys.modules, "trilc.layout.accelerator")  # until this test is over
    arguments = ("layout", netlists[".v"], "-o", tmp_path / "a.png", "--size", "16")
    monkeypatch.setitem(sys.modules, "torch", None)
    complaint = refused(*arguments, "--device", "cuda")
    assert complaint.endswith('found no PyTorch; expected cpu, or PyTorch installed: pip install "trilc[gpu]"')
    said(*arguments)
    monkeypatch.syspath_prepend(tmp_path)
    for program, complaint in {
        "raise OSError('libcudart.so: cannot open')": "PyTorch cannot be loaded: libcudart.so: cannot open",
        "class Tensor: ...\nfft, __version__ = None, '2.4.1'": "found PyTorch 2.4.1; expected 2.8 or newer",
    }.items():
        monkeypatch.delitem(sys.modules, "torch", raising=False)
        (tmp_path / "torch.py").write_text(program)
        assert refused(*arguments, "--device", "cuda") == f"device cuda: {complaint}"
