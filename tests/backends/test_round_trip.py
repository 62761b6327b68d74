"""Every format: what is written reads back as the same graph, and writes the same bytes again."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends import aiger, blif, verilog
from tests.strategies import aigs
from trilc.aig import AIG

WRITERS = {
    "binary": (aiger.write, aiger.read),
    "ascii": (lambda aig, stream: aiger.write(aig, stream, ascii=True), aiger.read),
    "blif": (blif.write, blif.read),
    "verilog": (verilog.write, verilog.read),
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 2**70) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def assert_same(a: AIG, b: AIG) -> None:
    for field in ("fanins", "next_state", "reset", "outputs", "constraints"):
        np.testing.assert_array_equal(getattr(a, field), getattr(b, field), err_msg=field)
    for field in ("input_names", "register_names", "output_names", "keep_registers"):
        assert getattr(a, field) == getattr(b, field)
    assert dict(a.metadata) == dict(b.metadata)


@pytest.mark.parametrize("format_", WRITERS)
@settings(deadline=None, max_examples=150)
@given(
    aig=aigs() | aigs(odd=True),
    metadata=st.dictionaries(st.text(max_size=3), json_values, max_size=3),
    keep=st.booleans(),
)
def test_same_graph_and_same_bytes(format_, aig, metadata, keep):
    aig = replace(aig, metadata=metadata, keep_registers=keep)
    write, read = WRITERS[format_]
    stream = io.BytesIO()
    write(aig, stream)
    again = read(stream.getvalue())
    again.check()
    assert_same(aig, again)
    second = io.BytesIO()
    write(again, second)
    assert stream.getvalue() == second.getvalue()
