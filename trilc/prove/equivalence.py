"""Whether two netlists behave alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from trilc.aig import AIG, TRUE, UNKNOWN, Builder
from trilc.aig.copying import at, copy
from trilc.aig.simulation import literal_values, simulate_nodes
from trilc.prove.miter import Miter
from trilc.prove.product import agreeing, sequential
from trilc.prove.step import OneStep, begin_alike, invariants_of, removed
from trilc.sat.cnf import cone
from trilc.sat.cones import LARGEST
from trilc.sat.induction import Effort, reduced
from trilc.sat.invariants import implications
from trilc.sat.solver import SatSolver

WORDS = 16
STEPS = 64
"""Random runs that look for a difference before anything is proved."""
SOLVER = "glucose4"
"""Of those of python-sat by far the fastest on miters of counters."""
_LIGHT = 20, 300
"""Conflicts and nodes of the questions that merge gates: equal ones are mostly near."""
_HARD = 100, 2000
_BEHIND = 20, 1000
"""Of those behind the new state, where sums end and their comparison begins."""
_BEYOND = 100, LARGEST
"""Of those beyond what both graphs have, with nothing left out: what tells words apart takes all of them."""
_DEPTHS = 4, 6, 8
"""How many levels of what both graphs have are kept then: passes look at so many, and each makes rare events rarer."""
_WIDER = (20, 1000), (20, 2000), (100, 3000), (200, 5000)
"""Of those that are asked in turn where the cuts lost what matters."""
_PAYS = 100
"""Merging goes on where it leaves less by one gate in so many."""
EFFORT = Effort(*_HARD)

STEP = "every output and next state, one step from any state, by SAT"
"""How what is no matter of reset is shown."""


class Answer(Enum):
    """What was found."""

    EQUAL = "equal"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Verdict:
    """Whether two netlists behave alike from reset on, wherever the constraints hold."""

    answer: Answer
    where: str | None = None
    """What differs, or could not be decided: ``output o``, ``next state of r`` …"""
    trace: Sequence[Mapping[str, int]] = ()
    """Values by input name for each step, after the last of which they differ there."""
    start: Mapping[str, int] | None = None
    """Values of registers at the first step where these are free: starting unknown, or any state being possible."""
    how: str | None = None
    """How it was shown that they are equal."""


def equivalent(a: AIG, b: AIG, conflicts: int = 100_000, depth: int = 8) -> Verdict:
    """Prove two netlists equal, or find inputs that tell them apart.

    Inputs and outputs are matched by name, registers too. First the graphs are compared for one step from any state,
    registers that ``b`` lacks being what its metadata say; SAT sweeping makes that easy (Kuehlmann et al. 2002). If
    that fails and not every state is possible, the two machines are run side by side: random runs and unrolling over
    ``depth`` steps look for a difference, induction over all that agrees for a proof (van Eijk 2000).
    ``conflicts`` limits each question to the solver.

    Raises :class:`trilc.errors.InputError` where the interfaces are not the same.
    """
    relation = removed(a, b)
    step = OneStep(a, b, relation)
    verdict = decide(step.constraints(), conflicts) if len(a.constraints) else Verdict(Answer.EQUAL)
    same_constraints = verdict.answer is Answer.EQUAL
    if same_constraints:
        verdict = decide(step.outputs_and_states(), conflicts)
    every_state = a.keep_registers or not (a.num_registers or b.num_registers)
    alike = begin_alike(a, b, relation)
    if every_state or (verdict.answer is Answer.EQUAL and alike):
        return replace(verdict, how=STEP) if verdict.answer is Answer.EQUAL else verdict
    if same_constraints and alike:
        never = invariants_of(a, implications(a))
        if never and decide(OneStep(a, b, relation, never).outputs_and_states(), conflicts).answer is Answer.EQUAL:
            return Verdict(Answer.EQUAL, how=f"{STEP}, where {len(never)} implications hold that induction shows")
    verdict = _side_by_side(a, b, depth, conflicts)
    if verdict.answer is Answer.EQUAL and len(a.constraints):
        # the constraints of b follow from those of a; now the other way round
        verdict = _side_by_side(b, a, depth, conflicts)
    return verdict


def _side_by_side(a: AIG, b: AIG, depth: int, conflicts: int) -> Verdict:
    """Compare two machines from reset, under the constraints of ``a``."""
    machines = sequential(a, b)
    found = _run(machines, a)
    if found.answer is Answer.UNKNOWN:
        found = _induct(machines)
    if found.answer is Answer.UNKNOWN:
        found = _unrolled(machines, a, depth, conflicts)
    return found


def decide(miter: Miter, conflicts: int) -> Verdict:
    """Whether an output of a miter without registers can be true.

    Equal gates are merged first, then the outputs are asked for. Where there is a new state, that is asked for first:
    once the graphs agree in it, it is cut off from its causes, and then so is what else they have in common.
    """
    miter = miter.merged(*_LIGHT)
    if not len(miter.new_state):
        return _ask(miter, conflicts)
    state = miter.is_of_state
    verdict = _ask(miter.only(state).merged(*_HARD), conflicts)
    if verdict.answer is not Answer.EQUAL:
        return verdict
    miter = miter.only(~state)
    behind = miter.behind_state().merged(*_BEHIND)
    for depth in _DEPTHS:
        if not behind.outputs:
            break
        open_ = set(behind.beyond_common(depth).merged(*_BEYOND).outputs)
        behind = behind.only(np.array([name in open_ for name in behind.outputs], np.bool_))
    for effort in _WIDER:
        behind = _merged(behind, *effort)
    left = _not_false(behind, conflicts)
    return _ask(miter.only(np.array([name in left for name in miter.outputs], np.bool_)), conflicts)


def _merged(miter: Miter, conflicts: int, cone: int) -> Miter:
    """Merge again and again, as long as outputs are left and it pays."""
    gates = 2 * miter.aig.num_ands + 1
    while miter.outputs and _PAYS * (gates - miter.aig.num_ands) > gates:
        gates = miter.aig.num_ands
        miter = miter.merged(conflicts, cone, only_second=True)
    return miter


def _not_false(miter: Miter, conflicts: int) -> set[str]:
    """The outputs of a miter without registers that could not be proved false."""
    with Questions(miter) as ask:
        return {
            name
            for name, literal in zip(miter.outputs, miter.aig.outputs.tolist(), strict=True)
            if ask.can_be_true(literal, conflicts) is not False
        }


def _ask(miter: Miter, conflicts: int) -> Verdict:
    """Ask a solver for each output of a miter without registers."""
    aig = miter.aig
    undecided = None
    with Questions(miter) as ask:
        for name, literal in zip(miter.outputs, aig.outputs.tolist(), strict=False):
            answer = ask.can_be_true(literal, conflicts)
            if answer:
                values = ask.values()
                bits = dict(zip(aig.input_names, values[1 : aig.first_and].astype(int).tolist(), strict=True))
                state = {name[6:]: bit for name, bit in bits.items() if name.startswith("state ")}
                inputs = {name: bit for name, bit in bits.items() if not name.startswith("state ")}
                return Verdict(Answer.DIFFERENT, name, (inputs,), state or None)
            if answer is None and undecided is None:
                undecided = name
    return Verdict(Answer.EQUAL if undecided is None else Answer.UNKNOWN, undecided)


class Questions:
    """Asks a solver about the outputs of a miter without registers; a context.

    Where answers become part of a derivation, a new solver is asked each time: it can't prove what it assumes.
    """

    def __init__(self, miter: Miter) -> None:
        self._miter = miter
        self._clauses = cone(miter.aig, miter.aig.outputs[: len(miter.outputs)], miter.aig.constraints)
        self._solver: SatSolver | None = None

    def can_be_true(self, literal: int, conflicts: int) -> bool | None:
        """Whether one of the outputs can be true; None where ``conflicts`` did not suffice."""
        clauses, meaning = self._clauses, self._miter.meaning
        wanted = clauses.literal(literal)
        if meaning is None:
            self._solver = self._solver or SatSolver(clauses, SOLVER)
            return self._solver.solve([wanted], conflicts)
        self.close()
        self._solver = SatSolver([*clauses.lists(), [wanted]], SOLVER, proof=True)
        answer = self._solver.solve(conflicts=conflicts)
        if answer is False:
            meaning.refuted(literal, clauses, self._solver.proof())
        return answer

    def values(self) -> NDArray[np.bool_]:
        """(nodes,) those of the answer that was yes."""
        assert self._solver is not None
        variable = self._clauses.variable
        found: NDArray[np.bool_] = np.append(self._solver.model(), False)[variable] & (variable > 0)
        return found

    def close(self) -> None:
        """Free the solver."""
        if self._solver is not None:
            self._solver.close()

    def __enter__(self) -> Questions:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _run(miter: Miter, a: AIG) -> Verdict:
    """Random runs from reset."""
    aig = miter.aig
    rng = np.random.default_rng(0)
    state = np.where(aig.reset[:, None] == TRUE, ~np.uint64(0), np.uint64(0)) * np.ones(WORDS, np.uint64)
    free = aig.reset == UNKNOWN
    state[free] = rng.integers(0, 2**64, (int(free.sum()), WORDS), np.uint64)
    first = state
    care = np.full(WORDS, ~np.uint64(0))
    seen: list[NDArray[np.uint64]] = []
    for _ in range(STEPS if aig.num_registers else 1):
        seen.append(rng.integers(0, 2**64, (aig.num_inputs, WORDS), np.uint64))
        values = simulate_nodes(aig, np.concatenate([seen[-1], state]))
        care = care & np.bitwise_and.reduce(literal_values(values, aig.constraints), axis=0, initial=~np.uint64(0))
        wrong = literal_values(values, aig.outputs) & care
        if wrong.any():
            output = int(np.argmax(wrong.any(axis=1)))
            word = int(np.argmax(wrong[output] != 0))
            lane = np.uint64((int(wrong[output, word]) & -int(wrong[output, word])).bit_length() - 1)
            steps = [(inputs[:, word] >> lane & np.uint64(1)).astype(int).tolist() for inputs in seen]
            begun = (first[:, word] >> lane & np.uint64(1)).astype(int).tolist()
            return _difference(miter, a, miter.outputs[output], steps, begun)
        state = literal_values(values, aig.next_state)
    return Verdict(Answer.UNKNOWN, miter.outputs[0] if miter.outputs else None)


def _induct(miter: Miter) -> Verdict:
    """Whether all outputs are false by induction over what agrees."""
    aig = miter.aig
    classes = agreeing(miter, EFFORT)
    left = [k for k, literal in enumerate(reduced(aig, classes).outputs.tolist()) if literal != 0]
    if left:
        return Verdict(Answer.UNKNOWN, miter.outputs[left[0]])
    merged = int((classes.leader != np.arange(aig.num_nodes)).sum())
    return Verdict(Answer.EQUAL, how=f"from reset on, by induction over {merged:,} equivalences")


def _unrolled(miter: Miter, a: AIG, depth: int, conflicts: int) -> Verdict:
    """Bounded model checking from reset (Biere, Cimatti, Clarke, Zhu 1999)."""
    aig = miter.aig
    builder = Builder(depth * aig.num_ands)
    inputs = [[builder.input(f"{step} {name}") for name in aig.input_names] for step in range(depth)]
    begin = np.array([builder.input(f"state {name}") for name in aig.register_names], np.uint32)
    state = np.where(aig.reset == UNKNOWN, begin, aig.reset).astype(np.uint32)
    for step in range(depth):
        nodes = copy(builder, aig, np.concatenate([np.array([0, *inputs[step]], np.uint32), state]))
        for name, literal in zip(miter.outputs, at(nodes, aig.outputs).tolist(), strict=True):
            builder.output(f"{step} {name}", literal)
        for literal in at(nodes, aig.constraints):
            builder.constrain(literal)
        state = at(nodes, aig.next_state)
    # a step's constraints bind the steps before as well: from a dead end no difference counts for nothing later on
    unrolled = builder.build()
    every, per_step = len(miter.outputs), len(aig.constraints)
    where = miter.outputs[0] if miter.outputs else None
    for step in range(depth):
        held = unrolled.constraints[: (step + 1) * per_step]
        now = unrolled.outputs[step * every : (step + 1) * every]
        clauses = cone(unrolled, now, held)
        with SatSolver(clauses) as solver:
            for k, literal in enumerate(now.tolist()):
                if literal != 0 and solver.solve([clauses.literal(literal)], conflicts):
                    values = np.append(solver.model(), False)[clauses.variable] & (clauses.variable > 0)
                    bits = values[1 : unrolled.first_and].astype(int)
                    rows = bits[: depth * aig.num_inputs].reshape(depth, -1)[: step + 1].tolist()
                    return _difference(miter, a, miter.outputs[k], rows, bits[depth * aig.num_inputs :].tolist())
    return Verdict(Answer.UNKNOWN, where)


def _difference(miter: Miter, a: AIG, where: str, steps: list[list[int]], begun: list[int]) -> Verdict:
    """A counterexample in the names of the netlists."""
    own = set(a.input_names)
    named = [dict(zip(miter.aig.input_names, bits, strict=True)) for bits in steps]
    trace = [{name: bit for name, bit in step.items() if name in own} for step in named]
    start = {name[6:]: bit for name, bit in named[0].items() if name.startswith("start ") and name not in own}
    for name, bit, reset in zip(miter.aig.register_names, begun, miter.aig.reset.tolist(), strict=True):
        if reset == UNKNOWN:
            start.setdefault(name[2:], bit)
    return Verdict(Answer.DIFFERENT, where, tuple(trace), start or None)
