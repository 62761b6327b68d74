"""The search for all states, set by set, as a task for a process of its own: what runs in the library can't be stopped.

Breadth first, only new states being followed (Coudert, Berthet, Madre 1989), with an image by a partitioned relation
and early quantification (Burch, Clarke, Long 1991).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from oxidd.bdd import BDDFunction, BDDManager
from oxidd.util import BooleanOperator

from trilc.aig import UNKNOWN
from trilc.automata.symbolic.diagram import Diagram
from trilc.automata.symbolic.relation import Factor, Source, conjuncts, reset_bits, schedule, space_of, start

NODE_BYTES = 48
"""Of memory for each node, with its place in the table and the share of the cache: 42 were measured."""

CACHE = 1 << 22
"""Results of operations that are remembered, at the most."""

CLUSTER = 1 << 10
"""Nodes of a factor that is made of several."""

CLEAR = 1 << 20
"""Nodes below which those that are dead are left where they are."""


@dataclass(frozen=True)
class Level:
    """What is known when all states after so many tokens are."""

    new: int
    """States that were not reached before."""
    nodes: int
    """Of the diagram of all states so far."""
    changed: tuple[int, ...]
    """Bits that differ from reset for the first time."""


@dataclass(frozen=True)
class Full:
    """The memory did not suffice; the last message then."""


@dataclass(frozen=True)
class Search:
    """A worker's task: it yields a :class:`Level` after each step, lines that say what is done, and the set at last.

    After ``depth`` tokens it ends. The set comes only if it is ``wanted``.
    """

    source: Source
    memory: int
    depth: int | None
    wanted: bool

    def __call__(self) -> Iterator[Level | Full | Diagram | str]:
        """Search."""
        nodes = max(1 << 10, self.memory // NODE_BYTES)
        manager = BDDManager(nodes, min(CACHE, nodes), 1)
        try:
            yield from self._found(manager)
        except MemoryError:
            yield Full()

    def _found(self, manager: BDDManager) -> Iterator[Level | Diagram | str]:
        yield "making the transition relation"
        space = space_of(self.source, manager)
        factors = schedule(space, conjuncts(self.source, space), CLUSTER)
        back = BDDFunction.make_substitution([(present + 1, manager.var(present)) for present in space.present])
        differing = {
            bit: ~space.now(bit) if value else space.now(bit)
            for bit, value in enumerate(reset_bits(self.source).tolist())
            if value != UNKNOWN
        }
        rest = 2 * space.bits + space.inputs - space.bits
        reached = frontier = start(self.source, space)
        steps, states, kept = 0, 0, CLEAR
        while True:
            new = frontier.sat_count(manager.num_vars()) >> rest
            changed = tuple(bit for bit, there in differing.items() if (frontier & there).satisfiable())
            for bit in changed:
                del differing[bit]
            states += new
            yield Level(new, reached.node_count(), changed)
            if steps == self.depth:
                break
            image = frontier
            for number, factor in enumerate(factors):
                size = manager.approx_num_inner_nodes()
                yield f"{states:,} states, {steps} tokens deep; factor {number + 1} of {len(factors)}, {size:,} nodes"
                image = _times(image, factor)
                if manager.num_inner_nodes() > 2 * kept:
                    manager.gc()
                    kept = max(CLEAR, manager.num_inner_nodes())
            frontier = reached.imp_strict(image.substitute(back))
            if not frontier.satisfiable():
                break
            del image
            reached |= frontier
            steps += 1
        if self.wanted:
            yield "listing the nodes of the set"
            yield Diagram.of(reached, space)


def _times(states: BDDFunction, factor: Factor) -> BDDFunction:
    if factor.quantified is None:
        return states & factor.function
    return states.apply_exists(BooleanOperator.AND, factor.function, factor.quantified)
