"""BLIF of LUTs: other tools and we read it back, and it is proved equal to the graph."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from backends import read_aig, write_aig, write_luts
from tests.aig.circuits import mixed
from tests.backends.test_outside_tools import assert_equivalent, counter
from tests.luts.circuits import adder_tree, same_function
from tests.oracles import abc, yosys
from tests.strategies import aigs
from trilc import luts
from trilc.aig import AIG
from trilc.errors import InputError

few = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])


def visible() -> AIG:
    """A mixed circuit all of whose registers are seen, so that no tool drops one."""
    aig = mixed(4, 400)
    names = (*aig.output_names, *(f"see_{name}" for name in aig.register_names))
    return replace(aig, output_names=names, outputs=np.concatenate([aig.outputs, aig.register_literals]))


@pytest.mark.parametrize("aig", [counter(), visible()], ids=["counter", "mixed"])
@pytest.mark.parametrize("k", [2, 4, 6])
def test_yosys_and_abc_read_it(aig, k, tmp_path):
    write_luts(luts.map(aig, k, rounds=2), tmp_path / "it.blif")
    for oracle in (abc, yosys):
        oracle.to_aiger(tmp_path / "it.blif", tmp_path / "out.aig")
        assert_equivalent(read_aig(tmp_path / "out.aig"), aig, tmp_path)


def test_abc_counts_as_we_do(tmp_path):
    network = luts.map(adder_tree(40), 6)
    write_luts(network, tmp_path / "it.blif")
    printed = abc.run(f"read {tmp_path / 'it.blif'}; print_stats").replace(" ", "")
    assert f"nd={network.size}" in printed
    assert f"edge={network.edges}" in printed
    assert f"lev={network.levels}" in printed


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(aig=aigs(odd=True) | aigs(), k=st.integers(2, 6))
def test_we_read_it_back(aig, k, tmp_path):
    aig = replace(aig, metadata={"tokens": ["a", "\n"]}, keep_registers=True)
    network = luts.map(aig, k, rounds=1)
    write_luts(network, tmp_path / "it.blif")
    back = read_aig(tmp_path / "it.blif")
    assert back.input_names == aig.input_names
    assert back.register_names == aig.register_names
    assert back.output_names == aig.output_names
    assert back.keep_registers
    assert np.array_equal(back.reset, aig.reset)
    assert dict(back.metadata) == {
        "tokens": ["a", "\n"],
        "luts": {"inputs": k, "count": network.size, "levels": network.levels},
    }
    assert same_function(network, back)
    # what was mapped says so; what is written as gates again does not
    write_aig(back, tmp_path / "gates.blif")
    assert dict(read_aig(tmp_path / "gates.blif").metadata) == {"tokens": ["a", "\n"]}


@few
@given(aig=aigs())
def test_abc_reads_any(aig, tmp_path):
    assume(aig.num_inputs and aig.num_outputs)  # or ABC complains
    write_luts(luts.map(aig, 4, rounds=0), tmp_path / "it.blif")
    abc.to_aiger(tmp_path / "it.blif", tmp_path / "abc.aig")
    assert_equivalent(read_aig(tmp_path / "abc.aig"), aig, tmp_path)


def test_a_cover_has_no_more_rows_than_it_needs(tmp_path):
    aig = mixed(6, 100)
    network = luts.map(aig, 6)
    write_luts(network, tmp_path / "it.blif")
    text = (tmp_path / "it.blif").read_text()
    assert text.count(".names") >= network.size
    for cover in text.split(".names")[1:]:
        rows = [line for line in cover.splitlines()[1:] if line and line[0] in "01-"]
        assert len(rows) <= 32
        assert len({row.split()[-1] for row in rows}) <= 1


@pytest.mark.parametrize(
    "luts", ['{"count":1}', '{"count":"x","inputs":4,"levels":1}', '{"count":1.5,"inputs":4,"levels":1}', "[]", "3"]
)
def test_strange_metadata_are_refused(luts, tmp_path):
    (tmp_path / "it.blif").write_text(f'# trilc {{"luts":{luts}}}\n.model x\n.inputs a\n.outputs a\n.end\n')
    with pytest.raises(InputError, match=r"line 1: the metadata's 'luts' is not of the form"):
        read_aig(tmp_path / "it.blif")


@pytest.mark.parametrize("ending", [".aig", ".v", ".py", ""])
def test_only_blif_holds_luts(ending, tmp_path):
    with pytest.raises(InputError, match=r"expected one of \.blif"):
        write_luts(luts.map(counter(), 4), tmp_path / f"it{ending}")


def test_tables_read_back_as_few_gates(tmp_path):
    """Where exclusive ors and majorities meet, covers take up to 32 products."""
    aig = adder_tree(60)
    network = luts.map(aig, 6)
    write_luts(network, tmp_path / "it.blif")
    assert read_aig(tmp_path / "it.blif").num_ands < 3 * aig.num_ands
    assert network.to_aig().num_ands < 3 * aig.num_ands
