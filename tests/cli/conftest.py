"""Checkpoints and netlists that the commands are tried on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import trilc
from tests.models import random_model
from trilc.model import Model

TOKENS = ["a", "b", "ab", " ", "é"]
HEADER = {"format": "trilc-checkpoint", "version": 1, "cell": "elman"}


def save(path: Path, model: Model, **header: object) -> Path:
    """Write a model of integers as a checkpoint."""
    tensors = {}
    for k, layer in enumerate(model.layers):
        tensors[f"rnn.weight_ih_l{k}"] = layer.input.astype(np.int8)
        tensors[f"rnn.weight_hh_l{k}"] = layer.recurrent.astype(np.int8)
        tensors[f"rnn.bias_l{k}"] = layer.bias.astype(np.int32)
        tensors[f"rnn.h0_l{k}"] = layer.reset
    if model.embedding is not None:
        tensors["embedding.weight"] = model.embedding.astype(np.int8)
    if model.head is not None:
        tensors |= {"head.weight": model.head.weight, "head.bias": model.head.bias.astype(np.int32)}
    about = {"state": "pm1" if model.signed else "01", "output": model.output, "tokens": None}
    trilc.save(path, HEADER | about | header, tensors)
    return path


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sources")


@pytest.fixture(scope="session")
def checkpoint(folder) -> Path:
    """Two layers of six units that read five named tokens and choose among them."""
    model = random_model(np.random.default_rng(5), 6, len(TOKENS), 0.6, layers=2)
    rules = {"lower": True, "fold_space": True, "unknown": "refuse"}
    return save(folder / "small.npz", model, tokens=TOKENS, text=rules, score_scale=0.5)


@pytest.fixture(scope="session")
def netlists(checkpoint, folder) -> dict[str, Path]:
    """The checkpoint compiled to every format that is read back, by ending."""
    paths = {ending: folder / f"small{ending}" for ending in (".blif", ".aig", ".aag", ".v")}
    aig = trilc.compile(trilc.load(checkpoint))
    for path in paths.values():
        trilc.write_aig(aig, path)
    return paths


@pytest.fixture(scope="session")
def scoring(checkpoint, folder) -> Path:
    """A netlist of the checkpoint that puts out scores."""
    trilc.write_aig(trilc.compile(trilc.load(checkpoint), "scores"), folder / "scores.aig")
    return folder / "scores.aig"
