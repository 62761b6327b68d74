"""Clauses of cones as flat arrays, for outside solvers, and in DIMACS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TextIO

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig import AIG, Literals
from trilc.sat.gates import clauses, operands


@dataclass(frozen=True, eq=False)
class CNF:
    """A conjunction of clauses over the variables 1, 2, …; literals are signed, as in DIMACS."""

    flat: NDArray[np.int32]
    """All clauses one after the other, each ended by a 0."""
    variables: int
    number: int
    """Clauses."""
    variable: NDArray[np.int32]
    """(nodes,) the variable of each node of the graph, 0 for those that are not needed."""

    def literal(self, literal: int) -> int:
        """The signed literal of a literal of the graph, whose node must be in the cone."""
        variable = int(self.variable[literal >> 1])
        return -variable if literal & 1 else variable

    def lists(self) -> list[list[int]]:
        """The clauses as lists, as python-sat takes them."""
        ends = np.flatnonzero(self.flat == 0)
        flat = self.flat.tolist()
        return [flat[start:end] for start, end in zip([0, *(ends[:-1] + 1).tolist()], ends.tolist(), strict=True)]

    def write_dimacs(self, stream: TextIO) -> None:
        """Write in the format of the SAT competitions."""
        stream.write(f"p cnf {self.variables} {self.number}\n")
        stream.writelines(" ".join(map(str, [*clause, 0])) + "\n" for clause in self.lists())


def cone(aig: AIG, roots: Literals, true: Literals | None = None) -> CNF:
    """The gates below ``roots`` and below ``true``, and that the literals ``true`` hold.

    Multiplexers and exclusive ors take one variable and four clauses; gates that nothing else needs have none.
    """
    units = np.zeros(0, np.uint32) if true is None else np.asarray(true, np.uint32)
    needed = np.zeros(aig.num_nodes, np.bool_)
    needed[0] = True
    needed[roots >> 1] = True
    needed[units >> 1] = True
    _mark(aig.fanins, aig.first_and, needed)
    variable = np.where(needed, np.cumsum(needed), 0).astype(np.int32)
    flat = np.empty(2 + 16 * aig.num_ands + 2 * len(units), np.int32)
    flat[0], flat[1] = -variable[0], 0
    end, number = _fill(aig.fanins, aig.first_and, variable, flat)
    signs = np.where(units & 1, -1, 1).astype(np.int32)
    flat[end : end + 2 * len(units) : 2] = variable[units >> 1] * signs
    flat[end + 1 : end + 1 + 2 * len(units) : 2] = 0
    return CNF(flat[: end + 2 * len(units)].copy(), int(variable.max()), number + 1 + len(units), variable)


@njit(cache=True)
def _mark(fanins, first, needed):
    for node in range(first + fanins.shape[0] - 1, first - 1, -1):
        if needed[node]:
            select, then, otherwise = operands(fanins, first, node)
            needed[then >> 1] = needed[otherwise >> 1] = True
            if select >= 0:
                needed[select >> 1] = True


@njit(cache=True)
def _fill(fanins, first, variable, flat):
    """Append the clauses of all needed gates; returns the end of the array and their number."""
    end = 2
    total = 0
    into = np.empty((4, 3), np.int64)
    for node in range(first, first + fanins.shape[0]):
        if variable[node] == 0:
            continue
        select, then, otherwise = operands(fanins, first, node)
        if select >= 0:
            select = _over(variable, select)
        number = clauses(2 * np.int64(variable[node]), select, _over(variable, then), _over(variable, otherwise), into)
        total += number
        for k in range(number):
            for j in range(3):
                literal = into[k, j]
                if literal >= 0:
                    flat[end] = -(literal >> 1) if literal & 1 else literal >> 1
                    end += 1
            flat[end] = 0
            end += 1
    return end, total


@njit(cache=True, inline="always")
def _over(variable, literal):
    return 2 * np.int64(variable[literal >> 1]) | (literal & 1)
