"""Benches with the numpy reference's answers, run by Verilog simulators on the module and on the plain lowering."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backends import write_aig, write_testbench
from tests.exactness.agreement import streams
from tests.exactness.cases import Case, cases
from tests.models import checkpoints, random_model
from tests.oracles import icarus, verilator
from trilc.aig import AIG
from trilc.compiler import compile
from trilc.model import OUTPUTS, Model
from trilc.outputs import output_bits


def write_bench(model: Model, output: str, netlist: AIG, target: Path, steps: int) -> list[Path]:
    """The module, and its bench, which expects what the reference says; returns both."""
    (tokens,) = streams(model, 1, 1, steps)
    stimulus = (tokens[:, None] >> np.arange(netlist.num_inputs)) & 1
    write_aig(netlist, target)
    bench = target.with_name(f"{target.stem}_tb.v")
    with bench.open("wb") as stream:
        expected = output_bits(netlist.num_outputs, model.run(tokens[None], output)[0])
        write_testbench(netlist, stimulus, expected, stream, target.stem)
    return [bench, target]


@pytest.mark.parametrize("output", OUTPUTS)
def test_icarus_says_what_the_reference_says(output: str, tmp_path: Path) -> None:
    only = checkpoints(outputs=(output,), max_vocabulary=7, max_outputs=7)
    for number, case in enumerate(cases(only, 20)):
        chosen = Case(case.checkpoint, output, case.passes, case.keep_state)
        sources = write_bench(chosen.model, output, chosen.compile(), tmp_path / f"it{number}.v", 25)
        assert icarus.simulate(sources, tmp_path).splitlines()[0] == "PASS", chosen


def test_verilator_says_what_the_reference_says(tmp_path: Path) -> None:
    """All benches in one program, since building it takes longest: none ends it before the others."""
    sources = []
    for output in OUTPUTS:
        model = random_model(np.random.default_rng(4), 6, 5, layers=2, output=output)
        bench, module = write_bench(model, output, compile(model), tmp_path / f"{output}.v", 24)
        verilator.lint(module)
        bench.write_text(bench.read_text().replace("$finish;", ""))
        sources += [bench, module]
    instances = "".join(f"  {output}_tb {output}_bench();\n" for output in OUTPUTS)
    (tmp_path / "all_tb.v").write_text(f"module all_tb;\n{instances}endmodule\n")
    printed = verilator.simulate([tmp_path / "all_tb.v", *sources], "all_tb", tmp_path)
    assert printed.splitlines().count("PASS") == len(OUTPUTS)
    assert "FAIL" not in printed


def test_a_wrong_answer_is_noticed(tmp_path: Path) -> None:
    model = random_model(np.random.default_rng(4), 6, 5)
    bench, module = write_bench(model, "argmax", compile(model), tmp_path / "it.v", 25)
    module.write_text(module.read_text().replace("assign out[0] = ", "assign out[0] = ~", 1).replace("~~", ""))
    printed = icarus.simulate([bench, module], tmp_path)
    assert "FAIL" in printed
    assert "PASS" not in printed
