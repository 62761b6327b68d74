"""Miters: two graphs over the same inputs in one, with an output wherever they could differ (Brand 1993)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trilc.aig import AIG, Builder, Literals
from trilc.aig.copying import at, copy, copy_cut
from trilc.aig.traverse import reachable, restrict
from trilc.prove.frontier import frontier
from trilc.sat.classes import Classes
from trilc.sat.derivation import History, Meaning
from trilc.sat.induction import MOST_ASSUMED, frame
from trilc.sat.sweeping import sweep


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

    def proving(self) -> Miter:
        """With a derivation of what is proved of it: node ``n`` is the variable ``n + 1``."""
        return replace(self, meaning=Meaning.of_formula(self.aig))

    def hashed(self) -> tuple[Miter, Literals]:
        """With gates of the same structure merged; and (nodes,) what each node has become."""
        builder, sources = _over_leaves(self.aig)
        nodes = copy(builder, self.aig, sources)
        return self._rebuilt(builder, nodes, at(nodes, self.aig.constraints)), nodes

    def assuming(self, equal: Literals, held: int) -> Miter:
        """With what is given to be equal merged: readers of the first in each of ``equal`` (pairs, 2) read the second.

        The first of a pair is no complement, a node after the second, and in no other pair. That they are equal is what
        the last ``held`` constraints say, one for each pair; what is equal by structure then is no constraint any
        more. The other constraints count as they are: what is equal may be so because of them.
        """
        aig = self.aig
        builder, sources = _over_leaves(aig)
        given = aig.constraints[len(aig.constraints) - held :] >> 1
        fewer = replace(aig, constraints=aig.constraints[: len(aig.constraints) - held])
        nodes = np.arange(aig.num_nodes, dtype=np.uint32)
        leader, phase = nodes.copy(), np.zeros(aig.num_nodes, np.uint8)
        leader[equal[:, 0] >> 1] = equal[:, 1] >> 1
        phase[equal[:, 0] >> 1] = equal[:, 1] & 1
        new = frame(builder, fewer, Classes(leader, phase, np.ones_like(leader)), sources)
        open_ = np.isin(equal[:, 0] >> 1, new.differing()) & (len(new.differing()) <= MOST_ASSUMED)
        x, y = new.own[equal[open_, 0] >> 1], at(new.read, equal[open_, 1])
        flip = np.uint32(1)
        one, other = builder.and_(x, y ^ flip), builder.and_(x ^ flip, y)
        neither = builder.and_(one ^ flip, other ^ flip)
        constraints = np.concatenate([new.constraints, neither])
        found = replace(self, meaning=None)._rebuilt(builder, new.read, constraints).aig
        meaning = self.meaning
        if meaning:
            history = History(meaning, meaning.literal[: aig.first_and], found.num_nodes)
            needed = np.flatnonzero(reachable(fewer, fewer.constraints)).astype(np.uint32)
            gates = given[open_]
            became = [(needed, new.exact[needed]), (nodes, new.own)]
            for node, literal in (*became, (gates - 2, one), (gates - 1, other), (gates, neither)):
                history.note(np.column_stack([np.zeros_like(node), node, literal]).astype(np.int32).ravel())
            meaning = history.meaning(found.num_nodes)
        return Miter(found, self.outputs, 0, meaning)

    def _rebuilt(self, builder: Builder, nodes: Literals, constraints: Literals) -> Miter:
        """The same in a builder, in which each node has become a literal."""
        for name, literal in zip(self.aig.output_names, at(nodes, self.aig.outputs).tolist(), strict=True):
            builder.output(name, literal)
        following = at(nodes, self.aig.next_state).tolist()
        for register, literal in zip(self.aig.register_literals.tolist(), following, strict=True):
            builder.set_next(register, literal)
        for literal in constraints.tolist():
            builder.constrain(literal)
        aig = builder.build()
        meaning = self.meaning
        if meaning:
            meaning = meaning.rebuilt(nodes, meaning.literal[: aig.first_and], aig.num_nodes)
        return self._as(aig, nodes, meaning)

    def merged(self, conflicts: int, cone: int, only_second: bool = False) -> Miter:
        """With gates that SAT sweeping proves equal merged, and without outputs that are then false.

        With ``only_second`` those of the first graph stay as they are, and more is done for the others.
        """
        swept = sweep(self.aig, conflicts, cone, self.known if only_second else 0, self.meaning)
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

    def beyond_common(self, depth: int) -> Miter:
        """The same with gates free that both graphs have, but for the ``depth`` levels next to what only one has.

        What is false here is false.
        """
        aig = self.aig
        gates = frontier(aig, aig.outputs[: len(self.outputs)], self.known, depth)
        builder = Builder(aig.num_ands)
        inputs = [builder.input(name) for name in aig.input_names]
        free = np.array([builder.input(f"gate {gate}") for gate in gates.tolist()], np.uint32)
        nodes = copy_cut(builder, aig, np.array([0, *inputs], np.uint32), gates, free)
        for name, literal in zip(self.outputs, at(nodes, aig.outputs).tolist(), strict=False):
            builder.output(name, literal)
        for literal in at(nodes, aig.constraints):
            builder.constrain(literal)
        cut = builder.build()
        meaning = self.meaning
        if meaning:
            leaves = [meaning.literal[: aig.first_and], meaning.of(2 * gates)]
            meaning = meaning.rebuilt(nodes, np.concatenate(leaves), cut.num_nodes)
        return self._as(cut, nodes, meaning).only(np.ones(len(self.outputs), np.bool_))

    def _as(self, aig: AIG, literal_of: Literals, meaning: Meaning | None) -> Miter:
        """The same miter as another graph, in which each node has become a literal."""
        last = int((literal_of[: self.aig.first_and + self.known] >> 1).max(initial=0))
        return Miter(aig, self.outputs, max(0, last + 1 - aig.first_and), meaning)


def _over_leaves(aig: AIG) -> tuple[Builder, Literals]:
    """A builder with the leaves of a graph, and their literals, the constant being the first."""
    builder = Builder(aig.num_ands)
    inputs = [builder.input(name) for name in aig.input_names]
    resets = zip(aig.register_names, aig.reset.tolist(), strict=True)
    registers = [builder.register(name, reset) for name, reset in resets]
    return builder, np.array([0, *inputs, *registers], np.uint32)
