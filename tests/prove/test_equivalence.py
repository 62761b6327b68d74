"""The prover: it says equal only where that is so, and its counterexamples tell the netlists apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passes import Constants, Correspond, Dead, Pipeline, Strash, WrongPassError
from passes.pipeline import DEFAULT, UnprovedPassError
from tests.passes.graphs import machines, multiplier, random_graph, same_functions
from tests.strategies import aigs
from tests.truth import evaluate
from trilc.aig import AIG, TRUE, UNKNOWN, Builder
from trilc.errors import InputError
from trilc.prove import Verdict, equivalent
from trilc.prove.equivalence import Answer


def flipped(aig: AIG, row: int, side: int) -> AIG:
    """The graph with one fan-in complemented: what a lying pass may do."""
    fanins = aig.fanins.copy()
    fanins[row, side] ^= 1
    return replace(aig, fanins=np.sort(fanins, axis=1))


def shown(aig: AIG, verdict: Verdict) -> dict[str, bool]:
    """Outputs, next states and constraints after the steps of a counterexample."""
    start = verdict.start or {}
    state = np.array(
        [start.get(name, reset == TRUE) for name, reset in zip(aig.register_names, aig.reset, strict=True)], bool
    ).reshape(-1, 1)
    for step in verdict.trace:
        inputs = np.array([step[name] for name in aig.input_names], bool).reshape(-1, 1)
        roots = evaluate(aig, inputs, state)
        names = [f"output {name}" for name in aig.output_names]
        names += [f"next state of {name}" for name in aig.register_names]
        names += [f"constraint {k}" for k in range(len(aig.constraints))]
        values = dict(zip(names, roots[:, 0].tolist(), strict=True))
        state = roots[aig.num_outputs : aig.num_outputs + aig.num_registers]
    return values


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), row=st.integers(0, 59), side=st.integers(0, 1))
def test_one_flipped_fan_in_is_equal_or_found(seed, row, side):
    aig = replace(random_graph(seed, gates=60, registers=0), constraints=np.zeros(0, np.uint32))
    other = flipped(aig, row, side)
    verdict = equivalent(aig, other)
    assert (verdict.answer is Answer.EQUAL) == same_functions(aig, other)
    if verdict.answer is Answer.DIFFERENT:
        assert shown(aig, verdict)[verdict.where] != shown(other, verdict)[verdict.where]


@settings(max_examples=60)
@given(aig=machines() | aigs(max_gates=12), data=st.data())
def test_machines_that_differ_are_never_called_equal(aig, data):
    if not aig.num_ands:
        return
    other = flipped(aig, data.draw(st.integers(0, aig.num_ands - 1)), data.draw(st.integers(0, 1)))
    verdict = equivalent(aig, other)
    if verdict.answer is Answer.DIFFERENT:
        assert shown(aig, verdict)[verdict.where] != shown(other, verdict)[verdict.where]
    elif verdict.answer is Answer.EQUAL and not len(aig.constraints):
        left, right = shown_at_random(aig), shown_at_random(other)
        assert (left == right).all()


def shown_at_random(aig: AIG) -> np.ndarray:
    """(steps, outputs, lanes) from reset."""
    rng = np.random.default_rng(5)
    state = np.zeros((aig.num_registers, 64), bool)
    for k, (name, reset) in enumerate(zip(aig.register_names, aig.reset, strict=True)):
        state[k] = np.random.default_rng(list(name.encode())).integers(0, 2, 64) if reset == UNKNOWN else reset
    seen = []
    for _ in range(10):
        roots = evaluate(aig, rng.integers(0, 2, (aig.num_inputs, 64)).astype(bool), state)
        seen.append(roots[: aig.num_outputs])
        state = roots[aig.num_outputs : aig.num_outputs + aig.num_registers]
    return np.array(seen)


@pytest.mark.parametrize("text", ["constants", "dead", "correspond", "sweep", "correspond, dead, sweep", DEFAULT])
@settings(max_examples=25)
@given(aig=machines() | aigs())
def test_the_passes_are_proved_right(text, aig):
    pipeline = Pipeline.parse(text)
    assert replace(pipeline, prove=True).run(aig)[0].fanins.tolist() == pipeline.apply(aig).fanins.tolist()


@dataclass(frozen=True)
class Lying:
    """Complements one fan-in of the last gate."""

    name: ClassVar[str] = "lying"

    def apply(self, aig: AIG) -> AIG:
        return flipped(aig, aig.num_ands - 1, 0)


def accumulator() -> AIG:
    b = Builder()
    x = [b.input(f"x{k}") for k in range(4)]
    s = [b.register(f"s{k}", 0) for k in range(4)]
    carry = 0
    for k in range(4):
        total, carry = b.full_adder(x[k], s[k], carry)
        b.set_next(s[k], total)
        b.output(f"o{k}", b.and_(total, x[0]))
    return b.build()


def test_the_pass_that_lies_is_named_with_the_output():
    pipeline = Pipeline((Strash(), Lying(), Dead()), prove=True)
    said = r"pass 2, lying, changed what the circuit does: output o3 after the inputs x0="
    with pytest.raises(WrongPassError, match=said):
        pipeline.run(accumulator())
    Pipeline((Strash(), Dead()), prove=True).run(accumulator())


@dataclass(frozen=True)
class Forgetful:
    """Takes a register out and says that it is always false."""

    name: ClassVar[str] = "forgetful"

    def apply(self, aig: AIG) -> AIG:
        stuck = replace(aig, next_state=np.where(np.arange(aig.num_registers) == 1, 0, aig.next_state))
        return Constants().apply(stuck)


def test_a_register_removed_without_reason_is_noticed():
    with pytest.raises(WrongPassError, match=r"pass 1, forgetful, .*: output o"):
        Pipeline((Forgetful(),), prove=True).run(accumulator())


@dataclass(frozen=True)
class Resetting:
    """Starts a register otherwise."""

    name: ClassVar[str] = "resetting"

    def apply(self, aig: AIG) -> AIG:
        return replace(aig, reset=1 - aig.reset)


def test_another_reset_is_noticed():
    with pytest.raises(WrongPassError, match=r"pass 1, resetting"):
        Pipeline((Resetting(),), prove=True).run(accumulator())


def test_constraints_must_stay():
    b = Builder()
    x, y = b.input("x"), b.input("y")
    b.constrain(b.and_(x, y))
    b.output("o", x)
    aig = b.build()
    weaker = aig.with_roots(np.array([aig.outputs[0], 1], np.uint32))
    assert equivalent(aig, weaker).answer is Answer.DIFFERENT
    assert equivalent(weaker, aig).answer is Answer.DIFFERENT
    assert equivalent(aig, aig.with_roots(np.array([1, aig.constraints[0]], np.uint32))).answer is Answer.EQUAL


def test_outputs_of_other_names_are_refused():
    aig = accumulator()
    other = replace(aig, output_names=("o0", "o1", "o2", "p3"))
    with pytest.raises(InputError, match="the netlists differ in the output 'o3'"):
        equivalent(aig, other)
    with pytest.raises(InputError, match="the netlists differ in the input 'x0'"):
        equivalent(aig, replace(aig, input_names=("y0", "x1", "x2", "x3")))


def test_beyond_the_budget_is_unknown():
    verdict = equivalent(multiplier(9), multiplier(9, swap=True), conflicts=1)
    assert verdict.answer is Answer.UNKNOWN

    @dataclass(frozen=True)
    class Hard:
        name: ClassVar[str] = "hard"

        def apply(self, aig: AIG) -> AIG:
            return multiplier(12, swap=True)

    import trilc.prove

    few = trilc.prove.equivalent
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trilc.prove, "equivalent", lambda a, b: few(a, b, conflicts=1))
        with pytest.raises(UnprovedPassError, match=r"pass 1, hard, could not be proved: output o\d+ is undecided"):
            Pipeline((Hard(),), prove=True).run(multiplier(12))


def test_correspondence_of_machines_of_other_registers():
    aig = accumulator()
    renamed = replace(aig, register_names=("a", "b", "c", "d"))
    assert equivalent(aig, renamed).answer is Answer.EQUAL
    assert equivalent(aig, flipped(renamed, 3, 1)).answer is Answer.DIFFERENT
    assert Correspond().apply(aig).register_names == aig.register_names


@pytest.mark.parametrize("word", ["state", "start"])
def test_names_that_proofs_use(word: str) -> None:
    """An input that is called what a register is called there."""
    builder = Builder()
    x = builder.input(f"{word} r")
    r = builder.register("r")
    builder.set_next(r, builder.and_(r, x))
    builder.output("o", r)
    machine = builder.build()
    with pytest.raises(InputError, match=f"the name '{word} r' is one that proofs use for themselves"):
        equivalent(machine, machine)
