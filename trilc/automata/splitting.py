"""Splitting trees: why no two states of a minimal machine are the same.

Each inner node splits a set of states by what is said to the last token of a word (Lee and Yannakakis 1994); the word
of the node where two states part is a shortest one that tells them apart (Smetsers, Moerman and Jansen 2016).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trilc.automata.machine import Machine


@dataclass(frozen=True)
class Split:
    """An inner node: its word is ``token``, then the word of node ``then``; just the token where that is None."""

    token: int
    then: int | None
    parent: int
    """The node below which it lies; −1 for the root, which is node 0."""


@dataclass(frozen=True, eq=False)
class Tree:
    """A node comes after its parent, and after the node that its word goes on with."""

    splits: tuple[Split, ...]
    leaves: NDArray[np.int64]
    """(states,) the node below which each state is alone; −1 where there is but one state."""

    def word(self, p: int, q: int) -> list[int]:
        """A shortest word to whose last token two states say different things; none where they are one state."""
        node = self._meeting(p, q) if p != q else -1
        word = []
        while node >= 0:
            split = self.splits[node]
            word.append(split.token)
            node = -1 if split.then is None else split.then
        return word

    def _meeting(self, p: int, q: int) -> int:
        above = set(self._path(p))
        return next(node for node in self._path(q) if node in above)

    def _path(self, state: int) -> list[int]:
        path, node = [], int(self.leaves[state])
        while node >= 0:
            path.append(node)
            node = self.splits[node].parent
        return path


class _Growing:
    """A tree whose leaves are blocks of states that may still split."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.splits: list[Split] = []
        self.parent = [-1]
        """Of every block, and of inner nodes by way of what they were: the split above it."""
        self.block = np.zeros(machine.states, np.int64)

    @property
    def blocks(self) -> int:
        """How many there are that have not split."""
        return len(self.parent) - len(self.splits)

    def split(
        self, block: int, members: NDArray[np.int64], token: int, then: int | None, parts: NDArray[np.int64]
    ) -> None:
        """Split a block by the part that each member belongs to."""
        self.splits.append(Split(token, then, self.parent[block]))
        distinct, which = np.unique(parts, return_inverse=True)
        self.block[members] = len(self.parent) + which
        self.parent += [len(self.splits) - 1] * len(distinct)

    def by_output(self) -> None:
        """Words of one token: all blocks at once, for of a trained net nearly every state is told by what it says."""
        for token in range(self.machine.vocabulary):
            said = self.machine.output[:, token]
            order = np.lexsort((said, self.block))
            blocks, values = self.block[order], said[order]
            first = np.flatnonzero(np.diff(blocks, prepend=-1))
            last = np.append(first[1:], len(order)) - 1
            several = values[first] < values[last]
            parted = np.repeat(several, last - first + 1)
            begins = np.diff(blocks, prepend=-1) != 0
            new = (begins | (np.diff(values, prepend=values[0]) != 0))[parted]
            above = len(self.splits) - 1 + np.cumsum(begins[parted])
            self.splits += [Split(token, None, self.parent[block]) for block in blocks[first][several].tolist()]
            self.block[order[parted]] = len(self.parent) - 1 + np.cumsum(new)
            self.parent += above[new].tolist()

    def by_successors(self) -> bool:
        """Words that are longer by a token than all so far; whether some were found."""
        before, known = self.block.copy(), len(self.splits)
        above = [self.parent[block] for block in range(len(self.parent))]
        for token in range(self.machine.vocabulary):
            reached = before[self.machine.delta[:, token]]
            for block, members in self._blocks_with_several(reached):
                node, parts = self._meeting(reached[members], above)
                self.split(block, members, token, node, parts)
        return len(self.splits) > known

    def _blocks_with_several(self, values: NDArray[np.int64]) -> list[tuple[int, NDArray[np.int64]]]:
        """Blocks whose members do not all have the same value, and these members."""
        order = np.argsort(self.block, kind="stable")
        blocks, starts = np.unique(self.block[order], return_index=True)
        low, high = (f.reduceat(values[order], starts) for f in (np.minimum, np.maximum))
        ends = np.append(starts[1:], len(order))
        return [(int(blocks[k]), order[starts[k] : ends[k]]) for k in np.flatnonzero(low < high).tolist()]

    def _meeting(self, blocks: NDArray[np.int64], above: list[int]) -> tuple[int, NDArray[np.int64]]:
        """The lowest node above all of these blocks, and by which of its children each lies below it."""
        distinct, which = np.unique(blocks, return_inverse=True)
        paths = []
        for block in distinct.tolist():
            path, node = [-1 - block], above[block]  # a block is told from a node by its sign
            while node >= 0:
                path.append(node)
                node = self.splits[node].parent
            paths.append(path[::-1])
        level = 0
        while len({path[level] if level < len(path) else -1 for path in paths}) == 1:
            level += 1
        children = np.array([path[level] for path in paths], np.int64)
        return int(paths[0][level - 1]), children[which]


def splitting_tree(machine: Machine) -> Tree:
    """The splitting tree of a machine in which no two states are the same.

    Words of one token first, then of two, and so on. Raises ``ValueError`` where two states are the same. Time: states
    · V for each length of a word, and the depth of the tree for each split.
    """
    growing = _Growing(machine)
    growing.by_output()
    while growing.by_successors():
        pass
    if growing.blocks < machine.states:
        raise ValueError("two states of the machine are the same; expected a minimal one")
    leaves = np.array([growing.parent[block] for block in growing.block.tolist()], np.int64)
    return Tree(tuple(growing.splits), leaves)
