"""Miters: two graphs over the same inputs in one, with an output wherever they could differ (Brand 1993)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from trilc.aig import AIG, TRUE, UNKNOWN, Builder, Literals
from trilc.aig.copying import at, copy, copy_cut
from trilc.aig.traverse import reachable, restrict
from trilc.errors import InputError
from trilc.sat.derivation import Meaning
from trilc.sat.sweeping import sweep

NONE: Literals = np.zeros((0, 2), np.uint32)
NOTHING: Mapping[str, tuple[int, int]] = MappingProxyType({})


@dataclass(frozen=True)
class Miter:
    """Two graphs in one; every output is true where the graphs differ there.

    Further outputs of :attr:`aig` may be the new states of both graphs, where what comes behind can be cut off.
    """

    aig: AIG
    outputs: tuple[str, ...]
    """What each output compares: ``output o``, ``next state of r``, ``constraint 0`` and so on."""
    known: int = 0
    """So many of the first gates are those of the first graph."""
    meaning: Meaning | None = None
    """What the nodes are in a formula; what is proved of them is then added to its derivation."""

    @property
    def new_state(self) -> Literals:
        """(registers, 2) the new state in both graphs, as far as it is compared."""
        return self.aig.outputs[len(self.outputs) :].reshape(-1, 2)

    @property
    def is_of_state(self) -> NDArray[np.bool_]:
        """(outputs,) which compare next states."""
        return np.array([name.startswith("next state ") for name in self.outputs], np.bool_)

    def only(self, chosen: NDArray[np.bool_]) -> Miter:
        """With the chosen (outputs,) of its outputs, and without gates that are not needed any more."""
        kept = np.concatenate([chosen, np.ones(self.new_state.size, np.bool_)])
        fewer = replace(
            self.aig,
            outputs=self.aig.outputs[kept],
            output_names=tuple(name for name, wanted in zip(self.aig.output_names, kept, strict=True) if wanted),
        )
        gates = reachable(fewer, fewer.roots)[fewer.first_and :]
        names = tuple(name for name, wanted in zip(self.outputs, chosen, strict=True) if wanted)
        registers = np.ones(fewer.num_registers, np.bool_)
        meaning = self.meaning
        if meaning:
            meaning = meaning.only(np.concatenate([np.ones(fewer.first_and, np.bool_), gates]))
        return Miter(restrict(fewer, gates, registers), names, int(gates[: self.known].sum()), meaning)

    def of_constraints(self) -> Miter:
        """The comparison of the constraints alone, whether they hold or not."""
        free = self.aig.with_roots(np.concatenate([self.aig.outputs, self.aig.next_state]))
        chosen = np.array([name.startswith("constraint ") for name in self.outputs], np.bool_)
        return replace(self, aig=free).only(chosen)

    def merged(self, conflicts: int, cone: int, tries: int | None = None) -> Miter:
        """With gates that SAT sweeping proves equal merged, and without outputs that are then false.

        Every gate is compared with the first that may be equal; with ``tries``, only gates of the second graph with
        so many of the first.
        """
        known, tries = (self.known, tries) if tries else (0, 1)
        swept = sweep(self.aig, conflicts, cone, known, tries, self.meaning)
        aig = swept.rebuild(self.aig)
        return self._as(aig, swept.literal_of, swept.meaning).only(aig.outputs[: len(self.outputs)] != 0)

    def behind_state(self) -> Miter:
        """The same with the new state free, and the same in both graphs.

        Where next states are equal, an output that is false here is false.
        """
        both = self.new_state.ravel()
        gates, first = np.unique(both >> 1, return_index=True)
        first, gates = first[gates >= self.aig.first_and], gates[gates >= self.aig.first_and]
        builder = Builder(self.aig.num_ands)
        inputs = [builder.input(name) for name in self.aig.input_names]
        free = np.array([builder.input(f"new state {k}") for k in range(len(self.new_state))], np.uint32)
        given = np.repeat(free, 2)[first] ^ (both[first] & np.uint32(1))
        nodes = copy_cut(builder, self.aig, np.array([0, *inputs], np.uint32), gates, given)
        for name, literal in zip(self.outputs, at(nodes, self.aig.outputs).tolist(), strict=False):
            builder.output(name, literal)
        for literal in at(nodes, self.aig.constraints):
            builder.constrain(literal)
        aig = builder.build()
        meaning = self.meaning
        if meaning:
            meaning.equal(self.new_state)
            leaves = [meaning.literal[: self.aig.first_and], meaning.of(self.new_state[:, 0])]
            meaning = meaning.rebuilt(nodes, np.concatenate(leaves), aig.num_nodes)
        return self._as(aig, nodes, meaning)

    def _as(self, aig: AIG, literal_of: Literals, meaning: Meaning | None) -> Miter:
        """The same miter as another graph, in which each node has become a literal."""
        last = int((literal_of[: self.aig.first_and + self.known] >> 1).max(initial=0))
        return Miter(aig, self.outputs, max(0, last + 1 - aig.first_and), meaning)


def combinational(a: AIG, b: AIG, never: Literals = NONE) -> Miter:
    """One step from the same state, registers being matched by name.

    Registers that only ``a`` has read as what the metadata of ``b`` say they equal, and that this is kept up is
    compared too; those that only ``b`` has, or that the metadata don't rebuild, are free. The constraints are those
    of ``a``, and that no pair of its literals in ``never`` (pairs, 2) is true together. Raises :class:`InputError`
    where inputs or outputs are not the same.
    """
    _require_same_interface(a, b)
    builder = Builder(a.num_ands + b.num_ands)
    inputs = {name: builder.input(name) for name in a.input_names}
    rebuilt = b.metadata.get("removed", {})
    own = set(b.register_names)
    kept = [name for name in a.register_names if name in own or rebuilt.get(name) is None]
    missing = set(b.register_names) - set(a.register_names)
    state = {name: builder.input(f"state {name}") for name in [*kept, *sorted(missing)]}
    for name in a.register_names:
        if name not in state:
            state[name] = _follow(rebuilt[name], state)
    left = copy(builder, a, _sources(a, inputs, state))
    known = builder.num_ands
    right = copy(builder, b, _sources(b, inputs, state))
    next_left = dict(zip(a.register_names, at(left, a.next_state).tolist(), strict=True))
    next_right = dict(zip(b.register_names, at(right, b.next_state).tolist(), strict=True))
    new_state = {}
    for name in a.register_names:
        if name in own:
            new_state[name] = next_left[name], next_right[name]
        elif rebuilt.get(name) is not None:
            new_state[name] = next_left[name], _follow(rebuilt[name], next_right)
    pairs = _outputs(a, b, inputs, left, right)
    pairs |= {f"next state of {name}": pair for name, pair in new_state.items()}
    excluded = np.asarray(builder.and_(*at(left, never.ravel()).reshape(-1, 2).T), np.uint32) ^ np.uint32(1)
    miter = _joined(builder, pairs, np.concatenate([at(left, a.constraints), excluded]), new_state)
    return replace(miter, known=known)


def sequential(a: AIG, b: AIG) -> Miter:
    """Both machines side by side from their resets; registers that start unknown start alike where names agree.

    The constraints are those of ``a``. Raises as :func:`combinational`.
    """
    _require_same_interface(a, b)
    builder = Builder(a.num_ands + b.num_ands)
    inputs = {name: builder.input(name) for name in a.input_names}
    resets = [dict(zip(g.register_names, g.reset.tolist(), strict=True)) for g in (a, b)]
    shared = [name for name, reset in resets[0].items() if reset == UNKNOWN == resets[1].get(name)]
    start = {name: builder.input(f"start {name}") for name in shared}
    first = builder.register("first step", TRUE)
    registers = [
        [builder.register(f"{side} {name}", 0 if name in start else reset) for name, reset in values.items()]
        for side, values in zip("ab", resets, strict=True)
    ]
    builder.set_next(first, 0)
    nodes = []
    for graph, literals in zip((a, b), registers, strict=True):
        state = dict(zip(graph.register_names, literals, strict=True))
        for name in shared:
            state[name] = builder.mux(first, start[name], state[name])
        nodes.append(copy(builder, graph, _sources(graph, inputs, state)))
        for register, following in zip(literals, at(nodes[-1], graph.next_state).tolist(), strict=True):
            builder.set_next(register, following)
    pairs = _outputs(a, b, inputs, *nodes)
    return _joined(builder, pairs, at(nodes[0], a.constraints))


def _joined(
    builder: Builder,
    pairs: Mapping[str, tuple[int, int]],
    constraints: Literals,
    new_state: Mapping[str, tuple[int, int]] = NOTHING,
) -> Miter:
    for name, (x, y) in pairs.items():
        builder.output(name, builder.xor(x, y))
    for name, both in new_state.items():
        for side, literal in zip("ab", both, strict=True):
            builder.output(f"{side}: new {name}", literal)
    for literal in constraints:
        builder.constrain(literal)
    return Miter(builder.build(), tuple(pairs))


def _outputs(
    a: AIG, b: AIG, inputs: Mapping[str, int], left: Literals, right: Literals
) -> dict[str, tuple[int, int]]:
    """What is compared at every step, each as a pair of literals."""
    found = dict(zip(b.output_names, at(right, b.outputs).tolist(), strict=True))
    pairs = {
        f"output {name}": (literal, found[name])
        for name, literal in zip(a.output_names, at(left, a.outputs).tolist(), strict=True)
    }
    constraints = zip(at(left, a.constraints).tolist(), at(right, b.constraints).tolist(), strict=True)
    return pairs | {f"constraint {k}": pair for k, pair in enumerate(constraints)}


def _sources(aig: AIG, inputs: Mapping[str, int], state: Mapping[str, int]) -> Literals:
    names = [inputs[name] for name in aig.input_names] + [state[name] for name in aig.register_names]
    return np.array([0, *names], np.uint32)


def _follow(source: str, values: Mapping[str, int]) -> int:
    """The literal of what the metadata say: a constant, a register or its complement."""
    if source in ("0", "1"):
        return int(source)
    name = source.removeprefix("!")
    if name not in values:
        raise InputError(f"the metadata rebuild a register from {name!r}, which is none")
    return values[name] ^ source.startswith("!")


def _require_same_interface(a: AIG, b: AIG) -> None:
    for kind in ("input", "output"):
        left, right = set(getattr(a, f"{kind}_names")), set(getattr(b, f"{kind}_names"))
        if left != right:
            raise InputError(f"the netlists differ in the {kind} {min(left ^ right)!r}: both must have the same")
    registers = [f"{word} {name}" for word in ("state", "start") for g in (a, b) for name in g.register_names]
    if taken := set(a.input_names).intersection(registers):
        raise InputError(f"the name {min(taken)!r} is one that proofs use for themselves; rename it")
    if len(a.constraints) != len(b.constraints):
        raise InputError(f"the netlists have {len(a.constraints)} and {len(b.constraints)} constraints")
