"""Speed: fewer levels, by rebuilding what is critical so that late signals come in near the top."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numba import njit

from passes.balance import Balance
from trilc.aig import AIG, network
from trilc.aig.network import Rebuild, add, copy_gate, finish, redirect
from trilc.aig.traverse import by_level, depth, levels, required_levels

LEAVES = 6
"""Leaves of a cone: its function is one machine word."""

GATES = 24
"""Gates that a cone may have."""

ROOM = 512
"""Gates that must have room before the next gate is looked at: the trials for one."""

VARIABLES = np.array(
    [0xAAAAAAAAAAAAAAAA, 0xCCCCCCCCCCCCCCCC, 0xF0F0F0F0F0F0F0F0, 0xFF00FF00FF00FF00, 0xFFFF0000FFFF0000,
     0xFFFFFFFF00000000], np.uint64,
)  # fmt: skip


@dataclass(frozen=True)
class Speed:
    """Restructure critical gates by late-arriving leaves, then balance, while levels fall.

    Below each gate without slack a cone is grown, its latest leaf first, to up to six leaves. Its function is built
    anew by expansion about its latest leaf, then the next (Shannon 1949; the generalised select transform of Berman,
    Hathaway, LaPaugh, Trevillyan 1990): an AND or OR with it where that is the function, g ∨ (x ∧ h) with g and
    h chosen within their intervals where it is unate in x, a multiplexer elsewhere. A carry so becomes a
    look-ahead. A round has a target, and a gate that meets it is left alone; of the cones that let a gate meet it
    the one of the fewest new gates takes its place, else the fastest. Rounds of ever smaller targets end when no
    level can be won within ``percent`` per cent more gates than there were.
    """

    name: ClassVar[str] = "speed"
    percent: int = 2

    def apply(self, aig: AIG) -> AIG:
        """See the class. Never more levels."""
        most = aig.num_ands * (100 + self.percent) // 100
        best = Balance().apply(aig)
        widest = 1
        step = depth(best) // 4
        while step > 0:
            faster, wider = _round(best, depth(best) - step, widest)
            if depth(faster) < depth(best) and faster.num_ands <= most:
                best = faster
            elif step > 1:
                step //= 2
            elif wider:
                widest, step = 2 * widest, max(depth(best) // 8, 1)
            else:
                break
        return best if depth(best) < depth(aig) else aig


def _round(aig: AIG, target: int, widest: int) -> tuple[AIG, bool]:
    """Bring gates to the level that lets the graph have ``target`` levels, where that can be done.

    Only gates of levels on which at most ``widest`` are critical are touched; whether there are others.
    """
    aig = by_level(aig)
    level, required = levels(aig), required_levels(aig, target)
    critical = np.bincount(level[level > required], minlength=level.max(initial=0) + 1)
    required[critical[level] > widest] = level.max(initial=0)
    rebuild = Rebuild.of(aig, 2 * aig.num_ands + ROOM)
    row = 0
    while (row := _hasten(rebuild, row, required)) < aig.num_ands:
        rebuild = rebuild._replace(network=network.grown(rebuild.network))
    return Balance().apply(finish(aig, rebuild)), bool((critical > widest).any())


@njit(cache=True)
def _hasten(rebuild, row, required):
    """Go on from old gate ``row`` as far as there is room; returns the first gate that is not done."""
    net = rebuild.network
    stack = np.empty(2 * net.references.shape[0] + 2, np.uint32)
    leaf = np.empty(LEAVES + 1, np.int64)
    gate = np.empty(GATES, np.int64)
    while row < rebuild.fanins.shape[0]:
        if net.gates[0] + ROOM > net.fanins.shape[0]:
            return row
        node = copy_gate(rebuild, row, stack)
        if node >= 0 and net.level[node] > required[net.first + row]:
            literal = _faster(net, node, required[net.first + row], leaf, gate)
            if literal >= 0:
                redirect(rebuild, row, literal, stack)
        row += 1
    return row


@njit(cache=True)
def _faster(net, node, required, leaf, gate):
    """The literal of a new cone for the node, of the required level or else of the lowest, −1 if of none lower."""
    best, literal, cost = np.int64(net.level[node]), np.int64(-1), np.int64(0)
    gate[0] = node
    gates = 1
    size = 0
    for side in range(2):
        leaf[size] = np.int64(net.fanins[node - net.first, side]) >> 1
        size += 1
    while gates < GATES:
        # the latest leaf becomes part of the cone
        chosen = -1
        for k in range(size):
            if leaf[k] >= net.first and (chosen < 0 or net.level[leaf[k]] > net.level[leaf[chosen]]):
                chosen = k
        if chosen < 0:
            break
        x = leaf[chosen]
        size -= 1
        leaf[chosen] = leaf[size]
        place = gates
        while gate[place - 1] < x:  # gates stand in descending order
            gate[place] = gate[place - 1]
            place -= 1
        gate[place] = x
        gates += 1
        for side in range(2):
            y = np.int64(net.fanins[x - net.first, side]) >> 1
            k = 0
            while k < size and leaf[k] != y:
                k += 1
            j = 0
            while j < gates and gate[j] != y:
                j += 1
            if k == size and j == gates:
                if size == LEAVES:
                    return literal
                leaf[size] = y
                size += 1
        _by_level(net, leaf, size)
        table = _table(net, gate, gates, leaf, size)
        before = net.gates[0]
        new = _expand(net, leaf, size, table, table)
        level = max(np.int64(net.level[new >> 1]), required)
        if level < best or (level == best and literal >= 0 and net.gates[0] - before < cost):
            best, literal, cost = level, new, net.gates[0] - before
    return literal


@njit(cache=True)
def _by_level(net, leaf, size):
    """Sort leaves, the latest last; of equals the higher node."""
    for k in range(1, size):
        x = leaf[k]
        j = k
        while j > 0 and (net.level[leaf[j - 1]], leaf[j - 1]) > (net.level[x], x):
            leaf[j] = leaf[j - 1]
            j -= 1
        leaf[j] = x


@njit(cache=True)
def _table(net, gate, gates, leaf, size):
    """The truth table of ``gate[0]`` over the leaves."""
    value = np.zeros(GATES, np.uint64)
    for g in range(gates - 1, -1, -1):
        result = ~np.uint64(0)
        for side in range(2):
            literal = np.int64(net.fanins[gate[g] - net.first, side])
            table = np.uint64(0)
            for k in range(size):
                if leaf[k] == literal >> 1:
                    table = VARIABLES[k]
            for j in range(g + 1, gates):
                if gate[j] == literal >> 1:
                    table = value[j]
            result &= table ^ np.uint64(-(literal & 1))
        value[g] = result
    return value[0]


@njit(cache=True)
def _expand(net, leaf, size, lower, upper):
    """The literal of a function between two bounds, over the first ``size`` leaves."""
    if lower == 0:
        return np.int64(0)
    if ~upper == 0:
        return np.int64(1)
    k = size - 1
    x = 2 * leaf[k]
    lower0, lower1 = _cofactor(lower, k, 0), _cofactor(lower, k, 1)
    upper0, upper1 = _cofactor(upper, k, 0), _cofactor(upper, k, 1)
    if (lower0 | lower1) & ~(upper0 & upper1) == 0:
        return _expand(net, leaf, k, lower0 | lower1, upper0 & upper1)
    if lower0 == 0:
        return add(net, x, _expand(net, leaf, k, lower1, upper1))
    if lower1 == 0:
        return add(net, x ^ 1, _expand(net, leaf, k, lower0, upper0))
    if ~upper1 == 0:
        return add(net, x ^ 1, _expand(net, leaf, k, lower0, upper0) ^ 1) ^ 1
    if ~upper0 == 0:
        return add(net, x, _expand(net, leaf, k, lower1, upper1) ^ 1) ^ 1
    if lower0 & ~upper1 == 0:
        always, often = lower0, lower1
        ceiling, limit = upper0 & upper1, upper1
    elif lower1 & ~upper0 == 0:
        always, often = lower1, lower0
        ceiling, limit = upper0 & upper1, upper0
        x ^= 1
    else:
        then = _expand(net, leaf, k, lower1, upper1)
        otherwise = then ^ 1
        if lower0 != ~upper1 or upper0 != ~lower1:
            otherwise = _expand(net, leaf, k, lower0, upper0)
        return add(net, add(net, x, then) ^ 1, add(net, x ^ 1, otherwise) ^ 1) ^ 1
    base = _expand(net, leaf, k, always, ceiling)
    rest = _expand(net, leaf, k, often & ~always, limit)
    return add(net, base ^ 1, add(net, x, rest) ^ 1) ^ 1


@njit(cache=True)
def _cofactor(table, variable, value):
    """A truth table with one variable fixed."""
    part = table & (VARIABLES[variable] if value else ~VARIABLES[variable])
    run = np.uint64(1 << variable)
    return part | (part >> run if value else part << run)
