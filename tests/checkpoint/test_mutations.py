"""Files that have been tampered with: each gives a model or one line, and nothing else."""

import json
import struct
import warnings
import zipfile

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.checkpoint.small import minimal
from trilc.checkpoint import load
from trilc.errors import InputError
from trilc.model import Model

hostile = settings(
    deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@st.composite
def mutations(draw):
    """A change to some bytes: flips, a cut, a doubled or a missing piece."""
    place = st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255))
    places = draw(st.lists(place, min_size=1, max_size=4))
    kind = draw(st.sampled_from(["set", "cut", "drop", "double"]))

    def mutate(data):
        data = bytearray(data)
        for where, byte in places:
            at = int(where * len(data))
            if kind == "set" and data:
                data[at] = byte
            elif kind == "cut":
                del data[at:]
            elif kind == "drop":
                del data[at : at + byte]
            else:
                data[at:at] = data[at : at + byte]
        return bytes(data)

    return mutate


def model_or_line(path):
    try:
        assert isinstance(load(path), Model)
    except InputError as error:
        assert str(error).startswith(f"{path}: ") and str(error).isprintable()


@hostile
@given(mutations(), st.sampled_from(["npz", "safetensors"]))
def test_files(tmp_path, mutate, ending):
    path = minimal().save(tmp_path / f"model.{ending}")
    path.write_bytes(mutate(path.read_bytes()))
    model_or_line(path)


@hostile
@given(mutations(), st.integers(0, 5))
def test_arrays_in_a_sound_archive(tmp_path, mutate, which):
    path = minimal().save(tmp_path / "model.npz")
    with zipfile.ZipFile(path) as archive:
        entries = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w") as archive:
        for i, (name, data) in enumerate(entries):
            archive.writestr(name, mutate(data) if i == which else data)
    model_or_line(path)


@hostile
@given(mutations())
def test_the_header_s_text(tmp_path, mutate):
    checkpoint = minimal()
    checkpoint.header.update(norm_eps=1e-4, score_scale=0.5, text={"lower": True, "unknown": "skip"})
    text = mutate(json.dumps(checkpoint.header).encode()).decode("latin-1")
    np.savez(tmp_path / "model.npz", __trilc__=np.array(text), **checkpoint.tensors)
    model_or_line(tmp_path / "model.npz")


@hostile
@given(mutations())
def test_the_table_of_a_safetensors_file(tmp_path, mutate):
    data = minimal().save(tmp_path / "model.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    table = mutate(data[8 : 8 + length])
    (tmp_path / "model.safetensors").write_bytes(struct.pack("<Q", len(table)) + table + data[8 + length :])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model_or_line(tmp_path / "model.safetensors")
