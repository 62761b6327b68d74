"""Netlists that promise too much, or whose names and metadata are made to hurt."""

from __future__ import annotations

import io
import json
import os
from dataclasses import replace

import pytest

from backends import FORMATS, aiger, blif, read_aig, verilog, write_aig
from tests.oracles import icarus, yosys
from trilc.aig import AIG, Builder
from trilc.describe import describe
from trilc.errors import InputError

BUFFER = b"aag 1 1 0 1 0\n2\n2\n"
MODEL = b".model m\n.inputs a\n.outputs a\n.end\n"


def about(**line: object) -> bytes:
    """A netlist with such a line among its comments."""
    return BUFFER + b"c\ntrilc " + json.dumps(line).encode() + b"\n"


def refusal(read, data: bytes) -> str:
    with pytest.raises(InputError) as caught:
        read(data)
    assert str(caught.value).isprintable()
    return str(caught.value)


@pytest.mark.parametrize("magic", [b"aag", b"aig"])
@pytest.mark.parametrize("place", range(9))
@pytest.mark.parametrize("count", [2**60, 2**32, 2**31, 2**31 - 2, 10**9])
def test_headers_that_promise_too_much(magic, place, count):
    counts = [0, 0, 0, 0, 0, 0, 0, 0, 0]
    counts[place] = count
    refusal(aiger.read, magic + b" " + b" ".join(b"%d" % n for n in counts) + b"\n") if place else None
    counts[0] = sum(counts[k] for k in (1, 2, 4))  # and where M agrees
    if place:
        refusal(aiger.read, magic + b" " + b" ".join(b"%d" % n for n in counts) + b"\n")


@pytest.mark.parametrize("width", [2**21, 2**31 - 1, 2**31, 2**60, 10**30])
def test_vectors_that_are_too_wide(width):
    for text in ("module m(input [%d:0] a); endmodule", "module m(input a); reg [%d:0] r; endmodule"):
        assert "expected the highest bit's number" in refusal(verilog.read, (text % width).encode())


def test_a_cover_with_very_many_fan_ins_and_rows():
    width, rows = 100_000, 50
    names = " ".join(f"x{k}" for k in range(width))
    cubes = "".join("-" * k + "1" + "-" * (width - k - 1) + " 1\n" for k in range(rows))
    aig = blif.read(f".model m\n.inputs {names}\n.outputs f\n.names {names} f\n{cubes}.end\n".encode())
    aig.check()
    assert aig.num_ands == rows - 1


def test_chains_that_are_very_long():
    """Nothing goes down a chain, or into brackets, by recursion."""
    length = 100_000
    chain = "".join(f".names y{k + 1} y{k}\n0 1\n" for k in range(length))
    aig = blif.read(f".model m\n.inputs y{length}\n.outputs y0\n{chain}.end\n".encode())
    assert (aig.num_ands, aig.outputs.tolist()) == (0, [2 ^ length & 1])
    wires = "".join(f"wire w{k};\n" for k in range(length))
    steps = "".join(f"assign w{k} = ~w{k + 1};\n" for k in range(length - 1))
    aig = verilog.read(
        f"module m(input a, output b);\n{wires}{steps}assign w{length - 1} = a;\nassign b = w0;\nendmodule\n".encode()
    )
    assert aig.outputs.tolist() == [2 ^ (length - 1) & 1]
    for text in ("assign b = " + "(" * length + "a" + ")" * length, "assign b = " + "~" * length + "a"):
        refusal(verilog.read, f"module m(input a, output b);\n{text};\nendmodule\n".encode())
    refusal(blif.read, b".model m\n" + b"\\\n" * length + b".latch\n")


@pytest.mark.parametrize(
    "line",
    [
        b'{"metadata":{"x":1e999}}', b'{"metadata":{"x":-1e999}}', b'{"metadata":{"x":NaN}}',
        b'{"metadata":{"x":' + b"9" * 5000 + b"}}",
        *[b'{"metadata":{"x":' + b"[" * depth + b"]" * depth + b"}}" for depth in (100, 990, 10**5)],
        b'{"metadata":{"x":' + b'{"y":' * 500 + b"1" + b"}" * 500 + b"}}",
        b'{"metadata":{"luts":5}}', b'{"metadata":{"luts":{"count":[]}}}', b'{"luts":{"inputs":6}}',
        b'{"keep_registers":1}', b'{"names":{"inputs":{"i0":5}}}', b'{"constraints":"ab"}',
    ],
)  # fmt: skip
def test_metadata_that_could_not_be_written_again(line):
    assert refusal(aiger.read, BUFFER + b"c\ntrilc " + line + b"\n").startswith("comment section: ")
    assert refusal(blif.read, b"# trilc " + line + b"\n" + MODEL).startswith("line 1: ")


@pytest.mark.parametrize("name", ["\ud800", "a b", "a\\b", "#", "", "\x1b", "\u2028", ".x"])
def test_constraints_that_are_no_names(name):
    data = b"# trilc " + json.dumps({"constraints": [name]}).encode() + b"\n" + MODEL
    assert "is no net's name" in refusal(blif.read, data)


@pytest.mark.parametrize("kind", ["inputs", "outputs"])
@pytest.mark.parametrize("name", ["\n", "a\x1b[2J", "\ud800", "\x85", "\u2028", "\0", ""])
def test_names_of_the_metadata_are_checked(kind, name):
    written = "a"
    data = b"# trilc " + json.dumps({"names": {kind: {written: name}}}).encode() + b"\n" + MODEL
    refusal(blif.read, data)


VALUES = [
    5, -1.5, True, None, "x\x1b[31m", [1], [{"units": 1}], {"deep": [{}]},
    {"shape": ["a"], "nonzero": "x", "density": 1, "interval": [1, 2]},
]  # fmt: skip


@pytest.mark.parametrize("key", ["trilc", "model", "output", "vocabulary", "removed", "tokens", "text", "state"])
@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_metadata_of_any_form_are_kept_and_described(key, value, tmp_path):
    aig = aiger.read(about(metadata={key: value}))
    for ending in FORMATS:
        write_aig(aig, tmp_path / f"it{ending}")
        assert read_aig(tmp_path / f"it{ending}").metadata == {key: value}
    facts = describe(aig)
    assert isinstance(facts.compiled_by, str | None)
    assert isinstance(facts.vocabulary, int | None)


def named(*names: str) -> AIG:
    """The conjunction of inputs with such names, held in a register."""
    builder = Builder()
    inputs = [builder.input(name) for name in names]
    held = builder.register("held")
    everything = 1
    for literal in inputs:
        everything = builder.and_(everything, literal)
    builder.set_next(held, everything)
    builder.output("all", held)
    return builder.build()


@pytest.mark.parametrize("ending", [*FORMATS, ".py"])
@pytest.mark.parametrize("name", ["a\nb", "\x1b[2J", "\x7f", "\x9b", "\u2028", "\ud800", ""])
def test_control_characters_reach_no_file(ending, name, tmp_path):
    path = tmp_path / f"it{ending}"
    if ending == ".py":  # holds no names
        write_aig(named(name), path)
        assert name == "" or name.encode("utf-8", "surrogatepass") not in path.read_bytes().replace(b"\n", b"")
        return
    with pytest.raises(InputError) as caught:
        write_aig(named(name), path)
    assert str(caught.value).isprintable()
    assert [*tmp_path.iterdir()] == []


NASTY = ("; touch pwned", "$(touch pwned)", "`touch pwned`", "| touch pwned", '"; $finish; "', "*/ /*", "a//b", "%s%n")


def test_names_that_shells_and_languages_would_obey(tmp_path, monkeypatch):
    """They come through every format, and no tool that reads the file does what they say."""
    monkeypatch.chdir(tmp_path)
    aig = named(*NASTY)
    aig = replace(aig, metadata={"note": '"""\n\'; touch pwned'})
    for ending in FORMATS:
        path = tmp_path / f"it{ending}"
        write_aig(aig, path)
        again = read_aig(path)
        assert (again.input_names, dict(again.metadata)) == (NASTY, dict(aig.metadata))
    for ending in (".blif", ".v"):
        yosys.run(f"{yosys.read(tmp_path / f'it{ending}')}; check -assert; select -assert-none t:$finish")
    icarus.simulate([tmp_path / "it.v"], tmp_path)
    write_aig(aig, tmp_path / "it.py")
    compile((tmp_path / "it.py").read_text(), "it.py", "exec")
    assert not (tmp_path / "pwned").exists()


ESCAPED = ("a.b", "a:b", "x[01]", "1st", "module", "$x", "reg", "a$b", "_", "n3", "clk", "x[0]", "x[1]")


@pytest.mark.parametrize("ending", [".blif", ".v"])
def test_names_that_must_be_escaped_come_through_yosys(ending, tmp_path):
    write_aig(named(*ESCAPED), tmp_path / f"it{ending}")
    yosys.to_aiger(tmp_path / f"it{ending}", tmp_path / "yosys.aag")
    found = read_aig(tmp_path / "yosys.aag").input_names
    written = read_aig(tmp_path / f"it{ending}").input_names
    assert written == ESCAPED
    # BLIF bends what starts like a directive or is hidden in Yosys
    expected = {name if ending == ".v" or name[0] not in ".$" else f"_{name[1:]}" for name in ESCAPED}
    assert expected <= {part.removeprefix("\\") for name in found for part in name.split(" ")}


def test_only_regular_files_are_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.blif")
    (tmp_path / "endless.aig").symlink_to("/dev/zero")
    (tmp_path / "folder.v").mkdir()
    for name in ("pipe.blif", "endless.aig", "folder.v"):
        with pytest.raises(InputError, match="expected a regular file"):
            read_aig(tmp_path / name)


def test_names_of_files_keep_messages_on_one_line(tmp_path):
    for read in (read_aig, lambda path: write_aig(named("a"), path / "x.blif")):
        with pytest.raises(InputError) as caught:
            read(tmp_path / "a\nb\x1b[31m.aig")
        assert str(caught.value).isprintable()


def test_a_graph_as_large_as_its_symbols(tmp_path):
    """Inputs without a byte each are all right: names are made."""
    aig = aiger.read(b"aig 200000 200000 0 1 0\n399999\n")
    assert aig.num_inputs == 200_000
    stream = io.BytesIO()
    aiger.write(aig, stream)
    assert aiger.read(stream.getvalue()).input_names[-1] == "i199999"
