"""What we write, other tools read and prove equal to the graph; what they write, we read."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backends import read_aig, write_aig, write_testbench
from tests.backends.circuits import run, same_order, with_harness, without_constraints
from tests.oracles import abc, icarus, verilator, yosys
from tests.strategies import aigs
from trilc.aig import AIG, UNKNOWN, Builder

few = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])


def counter(bits: int = 5) -> AIG:
    """Counts up while ``tok[0]``; with all resets, constraints, roots that are leaves and constants."""
    builder = Builder()
    tok = [builder.input(f"tok[{k}]") for k in range(3)]
    state = [builder.register(f"h_l0[{k}]", k % 2) for k in range(bits)]
    free = builder.register("free", UNKNOWN)
    carry = tok[0]
    for register in state:
        total, carry = builder.half_adder(register, carry)
        builder.set_next(register, total)
    builder.set_next(free, builder.mux(tok[1], tok[2], free))
    builder.output("out[0]", carry)
    builder.output("out[1]", builder.majority(*state[:3]) ^ 1)
    builder.output("same", state[0])
    builder.output("not_same", state[1] ^ 1)
    builder.output("through", tok[1])
    builder.output("one", 1)
    builder.output("free_seen", free)
    builder.constrain(builder.or_(tok[1], tok[2]))
    builder.constrain(tok[0] ^ 1)
    return builder.build({"version": "1", "tokens": ["a", "é", "\n"]}, keep_registers=True)


def assert_equivalent(found: AIG, original: AIG, directory) -> None:
    """Same resets, and combinationally equal with registers cut, according to ABC."""
    found, original = same_order(found, original), without_constraints(original)
    np.testing.assert_array_equal(found.reset, original.reset)
    write_aig(found, directory / "found.aig")
    write_aig(original, directory / "original.aig")
    if original.num_outputs + original.num_registers:  # ABC has nothing to compare otherwise
        assert abc.cec(directory / "found.aig", directory / "original.aig")


@pytest.mark.parametrize("ending", [".blif", ".aig", ".aag"])
def test_yosys_reads_what_we_write(ending, tmp_path):
    aig = counter()
    write_aig(aig, tmp_path / f"it{ending}")
    yosys.to_aiger(tmp_path / f"it{ending}", tmp_path / "yosys.aig")
    assert_equivalent(read_aig(tmp_path / "yosys.aig"), aig, tmp_path)


def test_yosys_reads_our_verilog(tmp_path):
    aig = counter()
    write_aig(aig, tmp_path / "it.v")
    yosys.to_aiger(tmp_path / "it.v", tmp_path / "yosys.aag")
    assert_equivalent(read_aig(tmp_path / "yosys.aag"), with_harness(aig), tmp_path)


@pytest.mark.parametrize("ending", [".blif", ".aig"])
def test_abc_reads_what_we_write(ending, tmp_path):
    aig = counter()
    write_aig(aig, tmp_path / f"it{ending}")
    abc.to_aiger(tmp_path / f"it{ending}", tmp_path / "abc.aig")
    found = read_aig(tmp_path / "abc.aig")
    assert len(found.constraints) == (2 if ending == ".aig" else 0)
    assert_equivalent(found, aig, tmp_path)


@few
@given(aig=aigs())
def test_abc_reads_any_blif(aig, tmp_path):
    write_aig(aig, tmp_path / "it.blif")
    if aig.num_outputs + aig.num_registers:
        abc.to_aiger(tmp_path / "it.blif", tmp_path / "abc.aig")
        assert_equivalent(read_aig(tmp_path / "abc.aig"), aig, tmp_path)


@few
@given(aig=aigs(odd=True) | aigs())
def test_yosys_reads_odd_names(aig, tmp_path):
    for ending in (".blif", ".v"):
        write_aig(aig, tmp_path / f"it{ending}")
        yosys.run(f"{yosys.read(tmp_path / f'it{ending}')}; check -assert")


@few
@given(aig=aigs(odd=True) | aigs())
def test_simulators_accept_any_module_without_a_warning(aig, tmp_path):
    write_aig(aig, tmp_path / "it.v")
    (tmp_path / "empty.v").write_text("module empty;\nendmodule\n")
    icarus.simulate([tmp_path / "it.v", tmp_path / "empty.v"], tmp_path)
    verilator.lint(tmp_path / "it.v")


def test_a_wrong_gate_is_noticed(tmp_path):
    """The verdict of the proof is not a formality."""
    aig = counter()
    write_aig(aig, tmp_path / "it.blif")
    text = (tmp_path / "it.blif").read_text()
    (tmp_path / "it.blif").write_text(text.replace("\n11 1\n", "\n10 1\n", 1))
    yosys.to_aiger(tmp_path / "it.blif", tmp_path / "yosys.aig")
    with pytest.raises(AssertionError):
        assert_equivalent(read_aig(tmp_path / "yosys.aig"), aig, tmp_path)


def test_dsec_knows_resets(tmp_path):
    aig = without_constraints(counter())
    known = AIG(**{**vars(aig), "reset": np.zeros(aig.num_registers, np.uint8)})
    other = AIG(**{**vars(known), "reset": np.ones(aig.num_registers, np.uint8)})
    for name, graph in (("known", known), ("other", other)):
        write_aig(graph, tmp_path / f"{name}.aig")
        write_aig(graph, tmp_path / f"{name}.blif")
    assert abc.dsec(tmp_path / "known.aig", tmp_path / "known.aig")
    assert not abc.dsec(tmp_path / "known.aig", tmp_path / "other.aig")


def test_we_read_what_abc_and_yosys_write(tmp_path):
    """Foreign BLIF with covers of several rows and columns, and foreign AIGER."""
    aig = without_constraints(counter())
    write_aig(aig, tmp_path / "it.aig")
    abc.run(f"read {tmp_path / 'it.aig'}; strash; if -K 6; write_blif {tmp_path / 'abc.blif'}")
    yosys.run(f"{yosys.read(tmp_path / 'it.aig')}; simplemap; write_blif {tmp_path / 'yosys.blif'}")
    assert ".names" in (tmp_path / "abc.blif").read_text()
    for name in ("abc.blif", "yosys.blif"):
        assert_equivalent(read_aig(tmp_path / name), aig, tmp_path)


# The bench -------------------------------------------------------------------------------------------


def small_machine() -> AIG:
    aig = counter(3)
    return AIG(**{**vars(aig), "reset": np.array([0, 1, 1, 0], np.uint8)})


def bench(aig: AIG, directory, expected_of=run, steps=24) -> list:
    stimulus = np.random.default_rng(1).integers(0, 2, (steps, aig.num_inputs), np.uint8)
    write_aig(aig, directory / "it.v")
    with (directory / "it_tb.v").open("wb") as stream:
        write_testbench(aig, stimulus, expected_of(aig, stimulus), stream, module="it")
    return [directory / "it_tb.v", directory / "it.v"]


def test_bench_passes_in_icarus_and_verilator(tmp_path):
    sources = bench(small_machine(), tmp_path)
    assert "PASS" in icarus.simulate(sources, tmp_path)
    assert "PASS" in verilator.simulate(sources, "it_tb", tmp_path)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("h_l0 <= 3'h6;", "h_l0 <= 3'h4;"),  # loads another reset state
        ("if (rst)", "if (rst & ~en)"),  # the enable wins over the reset
        ("if (rst)", "if (rst & en)"),  # the reset needs the enable
        ("else if (en)", "else"),  # nothing holds the state
        ("else if (en)", "else if (~en)"),
        ("assign same = h_l0[0]", "assign same = ~h_l0[0]"),
        ("h_l0[0] <= ", "h_l0[0] <= ~"),
        ("posedge clk", "negedge clk"),
    ],
)
def test_bench_notices_a_broken_module(right, wrong, tmp_path):
    sources = bench(small_machine(), tmp_path)
    text = sources[1].read_text()
    assert right in text
    sources[1].write_text(text.replace(right, wrong).replace("~~", ""))
    printed = icarus.simulate(sources, tmp_path)
    assert "FAIL" in printed
    assert "PASS" not in printed


@few
@given(aig=aigs(unknown_resets=False, odd=True) | aigs(unknown_resets=False), steps=st.integers(1, 9))
def test_any_bench_passes(aig, steps, tmp_path):
    assert "PASS" in icarus.simulate(bench(aig, tmp_path, steps=steps), tmp_path)
