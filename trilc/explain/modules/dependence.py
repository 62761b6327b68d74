"""Which state bits depend on which: a matrix, every entry of which is shown."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trilc.aig import AIG, TRUE, UNKNOWN, Builder, Literals
from trilc.aig.copying import at, copy
from trilc.aig.simulation import literal_values, simulate_nodes
from trilc.aig.supports import register_supports
from trilc.compiler import compile
from trilc.errors import InputError
from trilc.explain.modules.neurons import deciding_case, reads
from trilc.model import Model
from trilc.sat.cnf import cone
from trilc.sat.invariants import implications
from trilc.sat.solver import SatSolver

WORDS = 64
ROUNDS = 4
"""Random patterns that look for a dependence before a solver does: so many times 64 · WORDS, in large ones fewer."""
STEPS = 64
"""Steps of the random runs that look for one in reachable states."""
WORK = 1 << 35
"""Values of nodes that are computed for that, at most, in words."""

MOST_REGISTERS = 1 << 14

CONFLICTS = 10_000
SOLVER = "glucose4"


@dataclass(frozen=True, eq=False)
class Dependence:
    """Which registers' next values depend on which registers, in all states, reachable or not.

    Register i depends on register j where there are a state and a token such that flipping bit j of the state flips
    the next bit i.
    """

    names: tuple[str, ...]
    depends: NDArray[np.bool_]
    """(registers, registers): whether i depends on j. What is unknown counts as dependent."""
    unknown: NDArray[np.bool_]
    """(registers, registers): where ``conflicts`` did not suffice."""
    decided: dict[str, int]
    """How many pairs were decided in each way."""
    refuted: int | None = None
    """Independences of the closed form that a solver refutes in the netlist: 0 unless something is wrong. None where
    they were not checked."""


@dataclass(frozen=True)
class Case:
    """A state and inputs at which flipping a bit flips what follows."""

    state: dict[str, int]
    inputs: dict[str, int]

    @property
    def token(self) -> int:
        """The code on ``tok``."""
        return sum(bit << int(name[4:-1]) for name, bit in self.inputs.items() if name.startswith("tok["))


def dependence(
    source: Model | AIG, conflicts: int = CONFLICTS, check: bool = True, reachable: bool = False
) -> Dependence:
    """The functional dependences among the state bits of a model, or among the registers of a netlist.

    In a model's first layer a neuron is a threshold, and the closed form decides: some token and some count of the
    other literals leave the matter to bit j, or none does (:mod:`~trilc.explain.modules.threshold`). Elsewhere a bit
    out of the next state's cone is no cause of it; random patterns find most dependences; a SAT solver is asked for
    the rest, within ``conflicts`` for each. With ``check`` it is also asked for every independence of the closed form
    that the netlist's structure does not show.

    ``reachable`` asks for states that occur: i depends on j where flipping bit j of a state that is reached from reset
    flips the next bit i (the flipped state need not occur). Random runs find dependences; independence is proved in
    all states that implications between registers allow, which induction shows. What neither settles is unknown.

    Raises :class:`InputError` for more than :data:`MOST_REGISTERS` bits.
    """
    count = source.num_registers if isinstance(source, AIG) else source.units
    if count > MOST_REGISTERS:
        raise InputError(f"found {count:,} state bits; expected at most {MOST_REGISTERS:,} to compare in pairs")
    if reachable:
        return _in_reachable_states(source, conflicts)
    if isinstance(source, AIG):
        return _settle(source, np.zeros((count, count), np.bool_), None, conflicts)
    known = reads(source)
    unsettled = bool((known.possible & ~known.certain).any())
    if not check and not unsettled:
        dependent = int(known.certain.sum())
        decided = {"dependent, by the closed form": dependent, "independent, by the closed form alone":
                   known.certain.size - dependent}
        return Dependence(source.state_names, known.certain, np.zeros_like(known.certain), _present(decided))
    aig = compile(source, "state", "", keep_state=True)
    found = _settle(aig, known.certain, known.possible, conflicts)
    if not check:
        return found
    claimed = ~known.possible & register_supports(aig)
    refuted, undecided = _ask(aig, claimed, conflicts)
    decided = dict(found.decided)
    decided["independent, by UNSAT"] = decided.get("independent, by UNSAT", 0) + int((claimed & ~undecided).sum())
    decided["independent, by the closed form alone"] = int(undecided.sum())
    plainly = "independent, by the closed form and the netlist's structure"
    decided[plainly] = decided.get(plainly, 0) - int(claimed.sum())
    return replace(found, decided=_present(decided), refuted=int(refuted.sum()))


def case(source: Model | AIG, i: int, j: int, conflicts: int | None = None) -> Case | None:
    """A state and inputs at which flipping register j flips the next value of register i; None where none was found."""
    if isinstance(source, Model) and max(i, j) < source.layers[0].units:
        found = deciding_case(source, i, j)
        if found is None:
            return None
        state, token = found
        width = max(1, (source.vocabulary - 1).bit_length())
        inputs = {f"tok[{k}]": token >> k & 1 for k in range(width)}
        return Case(dict(zip(source.state_names, state.tolist(), strict=True)), inputs)
    aig = compile(source, "state", "", keep_state=True) if isinstance(source, Model) else source
    if aig.next_state[i] < 2:
        return None
    with _Flip(aig, j, np.array([i])) as flip:
        return flip.case() if flip.can_flip(i, conflicts) else None


def _settle(aig: AIG, certain: NDArray[np.bool_], possible: NDArray[np.bool_] | None, conflicts: int) -> Dependence:
    """Decide every pair that is not ``certain``, among those that are ``possible``, or in the cone."""
    supports = register_supports(aig)
    by_form = np.zeros_like(certain) if possible is None else ~possible
    left = supports & ~certain & ~by_form
    seen = np.zeros_like(left)
    rng = np.random.default_rng(0)
    for _ in range(ROUNDS):
        leaves = rng.integers(0, 1 << 64, (aig.first_and - 1, _words(aig, ROUNDS)), np.uint64)
        _flips(aig, leaves, left, seen)
    left &= ~seen
    shown, unknown = _ask(aig, left, conflicts)
    decided = {
        "dependent, by the closed form": int(certain.sum()),
        "dependent, by random patterns": int(seen.sum()),
        "dependent, by SAT": int(shown.sum()),
        "independent, by the netlist's structure": int((~supports & ~by_form & ~certain).sum()),
        "independent, by the closed form and the netlist's structure": int(by_form.sum()),
        "independent, by UNSAT": int((left & ~shown & ~unknown).sum()),
        "unknown": int(unknown.sum()),
    }
    return Dependence(aig.register_names, certain | seen | shown | unknown, unknown, _present(decided))


def _in_reachable_states(source: Model | AIG, conflicts: int) -> Dependence:
    possible = None
    if isinstance(source, Model):
        possible = reads(source).possible
        source = compile(source, "state", "", keep_state=True)
    aig = source
    supports = register_supports(aig)
    left = supports if possible is None else supports & possible
    seen = np.zeros_like(left)
    rng = np.random.default_rng(0)
    words = _words(aig, STEPS)
    state = np.where(aig.reset[:, None] == TRUE, ~np.uint64(0), np.uint64(0)) * np.ones(words, np.uint64)
    free = aig.reset == UNKNOWN
    state[free] = rng.integers(0, 1 << 64, (int(free.sum()), words), np.uint64)
    alive = np.full(words, ~np.uint64(0))
    for _ in range(STEPS):
        leaves = np.concatenate([rng.integers(0, 1 << 64, (aig.num_inputs, words), np.uint64), state])
        values = _flips(aig, leaves, left, seen, alive)
        alive &= _allowed(aig, values)  # a run that breaks a constraint is no run
        state = literal_values(values, aig.next_state)
        restart = ~alive
        begin = np.where(aig.reset[:, None] == TRUE, ~np.uint64(0), np.uint64(0))
        state = (state & alive) | (np.where(free[:, None], state, begin) & restart)
        alive |= restart
    left = left & ~seen
    never = implications(aig)
    shown, unknown = _ask(aig, left, conflicts, never)
    unknown |= shown  # in a state that the implications allow, which may be reached or not
    decided = {
        "dependent, by random runs": int(seen.sum()),
        "independent, by the netlist's structure or the closed form": int(seen.size - (seen | left).sum()),
        f"independent, by UNSAT where {len(never):,} implications between registers hold": int((left & ~unknown).sum()),
        "unknown": int(unknown.sum()),
    }
    return Dependence(aig.register_names, seen | unknown, unknown, _present(decided))


def _words(aig: AIG, rounds: int) -> int:
    """Words of patterns to flip every register under, so many times."""
    return int(np.clip(WORK // (rounds * aig.num_nodes * max(1, aig.num_registers)), 1, WORDS))


def _present(decided: dict[str, int]) -> dict[str, int]:
    return {how: count for how, count in decided.items() if count}


def _flips(
    aig: AIG,
    leaves: NDArray[np.uint64],
    wanted: NDArray[np.bool_],
    seen: NDArray[np.bool_],
    alive: NDArray[np.uint64] | None = None,
) -> NDArray[np.uint64]:
    """Enter in ``seen`` which wanted dependences these patterns show, in the lanes that are ``alive``.

    Returns every node's value under the patterns as they are.
    """
    values = simulate_nodes(aig, leaves)
    before, allowed = literal_values(values, aig.next_state), _allowed(aig, values)
    if alive is not None:
        allowed &= alive
    first = aig.num_inputs
    for j in np.flatnonzero((wanted & ~seen).any(axis=0)).tolist():
        leaves[first + j] ^= ~np.uint64(0)
        other = simulate_nodes(aig, leaves)
        leaves[first + j] ^= ~np.uint64(0)
        flipped = (literal_values(other, aig.next_state) ^ before) & allowed & _allowed(aig, other)
        seen[:, j] |= flipped.any(axis=1) & wanted[:, j]
    return values


def _allowed(aig: AIG, values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    held: NDArray[np.uint64] = np.bitwise_and.reduce(
        literal_values(values, aig.constraints), axis=0, initial=~np.uint64(0)
    )
    return held


def _ask(
    aig: AIG, wanted: NDArray[np.bool_], conflicts: int, never: Literals | None = None
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(registers, registers) twice: which of the wanted pairs a solver shows dependent, and which it can't decide.

    The pairs ``never`` (pairs, 2) of register literals are not true together in the state that is flipped.
    """
    shown, unknown = np.zeros_like(wanted), np.zeros_like(wanted)
    for j in np.flatnonzero(wanted.any(axis=0)).tolist():
        targets = np.flatnonzero(wanted[:, j])
        with _Flip(aig, j, targets, never) as flip:
            for i in targets.tolist():
                answer = flip.can_flip(i, conflicts)
                shown[i, j], unknown[i, j] = answer is True, answer is None
    return shown, unknown


class _Flip:
    """Two copies of a netlist whose states differ in one register; a context."""

    def __init__(
        self, aig: AIG, register: int, targets: NDArray[np.int64], never: Literals | None = None
    ) -> None:
        self._aig = aig
        self._register = register
        builder = Builder(2 * aig.num_ands)
        inputs = [builder.input(name) for name in aig.input_names]
        state = np.array([builder.input(f"state {name}") for name in aig.register_names], np.uint32)
        before = np.concatenate([np.array([0, *inputs], np.uint32), state])
        copies = []
        for bit in range(2):
            state[register] = bit
            copies.append(copy(builder, aig, np.concatenate([np.array([0, *inputs], np.uint32), state])))
        for nodes in copies:
            for literal in at(nodes, aig.constraints):
                builder.constrain(literal)
        if never is not None and len(never):
            a, b = at(before, never).T
            for literal in np.asarray(builder.and_(a, b)).tolist():
                builder.constrain(literal ^ 1)
        after = [at(nodes, aig.next_state[targets]) for nodes in copies]
        differ = np.asarray(builder.xor(*after), np.uint32)
        for target, literal in zip(targets.tolist(), differ.tolist(), strict=True):
            builder.output(f"next {target}", literal)
        self._miter = builder.build()
        self._literal = dict(zip(targets.tolist(), differ.tolist(), strict=True))
        self._clauses = cone(self._miter, self._miter.outputs, self._miter.constraints)
        self._solver = SatSolver(self._clauses, SOLVER)

    def can_flip(self, target: int, conflicts: int | None) -> bool | None:
        """Whether the register flips the next value of ``target``; None where ``conflicts`` did not suffice."""
        return self._solver.solve([self._clauses.literal(self._literal[target])], conflicts)

    def case(self) -> Case:
        """The state and inputs of the answer that was yes."""
        variable = self._clauses.variable[1 : self._miter.first_and]
        values = np.append(self._solver.model(), False)
        bits = np.where(variable > 0, values[variable], False).astype(int).tolist()
        count = self._aig.num_inputs
        return Case(
            dict(zip(self._aig.register_names, bits[count:], strict=True)),
            dict(zip(self._aig.input_names, bits[:count], strict=True)),
        )

    def __enter__(self) -> _Flip:
        return self

    def __exit__(self, *error: object) -> None:
        self._solver.close()
