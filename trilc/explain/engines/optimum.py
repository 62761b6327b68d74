"""Nearest inputs and smallest reasons, from a machine unrolled over the steps of an input: tasks for workers.

Nearest inputs come by MaxSAT (RC2: Ignatiev, Morgado, Marques-Silva 2019), smallest reasons by deletion (MUSX), as
python-sat has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from trilc.explain.engines.induction import Working
from trilc.explain.unrolling import Unrolling
from trilc.sat.solver import SatSolver


@dataclass(frozen=True)
class Other:
    """Another input: tokens, and the bits of the state to begin with where that is free."""

    tokens: tuple[int, ...]
    state: tuple[int, ...] = ()


@dataclass(frozen=True)
class Best:
    """An input that does what is wanted and keeps as much as can be; None where none does it."""

    input: Other | None


@dataclass(frozen=True)
class Reason:
    """Parts (by number) that force it and none of which can be left out, for which there is an input each."""

    parts: tuple[int, ...]
    without: tuple[Other, ...]


@dataclass(frozen=True)
class Forced:
    """Makes parts of an input variables: the clauses, and for each part the literal that keeps it as it was."""

    unrolling: Unrolling
    kept: tuple[tuple[int, ...], ...]
    """The literals that hold where a part is as it was."""

    @property
    def first(self) -> int:
        """The variable of the first part."""
        return int(self.unrolling.cnf.variables) + 1

    def clauses(self) -> list[list[int]]:
        """That ``bad`` holds, and that each part is as it was where its variable holds."""
        held = [[-(self.first + part), x] for part, literals in enumerate(self.kept) for x in literals]
        return [*self.unrolling.cnf.lists(), [self.unrolling.bad], *held]

    def soft(self) -> Any:
        """As a MaxSAT formula: every part is to be as it was."""
        from pysat.formula import WCNF

        formula = WCNF()
        formula.extend(self.clauses())
        formula.extend([[self.first + part] for part in range(len(self.kept))], weights=[1] * len(self.kept))
        return formula

    def read(self, model: Sequence[bool]) -> Other:
        """The input in a model."""

        def bit(literal: int) -> int:
            return int(bool(model[abs(literal)]) == (literal > 0))

        tokens = tuple(sum(bit(x) << k for k, x in enumerate(row)) for row in self.unrolling.tokens)
        return Other(tokens, tuple(map(bit, self.unrolling.state)))


@dataclass(frozen=True)
class Nearby:
    """Looks for the input that changes the fewest parts; yields one :class:`Best`."""

    forced: Forced

    def __call__(self) -> Iterator[Working | Best]:
        """Look."""
        from pysat.examples.rc2 import RC2

        yield Working("nearest inputs by MaxSAT")
        with RC2(self.forced.soft(), solver="g4", adapt=True, exhaust=True) as solver:
            found = solver.compute()
        if found is None:
            yield Best(None)
            return
        model = [False] * (max(map(abs, found)) + 1)
        for literal in found:
            model[abs(literal)] = literal > 0
        yield Best(self.forced.read(model))


@dataclass(frozen=True)
class Minimal:
    """Looks for parts that force ``bad`` to fail, none of which can be left out; yields one :class:`Reason`."""

    forced: Forced

    def __call__(self) -> Iterator[Working | Reason]:
        """Look; what is found is checked by another solver, which gives an input for each part that is left out."""
        from pysat.examples.musx import MUSX

        yield Working("smallest reasons")
        with MUSX(self.forced.soft(), solver="g4", verbosity=0) as finder:
            parts = [part - 1 for part in finder.compute()]
        yield Working("check of a reason")
        first = self.forced.first
        others = []
        with SatSolver(self.forced.clauses()) as solver:
            if solver.solve([first + part for part in parts]):
                raise RuntimeError("a reason was found that is none")
            for part in parts:
                if not solver.solve([first + other for other in parts if other != part]):
                    raise RuntimeError("a reason was found of which something can be left out")
                others.append(self.forced.read(solver.model().tolist()))
        yield Reason(tuple(parts), tuple(others))
