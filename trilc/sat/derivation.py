"""How an answer came about, as clauses that unit propagation alone confirms one after the other (DRUP).

Each clause of a derivation has the property RUP (Goldberg, Novikov 2003) over the formula and the clauses before it:
with all its literals false, unit propagation meets a conflict. What a solver learns has it. Where a graph is built
anew and a node becomes another one, that they are equal has it too, given that this is known of their fan-ins. So
what is proved of graph after graph is proved of the one that the formula describes (the plain clauses of Tseitin,
of which those of multiplexers and exclusive ors are consequences by unit propagation).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig import AIG, Literals
from trilc.sat.cnf import CNF

Clauses = NDArray[np.int32]
"""Clauses of signed literals one after the other, each ended by a 0."""


@dataclass
class Derivation:
    """Clauses, each with the property RUP over the formula and those before it."""

    parts: list[Clauses] = field(default_factory=list)

    def add(self, clauses: Clauses) -> None:
        """Add clauses at the end."""
        self.parts.append(np.asarray(clauses, np.int32))


@dataclass(frozen=True, eq=False)
class Meaning:
    """What the nodes of a graph are in a formula, and the derivation that this is part of."""

    derivation: Derivation
    literal: NDArray[np.int32]
    """(nodes,) the signed literal of each."""

    @staticmethod
    def of_formula(aig: AIG) -> Meaning:
        """Node ``n`` is the variable ``n + 1``."""
        return Meaning(Derivation(), np.arange(1, aig.num_nodes + 1, dtype=np.int32))

    def of(self, literals: Literals) -> Clauses:
        """The signed literals of literals of the graph."""
        return signed(self.literal, literals)

    def only(self, nodes: NDArray[np.bool_]) -> Meaning:
        """For a graph with only the marked (nodes,)."""
        return Meaning(self.derivation, self.literal[nodes])

    def rebuilt(self, literal_of: Literals, leaves: Clauses, nodes: int) -> Meaning:
        """For a graph of so many ``nodes``, in which each node has become ``literal_of`` (nodes,) by its fan-ins.

        ``leaves`` are what the constant and the leaves of the new graph are.
        """
        history = History(self, leaves, nodes)
        every = np.arange(len(literal_of), dtype=np.int32)
        history.note(np.column_stack([np.zeros_like(every), every, literal_of.astype(np.int32)]).ravel())
        return history.meaning(nodes)

    def equal(self, pairs: Literals) -> None:
        """Add that the literals in each of ``pairs`` (pairs, 2) are equal, which must be known of them."""
        a, b = self.of(pairs[:, 0]), self.of(pairs[:, 1])
        none = np.zeros_like(a)
        self.derivation.add(np.column_stack([-a, b, none, a, -b, none])[a != b].ravel())

    def refuted(self, literal: int, clauses: CNF, proof: list[str]) -> None:
        """Add that ``literal`` is false, by a solver's ``proof`` from its ``clauses`` and that it were true."""
        lemma = -int(self.of(np.array([literal], np.uint32))[0])
        node = np.zeros(clauses.variables + 1, np.uint32)
        node[clauses.variable] = np.arange(len(clauses.variable))
        learnt = np.array([int(x) for line in proof if line[:1] != "d" for x in line.split()], np.int32)
        own = np.sign(learnt) * self.literal[node[np.abs(learnt)]]
        # what follows from the clauses and ``literal`` follows from the clauses, or else ``literal`` is false
        ends = np.flatnonzero(own == 0)
        self.derivation.add(np.insert(own, ends, lemma))
        self.derivation.add(np.array([lemma, 0], np.int32))


class History:
    """What happened while a graph was built anew: an array of entries that kernels write.

    An entry is ``k`` and ``k`` literals of the new graph, a clause; or ``0, n, literal``: the node ``n`` of the old
    graph has become a literal of the new one by its fan-ins alone.
    """

    def __init__(self, old: Meaning, leaves: Clauses, nodes: int) -> None:
        self._old = old
        self._new = np.zeros(nodes, np.int32)
        self._new[: len(leaves)] = leaves

    def note(self, entries: NDArray[np.int32]) -> None:
        """Add entries to the derivation."""
        flat = np.empty(2 * len(entries) + 2, np.int32)
        end = _translate(entries, self._old.literal, self._new, flat)
        self._old.derivation.add(flat[:end].copy())

    def meaning(self, nodes: int) -> Meaning:
        """Of the new graph, which has so many ``nodes``."""
        return Meaning(self._old.derivation, self._new[:nodes])


def signed(literal_of: NDArray[np.int32], literals: Literals) -> Clauses:
    """The signed literals of literals, node ``n`` being ``literal_of[n]``."""
    found: Clauses = np.where(literals & 1, -literal_of[literals >> 1], literal_of[literals >> 1]).astype(np.int32)
    return found


@njit(cache=True)
def _translate(entries, old, new, flat):
    """Write the clauses of all entries to ``flat``, naming new nodes in ``new``; returns their end."""
    k = 0
    end = 0
    while k < entries.shape[0]:
        size = entries[k]
        if size == 0:
            mine, literal = np.int64(old[entries[k + 1]]), np.int64(entries[k + 2])
            k += 3
            if literal & 1:
                mine = -mine
            theirs = np.int64(new[literal >> 1])
            if theirs == 0:
                new[literal >> 1] = mine
            elif theirs != mine:
                flat[end], flat[end + 1], flat[end + 2] = -mine, theirs, 0
                flat[end + 3], flat[end + 4], flat[end + 5] = mine, -theirs, 0
                end += 6
            continue
        for j in range(k + 1, k + 1 + size):
            literal = np.int64(entries[j])
            flat[end] = -new[literal >> 1] if literal & 1 else new[literal >> 1]
            end += 1
        flat[end] = 0
        end += 1
        k += 1 + size
    return end
