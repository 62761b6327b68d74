"""The same questions as outside model checkers answer them, and what they are asked."""

from __future__ import annotations

import re

import pytest

import trilc
from backends import aiger
from tests.benchmarks.questions import PROVED, REFUTED, TRIVIAL
from tests.explain.statements import small_model
from tests.oracles import abc, tools
from trilc.explain import Answer, ask
from trilc.explain.inquiry import question_system

QUESTIONS = [
    "reach out = 1 and tok = 2", "reach h[3] = h[2] and h[1]@-1", "reach h[0..3] = 0b1010",
    "reach out = 1 and tok@-2 = 1 and once out = 0", "reach count(h) >= 4", "reach score[0] > score[1] + 2",
    "reach h[2] and h[3] assuming tok@-1 != tok", "does out depend on h[1]@-2",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_verdicts_of_abc(seed, tmp_path):
    """By its pdr, which knows the constraints as part of the property."""
    model = small_model(seed)
    for number, question in enumerate(QUESTIONS):
        system = question_system(model, question)
        if not system.aig.num_registers:  # pdr takes machines only
            continue
        with (tmp_path / f"{number}.aig").open("wb") as stream:
            aiger.write(system.aig, stream, bad=True)
        reached = ask(model, question).answer is Answer.YES
        printed = tools.run([abc.path(), "-q", f"read {number}.aig; fold; pdr"], cwd=tmp_path)
        assert bool(REFUTED.search(printed)) == reached, printed
        assert bool(PROVED.search(printed) or TRIVIAL.search(printed)) != reached, printed


def test_a_question_as_a_file_reads_back(tmp_path):
    model = small_model(1)
    system = question_system(model, "never out = 1 and tok@-1 = 2")
    for name, ascii_ in (("q.aig", False), ("q.aag", True)):
        with (tmp_path / name).open("wb") as stream:
            aiger.write(system.aig, stream, ascii=ascii_, bad=True)
        header = (tmp_path / name).read_bytes().split(b"\n")[0].decode()
        counts = re.fullmatch(r"a[ia]g \d+ 2 \d+ 0 \d+ 1 1", header)
        assert counts, header
        back = trilc.read_aig(tmp_path / name)
        assert back.output_names == ("bad",)
        assert (back.outputs == system.aig.outputs).all()
        assert (back.constraints == system.aig.constraints).all()
        assert back.register_names == system.aig.register_names
