"""Bounded model checking by SAT, one step deeper at a time (Biere, Cimatti, Clarke, Zhu 1999)."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from trilc.aig import TRUE, UNKNOWN
from trilc.prove.miter import Miter
from trilc.sat.cnf import cone
from trilc.sat.solver import SatSolver

MOST_CLAUSES = 10_000_000
"""With more of them, memory would not do."""


class Bounded:
    """Looks for the shortest difference in one solver, that keeps what it learnt from depth to depth.

    The clauses of a step are made once; each frame takes them with variables of its own, and with the literals of
    the next state before it for its state. A context manager.
    """

    def __init__(self, miter: Miter) -> None:
        aig = self._aig = miter.aig
        self._step = cone(aig, aig.roots)
        self._size = self._step.variables + 1
        self._false = int(self._step.variable[0])
        self._frames: list[NDArray[np.int32]] = []
        self._clauses = 0
        self._solver = SatSolver()
        self.depth = 0
        """Steps, in which or in fewer of which no difference shows."""
        self.conflicts = 0
        """Spent on one step more."""
        self.found: list[list[int]] | None = None
        """(steps, inputs) bits of a run that ends in a difference; the shortest where the search began at once."""
        self.begun: list[int] = []
        """(registers,) bits of the state in which that run begins."""

    @property
    def full(self) -> bool:
        """Whether there is no room for a frame more."""
        return self._clauses + self._step.number > MOST_CLAUSES

    def skip(self, depth: int) -> None:
        """Take for granted that no difference shows in ``depth`` steps or fewer, as long as there is room."""
        while self.depth < depth and not self.full:
            self._solver.add([[-self._extend()]])
            self.depth += 1

    def advance(self, conflicts: int) -> bool:
        """Look one step deeper for at most so many conflicts; whether that was decided."""
        if len(self._frames) == self.depth:
            self._differ = self._extend()
        answer = self._solver.solve([self._differ], conflicts)
        if answer is None:
            self.conflicts += conflicts
            return False
        self.conflicts = 0
        if answer:
            self._read()
        else:
            self._solver.add([[-self._differ]])
            self.depth += 1
        return True

    def go_on(self) -> None:
        """Take for granted that the last step of what was found shows no difference: look for a longer run."""
        self._solver.add([[-self._differ]])
        self.depth += 1
        self.found = None

    def _extend(self) -> int:
        """Add a frame; returns the literal that implies a difference in it."""
        aig, step = self._aig, self._step
        base = len(self._frames) * (self._size + 1)
        literal_of = np.arange(self._size, dtype=np.int32) + np.int32(base)
        literal_of[0] = 0
        state = step.variable[1 + aig.num_inputs : aig.first_and]
        if self._frames:
            following = self._over(self._frames[-1], aig.next_state)
        else:
            false = np.int32(base + self._false)
            following = np.where(aig.reset == TRUE, -false, false).astype(np.int32)
            free = aig.reset == UNKNOWN
            following[free] = literal_of[state[free]]
        used = state > 0
        literal_of[state[used]] = following[used]
        flat = np.sign(step.flat) * literal_of[np.abs(step.flat)]
        ends = np.flatnonzero(step.flat == 0)
        numbers = flat.tolist()
        clauses = [
            numbers[begin:end] for begin, end in zip([0, *(ends[:-1] + 1).tolist()], ends.tolist(), strict=True)
        ]
        clauses += [[literal] for literal in self._over(literal_of, aig.constraints).tolist()]
        differ = base + self._size
        clauses.append([-differ, *self._over(literal_of, aig.outputs).tolist()])
        self._solver.add(clauses)
        self._clauses += len(clauses)
        self._frames.append(literal_of)
        return differ

    def _over(self, literal_of: NDArray[np.int32], literals: NDArray[np.uint32]) -> NDArray[np.int32]:
        """The signed literals, in a frame, of literals of the graph."""
        found: NDArray[np.int32] = literal_of[self._step.variable[literals >> 1]] * np.where(literals & 1, -1, 1)
        return found.astype(np.int32)

    def _read(self) -> None:
        """Take the run from the solver's model."""
        model = self._solver.model()
        inputs = self._step.variable[1 : 1 + self._aig.num_inputs]
        registers = self._step.variable[1 + self._aig.num_inputs : self._aig.first_and]

        def bits(frame: NDArray[np.int32], variables: NDArray[np.int32]) -> list[int]:
            literals = frame[variables].tolist()
            return [int(literal != 0 and bool(model[abs(literal)]) == (literal > 0)) for literal in literals]

        self.found = [bits(frame, inputs) for frame in self._frames]
        begun = np.array(bits(self._frames[0], registers), np.uint8)
        self.begun = np.where(self._aig.reset == UNKNOWN, begun, self._aig.reset).tolist()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._solver.close()
