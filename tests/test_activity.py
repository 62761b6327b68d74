"""Switches of every net, against one gate and one step at a time."""

from __future__ import annotations

import io
import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from vcd.reader import TokenKind, tokenize

import trilc
from backends import saif, verilog
from tests.models import checkpoints, random_model
from tests.oracles import icarus
from trilc import activity
from trilc.activity import Meter
from trilc.aig import AIG
from trilc.aig.simulation import literal_values, simulate_nodes


def by_hand(aig: AIG, tokens: np.ndarray) -> np.ndarray:
    """(steps, nodes) bits of one stream."""
    state = (aig.reset == 1).astype(np.uint64)
    rows = []
    for token in tokens.tolist():
        bits = np.array([token >> k & 1 for k in range(aig.num_inputs)], np.uint64)
        values = simulate_nodes(aig, np.concatenate([bits, state])[:, None])
        rows.append(values[:, 0] & np.uint64(1))
        state = literal_values(values, aig.next_state)[:, 0] & np.uint64(1)
    return np.array(rows, np.int64).reshape(len(tokens), aig.num_nodes)


@settings(max_examples=15)
@given(
    checkpoint=checkpoints(max_units=4), lengths=st.lists(st.integers(0, 70), min_size=1, max_size=4),
    cut=st.integers(0, 70), at_once=st.sampled_from([1, 5, 64, 4096]),
)  # fmt: skip
def test_counts_of_streams_that_end_early(checkpoint, lengths, cut, at_once):
    model = checkpoint.load()
    aig = trilc.compile(model, passes="dead")
    tokens = np.random.default_rng(cut).integers(0, model.vocabulary, (70, len(lengths)))
    saved, activity.STEPS = activity.STEPS, at_once
    try:
        meter = Meter(aig)
        meter.begin(len(lengths))
        meter.read(tokens[:cut], np.minimum(lengths, cut))
        meter.read(tokens[cut:], np.maximum(np.array(lengths) - cut, 0))
        alone = Meter(aig)
        for stream, length in enumerate(lengths):
            alone.begin(1)
            alone.read(tokens[:length, stream : stream + 1])
    finally:
        activity.STEPS = saved
    found, wanted = meter.activity, alone.activity
    assert (found.steps, found.pairs) == (wanted.steps, wanted.pairs)
    np.testing.assert_array_equal(found.ones, wanted.ones)
    np.testing.assert_array_equal(found.toggles, wanted.toggles)


@settings(max_examples=25)
@given(
    checkpoint=checkpoints(max_units=4), streams=st.integers(1, 3), steps=st.integers(0, 90),
    cut=st.integers(0, 90), at_once=st.sampled_from([1, 5, 64, 4096]),
)  # fmt: skip
def test_counts(checkpoint, streams, steps, cut, at_once):
    model = checkpoint.load()
    aig = trilc.compile(model, passes="dead")
    tokens = np.random.default_rng(steps).integers(0, model.vocabulary, (steps, streams))
    saved, activity.STEPS = activity.STEPS, at_once
    try:
        meter = Meter(aig)
        for part in (tokens, tokens[:0]):  # begins anew
            meter.begin(streams)
            meter.read(part[:cut])
            meter.read(part[cut:])
    finally:
        activity.STEPS = saved
    runs = [by_hand(aig, tokens[:, s]) for s in range(streams)]
    found = meter.activity
    assert found.steps == tokens.size
    assert found.pairs == max(0, steps - 1) * streams
    np.testing.assert_array_equal(found.ones, sum(run.sum(0) for run in runs))
    np.testing.assert_array_equal(found.toggles, sum(np.abs(np.diff(run, axis=0)).sum(0) for run in runs))
    ones, toggles = found.of_literals(np.array([0, 1, 2, 3], np.uint32))
    assert ones.tolist() == [0, found.steps, found.ones[1], found.steps - found.ones[1]]
    assert toggles.tolist() == [0, 0, found.toggles[1], found.toggles[1]]


BENCH = """
module bench;
  reg clk = 0, rst = 1, en = 1;
  reg [2:0] tok = 0;
  wire [2:0] out;
  net dut(.clk(clk), .rst(rst), .en(en), .tok(tok), .out(out));
  initial begin
    $dumpfile("FILE");
    $dumpvars(1, dut);
    #5 clk = 1; #5 clk = 0; rst = 0;
STEPS
    $finish;
  end
endmodule
"""


def test_icarus_sees_the_same_switches(tmp_path):
    """The Verilog of the netlist, run by others, whose waveform is sampled before every rising edge."""
    model = random_model(np.random.default_rng(0), 12, 6)
    aig = trilc.compile(model, passes="dead")
    tokens = np.random.default_rng(1).integers(0, 6, 60)
    trilc.write_aig(aig, tmp_path / "net.v")
    steps = "\n".join(f"    tok = {token}; #5 clk = 1; #5 clk = 0;" for token in tokens)
    bench = tmp_path / "bench.v"
    bench.write_text(BENCH.replace("FILE", str(tmp_path / "icarus.vcd")).replace("STEPS", steps))
    icarus.simulate([bench, tmp_path / "net.v"], tmp_path)
    names, now, rows, time = {}, {}, [], 0
    for token in tokenize(io.BytesIO((tmp_path / "icarus.vcd").read_bytes())):
        if token.kind is TokenKind.VAR:
            bit = token.var.bit_index
            names[token.var.id_code] = token.var.reference + (f"[{bit}]" if isinstance(bit, int) else "")
        elif token.kind is TokenKind.CHANGE_TIME:
            while 14 + 10 * len(rows) < token.time_change:
                rows.append(dict(now))
            time = token.time_change
        elif token.kind in (TokenKind.CHANGE_SCALAR, TokenKind.CHANGE_VECTOR):
            change = token.data
            now[names[change.id_code]] = int(change.value) if str(change.value).isdigit() else 0
    assert time == 10 + 10 * len(tokens)
    rows = rows[: len(tokens)]
    meter = Meter(aig)
    meter.read(tokens[:, None])
    found = io.BytesIO()
    saif.write(meter.activity, aig, found, "net")
    for name, high, changes in re.findall(rb"^\((\S+) .*\(T1 (\d+)\).*\(TC (\d+)\)", found.getvalue(), re.MULTILINE):
        net = re.sub(r"\\(.)", r"\1", name.decode())
        vector, _, bit = net.rstrip("]").partition("[")
        if net != "clk":
            bits = np.array([row[net] if net in row else row[vector] >> int(bit) & 1 for row in rows])
            assert (int(high), int(changes)) == (saif.PERIOD * bits.sum(), np.abs(np.diff(bits)).sum()), name


def test_many_blocks_and_a_state_to_start_from():
    model = random_model(np.random.default_rng(0), 12, 6)
    aig = trilc.compile(model, passes="", keep_state=True)
    tokens = np.random.default_rng(1).integers(0, 6, 3 * activity.STEPS + 7)
    whole = by_hand(aig, tokens)
    meter = Meter(aig)
    meter.read(tokens[:, None])
    np.testing.assert_array_equal(meter.activity.ones, whole.sum(0))
    np.testing.assert_array_equal(meter.activity.toggles, np.abs(np.diff(whole, axis=0)).sum(0))
    later = Meter(aig, model.run(tokens[None, :100], "state")[0, -1:])
    later.read(tokens[100:, None])
    np.testing.assert_array_equal(later.activity.ones, whole[100:].sum(0))
    each = Meter(aig, model.run(np.stack([tokens[:9], tokens[9:18]]), "state")[:, -1])
    each.begin(1, 1)
    each.read(tokens[18:30, None])
    again = Meter(aig)
    again.read(tokens[9:30, None])
    again_after = Meter(aig)
    again_after.read(tokens[9:18, None])
    np.testing.assert_array_equal(each.activity.ones, again.activity.ones - again_after.activity.ones)


def test_saif_names_every_net_of_the_verilog_with_its_times():
    model = random_model(np.random.default_rng(0), 12, 6)
    aig = trilc.compile(model)
    meter = Meter(aig)
    tokens = np.random.default_rng(1).integers(0, 6, 500)
    meter.read(tokens[:, None])
    found, source = io.BytesIO(), io.BytesIO()
    saif.write(meter.activity, aig, found, "net")
    verilog.write(aig, source, "net")
    text, code = found.getvalue().decode(), source.getvalue().decode()
    assert text.count("(") == text.count(")")
    assert f"(DURATION {500 * saif.PERIOD})" in text
    nets = re.findall(r"^\((\S+) \(T0 (\d+)\) \(T1 (\d+)\) \(TX 0\) \(TC (\d+)\) \(IG 0\)\)$", text, re.MULTILINE)
    counts = {re.sub(r"\\(.)", r"\1", name): tuple(map(int, numbers)) for name, *numbers in nets}
    assert all(low + high == 500 * saif.PERIOD for low, high, _ in counts.values())
    assert counts.pop("clk")[2] == 1000
    whole = by_hand(aig, tokens)
    changes = np.abs(np.diff(whole, axis=0)).sum(0)
    for name, literal in zip(aig.output_names, aig.outputs.tolist(), strict=True):
        assert counts.pop(name)[2] == changes[literal >> 1]
    for node, name in enumerate((*aig.input_names, *aig.register_names), 1):
        assert counts.pop(name)[1:] == (whole[:, node].sum() * saif.PERIOD, changes[node])
    declared = [name for wires in re.findall(r"^  wire (n\d.*);$", code, re.MULTILINE) for name in wires.split(", ")]
    assert [*counts] == declared
    for name, node in zip(declared, range(aig.first_and, aig.num_nodes), strict=True):
        assert counts[name][1:] == (whole[:, node].sum() * saif.PERIOD, changes[node])
    np.testing.assert_array_equal(verilog.read(source.getvalue()).fanins, aig.fanins)
