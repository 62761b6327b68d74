"""The pass that lies is named, with the gate where it does and the shortest stream that shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar

import numpy as np
import pytest

import trilc
from passes import Balance, Dead, Pipeline, Rewrite, Strash
from passes.pipeline import Repeat
from tests.models import random_model
from tests.prove.faults import flipped, output_flipped, shortest_by_brute_force, swapped
from trilc.aig import AIG
from trilc.aig.traverse import reachable
from trilc.bisection.bisect import bisect_passes, diff
from trilc.errors import InputError
from trilc.lower import gates
from trilc.prove.equivalence import Answer
from trilc.prove.verification import verify

MODEL = random_model(np.random.default_rng(8), 10, 5, 0.5)


@dataclass(frozen=True)
class Lying:
    """One fault at a gate."""

    row: int
    kind: str = "flipped"
    name: ClassVar[str] = "lying"

    def apply(self, aig: AIG) -> AIG:
        if self.kind == "flipped":
            return flipped(aig, self.row, 0)
        return swapped(aig, self.row, 1, np.random.default_rng(self.row))


@dataclass(frozen=True)
class Resetting:
    """The first register starts otherwise."""

    name: ClassVar[str] = "resetting"

    def apply(self, aig: AIG) -> AIG:
        return replace(aig, reset=aig.reset ^ (np.arange(aig.num_registers) == 0))


@dataclass(frozen=True)
class Negating:
    """The second output is complemented."""

    name: ClassVar[str] = "negating"

    def apply(self, aig: AIG) -> AIG:
        return output_flipped(aig, 1)


@dataclass(frozen=True)
class Renaming:
    name: ClassVar[str] = "renaming"

    def apply(self, aig: AIG) -> AIG:
        return replace(aig, output_names=tuple(f"{name}!" for name in aig.output_names))


def visible_faults(kind: str) -> list[int]:
    """Gates of the plain netlist where a fault shows at last."""
    aig = Pipeline((Strash(), Dead())).apply(trilc.compile(MODEL, passes=""))
    rows = np.random.default_rng(0).permutation(aig.num_ands)[:40].tolist()
    return [row for row in rows if verify(aig, Lying(row, kind).apply(aig)).answer is Answer.DIFFERENT][:8]


@pytest.mark.parametrize("kind", ["flipped", "swapped"])
def test_the_pass_and_the_gate_are_named(kind):
    exact = 0
    rows = visible_faults(kind)
    for row in rows:
        found = bisect_passes(MODEL, Pipeline((Strash(), Dead(), Lying(row, kind), Rewrite(), Balance())))
        assert (found.stage.position, found.stage.name, found.first) == (3, f"lying(row={row})" if kind == "flipped"
                else f"lying(row={row}, kind={kind})", True)  # fmt: skip
        assert found.stages == 6
        wanted = shortest_by_brute_force(MODEL, found.stage.after, "argmax")
        assert (len(found.verification.counterexample.tokens), found.verification.shortest) == (wanted, True)
        after = found.stage.after
        faulty = after.first_and + row
        if faulty in after.roots >> 1 and not found.blame.gates:
            continue  # what it computes instead is right for another: the root is named
        assert len(found.blame.gates) == 1
        gate = found.blame.gates[0]
        assert gate.explained == gate.failing > 0
        exact += gate.node == faulty
        literals = after.fanins[gate.node - after.first_and].tolist()
        assert gate.text.startswith(f"n{gate.node} = ")
        assert gate.text.count("¬") == sum(literal & 1 for literal in literals)
        assert reachable(after, np.array([2 * gate.node], np.uint32))[faulty]
    assert len(rows) == 8
    assert exact >= 4  # else what it computes instead is another gate's function, and who reads it is named


def test_a_right_pipeline_has_no_culprit():
    found = bisect_passes(MODEL, "strash, 2*(rewrite, balance), dead")
    assert found.verification.answer is Answer.EQUAL
    assert (found.stage, found.blame, found.stages) == (None, None, 7)


def test_the_first_of_two_that_lie():
    """The stream of the second fault does not show the first; proving the rest right finds it."""
    rows = visible_faults("flipped")
    aig = Pipeline((Strash(), Dead())).apply(trilc.compile(MODEL, passes=""))
    for first, second in pairwise(rows):
        found = bisect_passes(aig, Pipeline((Strash(), Lying(first), Balance(), Lying(second))))
        if found.verification.answer is Answer.DIFFERENT:
            assert (found.stage.position, found.first) == (2, True)


def test_within_a_repetition():
    row = visible_faults("flipped")[0]
    found = bisect_passes(MODEL, Pipeline((Strash(), Dead(), Repeat((Lying(row), Strash()), 1))))
    if found.verification.answer is Answer.DIFFERENT:
        assert found.stage.position == 3


def test_registers_and_outputs_are_named():
    found = bisect_passes(MODEL, Pipeline((Strash(), Resetting(), Dead())))
    assert (found.stage.position, found.blame.resets) == (2, ("h_l0[0]",))
    found = bisect_passes(MODEL, Pipeline((Strash(), Negating())))
    assert found.stage.name == "negating"
    assert (found.blame.roots, found.blame.gates) == (("output out[1]",), ())


def test_a_pass_that_changes_the_interface_is_refused_by_name():
    with pytest.raises(InputError, match=r"pass 2, renaming, changed what the circuit is: only the first has"):
        bisect_passes(MODEL, Pipeline((Strash(), Renaming())))


def test_a_lowering_that_lies(monkeypatch):
    lower = gates.to_gates
    monkeypatch.setattr("trilc.compiler.to_gates", lambda *a, **k: output_flipped(lower(*a, **k), 0))
    found = bisect_passes(MODEL, "dead")
    assert (found.stage.position, found.stage.name, found.first) == (0, "lowering", True)
    assert found.blame.roots == ("output out[0]",)


def test_two_netlists():
    aig = Pipeline((Strash(), Dead())).apply(trilc.compile(MODEL, passes=""))
    row = visible_faults("flipped")[0]
    found = diff(aig, flipped(aig, row, 0))
    assert found.verification.shortest
    assert [gate.node for gate in found.blame.gates] == [aig.first_and + row]
    assert found.stage is None
    same = diff(aig, Pipeline((Rewrite(), Dead())).apply(aig))
    assert (same.verification.answer, same.blame) == (Answer.EQUAL, None)


def test_two_faults_are_two_gates():
    """Where neither explains what the other does, both are named."""
    aig = Pipeline((Strash(), Dead())).apply(trilc.compile(MODEL, passes=""))
    named = 0
    for pair in pairwise(visible_faults("flipped")):
        found = diff(aig, flipped(flipped(aig, pair[0], 0), pair[1], 0))
        gates = found.blame.gates if found.blame else ()
        if {gate.node for gate in gates} == {aig.first_and + row for row in pair}:
            named += all(gate.explained < gate.failing for gate in gates)
    assert named
