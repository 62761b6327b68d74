"""Rewriting: what a small cut computes, by a smaller structure that shares more with the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numba import njit

from trilc.aig import AIG, cuts, network
from trilc.aig.network import (
    Rebuild,
    add,
    copy_gate,
    dereference,
    finish,
    match,
    operands,
    redirect,
    undo_dereference,
)
from trilc.aig.popcount import popcount
from trilc.aig.structures import GATES, WORDS, library
from trilc.aig.traverse import by_level, depth, required_levels
from trilc.aig.xorshift import following
from trilc.errors import InputError

ROOM = 64
"""Gates that must have room before the next old gate is looked at: its copy and one structure."""

MOST_LOST = 15
"""Gates that a replacement may cost."""

DARING = np.uint64(16)
"""Of so many gates one may be replaced at a loss."""


@dataclass(frozen=True)
class Rewrite:
    """DAG-aware cut rewriting (Mishchenko, Chatterjee, Brayton 2006).

    Gates are visited level by level. For each of a gate's cuts of up to ``cut`` leaves, every structure that the
    library has for its NPN class is priced: the gates that the graph would still need, against those that would
    die. The best one is built where it saves a gate, or with ``zero_cost`` also where it is as good but
    different, which lets later passes find more. Of equals the last is taken, so that like functions tend to
    get like structures; with a ``seed`` other than 0 they are drawn, the same ones on every machine. With ``loss``,
    one gate in sixteen, drawn, may also become up to so many gates larger: a way out of local minima, for
    repetitions that keep the best graph. With ``preserve_depth`` no gate comes later than the depth of the graph
    allows. ``cuts`` are kept per gate. Without ``loss`` never more gates.

    Needs some ``90 + 20·cuts`` bytes per gate while it runs.
    """

    name: ClassVar[str] = "rewrite"
    cut: int = 4
    cuts: int = 8
    zero_cost: bool = False
    seed: int = 0
    loss: int = 0
    preserve_depth: bool = False

    def __post_init__(self) -> None:
        if not 2 <= self.cut <= cuts.LEAVES:
            raise InputError(f"rewrite: cut is {self.cut}, not 2 to {cuts.LEAVES}")
        if not 1 <= self.cuts <= 250:
            raise InputError(f"rewrite: cuts is {self.cuts}, not 1 to 250")
        if self.loss > MOST_LOST:
            raise InputError(f"rewrite: loss is {self.loss}, not 0 to {MOST_LOST}")

    def apply(self, aig: AIG) -> AIG:
        """See the class."""
        aig = by_level(aig)
        rebuild = Rebuild.of(aig, aig.num_ands + aig.num_ands // 4 + ROOM)
        cut_sets = cuts.empty(len(rebuild.network.references), self.cuts + 1, aig.first_and)
        least = -self.loss if self.loss else int(not self.zero_cost)
        random = np.array([self.seed, 0x9E3779B97F4A7C15 * (1 + self.seed) % (1 << 64)], np.uint64)
        required = required_levels(aig, depth(aig)) if self.preserve_depth else np.zeros(0, np.int32)
        row = 0
        while (row := _rewrite(rebuild, row, cut_sets, library(), self.cut, least, random, required)) < aig.num_ands:
            larger = network.grown(rebuild.network)
            rebuild = rebuild._replace(network=larger)
            cut_sets = cuts.grown(cut_sets, len(larger.references))
        return finish(aig, rebuild)


@njit(cache=True)
def _rewrite(rebuild, row, cut_sets, library, widest, least, random, required):
    """Rewrite from old gate ``row`` on, as far as there is room; returns the first gate that is not done.

    ``least`` is the gain from which on a structure is built, ``random`` the seed and the state of the generator,
    ``required`` the latest level of each old gate, empty where any will do.
    """
    net = rebuild.network
    stack = np.empty(2 * net.references.shape[0] + 2, np.uint32)
    literal = np.zeros(5 + GATES, np.int64)
    level = np.zeros(5 + GATES, np.int32)
    latest = np.int64(-1)
    free, missing = np.zeros(GATES, np.bool_), np.zeros(WORDS, np.uint64)
    while row < rebuild.fanins.shape[0]:
        if net.gates[0] + ROOM > net.fanins.shape[0]:
            return row
        before = net.gates[0]
        node = copy_gate(rebuild, row, stack)
        if net.gates[0] > before:
            _enter_cuts(cut_sets, net, before, widest)
        if node >= 0:
            wanted = least if least >= 0 or _draw(random, DARING) == 0 else 0
            if required.shape[0] > 0:
                latest = np.int64(required[net.first + row])
            cut, root = _best(
                net, node, cut_sets, library, wanted, literal, free, missing, stack, random, latest, level
            )
            if root >= 0:
                before = net.gates[0]
                new = _build(net, node, cut_sets, library, cut, root, literal)
                for count in range(before, net.gates[0]):
                    _enter_cuts(cut_sets, net, count, widest)
                redirect(rebuild, row, new, stack)
        row += 1
    return row


@njit(cache=True)
def _enter_cuts(cut_sets, net, row, widest):
    a, b = np.int64(net.fanins[row, 0]), np.int64(net.fanins[row, 1])
    cuts.merge(cut_sets, net.references, net.first + row, a, b, widest)


@njit(cache=True)
def _best(net, node, cut_sets, library, least, literal, free, missing, stack, random, latest, level):
    """The replacement of a node that saves most gates, ``least`` or more: its cut and library root, or −1, −1.

    It comes at level ``latest`` or before, if that is not −1.
    """
    uses = net.references[node]
    best, best_cut, best_root = least, -1, -1
    equals = np.uint64(0)
    for cut in range(1, cut_sets.number[node]):
        leaf = cut_sets.leaf[node, cut]
        size = cut_sets.size[node, cut]
        for k in range(size):
            net.references[leaf[k]] += 1
        dead = dereference(net, node, uses, stack)
        if dead >= best:
            table = cut_sets.table[node, cut]
            kind = np.int64(library.kind[table])
            start, end = np.int64(library.first_gate[kind]), np.int64(library.first_gate[kind + 1])
            _place(np.int64(library.transform[table]), library.permutations, leaf, size, literal)
            match(net, library.gates[start:end], literal, 5, free)
            missing[:] = 0
            for k in range(end - start):
                missing[k >> 6] |= np.uint64(not free[k]) << np.uint64(k & 63)
            if latest >= 0:
                _enter_levels(net, library.gates[start:end], literal, level)
            for root in range(library.first_root[kind], library.first_root[kind + 1]):
                signal = np.int64(library.roots[root]) >> 1
                if literal[signal] >> 1 == node:
                    continue  # that is what is there already
                if latest >= 0 and level[signal] > latest:
                    continue
                cost = 0
                if signal >= 5:
                    for w in range(WORDS):
                        cost += popcount(missing[w] & library.cones[start + signal - 5, w])
                gain = dead - cost
                if gain > best:
                    equals = np.uint64(0)
                if gain >= best:
                    equals += np.uint64(1)
                    if random[0] == 0 or _draw(random, equals) == 0:
                        best, best_cut, best_root = gain, cut, root
        undo_dereference(net, node, uses, stack, dead)
        for k in range(size):
            net.references[leaf[k]] -= 1
    return best_cut, best_root


@njit(cache=True)
def _enter_levels(net, gates, literal, level):
    """Set the level of every signal of a forest: that of the node it is, or what it would be as a new gate."""
    for k in range(5):
        level[k] = net.level[literal[k] >> 1]
    for k in range(gates.shape[0]):
        if literal[5 + k] >= 0:
            level[5 + k] = net.level[literal[5 + k] >> 1]
        else:
            level[5 + k] = 1 + max(level[np.int64(gates[k, 0]) >> 1], level[np.int64(gates[k, 1]) >> 1])


@njit(cache=True)
def _draw(random, among):
    """A number below ``among``."""
    return (following(random[1:]) >> np.uint64(20)) % among


@njit(cache=True)
def _build(net, node, cut_sets, library, cut, root, literal):
    """Build the structure of a library root over a cut of a node; returns its literal."""
    table = cut_sets.table[node, cut]
    transform = np.int64(library.transform[table])
    start = np.int64(library.first_gate[np.int64(library.kind[table])])
    _place(transform, library.permutations, cut_sets.leaf[node, cut], cut_sets.size[node, cut], literal)
    result = np.int64(library.roots[root])
    if result >> 1 >= 5:
        cone = library.cones[start + (result >> 1) - 5]
        for k in range((result >> 1) - 4):
            if cone[k >> 6] >> np.uint64(k & 63) & np.uint64(1):
                a, b = operands(library.gates[start + k], literal)
                literal[5 + k] = add(net, a, b)
    return literal[result >> 1] ^ (result & 1) ^ (transform & 1)


@njit(cache=True)
def _place(transform, permutations, leaf, size, literal):
    """Set signals 1 to 4 to what a class's representative reads of the leaves."""
    for i in range(4):
        j = permutations[transform >> 5, i]
        literal[1 + i] = 2 * np.int64(leaf[j]) ^ (transform >> (1 + i) & 1) if j < size else 0
