"""BLIF that others may write, and BLIF that nobody should."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends import blif
from tests.backends.circuits import run
from tests.strategies import aigs
from trilc.aig import UNKNOWN
from trilc.errors import InputError


@given(data=st.data(), width=st.integers(0, 5), value=st.sampled_from("01"))
def test_any_cover_means_its_truth_table(data, width, value):
    cubes = data.draw(st.lists(st.text("01-", min_size=width, max_size=width), max_size=6))
    names = [f"x{k}" for k in range(width)]
    rows = "".join(f"{cube} {value}\n".lstrip(" ") for cube in cubes)
    text = f".model m\n.inputs {' '.join(names)}\n.outputs f\n.names {' '.join([*names, 'f'])}\n{rows}.end\n"
    stimulus = np.array(list(itertools.product((0, 1), repeat=width)), np.uint8).reshape(2**width, width)

    def covered(bits) -> bool:
        return any(all(c in ("-", str(b)) for c, b in zip(cube, bits, strict=True)) for cube in cubes)

    # an empty cover is the constant 0, whatever its rows would have said
    expected = [covered(bits) == (value == "1") if cubes else 0 for bits in stimulus.tolist()]
    aig = blif.read(text.encode())
    aig.check()
    np.testing.assert_array_equal(run(aig, stimulus)[:, 0], expected)


def test_what_foreign_files_look_like():
    aig = blif.read(
        b"# somebody's\n\n.model top\r\n.inputs a \\\n  b\n.inputs clk c # more\n.outputs f g\n"
        b".latch f s re clk 1\n.latch g t 0\n.latch s u\n.latch t v fe_less 2\n".replace(b" fe_less", b"")
        + b".names a b c f\n11- 1\n\n# a row of its own\n--1 1\n.names s t g\n1- \\\n1\n-1 1\n"
    )
    aig.check()
    assert aig.input_names == ("a", "b", "c")
    assert aig.register_names == ("s", "t", "u", "v")
    assert aig.reset.tolist() == [1, 0, UNKNOWN, UNKNOWN]
    assert run(aig, np.array([[1, 1, 0], [0, 0, 0]]))[:, 0].tolist() == [1, 0]


def test_a_clock_that_does_more_stays_an_input():
    aig = blif.read(
        b".model m\n.inputs clk d\n.outputs q f\n.latch d q re clk 0\n.names clk d f\n11 1\n.end\n"
    )
    assert aig.input_names == ("clk", "d")


def test_an_unlisted_clock_and_names_like_cubes():
    aig = blif.read(b".model m\n.inputs 11 1\n.outputs q\n.latch 0 q fe NIL 2\n.names 11 1 0\n11 1\n.end\n")
    assert aig.input_names == ("11", "1")
    assert aig.num_ands == 1


def test_covers_in_any_order_and_a_wide_one():
    width = 3000
    names = " ".join(f"x{k}" for k in range(width))
    chain = "".join(f".names y{k + 1} y{k}\n1 1\n" for k in range(5000))
    text = f".model m\n.inputs {names}\n.outputs y0\n{chain}.names {names} y5000\n{'1' * width} 1\n.end\n"
    aig = blif.read(text.encode())
    assert aig.num_ands == width - 1


MODEL = b".model m\n.inputs a b\n.outputs f\n"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "line 1: not a BLIF file"),
        (b"# nothing\n\n", "line 1: not a BLIF file"),
        (b"\n.inputs a\n.end\n", "line 2: expected .model, found '.inputs'"),
        (b"aag 1 1 0 0 0\n2\n", "line 1: expected .model, found 'aag'"),
        (MODEL, "line 3: net 'f' is never driven"),
        (MODEL + b".names a c f\n11 1\n.end\n", "line 4: net 'c' is never driven"),
        (MODEL + b".names a b f\n11 1\n.names a f\n1 1\n.end\n", "line 6: net 'f' is driven twice"),
        (MODEL + b".names b a\n1 1\n.names a b f\n11 1\n.end\n", "line 4: net 'a' is driven twice"),
        (b".model m\n.inputs a a\n.outputs a\n.end\n", "line 2: net 'a' is driven twice"),
        (MODEL + b".latch f a 0\n.names a b f\n11 1\n.end\n", "line 4: net 'a' is driven twice"),
        (MODEL + b".names a g f\n11 1\n.names b f g\n11 1\n.end\n", "line 4: a combinational loop"),
        (MODEL + b".names f f\n1 1\n.end\n", "line 4: a combinational loop"),
        (MODEL + b".names a b f\n111 1\n.end\n", "line 4: a cube of 3 columns in a cover of 2 fan-ins"),
        (MODEL + b".names a b f\n1x 1\n.end\n", "line 4: a cube holds 'x'"),
        (MODEL + b".names a b f\n11 2\n.end\n", "line 4: a cover's value is"),
        (MODEL + b".names a b f\n11 1\n00 0\n.end\n", "line 4: a cover mixes rows"),
        (MODEL + b".names a b f\n11\n.end\n", "line 5: expected a cube and a value"),
        (MODEL + b".names a b f\n11 1 1\n.end\n", "line 5: expected a cube and a value"),
        (MODEL + b".names f\n1 1\n.end\n", "line 5: expected a cube and a value"),
        (MODEL + b".names\n.end\n", "line 4: .names without a net"),
        (MODEL + b"11 1\n.end\n", "line 4: a row outside a cover"),
        (MODEL + b".latch a\n.end\n", "line 4: .latch has 1 fields"),
        (MODEL + b".latch a f re c 1 1\n.end\n", "line 4: .latch has 6 fields"),
        (MODEL + b".latch a f 4\n.end\n", "line 4: the initial value of a latch is '4'"),
        (MODEL + b".latch a f ah c 1\n.end\n", "line 4: a latch of type 'ah'"),
        (MODEL + b".latch a f re c 1\n.latch a g re d 1\n.end\n", "line 5: a second clock, 'd'"),
        (MODEL + b".subckt sub x=a y=f\n.end\n", "line 4: '.subckt' is not supported"),
        (MODEL + b".gate and2 a=a b=b O=f\n.end\n", "line 4: '.gate' is not supported"),
        (MODEL + b".names a b f\n11 1\n.exdc\n.end\n", "line 6: '.exdc' is not supported"),
        (MODEL + b".search other.blif\n", "line 4: '.search' is not supported"),
        (MODEL + b".names f\n.end\n.model other\n.end\n", "line 6: a second .model"),
        (MODEL + b".names f\n.end\n.names g\n", "line 6: expected nothing after .end"),
        (b".model m\n.inputs a\n.outputs a a\n.end\n", "two outputs bear the name 'a'"),
        (b".model m\n.inputs \xff\n.outputs \xff\n.end\n", "the name b'\\xff' is not UTF-8"),
        (b".model m\n.inputs a\x01\n.end\n", "the name of input 'a\\x01' holds a control character"),
        (b"# trilc {oops\n" + MODEL, "line 1: the metadata after 'trilc' is not one line of JSON"),
        (b'# trilc {"constraints":["no"]}\n' + MODEL + b".names f\n", "line 6: net 'no' is never driven"),
        (
            b'# trilc {"constraints":["a b"]}\n' + MODEL + b".names f\n",
            "line 1: the constraint 'a b' is no net's name",
        ),
        (b'# trilc {"names":{"inputs":{"a":"b"}}}\n' + MODEL + b".names f\n", "two inputs bear the name 'b'"),
    ],
)
def test_malformed(data, message):
    with pytest.raises(InputError) as caught:
        blif.read(data)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@given(aig=aigs(max_gates=8), position=st.integers(0, 10**6), byte=st.integers(0, 255))
def test_one_wrong_byte_is_refused_or_gives_a_sound_graph(aig, position, byte):
    stream = io.BytesIO()
    blif.write(aig, stream)
    data = bytearray(stream.getvalue())
    data[position % len(data)] = byte
    try:
        blif.read(bytes(data)).check()
    except InputError as error:
        assert "\n" not in str(error)


def test_outputs_name_their_gates_and_long_lines_are_folded():
    text = (
        b".model m\n.inputs "
        + b" ".join(b"in%d" % k for k in range(100))
        + b"\n.outputs f\n.names in1 in2 f\n11 1\n.end\n"
    )
    stream = io.BytesIO()
    blif.write(blif.read(text), stream)
    lines = stream.getvalue().decode().splitlines()
    assert max(map(len, lines)) <= 103
    assert lines[-3:] == [".names in1 in2 f", "11 1", ".end"]
