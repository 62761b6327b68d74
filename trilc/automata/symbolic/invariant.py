"""That a set of states holds all that can be reached, shown by SAT: the library of diagrams need not be believed.

It holds the reset state, and no input leads out of it: an inductive invariant. For a model the step is that of its
specification, which shares nothing with what the search took for the step.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from trilc.aig import AIG, TRUE, UNKNOWN, Builder, Literals
from trilc.aig.copying import at, copy
from trilc.automata.symbolic.diagram import Diagram
from trilc.automata.symbolic.relation import Source, reset_bits
from trilc.prove.race import Race
from trilc.prove.specification import specification
from trilc.sat.cnf import cone
from trilc.sat.solver import SatSolver


@dataclass(frozen=True)
class Inductive:
    """A worker's task: whether a set holds at reset, and is kept by every step."""

    source: Source
    diagram: Diagram

    def __call__(self) -> Iterator[bool | str]:
        """Ask; yields what is asked, and whether it holds."""
        aig, bits = step_of(self.source)
        builder, leaves = Builder(), [0]
        leaves += [builder.input(name) for name in aig.input_names]
        leaves += [builder.input(f"register {name}") for name in aig.register_names]
        literal_of = copy(builder, aig, np.array(leaves, np.uint32))
        now, then = at(literal_of, aig.register_literals)[bits], at(literal_of, aig.next_state)[bits]
        held = [int(literal) for literal in at(literal_of, aig.constraints)]
        inside, kept = self.diagram.enter(builder, now), self.diagram.enter(builder, then)
        graph = builder.build()
        reset = reset_bits(self.source)
        known = (now ^ (reset != TRUE).astype(np.uint32))[reset != UNKNOWN].tolist()
        yield "proving by SAT that the set holds the reset state"
        if _possible(graph, [*known, inside ^ 1]):
            yield False
            return
        yield "proving by SAT that no token leads out of the set"
        yield not _possible(graph, [inside, *held, kept ^ 1])


def step_of(source: Source) -> tuple[AIG, Literals]:
    """A netlist of the step, and which of its registers are the bits of a state."""
    if isinstance(source, AIG):
        return source, np.arange(source.num_registers, dtype=np.uint32)
    return specification(source.model, "state"), np.flatnonzero(source.units()).astype(np.uint32)


def inductive(
    source: Source, diagram: Diagram, seconds: float | None = None, say: Callable[[str], None] = lambda _: None
) -> bool | None:
    """Whether a set of states holds the reset state and every state that follows one of its own; None in lack of time.

    Then what is outside can't be reached. Every set of :func:`~trilc.automata.symbolic.reach_symbolic` that is
    complete is so. The work is done in a process of its own; Ctrl-C ends it, with None.
    """
    end = None if seconds is None else time.monotonic() + seconds
    try:
        with Race({"proof": Inductive(source, diagram)}, end, say) as race:
            for _, message in race:
                if isinstance(message, bool):
                    return message
                if isinstance(message, str):
                    say(message)
    except KeyboardInterrupt:
        pass
    return None


def _possible(graph: AIG, true: list[int]) -> bool:
    literals = np.array(true, np.uint32)
    with SatSolver(cone(graph, literals, literals)) as solver:
        answer = solver.solve()
        assert answer is not None
        return answer
