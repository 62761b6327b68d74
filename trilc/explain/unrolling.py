"""A machine unrolled over a few steps, as clauses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trilc.aig import AIG, Builder, Literals
from trilc.aig.copying import at, copy
from trilc.sat.cnf import CNF, cone


@dataclass(frozen=True, eq=False)
class Unrolling:
    """Steps of a machine from reset, or from any state, on, and the one literal that says what comes of them."""

    cnf: CNF
    tokens: tuple[tuple[int, ...], ...]
    """The signed literals of each token's bits."""
    state: tuple[int, ...]
    """The signed literals of the registers to begin with; none from reset on."""
    bad: int
    """The signed literal of the last step's output."""


def unrolled(aig: AIG, steps: int, free: bool = False) -> Unrolling:
    """The machine over so many steps from reset, or, ``free``, from any state on, its constraints holding at each."""
    builder = Builder(steps * aig.num_ands)
    inputs = [[builder.input(f"{step} {name}") for name in aig.input_names] for step in range(steps)]
    begun = [builder.input(f"state {name}") for name in aig.register_names] if free else []
    now: Literals = np.array(begun if free else aig.reset, np.uint32)
    held: list[int] = []
    for step in range(steps):
        nodes = copy(builder, aig, np.concatenate([np.array([0, *inputs[step]], np.uint32), now]))
        held += at(nodes, aig.constraints).tolist()
        now = at(nodes, aig.next_state)
    bad = int(at(nodes, aig.outputs)[0])
    leaves = [literal for row in inputs for literal in row] + begun
    graph = builder.build()
    cnf = cone(graph, np.array([bad, *leaves], np.uint32), np.array(held, np.uint32))
    return Unrolling(
        cnf,
        tuple(tuple(cnf.literal(literal) for literal in row) for row in inputs),
        tuple(cnf.literal(literal) for literal in begun),
        cnf.literal(bad),
    )
