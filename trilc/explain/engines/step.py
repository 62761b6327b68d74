"""One step of a machine as clauses: what proofs by induction ask about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from trilc.aig import AIG, UNKNOWN, Literals
from trilc.sat.cnf import cone
from trilc.sat.solver import SatSolver

Cube = tuple[int, ...]
"""Literals ``±(register + 1)`` that hold together, ascending by register."""


class Step:
    """The variables and clauses of one step; registers that nothing needs have variables as well."""

    def __init__(self, aig: AIG) -> None:
        self.aig = aig
        # registers and inputs as roots, so that all have variables
        leaves = np.concatenate([aig.input_literals, aig.register_literals])
        self._cnf = cone(aig, np.concatenate([aig.roots, leaves.astype(np.uint32)]))
        self.clauses = self._cnf.lists()
        self.variables = self._cnf.variables
        self.inputs = self._over(aig.input_literals)
        """(inputs,) variables."""
        self.state = self._over(aig.register_literals)
        """(registers,) variables."""
        self.following = self._over(aig.next_state)
        """(registers,) signed literals of the next state."""
        self.bad = int(self._over(aig.outputs)[0])
        self.constraints = self._over(aig.constraints)

    def present(self, cube: Iterable[int]) -> list[int]:
        """Signed literals that say that the state lies in a cube."""
        return [self.state[abs(x) - 1] * (1 if x > 0 else -1) for x in cube]

    def next(self, cube: Iterable[int]) -> list[int]:
        """Signed literals that say that the next state does."""
        return [self.following[abs(x) - 1] * (1 if x > 0 else -1) for x in cube]

    def excludes_reset(self, cube: Iterable[int]) -> bool:
        """Whether no state to begin with lies in a cube."""
        return any(self.differs_from_reset(x) for x in cube)

    def differs_from_reset(self, literal: int) -> bool:
        """Whether a literal is false in every state to begin with."""
        reset = int(self.aig.reset[abs(literal) - 1])
        return reset != UNKNOWN and reset == (literal < 0)

    def solver(self, name: str) -> SatSolver:
        """A solver that holds the step and its constraints."""
        solver = SatSolver(self.clauses, name)
        solver.add([[literal] for literal in self.constraints])
        return solver

    def reset_units(self) -> list[list[int]]:
        """Unit clauses of the state to begin with."""
        reset = self.aig.reset.tolist()
        return [[x if bit else -x] for x, bit in zip(self.state, reset, strict=True) if bit != UNKNOWN]

    def _over(self, literals: Literals) -> list[int]:
        variable: NDArray[np.int32] = self._cnf.variable[literals >> 1]
        found: list[int] = np.where(literals & 1, -variable, variable).tolist()
        return found


def is_invariant(aig: AIG, cubes: Sequence[Cube], name: str = "cadical195") -> bool:
    """Whether states outside of ``cubes`` hold at reset, lead to none in them, and are never bad: a proof checked anew.

    The clauses are made again, and nothing that the search for the invariant knew is used.
    """
    step = Step(aig)
    if not all(step.excludes_reset(cube) for cube in cubes):
        return False
    with step.solver(name) as solver:
        solver.add([[-literal for literal in step.present(cube)] for cube in cubes])
        if solver.solve([step.bad]):
            return False
        return not any(solver.solve(step.next(cube)) for cube in cubes)
