"""Every effort and goal, in gates and in lookup tables: what a file is read as says what the reference says."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from backends import FORMATS, read_aig, write_aig, write_luts
from passes import efforts
from tests.exactness.agreement import same, streams
from tests.exactness.cases import kinds_of_output, sample
from tests.models import checkpoints
from trilc import luts
from trilc.compiler import compile
from trilc.runner import simulate


@pytest.mark.parametrize("effort", efforts.EFFORTS)
def test_files_say_what_the_reference_says(effort: str, tmp_path: Path) -> None:
    turns = list(product(efforts.GOALS, (None, 2, 4, 6)))
    for number, checkpoint in enumerate(sample(checkpoints(max_units=4, max_layers=2), len(turns))):
        goal, k = turns[number]
        model = checkpoint.load()
        outputs = kinds_of_output(model)
        output = outputs[number % len(outputs)]
        netlist = compile(model, output, efforts.pipeline(effort, goal, goal == "luts"), for_luts=goal == "luts")
        path = tmp_path / f"it{number}{'.blif' if k else list(FORMATS)[number % len(FORMATS)]}"
        if k:
            write_luts(luts.map(netlist, k, depth=goal == "depth", rounds=3), path)
        else:
            write_aig(netlist, path)
        tokens = streams(model, number, 20, 15)
        assert same(simulate(read_aig(path), tokens), model.run(tokens, output)), (checkpoint, goal, k, output)
