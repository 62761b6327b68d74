"""Checkpoints that must be refused, and the line that says so."""

import io
import json
import re
import struct
import zipfile

import numpy as np
import pytest

from tests.checkpoint.small import minimal
from tests.models import Checkpoint
from trilc.checkpoint import load
from trilc.errors import InputError


def refusal(path):
    """The one line that loading ``path`` ends with, without the path."""
    with pytest.raises(InputError) as caught:
        load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert message.isprintable(), "one line"
    return message.removeprefix(f"{path}: ")


def spoilt(tmp_path, header, tensors, ending="npz"):
    """What the minimal checkpoint with these changes is refused with; None takes an entry away."""
    base = minimal()
    header = {key: value for key, value in {**base.header, **header}.items() if value is not ...}
    merged = {**base.tensors, **tensors}
    kept = {name: np.asarray(array) for name, array in merged.items() if array is not None}
    return refusal(Checkpoint(header, kept).save(tmp_path / f"model.{ending}"))


NAN = float("nan")
NORM = {f"rnn.norm_l0.{part}": np.ones(2) for part in ("weight", "bias", "mean", "var")}

TENSORS = [
    ({"rnn.weight_hh_l0": [[0, 1], [2, 1]]}, "rnn.weight_hh_l0[1, 0]: found 2; expected -1, 0 or 1"),
    ({"rnn.weight_hh_l0": [[0, -2], [1, 1]]}, "rnn.weight_hh_l0[0, 1]: found -2; expected -1, 0 or 1"),
    ({"rnn.weight_ih_l0": np.array([[0, 255], [1, 1]], np.uint8)}, "rnn.weight_ih_l0[0, 1]: found 255;"),
    (
        {"rnn.weight_hh_l0": [[0, 0.5], [0.5, -0.25]]},
        "rnn.weight_hh_l0[1, 1]: found -0.25 where row 1 holds ±0.5; "
        "expected -1, 0 or 1 times one positive scale",
    ),
    (
        {"rnn.weight_hh_l0": np.array([[0.5, 0.5 + 2**-24], [1, 1]], np.float32)},
        "rnn.weight_hh_l0[0, 1]: found 0.5000000",
    ),
    ({"rnn.weight_hh_l0": [[0, NAN], [1, 1]]}, "rnn.weight_hh_l0[0, 1]: found nan; expected a finite"),
    ({"head.weight": [[0, 1.0], [-np.inf, 1]]}, "head.weight[1, 0]: found -inf; expected a finite number"),
    ({"rnn.bias_l0": [0.5, NAN]}, "rnn.bias_l0[1]: found nan; expected a finite number"),
    ({"head.bias": [np.inf, 0]}, "head.bias[0]: found inf; expected a finite number"),
    ({"head.bias": [0, 1e30]}, "head.bias[1]: found 1e+30; expected at most 2^62 times the head's scale"),
    ({"rnn.h0_l0": [0, 2]}, "rnn.h0_l0[1]: found 2; expected 0 or 1"),
    ({"rnn.h0_l0": [-1, 1]}, "rnn.h0_l0[0]: found -1; expected 0 or 1"),
    ({"rnn.h0_l0": [0.0, 1.0]}, "rnn.h0_l0: found type float64; expected bits as integers"),
    ({"rnn.bias_l0": ["a", "b"]}, "rnn.bias_l0: found type <U1; expected integers or floats"),
    ({"rnn.bias_l0": [True, False]}, "rnn.bias_l0: found type bool; expected integers or floats"),
    ({"rnn.bias_l0": [1j, 0]}, "rnn.bias_l0: found type complex128; expected integers or floats"),
    ({"rnn.bias_l0": np.zeros(2, np.longdouble)}, "rnn.bias_l0: found type float128; expected integers or"),
    ({"rnn.bias_l0": np.zeros(2, "M8[s]")}, "rnn.bias_l0: found type datetime64[s]; expected integers or"),
    ({"rnn.bias_l0": np.zeros(2, "i4,f4")}, "rnn.bias_l0: found type"),
    # shapes
    ({"rnn.weight_hh_l0": np.zeros((0, 0))}, "rnn.weight_hh_l0: found shape (0, 0); expected a matrix with"),
    ({"rnn.weight_ih_l0": np.zeros((2, 0))}, "rnn.weight_ih_l0: found shape (2, 0); expected a matrix with"),
    ({"embedding.weight": np.zeros((0, 2))}, "embedding.weight: found shape (0, 2); expected a matrix with"),
    ({"head.weight": np.zeros((0, 2))}, "head.weight: found shape (0, 2); expected a matrix with"),
    ({"rnn.weight_hh_l0": np.zeros((4, 2))}, "rnn.weight_hh_l0: found shape (4, 2); expected (H, H) ="),
    ({"rnn.weight_hh_l0": np.zeros(2)}, "rnn.weight_hh_l0: found shape (2,); expected a matrix"),
    ({"rnn.weight_ih_l0": np.zeros((3, 2))}, "rnn.weight_ih_l0: found shape (3, 2); expected (H, V) ="),
    ({"embedding.weight": np.ones((2, 3))}, "rnn.weight_ih_l0: found shape (2, 2); expected (H, E) ="),
    ({"rnn.bias_l0": np.zeros(3)}, "rnn.bias_l0: found shape (3,); expected (H,) = (2,)"),
    ({"rnn.bias_l0": np.zeros((2, 1))}, "rnn.bias_l0: found shape (2, 1); expected (H,) = (2,)"),
    ({"rnn.h0_l0": np.zeros(1, np.uint8)}, "rnn.h0_l0: found shape (1,); expected (H,) = (2,)"),
    ({"head.weight": np.ones((2, 3))}, "head.weight: found shape (2, 3); expected (O, H) = (2, 2)"),
    ({"head.bias": np.ones(1)}, "head.bias: found shape (1,); expected (O,) = (2,)"),
    (
        {"rnn.weight_hh_l1": np.ones((3, 3)), "rnn.weight_ih_l1": np.ones((3, 3))},
        "rnn.weight_ih_l1: found shape (3, 3); expected (H, H) = (3, 2)",
    ),
    # names
    ({"rnn.weight_hh_l0": None}, "rnn.weight_hh_l0 is missing"),
    ({"rnn.weight_ih_l0": None}, "rnn.weight_ih_l0 is missing"),
    ({"head.weight": None}, "head.weight is missing beside head.bias"),
    ({"head.weight": None, "head.bias": None}, "head.weight is missing; output 'argmax' needs it"),
    ({"rnn.weight_hh_l1": np.ones((2, 2))}, "rnn.weight_ih_l1 is missing"),
    ({"rnn.bias_l2": np.ones(2)}, "rnn.weight_hh_l1 is missing, though rnn.bias_l2 is there"),
    ({"rnn.bias_l00": np.ones(2)}, "unknown tensor rnn.bias_l00; expected the names of the format page"),
    ({"rnn.wieght_hh_l0": np.ones(2)}, "unknown tensor rnn.wieght_hh_l0; expected the names"),
    ({"rnn.weight_hh_l0_reverse": np.ones(2)}, "unknown tensor rnn.weight_hh_l0_reverse;"),
    ({"a\nb\x1b[31m": np.ones(2)}, r"unknown tensor 'a\nb\x1b[31m'; expected the names"),
    # biases and normalisation
    ({"rnn.bias_ih_l0": np.ones(2)}, "rnn.bias_ih_l0: found beside rnn.bias_l0; expected one form"),
    ({"rnn.bias_l0": None, "rnn.bias_hh_l0": np.ones(2)}, "rnn.bias_ih_l0 is missing beside rnn.bias_hh_l0"),
    ({**NORM, "rnn.norm_l0.mean": None}, "rnn.norm_l0.mean is missing beside rnn.norm_l0.weight"),
    (
        {**NORM, "rnn.norm_l0.var": [1, -1]},
        "rnn.norm_l0.var[1]: found -1.0; expected a positive sum with norm_eps (1e-05)",
    ),
    ({**NORM, "rnn.norm_l0.var": [NAN, 1]}, "rnn.norm_l0.var[0]: found nan; expected a finite number"),
    # scales
    (
        {"rnn.weight_hh_l0": [[0, 0.1], [1, 1]], "rnn.weight_ih_l0": [[0.3, 0], [1, 1]]},
        "rnn.weight_hh_l0[0] and rnn.weight_ih_l0[0]: found scales 0.1 and 0.3; "
        "expected a ratio of integers up to 255",
    ),
    (
        {"rnn.weight_ih_l0": [[0, 1.0], [256, 0]]},
        "rnn.weight_hh_l0[1] and rnn.weight_ih_l0[1]: found scales 1.0 and 256.0; expected a ratio",
    ),
    (
        {"embedding.weight": [[0, 0.1], [0.1, 0]]},
        "rnn.weight_hh_l0[0] and rnn.weight_ih_l0[0]: found scales 1.0 and 1.0 (times 0.1 of the embedding); "
        "expected a ratio of integers up to 255",
    ),
    (
        {"embedding.weight": [[0, 0.1], [0.3, 0]]},
        "embedding.weight[1]: found scale 0.3 beside those of the rows before it; "
        "expected scales that are multiples, up to 255, of one unit",
    ),
    (
        {"head.weight": [[0, 0.5], [0.25, 0]]},
        "head.weight[1]: found scale 0.25 where row 0 has 0.5; expected one scale for the tensor",
    ),
]


@pytest.mark.parametrize(("tensors", "message"), TENSORS, ids=[message[:60] for _, message in TENSORS])
def test_tensors(tmp_path, tensors, message):
    assert spoilt(tmp_path, {"tokens": None}, tensors).startswith(message)


HEADERS = [
    ({"format": "onnx"}, "header: format: found 'onnx'; expected 'trilc-checkpoint'"),
    ({"format": ...}, "header: format: found nothing; expected 'trilc-checkpoint'"),
    ({"version": 2}, "header: version: found 2; expected 1"),
    ({"version": 1.0}, "header: version: found 1.0; expected 1"),
    ({"version": True}, "header: version: found True; expected 1"),
    ({"cell": "gru"}, "header: cell 'gru' is not supported; expected elman"),
    ({"cell": 3}, "header: cell: found 3; expected 'elman'"),
    ({"cell": ...}, "header: cell: found nothing; expected 'elman'"),
    ({"state": "pm2"}, "header: state: found 'pm2'; expected 'pm1' or '01'"),
    ({"state": ["pm1"]}, "header: state: found ['pm1']; expected 'pm1' or '01'"),
    ({"output": ...}, "header: output: found nothing; expected 'argmax' or 'scores' or 'state'"),
    ({"tokens": "ab"}, "header: tokens: found 'ab'; expected a list or null"),
    ({"tokens": ["a"]}, "header: tokens: found 1 names; expected V = 2"),
    ({"tokens": ["a", "a"]}, "header: tokens[1]: found 'a', which is tokens[0] already"),
    ({"tokens": ["a", ""]}, "header: tokens[1]: found ''; expected a non-empty string"),
    ({"tokens": ["a", None]}, "header: tokens[1]: found None; expected a non-empty string"),
    ({"tokens": ["a", "\ud800"]}, "header: tokens[1]: found a lone surrogate; expected Unicode text"),
    ({"text": []}, "header: text: found []; expected an object"),
    ({"text": {"upper": True}}, "header: text: unknown key 'upper'; expected lower, fold_space or unknown"),
    ({"text": {"lower": 1}}, "header: text.lower: found 1; expected true or false"),
    ({"text": {"unknown": "c"}}, "header: text.unknown: found 'c'; expected 'refuse', 'skip' or a token"),
    ({"text": {"unknown": None}}, "header: text.unknown: found None; expected 'refuse', 'skip' or a token"),
    ({"norm_eps": -1e-5}, "header: norm_eps: found -0.00001; expected a number of at least 0"),
    ({"norm_eps": "1"}, "header: norm_eps: found '1'; expected a number of at least 0"),
    ({"norm_eps": NAN}, "header: found NaN; expected a finite number"),
    ({"score_scale": 0}, "header: score_scale: found 0; expected a positive number"),
    ({"score_scale": True}, "header: score_scale: found True; expected a number of at least 0"),
    ({"score_scale": float("inf")}, "header: found Infinity; expected a finite number"),
    ({"score_scale": 10**320}, "header: number 10000000000000000000… is out of range"),
    ({"score_scale": 10**39}, None),
    ({"output": "scores"}, "head.bias[1]: found a value between 0 and 1 (in units of the head's scale); exp"),
]


@pytest.mark.parametrize("ending", ["npz", "safetensors"])
@pytest.mark.parametrize(("header", "message"), HEADERS, ids=[str(header) for header, _ in HEADERS])
def test_headers(tmp_path, header, message, ending):
    if message is None:
        base = minimal()
        assert Checkpoint({**base.header, **header}, base.tensors).load().score_scale == 1e39
    else:
        assert spoilt(tmp_path, header, {}, ending).startswith(message)


TEXTS = [
    ("", "header: not JSON: Expecting value"),
    ("{", "header: not JSON: "),
    ("[1]", "header: found a JSON list; expected an object"),
    ("3", "header: found a JSON int; expected an object"),
    ("[" * 100_000, "header: JSON is nested too deeply"),
    ('{"a": 1, "b": 2, "a": 3}', "header: key a is there twice"),
    ('{"norm_eps": 1e999999999}', "header: number 1e999999999… is out of range"),
    ('{"norm_eps": 1e99999999999999999999999}', "header: number 1e999999999999999999… is out of range"),
    ('{"norm_eps": 1e-401}', "header: number 1e-401… is out of range"),
    ('{"norm_eps": 0.' + "1" * 200 + "}", "header: number 0.111111111111111111… is out of range"),
    ('{"norm_eps": ' + "1" * 5000 + "}", "header: number 11111111111111111111… is out of range"),
    (" " * (1 << 24) + "{}", "__trilc__: found 67108872 bytes; expected at most 67108864"),
]


@pytest.mark.parametrize(("text", "message"), TEXTS, ids=[message for _, message in TEXTS])
def test_header_texts(tmp_path, text, message):
    np.savez_compressed(tmp_path / "model.npz", __trilc__=np.array(text), **minimal().tensors)
    assert refusal(tmp_path / "model.npz").startswith(message)


def test_files(tmp_path):
    assert refusal(tmp_path / "none.npz") == "can't be read: No such file or directory"
    assert refusal(tmp_path) == "expected a regular file"
    for name, data, message in [
        ("empty.npz", b"", "not an .npz file: it does not begin as a zip archive does"),
        ("pickle.npz", b"\x80\x04\x95", "not an .npz file: it does not begin as a zip archive does"),
        ("cut.npz", b"PK\x03\x04", "the archive: damaged archive: File is not a zip file"),
        ("model.pt", b"PK\x03\x04", "found ending '.pt'; expected .npz or .safetensors"),
        ("model", b"PK\x03\x04", "found ending ''; expected .npz or .safetensors"),
        ("empty.safetensors", b"", "not a safetensors file: a header of 0 bytes in a file of 0"),
        ("cut.safetensors", b"\x10" + bytes(7) + b"{}", "not a safetensors file: a header of 16 bytes"),
        ("huge.safetensors", b"\xff" * 8 + b"{}", "not a safetensors file: a header of 18446744073709551615"),
        ("binary.safetensors", b"\2" + bytes(7) + b"\xff\xff", "not a safetensors file: its header is not U"),
        ("bare.safetensors", b"\2" + bytes(7) + b"{}", "metadata key 'trilc' is missing; is this a trilc"),
    ]:
        (tmp_path / name).write_bytes(data)
        assert refusal(tmp_path / name).startswith(message)


def test_names_that_are_no_paths():
    with pytest.raises(InputError, match=r"'a\\x00b.npz': expected a regular file"):
        load("a\0b.npz")
    with pytest.raises(InputError, match=r"'a\\nb.npz': can't be read: No such file"):
        load("a\nb.npz")


def npy(array=None, *, header=None, data=b"", version=(1, 0)):
    """The bytes of a ``.npy`` file, honest or not."""
    if header is None:
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, np.asarray(array), allow_pickle=True)
        return buffer.getvalue()
    text = header.encode() if isinstance(header, str) else header
    length = struct.pack("<H", len(text)) if version == (1, 0) else struct.pack("<I", len(text))
    return b"\x93NUMPY" + bytes(version) + length + text + data


def archive(tmp_path, members, **changes):
    """An ``.npz`` of the minimal checkpoint's entries, and others as raw bytes."""
    base = minimal()
    entries = {"__trilc__.npy": npy(json.dumps(base.header))}
    entries |= {f"{name}.npy": npy(array) for name, array in base.tensors.items()}
    with zipfile.ZipFile(tmp_path / "model.npz", "w", **changes) as file:
        for name, data in {**entries, **members}.items():
            if data is not None:
                file.writestr(name, data)
    return tmp_path / "model.npz"


def described(shape="(2,)", descr="'<f4'", order="False"):
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n"


ARRAYS = [
    (npy(np.array([None, 1])), "rnn.bias_l0: holds pickled Python objects; expected numbers"),
    (npy(header=described(descr="'|O'")), "rnn.bias_l0: holds pickled Python objects; expected numbers"),
    (
        npy(header=described(descr="[('a', '|O'), ('b', '<f4')]")),
        "rnn.bias_l0: holds pickled Python objects; expected numbers",
    ),
    (npy(header=described(), data=bytes(7)), "rnn.bias_l0: found 7 bytes where shape (2,) of float32 takes"),
    (npy(header=described(), data=bytes(9)), "rnn.bias_l0: found 9 bytes where shape (2,) of float32 takes"),
    (
        npy(header=described("(1000000, 1000000)")),
        "rnn.bias_l0: found shape (1000000, 1000000), which is absurd",
    ),
    (npy(header=described("(2147483648,)")), "rnn.bias_l0: found 0 bytes where shape (2147483648,)"),
    (npy(header=described("(-2,)")), "rnn.bias_l0: found shape (-2,), which is absurd"),
    (npy(header=described("(True,)"), data=bytes(4)), "rnn.bias_l0: found shape (True,), which is absurd"),
    (npy(header=described("(0, 99999999999999999999)")), "rnn.bias_l0: found shape (0, 99999999999999999999"),
    (npy(header=described("2")), "rnn.bias_l0: not an array in numpy's .npy format"),
    (npy(header=described(descr="'<f4', 'x': 1")), "rnn.bias_l0: not an array in numpy's .npy format"),
    (npy(header=described(descr="'<q9'")), "rnn.bias_l0: not an array in numpy's .npy format"),
    (npy(header="(" * 4000), "rnn.bias_l0: not an array in numpy's .npy format"),
    (npy(header="-" * 4000 + "1"), "rnn.bias_l0: not an array in numpy's .npy format"),
    (npy(header="__import__('os')"), "rnn.bias_l0: not an array in numpy's .npy format"),
    (npy(header=described("(2L,)")), "rnn.bias_l0: not an array in numpy's .npy format"),
    (npy(header=described() + " " * 9000, data=bytes(8)), "rnn.bias_l0: not an array in numpy's"),
    (npy(header=b"\xff\xfe"), "rnn.bias_l0: not an array in numpy's .npy format"),
    (npy(header=described(), version=(2, 0)), "rnn.bias_l0: found 0 bytes where shape (2,) of float32"),
    (npy(header=described(), version=(3, 0)), "rnn.bias_l0: not an array in numpy's .npy format"),
    (npy(header=described(), version=(9, 9)), "rnn.bias_l0: not an array in numpy's .npy format"),
    (b"", "rnn.bias_l0: not an array in numpy's .npy format"),
    (b"\x80\x04\x95", "rnn.bias_l0: not an array in numpy's .npy format"),
]


@pytest.mark.parametrize(("data", "message"), ARRAYS, ids=range(len(ARRAYS)))
def test_npy_entries(tmp_path, data, message):
    assert refusal(archive(tmp_path, {"rnn.bias_l0.npy": data})).startswith(message)


def test_npy_of_version_2(tmp_path):
    data = npy(header=described(), data=np.array([1, 2], "<f4").tobytes(), version=(2, 0))
    assert load(archive(tmp_path, {"rnn.bias_l0.npy": data})).layers[0].bias.tolist() == [1, 2]


HEADER_ENTRIES = [
    (None, "__trilc__ is missing; is this a trilc checkpoint?"),
    (npy(["{}"]), "__trilc__: found <U2 of shape (1,); expected one string"),
    (npy(3), "__trilc__: found int64 of shape (); expected one string"),
    (npy(header=described("()", "'<U1'"), data=b"\xff" * 4), "__trilc__: holds characters that are not Unic"),
]


@pytest.mark.parametrize(("data", "message"), HEADER_ENTRIES, ids=[message for _, message in HEADER_ENTRIES])
def test_header_entries(tmp_path, data, message):
    assert refusal(archive(tmp_path, {"__trilc__.npy": data})).startswith(message)


def test_archives(tmp_path):
    path = archive(tmp_path, {"archive/data.pkl": b"x"})
    assert refusal(path) == "entry archive/data.pkl is not an array (.npy)"
    path = archive(tmp_path, {"../../etc/x.npy": npy([1])})
    assert refusal(path).startswith("unknown tensor ../../etc/x;")
    path = archive(tmp_path, {}, compression=zipfile.ZIP_BZIP2)
    assert refusal(path) == "entry __trilc__.npy: compression method 12 is not supported"

    path = archive(tmp_path, {})
    with zipfile.ZipFile(path, "a") as file, pytest.warns(UserWarning, match="Duplicate"):
        file.writestr("rnn.bias_l0.npy", npy(np.zeros(2)))
    assert refusal(path) == "entry rnn.bias_l0.npy is there twice"

    path = archive(tmp_path, {})
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(data)
    assert refusal(path) == "entry head.bias.npy is encrypted"

    path = archive(tmp_path, {})
    data = bytearray(path.read_bytes())
    data[data.find(np.array([0.5, -1.5], np.float32).tobytes())] ^= 1
    path.write_bytes(data)
    assert refusal(path).startswith("rnn.bias_l0: damaged archive: Bad CRC-32")


def test_a_bomb_is_not_unpacked(tmp_path):
    path = archive(tmp_path, {})
    data = bytearray(path.read_bytes())
    for at in (match.start() for match in re.finditer(b"PK\x01\x02", bytes(data))):
        data[at + 24 : at + 28] = struct.pack("<I", 0xF0000000)
    path.write_bytes(data)
    assert refusal(path) == f"the archive unpacks to {6 * 0xF0000000} bytes; expected at most {8 << 30}"


def test_a_bomb_that_is_sound_is_not_unpacked(tmp_path):
    """A small archive of zeros that would unpack to more than memory should be spent on unasked."""
    path = tmp_path / "model.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        minimal().save(tmp_path / "whole.npz")
        with zipfile.ZipFile(tmp_path / "whole.npz") as whole:
            file.writestr("__trilc__.npy", whole.read("__trilc__.npy"))
        with file.open("head.bias.npy", "w") as entry:
            np.lib.format.write_array_header_1_0(
                entry, {"descr": "|i1", "fortran_order": False, "shape": (300 << 20,)}
            )
            for _ in range(300):
                entry.write(bytes(1 << 20))
    assert f"the archive of {path.stat().st_size} bytes unpacks to " in refusal(path)
    assert "expected at most 256 times its size" in refusal(path)


def test_a_million_tokens(tmp_path):
    """The largest vocabulary is as long as its weights; a list of names alone is refused."""
    checkpoint = minimal()
    checkpoint.header["tokens"] = [f"t{k}" for k in range(10**6)]
    path = checkpoint.save(tmp_path / "model.safetensors")
    assert refusal(path) == "header: tokens: found 1000000 names; expected V = 2"
    checkpoint.tensors["rnn.weight_ih_l0"] = np.ones((2, 10**6), np.int8)
    assert load(checkpoint.save(tmp_path / "model.npz")).vocabulary == 10**6


def safetensors(tmp_path, rows, data=b"", size=None):
    text = json.dumps({"__metadata__": {"trilc": json.dumps(minimal().header)}, **rows})
    path = tmp_path / "model.safetensors"
    path.write_bytes(struct.pack("<Q", len(text) if size is None else size) + text.encode() + data)
    return path


def row(begin, end, shape=(2,), dtype="F32"):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


ROWS = [
    ({"head.bias": row(0, 8, dtype="F8_E4M3")}, "head.bias: found type F8_E4M3; expected integers or floats"),
    ({"head.bias": row(0, 4)}, "head.bias: found 4 bytes where shape (2,) of F32 takes 8"),
    ({"head.bias": row(8, 0)}, "head.bias: found -8 bytes where shape (2,) of F32 takes 8"),
    ({"head.bias": row(4, 12)}, "head.bias: begins at byte 4; expected 0"),
    ({"head.bias": row(0, 8), "rnn.bias_l0": row(0, 8)}, "rnn.bias_l0: begins at byte 0; expected 8"),
    ({"head.bias": row(0, 8), "rnn.bias_l0": row(8, 16)}, "found 8 bytes of tensors; expected 16"),
    ({}, "found 8 bytes of tensors; expected 0"),
    ({"head.bias": row(0, 8, (-2,))}, "head.bias: found shape [-2], which is absurd"),
    ({"head.bias": row(0, 8, (2.0,))}, "head.bias: found shape [Decimal('2.0')], which is absurd"),
    ({"head.bias": row(0, 8, [1] * 33)}, "head.bias: found shape "),
    ({"head.bias": row(0, 1 << 62, (1 << 30, 1 << 30))}, "found 8 bytes of tensors; expected 4611686018427"),
    ({"head.bias": 3}, "head.bias: expected its dtype, shape and data_offsets"),
    ({"head.bias": row("0", 8)}, "head.bias: expected its dtype, shape and data_offsets"),
]


@pytest.mark.parametrize(("rows", "message"), ROWS, ids=range(len(ROWS)))
def test_safetensors_rows(tmp_path, rows, message):
    assert refusal(safetensors(tmp_path, rows, bytes(8))).startswith(message)
