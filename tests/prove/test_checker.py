"""What the checker makes of files by itself is what they mean, and what it takes for a proof is one."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

import backends.aiger
import backends.verilog
from backends import read_aig, write_aig
from tests.exactness.agreement import same, streams
from tests.exactness.cases import kinds_of_output
from tests.fuzz.corpus import FOREIGN_AIGER
from tests.models import Checkpoint, checkpoints
from tests.passes.graphs import random_graph
from tests.prove.test_specification import hinted
from trilc.aig.simulation import evaluate
from trilc.checkpoint import load
from trilc.metadata import metadata
from trilc.model import Model
from trilc.prove.certificate.check import aiger, blif, checkpoint, lrat, npz, safetensors, verilog
from trilc.prove.certificate.check.rejection import REFUSALS, RejectedError
from trilc.prove.certificate.write import _graph, _hints
from trilc.prove.specification import never_best
from trilc.runner import simulate
from trilc.sat.elaboration import elaborated, lines, plain
from trilc.sat.solver import SatSolver

NO_HINTS = {"registers": {}, "new_state": {}, "tables": {}, "counts": {}}


def stored(source: Checkpoint) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return source.save(Path(folder) / "checkpoint.npz").read_bytes()


def told(model: Model, output: str) -> dict[str, Any]:
    return _hints(hinted(model, output), never_best(model) if output == "argmax" else {})


def agrees(data: bytes, model: Model, output: str, hints: object) -> bool:
    machine, vocabulary = checkpoint.read(data, output, json.loads(json.dumps(hints)))
    machine.within(vocabulary)
    tokens = streams(model, 0, 40, 12)
    return same(simulate(_graph(machine, metadata(model, output)), tokens), model.run(tokens, output))


@settings(max_examples=40)
@given(source=checkpoints(), data=st.data())
def test_checkpoints_mean_what_the_reference_says(source: Checkpoint, data: st.DataObject) -> None:
    model = source.load()
    output = data.draw(st.sampled_from(kinds_of_output(model)))
    assert agrees(stored(source), model, output, NO_HINTS)
    assert agrees(stored(source), model, output, told(model, output))


def test_scores_that_only_a_mixture_beats_are_left_out() -> None:
    """The third is ahead of the first at some bits, of the second at others, and never of both."""
    tensors = {
        "rnn.weight_hh_l0": np.roll(np.eye(3, dtype=np.int8), 1, axis=1),
        "rnn.weight_ih_l0": np.zeros((3, 2), np.int8),
        "head.weight": np.array([[1, 1, 0], [-1, 1, 0], [0, 1, 0], [0, -1, 1]], np.int8),
        "head.bias": np.array([0, 0, -1, 0]),
    }
    header = {"format": "trilc-checkpoint", "version": 1, "cell": "elman", "state": "pm1", "output": "argmax"}
    source = Checkpoint(header, tensors)
    model = source.load()
    hints = told(model, "argmax")
    assert "score 2" not in hints["counts"]
    without, _ = checkpoint.read(stored(source), "argmax", {**hints, "never_best": {}})
    machine, _ = checkpoint.read(stored(source), "argmax", json.loads(json.dumps(hints)))
    assert len(machine.gates) < len(without.gates)
    assert agrees(stored(source), model, "argmax", hints)
    assert agrees(stored(source), model, "argmax", {**hints, "never_best": {"2": [[3, 1]]}})


@settings(max_examples=30)
@given(source=checkpoints(outputs=("argmax",)), seed=st.integers(0, 2**32 - 1))
def test_wrong_hints_do_no_harm(source: Checkpoint, seed: int) -> None:
    """They change the structure, never the meaning, or are refused."""
    rng = np.random.default_rng(seed)
    model = source.load()
    hints = told(model, "argmax")
    hints["never_best"] = {o: rng.integers(-1, 5, (3, 2)).tolist() for o in range(6)}
    for o in hints["never_best"]:
        if rng.random() < 0.2:
            hints["counts"].pop(f"score {o}", None)
    for names in (hints["registers"], hints["new_state"]):
        names.update({name: int(rng.integers(2, 60)) for name in names if rng.random() < 0.2})
    for literal, table in hints["tables"].items():
        hints["tables"][literal] = table ^ int(rng.random() < 0.2)
    for count in hints["counts"].values():
        count["constant"] += int(rng.random() < 0.2)
        count["weights"] = [2 if rng.random() < 0.05 else weight for weight in count["weights"]]
        for adder in count["adders"]:
            if rng.random() < 0.1:
                adder[1 + int(rng.integers(5))] = int(rng.integers(60))
    try:
        assert agrees(stored(source), model, "argmax", hints)
    except RejectedError:
        assume(False)


@pytest.mark.parametrize("seed", range(6))
def test_netlists_in_blif(seed, tmp_path):
    graph = random_graph(seed, gates=60)
    write_aig(graph, tmp_path / "graph.blif")
    machine = _graph(blif.read((tmp_path / "graph.blif").read_bytes()), {})
    known = read_aig(tmp_path / "graph.blif")
    for names in ("input_names", "register_names", "output_names"):
        assert getattr(machine, names) == getattr(known, names)
    assert (machine.reset == known.reset).all()
    rng = np.random.default_rng(seed)
    for leaves in rng.integers(0, 2, (50, known.first_and - 1)):
        mine, theirs = (evaluate(aig, leaves.tolist()) for aig in (machine, known))
        free = known.num_outputs + known.num_registers
        assert (mine[:free] == theirs[:free]).all()


LUTS = """\
.model m
.inputs a b \\
 c clk
.outputs x y z one
.latch x r re clk 1
.names a b c x  # the majority
11- 1
1-1 1
-11 1
.names a r y
11 0
.names z
.names one
1
.end
"""


def test_covers() -> None:
    machine = _graph(blif.read(LUTS.encode()), {})
    assert (machine.input_names, machine.register_names) == (("a", "b", "c"), ("r",))
    for code in range(16):
        a, b, c, r = (code >> k & 1 for k in range(4))
        assert evaluate(machine, [a, b, c, r])[:4].tolist() == [a + b + c >= 2, not (a and r), False, True]


@pytest.mark.parametrize(
    "old, new",
    [
        ("11 0", "12 0"), ("11 0", "1 0"), ("11 0", "11"), ("-11 1", "-11 0"), (".names z", ".names a z"),
        (".names z\n", ".names q z\n"), (".names one", ".names z"), (" 1\n.names a b", " 7\n.names a b"),
        (".names a r y", ".names y r y"), (".names z", ".subckt z"), (".model m", "1 1"), ("x y z", "x x z"),
        (".names z", ".names a"),
    ],
)  # fmt: skip
def test_what_is_no_blif(old: str, new: str) -> None:
    assert old in LUTS
    text = LUTS.replace(old, new, 1)
    if (old, new) == (".names z", ".names a z"):
        blif.read(text.encode())  # a cover without rows is 0, whatever it reads
        return
    with pytest.raises(RejectedError):
        blif.read(text.encode())


MODULE = """\
module m(
  input clk, input rst, input en, input [1:0] \\x.y , output [0:0] o, output p
);
  reg [1:0] r; reg s;
  wire n1, n2; // a gate
  assign n1 = \\x.y [0] & ~r[1];
  assign n2 = ~n1 & 1'b1;
  assign o[0] = n2;
  assign p = s;
  always @(posedge clk)
    if (rst) begin
      r <= 2'h2;
    end else if (en) begin
      r[0] <= ~\\x.y [1]; r[1] <= n2; s <= 1'b0;
    end
endmodule
"""


def test_verilog() -> None:
    machine = _graph(verilog.read(MODULE.encode()), {})
    known = backends.verilog.read(MODULE.encode())
    for names in ("input_names", "register_names", "output_names"):
        assert getattr(machine, names) == getattr(known, names)
    assert (machine.reset == known.reset).all()
    for code in range(32):
        leaves = [code >> k & 1 for k in range(5)]
        assert evaluate(machine, leaves)[:5].tolist() == evaluate(known, leaves)[:5].tolist()


@pytest.mark.parametrize(
    "old, new",
    [
        ("assign p = s", "assign p = q"), ("assign p = s", "assign o[0] = s"), ("~r[1]", "~r[2]"), ("2'h2", "2'h4"),
        ("2'h2", "3'h2"), ("~n1 & 1'b1", "~n1 | 1'b1"), ("~n1 & 1'b1", "~n2 & 1'b1"), ("posedge clk", "posedge x"),
        ("reg s;", "reg r;"), (" s <= 1'b0;", ""), ("endmodule", "endmodule module"), ("[1:0] r", "[99999999:0] r"),
        ("endmodule", ""), ("input rst", "inout rst"), ("r <= 2'h2;", "n1 <= 1'b0;"), ("wire n1", "wire [3:0] n1"),
        ("(rst)", "(clk)"), ("output p", "output \\o[0] "),
    ],
)  # fmt: skip
def test_what_is_no_verilog_of_ours(old: str, new: str) -> None:
    assert old in MODULE
    with pytest.raises(RejectedError):
        verilog.read(MODULE.replace(old, new, 1).encode())


@pytest.mark.parametrize("data", FOREIGN_AIGER)
def test_aiger_of_others(data: bytes) -> None:
    """Gates in any order, bad states as outputs, names or none."""
    machine, known = _graph(aiger.read(data), {}), backends.aiger.read(data)
    for names in ("input_names", "register_names", "output_names"):
        assert getattr(machine, names) == getattr(known, names)
    assert (machine.reset == known.reset).all()
    for code in range(1 << (known.first_and - 1)):
        leaves = [code >> k & 1 for k in range(known.first_and - 1)]
        assert evaluate(machine, leaves).tolist() == evaluate(known, leaves).tolist()
    with pytest.raises(RejectedError, match="a loop through"):
        aiger.read(b"aag 3 1 0 1 2\n2\n4\n4 6 2\n6 4 2\n")


def test_safetensors_are_read_as_npz_is(tmp_path: Path) -> None:
    tensors = {
        "a": np.arange(-3, 3, dtype=np.int16).reshape(2, 3), "b": np.array([0.5, -0.125, 3e-5], np.float32),
        "c": np.array([True, False]), "d": np.array([0.1, 1e300]), "e": np.array([1.5], np.float16),
    }  # fmt: skip
    np.savez(tmp_path / "x.npz", __trilc__="{}", **tensors)
    save_file(tensors, tmp_path / "x.safetensors", {"trilc": "{}"})
    good = (tmp_path / "x.safetensors").read_bytes()
    assert safetensors.read(good) == npz.read((tmp_path / "x.npz").read_bytes())
    table = {"__metadata__": {"trilc": "{}"}, "f": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}
    text = json.dumps(table).encode()
    half = len(text).to_bytes(8, "little") + text + b"\x80\x3f\x20\xc1"
    assert safetensors.read(half)["f"] == ((2,), [1, -10])
    for bad in (good[:-1], good + b"x", good[:7], good.replace(b"F32", b"F64"), half.replace(b"[0, 4]", b"[2, 4]")):
        with pytest.raises(REFUSALS):
            safetensors.read(bad)


def test_what_promises_too_much() -> None:
    """Rejected at once."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for k in range(3):
            archive.writestr(f"{k}.npy", bytes(60 << 20))
    with pytest.raises(RejectedError, match="npz: too large"):
        npz.read(stream.getvalue())
    with pytest.raises(RejectedError, match="more than the file holds"):
        aiger.read(b"aig 999999999 999999999 0 0 0\n")
    data = Path("examples/parity/parity.npz").read_bytes()
    hints = told(load("examples/parity/parity.npz"), "argmax")
    for count in hints["counts"].values():
        count["columns"] = 10**12
    with pytest.raises(RejectedError, match="a hint of too many columns"):
        checkpoint.read(data, "argmax", hints)


def test_files_that_are_no_checkpoint() -> None:
    rng = np.random.default_rng(0)
    good = Path("examples/parity/parity.npz").read_bytes()
    assert npz.read(good)
    wrong = 0
    for _ in range(300):
        bad = bytearray(good)
        for place in rng.integers(0, len(bad), 2):
            bad[place] = int(rng.integers(256))
        try:
            checkpoint.read(bytes(bad), "state", NO_HINTS)
        except REFUSALS:
            wrong += 1
    assert wrong > 100


def random_refutation(seed: int, variables: int = 30) -> tuple[list[list[int]], list[str]]:
    """Clauses of three literals that can't all hold, and a solver's proof of that, by way of much that it needs not."""
    rng = np.random.default_rng(seed)
    while True:
        chosen = [1 + rng.choice(variables, 3, replace=False) for _ in range(6 * variables)]
        clauses = [(row * rng.choice([-1, 1], 3)).tolist() for row in chosen] + [[1, -1], [2, 2, 3]]
        with SatSolver(clauses, "glucose4", proof=True) as solver:
            if solver.solve() is False:
                return clauses, [line for line in solver.proof() if line[:1] != "d"]


@pytest.mark.parametrize("seed", range(8))
def test_derivations_become_proofs(seed: int) -> None:
    """And each hint in them is needed."""
    clauses, proof = random_refutation(seed)
    formula = plain(np.array([x for clause in clauses for x in [*clause, 0]], np.int32))
    derivation = plain(np.array([int(x) for line in proof for x in line.split()], np.int32))
    found = elaborated(30, formula, derivation)
    given = lrat.dimacs("\n".join(lines(formula)).encode())
    assert len(given) == len(clauses) - 1
    rows = found.lines()
    lrat.refuted(given, "\n".join(rows).encode())
    assert len(rows) > 3
    for k in range(0, len(rows), 1 + len(rows) // 20):
        number, *rest = rows[k].split()
        middle = rest.index("0")
        for dropped in range(middle + 1, len(rest) - 1):
            changed = [*rows[:k], " ".join([number, *rest[:dropped], *rest[dropped + 1 :]]), *rows[k + 1 :]]
            with pytest.raises(RejectedError, match="does not follow"):
                lrat.refuted(given, "\n".join(changed).encode())


def test_derivations_that_do_not_hold() -> None:
    formula = np.array([1, 2, 0, -1, 2, 0, 1, -2, 3, 0], np.int32)
    with pytest.raises(ValueError, match="before the empty clause"):
        elaborated(3, formula, np.array([2, 0], np.int32))
    with pytest.raises(ValueError, match="clause 1 of the derivation does not follow"):
        elaborated(3, formula, np.array([-2, 0, 0], np.int32))
    with pytest.raises(ValueError, match="clause 2 of the derivation does not follow"):
        elaborated(3, formula, np.array([2, 0, 0], np.int32))
