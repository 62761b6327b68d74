"""What ABC says of the passes' results."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from backends import aiger
from passes import DEFAULT, Pipeline
from tests.oracles import abc
from tests.passes.graphs import random_graph
from trilc.aig import AIG, Builder


def written(aig: AIG, path: Path) -> Path:
    """The graph without its constraints, which ABC would assume."""
    with path.open("wb") as stream:
        aiger.write(dataclasses.replace(aig, constraints=np.zeros(0, np.uint32)), stream)
    return path


@pytest.mark.parametrize(
    "text",
    [
        "rewrite", "4*rewrite(zero_cost=true, cuts=20)", "2*(refactor, balance)", "2*resubstitute(cut=12)", "sweep",
        "dontcare", "2*dontcare(gates=1, tries=8), sweep",
    ],
)
def test_combinational(text, tmp_path):
    aig = random_graph(1, inputs=24, registers=6, gates=3000, outputs=40)
    aig = dataclasses.replace(aig, constraints=aig.constraints[:0])
    result = Pipeline.parse(text).apply(aig)
    assert result.num_ands < aig.num_ands
    assert abc.cec(written(aig, tmp_path / "a.aig"), written(result, tmp_path / "b.aig"))


def counters(reset: int) -> AIG:
    """Two counters that run together, one a complement; a register that sticks, and one that nobody reads."""
    b = Builder()
    step, hold = b.input("step"), b.input("hold")
    up = [b.register(f"up{k}", reset >> k & 1) for k in range(6)]
    down = [b.register(f"down{k}", reset >> k & 1 ^ 1) for k in range(6)]
    stuck, unread = b.register("stuck", 1), b.register("unread", 0)
    for bits, flip in ((up, 0), (down, 1)):
        carry = b.and_(b.and_(step, hold ^ 1), stuck)
        for bit in bits:
            total, carry = b.half_adder(bit ^ flip, carry)
            b.set_next(bit, total ^ flip)
    b.set_next(stuck, b.or_(stuck, step))
    b.set_next(unread, b.xor(unread, up[0]))
    for k in range(6):
        b.output(f"o{k}", b.mux(hold, b.xor(up[k], up[5]), down[k] ^ 1))
    return b.build()


@pytest.mark.parametrize("text", [DEFAULT, "correspond, dead", "invariants, dontcare, correspond, dead"])
@pytest.mark.parametrize("reset", [0, 0b101101])
def test_sequential(reset, text, tmp_path):
    aig = counters(reset)
    result = Pipeline.parse(text).apply(aig)
    assert result.register_names == tuple(f"up{k}" for k in range(6))
    a, b = written(aig, tmp_path / "a.aig"), written(result, tmp_path / "b.aig")
    assert abc.dsec(a, b)
    wrong = dataclasses.replace(result, reset=result.reset ^ 1)
    assert not abc.dsec(a, written(wrong, tmp_path / "c.aig"))
