"""Our safetensors files against the library's, both ways."""

import json

import numpy as np
import pytest
import safetensors
import safetensors.numpy
from hypothesis import given, settings

from tests.checkpoint.small import minimal
from tests.models import checkpoints
from trilc.checkpoint import load


@settings(deadline=None, max_examples=25)
@given(checkpoints())
def test_both_containers_say_the_same(checkpoint):
    one, other = checkpoint.load(".npz"), checkpoint.load(".safetensors")
    assert (one.tokens, one.output, one.signed, one.score_scale) == (
        other.tokens, other.output, other.signed, other.score_scale,
    )  # fmt: skip
    for a, b in zip(one.layers, other.layers, strict=True):
        for name in ("recurrent", "input", "bias", "reset"):
            assert np.array_equal(getattr(a, name), getattr(b, name))


def test_the_library_reads_what_we_write(tmp_path):
    checkpoint = minimal()
    path = checkpoint.save(tmp_path / "model.safetensors")
    with safetensors.safe_open(path, framework="numpy") as file:
        assert json.loads(file.metadata()["trilc"]) == checkpoint.header
        assert set(file.keys()) == set(checkpoint.tensors)
        for name, array in checkpoint.tensors.items():
            read = file.get_tensor(name)
            assert read.dtype == array.dtype and np.array_equal(read, array)


def test_we_read_what_the_library_writes(tmp_path):
    checkpoint = minimal()
    path = tmp_path / "model.safetensors"
    safetensors.numpy.save_file(checkpoint.tensors, path, {"trilc": json.dumps(checkpoint.header)})
    assert load(path).layers[0].bias.tolist() == checkpoint.load().layers[0].bias.tolist() == [0, -2]


def test_bfloat16_is_exact(tmp_path):
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    checkpoint = minimal()
    tensors = {name: torch.from_numpy(array) for name, array in checkpoint.tensors.items()}
    tensors["rnn.weight_hh_l0"] = torch.tensor([[0, 0.1], [0.2, -0.2]], dtype=torch.bfloat16)
    tensors["rnn.weight_ih_l0"] = torch.tensor([[0.2, 0], [0, 0.2]], dtype=torch.bfloat16)
    tensors["rnn.bias_l0"] = torch.tensor([-0.30078125, 0.1], dtype=torch.bfloat16)
    save_file(tensors, tmp_path / "model.safetensors", {"trilc": json.dumps(checkpoint.header)})
    (layer,) = load(tmp_path / "model.safetensors").layers
    # bfloat16 holds 205/2048 for 0.1, 205/1024 for 0.2, and 616/2048 for 0.3: a little more than 3 times 0.1.
    assert layer.recurrent.tolist() == [[0, 1], [1, -1]] and layer.input.tolist() == [[2, 0], [0, 1]]
    assert layer.bias.tolist() == [-4, 0]
