"""AIGER that others may write, and AIGER that nobody should."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends import aiger
from tests.backends.circuits import run
from tests.strategies import aigs
from trilc.aig import UNKNOWN, Builder
from trilc.errors import InputError


def test_ands_in_any_order_with_gaps_in_the_numbers():
    aig = aiger.read(
        b"aag 20 2 1 1 3\n6\n30\n20 17\n12\n12 17 30\n16 40 6\n40 30 20\n"
        b"i0 a\ni1 b\nl0 s\no0 q\nc\nfree text\n"
    )
    aig.check()
    assert (aig.input_names, aig.register_names, aig.output_names) == (("a", "b"), ("s",), ("q",))
    builder = Builder()
    a, b = builder.input("a"), builder.input("b")
    s = builder.register("s")
    inner = builder.and_(builder.and_(b, s), a)
    builder.set_next(s, inner ^ 1)
    builder.output("q", builder.and_(inner ^ 1, b))
    expected = builder.build()
    stimulus = np.random.default_rng(0).integers(0, 2, (64, 2), np.uint8)
    np.testing.assert_array_equal(run(aig, stimulus), run(expected, stimulus))


@given(aig=aigs(max_inputs=4), data=st.data())
def test_shuffled_and_renumbered_ascii(aig, data):
    """Any order of gates and any numbers give the same machine."""
    stream = io.BytesIO()
    aiger.write(aig, stream, ascii=True)
    numbers = [0, *data.draw(st.permutations(range(1, 2 * aig.num_nodes)))[: aig.num_nodes - 1]]
    lines = stream.getvalue().decode().splitlines()
    counts = [aig.num_inputs, aig.num_registers, aig.num_outputs, len(aig.constraints), aig.num_ands]
    body = sum(counts)

    def renumber(line: str) -> str:
        return " ".join(str(2 * numbers[int(word) >> 1] + (int(word) & 1)) for word in line.split())

    rows = [renumber(line) for line in lines[1 : 1 + body]]
    for k in range(aig.num_registers):  # a reset of 0 or 1 is no literal
        if aig.reset[k] != UNKNOWN:
            after = rows[aig.num_inputs + k].split()
            rows[aig.num_inputs + k] = " ".join([*after[:2], str(aig.reset[k])])
    gates = data.draw(st.permutations(rows[body - aig.num_ands :]))
    header = lines[0].split()
    header[1] = str(2 * aig.num_nodes)
    text = "\n".join([" ".join(header), *rows[: body - aig.num_ands], *gates, *lines[1 + body :]]) + "\n"
    found = aiger.read(text.encode())
    found.check()
    stimulus = np.random.default_rng(0).integers(0, 2, (16, aig.num_inputs), np.uint8)
    np.testing.assert_array_equal(run(found, stimulus), run(aig, stimulus))
    np.testing.assert_array_equal(found.reset, aig.reset)


def test_foldable_gates_are_hashed_in_both_formats():
    # 4 = 2·2, 6 = 4·5, 8 = 4·1
    for data in (
        b"aag 4 1 0 3 3\n2\n4\n6\n8\n4 2 2\n6 4 5\n8 4 1\n",
        b"aig 4 1 0 3 3\n4\n6\n8\n\x02\x00\x01\x01\x04\x03",
    ):
        aig = aiger.read(data)
        aig.check()
        assert aig.outputs.tolist() == [2, 0, 2]


def test_bad_states_are_outputs_after_the_outputs():
    aig = aiger.read(b"aag 2 2 0 1 0 2 1\n2\n4\n2\n3\n4\n5\no0 q\nb1 never\n")
    assert aig.output_names == ("q", "b0", "never")
    assert aig.outputs.tolist() == [2, 3, 4]
    assert aig.constraints.tolist() == [5]


def test_resets_in_both_formats():
    for data in (b"aag 4 1 3 0 0\n2\n4 2\n6 2 1\n8 2 8\n", b"aig 4 1 3 0 0\n2\n2 1\n2 8\n"):
        assert aiger.read(data).reset.tolist() == [0, 1, UNKNOWN]


def test_default_names_avoid_given_ones():
    aig = aiger.read(b"aag 3 3 0 2 0\n2\n4\n6\n2\n4\ni1 i0\ni2 i0_1\no1 o0\n")
    assert aig.input_names == ("i0_2", "i0", "i0_1")
    assert aig.output_names == ("o0_1", "o0")


def test_symbols_keep_spaces_and_unicode():
    assert aiger.read("aag 1 1 0 0 0\n2\ni0  a λ \n".encode()).input_names == (" a λ ",)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "line 1: not an AIGER file"),
        (b"aag 0 0 0 0 0", "line 1: not an AIGER file"),
        (b"blif\n", "line 1: not an AIGER file"),
        (b"aag 1 1 0 0\n", "line 1: expected 'aag' or 'aig' and five to nine counts"),
        (b"aag 1 1 0 0 -1\n", "line 1: expected 'aag' or 'aig' and five to nine counts"),
        (b"aag 1 1 0 0 99999999999999999999\n", "line 1: expected"),
        (b"aag 1 1 0 0 0 0 0 1\n2\n", "line 1: justice and fairness"),
        (b"aag 1 1 0 0 1\n2\n4 2 2\n", "line 1: M is 1, expected at least I + L + A = 2"),
        (b"aig 3 1 0 0 1\n\x02\x00", "line 1: M is 3, expected equal to I + L + A = 2"),
        (b"aag 4294967296 1 0 0 0\n2\n", "line 1: 4294967296 variables are too many"),
        (b"aig 2000000000 2000000000 0 0 0\n", "line 1: 2000000000 inputs in a file of"),
        (
            b"aag 2000000000 1 0 0 1999999999\n2\n",
            "line 3: the file ends before 1999999999 lines, each for an AND",
        ),
        (b"aig 2000000000 1 0 0 1999999999\n", "the file ends before its 1999999999 ANDs"),
        (b"aag 1 1 0 1 0\n2\n", "line 3: the file ends before 1 lines, each for an output"),
        (b"aag 1 1 0 1 0\n2\n4\n", "line 3: an output has a literal above 3"),
        (b"aag 1 1 0 1 0\n2 2\n2\n", "line 2: expected a number for an input"),
        (b"aag 1 1 0 1 0\n2\nx\n", "line 3: expected a number for an output"),
        (b"aag 1 1 0 0 0\n3\n", "line 2: literal 3 cannot be defined"),
        (b"aag 1 1 0 0 0\n0\n", "line 2: literal 0 cannot be defined"),
        (b"aag 2 2 0 0 0\n2\n2\n", "line 3: literal 2 is defined twice"),
        (b"aag 3 1 0 0 2\n2\n4 2 3\n4 2 2\n", "line 4: literal 4 is defined twice"),
        (b"aag 3 1 0 1 1\n2\n6\n4 2 3\n", "line 3: literal 6 is never defined"),
        (b"aag 3 1 0 0 1\n2\n4 2 7\n", "line 3: literal 7 is never defined"),
        (b"aag 3 1 1 0 0\n2\n4 6\n", "line 3: literal 6 is never defined"),
        (b"aag 2 1 1 0 0\n2\n4 2 3\n", "line 3: the reset of latch 4 is 3"),
        (b"aag 3 1 0 0 2\n2\n4 6 2\n6 4 2\n", "literal 4 is on a combinational loop"),
        (b"aag 2 1 0 0 1\n2\n4 4 2\n", "literal 4 is on a combinational loop"),
        (b"aig 2 1 0 0 1\n\x02", "the file ends before its 1 ANDs"),
        (b"aig 2 1 0 0 1\n\x82\x80", "AND 4 (byte"),
        (b"aig 2 1 0 0 1\n\x00\x02", "AND 4 (byte"),
        (b"aig 2 1 0 0 1\n\x05\x00", "AND 4 (byte"),
        (b"aig 2 1 0 0 1\n\x80\x80\x80\x80\x80\x80", "AND 4 (byte"),
        (b"aag 1 1 0 0 0\n2\ni1 x\n", "symbol i1: there are only 1"),
        (b"aag 1 1 0 0 0\n2\ni0 x\ni0 y\n", "symbol i0 is given twice"),
        (b"aag 2 2 0 0 0\n2\n4\ni0 x\ni1 x\n", "two inputs bear the name 'x'"),
        (b"aag 1 1 0 0 0\n2\ni0 a\tb\n", "the name of input 'a\\tb' holds a control character"),
        (b"aag 1 1 0 0 0\n2\ni0 \n", "one input has an empty name"),
        (b"aag 1 1 0 0 0\n2\ni0 \xff\n", "symbol i0: the name is not UTF-8"),
        (b"aag 1 1 0 0 0\n2\nhello\n", "symbol table: expected a line such as 'i0 name'"),
        (
            b"aag 1 1 0 0 0\n2\nc\ntrilc {nonsense\n",
            "comment section: the metadata after 'trilc' is not one line of JSON",
        ),
        (b'aag 1 1 0 0 0\n2\nc\ntrilc {"metadata": []}\n', "comment section: the metadata's 'metadata'"),
        (b'aag 1 1 0 0 0\n2\nc\ntrilc {"future": 1}\n', "comment section: the metadata holds 'future'"),
        (
            b'aag 1 1 0 0 0\n2\nc\ntrilc {"metadata": ' + b"[" * 100000 + b"\n",
            "comment section: the metadata after",
        ),
    ],
)
def test_malformed(data, message):
    with pytest.raises(InputError) as caught:
        aiger.read(data)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@given(aig=aigs(max_gates=8), position=st.integers(0, 10**6), byte=st.integers(0, 255), ascii=st.booleans())
def test_one_wrong_byte_is_refused_or_gives_a_sound_graph(aig, position, byte, ascii):
    stream = io.BytesIO()
    aiger.write(aig, stream, ascii=ascii)
    data = bytearray(stream.getvalue())
    data[position % len(data)] = byte
    try:
        aiger.read(bytes(data)).check()
    except InputError as error:
        assert "\n" not in str(error)


def test_names_that_no_file_can_hold_are_refused():
    builder = Builder()
    builder.output("a\nb", builder.input("x"))
    with pytest.raises(InputError, match="control character"):
        aiger.write(builder.build(), io.BytesIO())
