"""The Verilog that we write, and Verilog that our reader refuses."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends import verilog
from tests.strategies import aigs
from trilc.aig import UNKNOWN, Builder
from trilc.errors import InputError


def written(aig, module="it") -> str:
    stream = io.BytesIO()
    verilog.write(aig, stream, module=module)
    return stream.getvalue().decode()


def machine(inputs=("tok[0]", "tok[1]"), registers=("h_l0[0]", "h_l0[1]"), resets=(0, 1)):
    builder = Builder()
    leaves = [builder.input(name) for name in inputs]
    states = [builder.register(name, reset) for name, reset in zip(registers, resets, strict=True)]
    for state, leaf in zip(states, leaves, strict=True):
        builder.set_next(state, builder.and_(state, leaf ^ 1))
    builder.output("out[0]", states[0])
    return builder.build()


def test_the_module_that_an_engineer_sees():
    text = written(machine())
    header = (
        "module it(\n  input clk,\n  input rst,\n  input en,\n  input [1:0] tok,\n  output [0:0] out\n);\n"
    )
    assert header in text
    assert "  reg [1:0] h_l0;\n" in text
    assert "    if (rst) begin\n      h_l0 <= 2'h2;\n    end else if (en) begin\n" in text
    assert len(re.findall(r"assign n\d+ = ", text)) == 2


def test_an_unknown_reset_is_left_alone():
    text = written(machine(resets=(UNKNOWN, 1)))
    assert "if (rst) begin\n      h_l0[1] <= 1'b1;\n    end" in text


def test_combinational_graphs_have_no_clock():
    builder = Builder()
    builder.output("q", builder.input("a"))
    assert "clk" not in written(builder.build())


def test_the_harness_steps_aside_for_the_graph():
    text = written(machine(inputs=("clk", "en")))
    assert "input clk_1,\n  input rst,\n  input en_1,\n  input clk,\n  input en," in text


def test_only_whole_runs_from_zero_are_vectors():
    names = ("x[0]", "x[1]", "y[1]", "y[0]", "x[2]", "z[00]", "input")
    builder = Builder()
    for name in names:
        builder.input(name)
    text = written(builder.build())
    ports = [
        "input [1:0] x,",
        r"input \y[1] ,",
        "input [0:0] y,",
        r"input \x[2] ,",
        r"input \z[00] ,",
        r"input \input ",
    ]
    assert all(f"  {port}\n" in text for port in ports)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("a-b.c", "a_b_c"),
        ("9", "m_9"),
        ("module", "m_module"),
        ("λ", "trilc"),
        ("out", "out_1"),
        ("", "trilc"),
    ],
)
def test_module_names(module, name):
    assert f"module {name}(" in written(machine(), module)


BEFORE = "module m(\n  input clk,\n  input rst,\n  input en,\n  input [1:0] t,\n  output q\n);\n"
STATE = (
    "  always @(posedge clk)\n    if (rst) begin\n      r <= 1'b0;\n"
    "    end else if (en) begin\n      r <= t[0];\n    end\n"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: expected 'module', found the end of the file"),
        ("// only a comment\n", "line 2: expected 'module', found the end of the file"),
        ("module m(\n  inout a\n);\nendmodule\n", "line 2: expected 'input' or 'output', found 'inout'"),
        ("module m(\n  input a\n  input b\n);\nendmodule\n", "line 3: expected ',', found 'input'"),
        (
            "module m(\n  input a,\n  input a\n);\nendmodule\n",
            "line 3: expected a name that is not declared yet",
        ),
        ("module m(\n  input [3:1] a\n);\nendmodule\n", "line 2: expected '0', found '1'"),
        ("module m(\n  input [99999999:0] a\n);\nendmodule\n", "line 2: expected the highest bit's number"),
        ("module m(\n  input 3\n);\nendmodule\n", "line 2: expected a name, found '3'"),
        ('module m();\n  initial $display("x");\nendmodule\n', "line 2: '\"' starts no word"),
        (
            "module m();\n  initial x = 1;\nendmodule\n",
            "line 2: expected 'reg', 'wire', 'assign', one 'always'",
        ),
        (BEFORE + "  assign q = t[0] | t[1];\nendmodule\n", "line 8: '|' starts no word"),
        (BEFORE + "  assign q = t[0] & t[1] & t[0];\nendmodule\n", "line 8: expected '&' or ';', found '&'"),
        (
            BEFORE + "  assign q = t[2];\nendmodule\n",
            "line 8: expected a bit of a vector, within its width, found '2'",
        ),
        (BEFORE + "  assign q = t;\nendmodule\n", "line 8: expected a bit of a vector"),
        (
            BEFORE + "  assign q = u;\nendmodule\n",
            "line 8: expected a declared signal or a constant, found 'u'",
        ),
        (BEFORE + "  assign ~q = t[0];\nendmodule\n", "line 8: expected a net on the left"),
        (BEFORE + "  assign q, t[0];\nendmodule\n", "line 8: expected '=', found ','"),
        (BEFORE + "  wire a b;\nendmodule\n", "line 8: expected ',' or ';', found 'b'"),
        (BEFORE + "  wire a, a;\nendmodule\n", "line 8: expected a name that is not declared yet"),
        (
            BEFORE + "  wire a;\n",
            "line 9: expected 'reg', 'wire', 'assign', one 'always' or 'endmodule', found the end",
        ),
        (BEFORE + "  assign q", "line 8: expected '=', found the end of the file"),
        (BEFORE + "  assign q = t[", "line 8: expected a bit of a vector"),
        (BEFORE + "endmodule\n", "line 6: 'q' is used but never driven"),
        (BEFORE + "  wire a;\n  assign q = a;\nendmodule\n", "line 8: 'a' is used but never driven"),
        (BEFORE + "  assign q = t[0];\n  assign q = t[1];\nendmodule\n", "line 9: 'q' is driven twice"),
        (BEFORE + "  assign t[0] = t[1];\n  assign q = t[1];\nendmodule\n", "line 8: 't' is driven twice"),
        (
            BEFORE + "  wire a;\n  assign a = q;\n  assign q = a & t[0];\nendmodule\n",
            "line 9: a combinational loop",
        ),
        (
            BEFORE + "  assign q = t[0];\nendmodule\nmodule n();\nendmodule\n",
            "line 10: expected nothing after 'endmodule'",
        ),
        (BEFORE + "  reg r;\n  assign q = r;\nendmodule\n", "line 8: 'r' is a register without a next state"),
        (
            BEFORE + "  wire r;\n  assign q = r;\n" + STATE + "endmodule\n",
            "line 8: 'r' is clocked but is not a register",
        ),
        (
            BEFORE + "  reg r;\n  assign q = r;\n" + STATE + STATE + "endmodule\n",
            "line 16: expected 'reg', 'wire'",
        ),
        (
            BEFORE + "  reg r;\n  assign q = r;\n" + STATE.replace("1'b0", "2'b0") + "endmodule\n",
            "line 12: expected a constant",
        ),
        (
            BEFORE + "  reg r;\n  assign q = r;\n" + STATE.replace("r <= t", "~r <= t") + "endmodule\n",
            "line 14: expected a bit",
        ),
        (
            BEFORE + "  reg r;\n  assign q = r;\n" + STATE.replace("(en)", "(t)") + "endmodule\n",
            "line 5: 't' clocks, resets",
        ),
        (
            BEFORE + "  reg r;\n  assign q = r;\n" + STATE.replace("posedge", "negedge") + "endmodule\n",
            "line 10: expected 'posedge'",
        ),
        (
            '// trilc {"constraints":["constraint0"]}\n' + BEFORE + "  assign q = t[0];\nendmodule\n",
            "the constraint 'constraint0'",
        ),
        ('// trilc {"constraints":["wire"]}\n' + BEFORE, "line 1: the constraint 'wire' is no net's name"),
        ("// trilc {]\n", "line 1: the metadata after 'trilc' is not one line of JSON"),
    ],
)
def test_malformed(text, message):
    with pytest.raises(InputError) as caught:
        verilog.read(text.encode())
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@given(aig=aigs(max_gates=8), position=st.integers(0, 10**6), byte=st.integers(0, 255))
def test_one_wrong_byte_is_refused_or_gives_a_sound_graph(aig, position, byte):
    data = bytearray(written(aig).encode())
    data[position % len(data)] = byte
    try:
        verilog.read(bytes(data)).check()
    except InputError as error:
        assert "\n" not in str(error)


@given(aig=aigs(max_gates=6), start=st.integers(0, 10**6), length=st.integers(1, 40))
def test_a_missing_piece_is_refused_or_gives_a_sound_graph(aig, start, length):
    data = written(aig).encode()
    start %= len(data)
    try:
        verilog.read(data[:start] + data[start + length :]).check()
    except InputError as error:
        assert "\n" not in str(error)
