"""The one way to the solvers of python-sat: what each can do is known, and the rest refused before it goes wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Timer
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from trilc.errors import InputError
from trilc.sat.cnf import CNF


@dataclass(frozen=True)
class Capabilities:
    """What a solver does as python-sat drives it."""

    assumptions: bool = True
    incremental: bool = True
    """Clauses may be added between two questions."""
    conflicts: bool = True
    """A question may be limited to a number of conflicts."""
    interruptible: bool = True
    """A question may be limited to a time; the others hold Python's lock until they are done."""
    proofs: bool = True
    """A proof in DRUP can be had, of questions without assumptions."""


SOLVERS = {
    "cadical195": Capabilities(interruptible=False),
    "cadical153": Capabilities(interruptible=False),
    "glucose42": Capabilities(),
    "glucose4": Capabilities(),
    "maplechrono": Capabilities(),
    "minisat22": Capabilities(proofs=False),
    "lingeling": Capabilities(conflicts=False, interruptible=False),
}
"""The solvers that may be used. Kissat is not among them: it ignores assumptions and aborts on a second question."""


class SatSolver:
    """A solver that holds clauses and answers questions about them; a context manager.

    Raises :class:`InputError` for an unknown solver and, at once, for what the solver can't do.
    """

    def __init__(self, clauses: CNF | Iterable[list[int]] = (), name: str = "cadical195", proof: bool = False) -> None:
        from pysat.solvers import Solver

        if name not in SOLVERS:
            raise InputError(f"solver {name!r}: expected one of {', '.join(SOLVERS)}")
        self.name = name
        self.can = SOLVERS[name]
        self._proof = proof
        self._asked = False
        self._require("proofs", proof, "give proofs")
        lists = clauses.lists() if isinstance(clauses, CNF) else list(clauses)
        self._solver: Any = Solver(name=name, bootstrap_with=lists, **({"with_proof": True} if proof else {}))

    def add(self, clauses: Iterable[list[int]]) -> None:
        """Add clauses of signed literals."""
        self._require("incremental", self._asked, "take clauses after a question")
        self._solver.append_formula(list(clauses))

    def solve(
        self, assumptions: Sequence[int] = (), conflicts: int | None = None, seconds: float | None = None
    ) -> bool | None:
        """Whether there is a model in which the ``assumptions`` hold; ``None`` where a budget did not suffice."""
        self._require("assumptions", bool(assumptions), "assume literals")
        self._require("conflicts", conflicts is not None, "be limited to conflicts")
        self._require("interruptible", seconds is not None, "be limited to a time")
        if self._proof and assumptions:
            raise InputError("a proof can't rest on assumptions; add them as clauses")
        self._asked = True
        if conflicts is not None:
            self._solver.conf_budget(max(conflicts, 1))
        if seconds is None:
            if conflicts is None:
                return bool(self._solver.solve(assumptions=list(assumptions)))
            answer: bool | None = self._solver.solve_limited(assumptions=list(assumptions))
            return answer
        timer = Timer(seconds, self._solver.interrupt)
        timer.start()
        try:
            answer = self._solver.solve_limited(assumptions=list(assumptions), expect_interrupt=True)
        finally:
            timer.cancel()
            timer.join()
            self._solver.clear_interrupt()
        return answer

    def model(self) -> NDArray[np.bool_]:
        """(1 + variables,) the value of each variable after a question answered with yes; entry 0 is no variable."""
        found = np.array(self._solver.get_model(), np.int64)
        values = np.zeros(1 + len(found), np.bool_)
        values[np.abs(found)] = found > 0
        return values

    def core(self) -> list[int]:
        """Assumptions that can't hold together, after a question answered with no."""
        return sorted(self._solver.get_core() or [], key=abs)

    def proof(self) -> list[str]:
        """The lines of a DRUP proof, after a question answered with no."""
        if not self._proof:
            raise InputError("the solver was not asked to keep a proof")
        return list(self._solver.get_proof())

    def close(self) -> None:
        """Free the solver."""
        self._solver.delete()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _require(self, capability: str, wanted: bool, what: str) -> None:
        if wanted and not getattr(self.can, capability):
            able = ", ".join(name for name, can in SOLVERS.items() if getattr(can, capability))
            raise InputError(f"solver {self.name} can't {what}; these can: {able}")
