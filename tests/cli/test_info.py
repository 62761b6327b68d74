"""``trilc info``: what is true of a model before it is compiled, and of a netlist."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

import trilc as library
from tests.cli.command import WITH_PEAK, said, start, without_progress
from tests.cli.conftest import save
from tests.models import random_model
from trilc.describe import describe
from trilc.version import VERSION


def cells(table: str) -> dict[str, str]:
    """The rows of a printed table, folded cells put together again."""
    rows: dict[str, str] = {}
    key = ""
    for line in table.splitlines()[1:-1]:
        name, value = (cell.strip() for cell in line.strip("│").split("│"))
        key = name or key
        rows[key] = rows.get(key, "") + value
    return rows


def test_of_a_checkpoint(checkpoint):
    model = library.load(checkpoint)
    facts = json.loads(said("info", checkpoint, "--json"))
    assert facts["file"] == str(checkpoint)
    assert (facts["kind"], facts["cell"], facts["state"]) == ("checkpoint", "elman", "pm1")
    assert (facts["output"], facts["vocabulary"]) == ("argmax", 5)
    assert facts["sha256"] == model.digest
    assert facts["embedding"] is None
    assert facts["token_names"] is True
    assert facts["score_scale"] == 0.5
    assert [layer["units"] for layer in facts["layers"]] == [6, 6]
    for layer, about in zip(model.layers, facts["layers"], strict=True):
        for name in ("recurrent", "input"):
            weights = getattr(layer, name)
            assert about[name]["shape"] == list(weights.shape)
            assert about[name]["nonzero"] == np.count_nonzero(weights)
            assert about[name]["density"] == round(np.count_nonzero(weights) / weights.size, 4)
            assert about[name]["interval"] == [weights.min(), weights.max()]
    table = cells(said("info", checkpoint))
    assert table["sha256"] == model.digest
    assert table["embedding"] == "one-hot"
    assert table["gates at most"] == f"{facts['gates_at_most']:,}"
    assert set(table) == {key.replace("_", " ") for key in facts}


def test_of_a_netlist(netlists, checkpoint, tmp_path):
    for path in netlists.values():
        aig = library.read_aig(path)
        facts = json.loads(said("info", path, "--json"))
        assert (facts["kind"], facts["ands"], facts["registers"]) == ("netlist", aig.num_ands, aig.num_registers)
        assert (facts["inputs"], facts["outputs"], facts["constraints"]) == (3, 3, 1)
        assert (facts["compiled_by"], facts["vocabulary"], facts["output"]) == (VERSION, 5, "argmax")
        assert facts["sha256"] == library.load(checkpoint).digest
        assert cells(said("info", path))["sha256"] == facts["sha256"]
    (tmp_path / "foreign.aag").write_text("aag 1 1 0 1 0\n2\n2\n")
    facts = json.loads(said("info", tmp_path / "foreign.aag", "--json"))
    assert (facts["ands"], facts["levels"], facts["compiled_by"], facts["sha256"]) == (0, 0, None, None)


def test_file_names_hold_no_markup(checkpoint, tmp_path):
    strange = "[b]x[/i] :smile: …\udcff.npz"  # in the folder "[b]x["
    (tmp_path / "[b]x[").mkdir()
    (tmp_path / strange).write_bytes(checkpoint.read_bytes())
    for command in ("info", "compile"):
        environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
        process = start(command, strange, cwd=tmp_path, env=environment)
        out, err = process.communicate(b"", timeout=60)
        assert (process.returncode, without_progress(err.decode())) == (0, "")
        assert strange.encode("utf-8", "surrogateescape") in out


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("embedding", [None, 3])
def test_the_sums_hold_and_are_reached(signed, embedding):
    """For a small model every pre-activation, over all states and tokens, lies in the interval; both ends occur."""
    model = random_model(np.random.default_rng(8), 4, 3, 0.7, layers=2, embedding=embedding, signed=signed)
    states = np.array([[n >> j & 1 for j in range(4)] for n in range(16)], np.uint8)
    values = model.values(states).astype(np.int64)
    x = np.eye(3, dtype=np.int64) if embedding is None else model.embedding.astype(np.int64)
    for below, layer, about in zip((x, values), model.layers, describe(model).layers, strict=True):
        own, from_below = values @ layer.recurrent.T, below @ layer.input.T
        sums = own[:, None] + from_below[None] + layer.bias
        assert about.sums == (sums.min(), sums.max())


@pytest.mark.parametrize("output", ["argmax", "scores", "state"])
@pytest.mark.parametrize("seed", range(6))
def test_no_compilation_makes_more_gates_than_was_said(seed, output):
    rng = np.random.default_rng(seed)
    model = random_model(
        rng, int(rng.integers(1, 40)), int(rng.integers(1, 70)), float(rng.choice([0.1, 0.5, 1])),
        layers=int(rng.integers(1, 4)), embedding=[None, 5][seed % 2], signed=seed % 3 > 0, output=output,
    )  # fmt: skip
    limit = describe(model).gates_at_most
    assert library.compile(model, passes="").num_ands <= limit
    assert limit < 1e7


@pytest.mark.skipif(sys.platform != "linux", reason="peaks are read from /proc")
def test_no_compilation_takes_more_memory_than_was_said(tmp_path):
    model = random_model(np.random.default_rng(0), 160, 40, 0.3)
    path = save(tmp_path / "middle.npz", model)
    limit = json.loads(said("info", path, "--json"))["bytes_at_most"]
    command = [*WITH_PEAK, "compile", path, "-o", tmp_path / "middle.aig", "-o", tmp_path / "m.v"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    peak = 1024 * int(done.stderr.splitlines()[-1])
    assert library.read_aig(tmp_path / "middle.aig").num_ands > 20_000
    assert peak <= limit
