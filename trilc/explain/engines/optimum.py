"""Nearest inputs and smallest reasons, from a machine unrolled over the steps of an input: tasks for workers.

Nearest inputs come by MaxSAT (RC2: Ignatiev, Morgado, Marques-Silva 2019), as python-sat has it; smallest reasons by
deletion from unsatisfiable cores (as python-sat's MUSX), easy questions first, so that there is a reason at any time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trilc.explain.engines.induction import Working
from trilc.explain.unrolling import Unrolling
from trilc.sat.solver import SatSolver

FEW_CONFLICTS = 100
"""For a question about one part, to begin with."""


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
    """Parts (by number) that force it, and inputs that show which of them can't be left out."""

    parts: tuple[int, ...]
    without: Mapping[int, Other]
    """By part: an input that differs in it, and in parts that are not of the reason, alone."""

    @property
    def is_minimal(self) -> bool:
        """Whether no part can be left out."""
        return len(self.parts) == len(self.without)


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
    """Looks for parts that force ``bad`` to fail, none of which can be left out; yields better and better ones."""

    forced: Forced

    def __call__(self) -> Iterator[Working | Reason]:
        """Look."""
        first = self.forced.first
        parts = list(range(len(self.forced.kept)))
        without: dict[int, Other] = {}
        conflicts = FEW_CONFLICTS
        with SatSolver(self.forced.clauses(), "glucose4") as solver:
            if solver.solve([first + part for part in parts]):
                raise RuntimeError("an input was to force what it does, and does not")
            parts = [literal - first for literal in solver.core()]
            yield Reason(tuple(parts), dict(without))
            while len(without) < len(parts):
                for part in [part for part in parts if part not in without]:
                    if part not in parts:
                        continue
                    yield Working(f"smallest reasons: of {len(parts)} parts {len(without)} are needed")
                    others = [other for other in parts if other != part]
                    answer = solver.solve([first + other for other in others], conflicts)
                    if answer:
                        without[part] = self.forced.read(solver.model().tolist())
                    elif answer is not None:
                        core = {literal - first for literal in solver.core()}
                        parts = [other for other in others if other in core]
                    if answer is not None:
                        yield Reason(tuple(parts), dict(without))
                conflicts *= 8
        yield Working("check of a reason")
        with SatSolver(self.forced.clauses()) as solver:
            if solver.solve([first + part for part in parts]):
                raise RuntimeError("a reason was found that is none")
