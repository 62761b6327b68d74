"""A graph under construction whose gates come and go: what the restructuring passes build into.

Passes that restructure read an old graph in topological order and grow a new one. ``references[n]`` counts the
live gates of the new graph that read node ``n``, and the readers of the old graph that are still to be mapped
onto ``n``. A gate that nothing refers to is dead: it keeps its place and its entry in the hash table (so that it
can be revived), and its fan-ins no longer count it. Gates are never changed, so the order stays topological.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig import hashing, traverse
from trilc.aig.aig import AIG, Literals


class Network(NamedTuple):
    """The arrays of a growing graph; nodes are numbered as in :class:`trilc.aig.AIG`."""

    fanins: Literals
    """(capacity, 2) uint32: row ``i`` belongs to node ``first + i``."""
    table: NDArray[np.uint32]
    """The hash table over ``fanins``."""
    partners: NDArray[np.uint64]
    """(first + capacity,) with what each node is ANDed in some gate: a bit for each literal, by its last six bits."""
    references: NDArray[np.int32]
    """(first + capacity,)"""
    level: NDArray[np.int32]
    """(first + capacity,)"""
    gates: NDArray[np.int64]
    """(1,) gates so far, dead ones too."""
    first: int
    """Number of the first AND node."""


def empty(aig: AIG, capacity: int) -> Network:
    """A network with the inputs and registers of ``aig`` and room for ``capacity`` gates."""
    size = 1 << (2 * capacity - 1).bit_length()
    return Network(
        np.zeros((capacity, 2), np.uint32),
        np.zeros(size, np.uint32),
        np.zeros(aig.first_and + capacity, np.uint64),
        np.zeros(aig.first_and + capacity, np.int32),
        np.zeros(aig.first_and + capacity, np.int32),
        np.zeros(1, np.int64),
        aig.first_and,
    )


def grown(network: Network) -> Network:
    """The same network with twice the room."""
    capacity = 2 * len(network.fanins)
    count = int(network.gates[0])
    table = np.zeros(1 << (2 * capacity - 1).bit_length(), np.uint32)
    fanins = enlarged(network.fanins, capacity)
    hashing.fill(fanins, network.first, table, count)
    nodes = network.first + capacity
    return network._replace(
        fanins=fanins,
        table=table,
        partners=enlarged(network.partners, nodes),
        references=enlarged(network.references, nodes),
        level=enlarged(network.level, nodes),
    )


def enlarged(array: NDArray[Any], length: int) -> NDArray[Any]:
    """A copy with zeros appended along the first axis."""
    larger = np.zeros((length, *array.shape[1:]), array.dtype)
    larger[: len(array)] = array
    return larger


@njit(cache=True, inline="always")
def _introduce(partners, a, b):
    partners[a >> 1] |= np.uint64(1) << np.uint64(b & 63)
    partners[b >> 1] |= np.uint64(1) << np.uint64(a & 63)


@njit(cache=True, inline="always")
def _may_be(partners, a, b):
    """Whether there may be a gate ``a ∧ b``. Most look-ups fail; this spares them the table, which no cache holds."""
    return (partners[a >> 1] >> np.uint64(b & 63)) & (partners[b >> 1] >> np.uint64(a & 63)) & np.uint64(1)


@njit(cache=True)
def add(network, a, b):
    """The literal of ``a ∧ b``; a new gate starts dead."""
    before = network.gates[0]
    literal, after = hashing.find_or_add(network.fanins, network.first, network.table, before, a, b)
    if after > before:
        network.gates[0] = after
        node = network.first + before
        _introduce(network.partners, np.int64(a), np.int64(b))
        level = max(network.level[np.int64(a) >> 1], network.level[np.int64(b) >> 1])
        network.level[node] = level + 1
    return literal


@njit(cache=True)
def reference(network, node, times, stack):
    """Refer to a node ``times`` more, reviving its cone where it was dead."""
    was = network.references[node]
    network.references[node] = was + times
    if was > 0 or times == 0:
        return
    depth = _push(network, node, stack, 0)
    while depth > 0:
        depth -= 1
        x = np.int64(stack[depth])
        network.references[x] += 1
        if network.references[x] == 1:
            depth = _push(network, x, stack, depth)


@njit(cache=True)
def dereference(network, node, times, stack):
    """Refer to a node ``times`` less, letting its cone die where that was the last.

    Returns how many gates died; they are the first so many entries of ``stack``, the node itself first.
    """
    network.references[node] -= times
    if network.references[node] > 0 or node < network.first:
        return 0
    # the front of the stack are the dead, whose fan-ins are looked at in turn
    dead = 1
    stack[0] = node
    k = 0
    while k < dead:
        row = np.int64(stack[k]) - network.first
        for side in range(2):
            x = np.int64(network.fanins[row, side]) >> 1
            network.references[x] -= 1
            if network.references[x] == 0 and x >= network.first:
                stack[dead] = x
                dead += 1
        k += 1
    return dead


@njit(cache=True)
def undo_dereference(network, node, times, stack, dead):
    """Take back the :func:`dereference` that left ``dead`` gates in ``stack``."""
    network.references[node] += times
    for k in range(dead):
        row = np.int64(stack[k]) - network.first
        network.references[np.int64(network.fanins[row, 0]) >> 1] += 1
        network.references[np.int64(network.fanins[row, 1]) >> 1] += 1


@njit(cache=True)
def _push(network, node, stack, depth):
    if node >= network.first:
        row = node - network.first
        stack[depth] = np.int64(network.fanins[row, 0]) >> 1
        stack[depth + 1] = np.int64(network.fanins[row, 1]) >> 1
        depth += 2
    return depth


@njit(cache=True)
def operands(pair, literal):
    """The fan-in literals of a gate of a structure, whose signals are the entries of ``literal``."""
    a, b = np.int64(pair[0]), np.int64(pair[1])
    return literal[a >> 1] ^ (a & 1), literal[b >> 1] ^ (b & 1)


@njit(cache=True)
def match(network, gates, literal, base, free):
    """Look the gates of a structure up without adding any.

    ``gates`` is (n, 2): literals ``2·signal + complement``; gate ``i`` is signal ``base + i``. ``literal`` has the
    literals of the signals below ``base``; those of the gates are entered, −1 where there is none. ``free[i]``
    becomes whether the gate would cost nothing: it is alive, or folds away.
    """
    for i in range(gates.shape[0]):
        x, y = np.int64(gates[i, 0]), np.int64(gates[i, 1])
        a, b = literal[x >> 1], literal[y >> 1]
        literal[base + i] = -1
        free[i] = False
        if a < 0 or b < 0:
            continue
        a ^= x & 1
        b ^= y & 1
        if a > b:
            a, b = b, a
        folded = hashing.fold(a, b)
        if folded >= 0:
            literal[base + i] = folded
            free[i] = True
            continue
        if not _may_be(network.partners, a, b):
            continue
        node = hashing.find(network.fanins, network.first, network.table, a, b)
        if node >= 0:
            literal[base + i] = 2 * node
            free[i] = network.references[node] > 0


# Rebuilding an old graph ------------------------------------------------------------------------------


class Rebuild(NamedTuple):
    """An old graph on its way into a network, gate by gate."""

    fanins: Literals
    """(old ANDs, 2) the old graph."""
    pending: NDArray[np.int32]
    """(old nodes,) how many live gates and roots of the old graph use each of its nodes."""
    literal_of: Literals
    """(old nodes,) what each old node has become."""
    network: Network

    @classmethod
    def of(cls, aig: AIG, capacity: int) -> Rebuild:
        """At the start: inputs and registers alone, with their old uses, and room for ``capacity`` gates."""
        literal_of = np.zeros(aig.num_nodes, np.uint32)
        literal_of[: aig.first_and] = np.arange(0, 2 * aig.first_and, 2)
        pending = live_references(aig.fanins, aig.first_and, aig.roots)
        net = empty(aig, capacity)
        net.references[: aig.first_and] = pending[: aig.first_and]
        return cls(aig.fanins, pending, literal_of, net)


@njit(cache=True)
def copy_gate(rebuild, row, stack):
    """Copy gate ``row`` of the old graph.

    Returns its new node, or −1 where nothing is to be improved there: it is dead, has folded away, or has
    fallen together with a gate that is used otherwise too. Else the node's references are the old gate's uses.
    """
    net = rebuild.network
    old = net.first + row
    uses = rebuild.pending[old]
    if uses == 0:
        return -1
    a, b = operands(rebuild.fanins[row], rebuild.literal_of)
    literal = add(net, np.int64(a), np.int64(b))
    rebuild.literal_of[old] = literal
    node = literal >> 1
    reference(net, node, uses, stack)
    dereference(net, np.int64(a) >> 1, 1, stack)
    dereference(net, np.int64(b) >> 1, 1, stack)
    return node if node >= net.first and literal & 1 == 0 and net.references[node] == uses else -1


@njit(cache=True)
def redirect(rebuild, row, literal, stack):
    """Let the uses of the old gate ``row``, copied last, read ``literal`` instead."""
    old = rebuild.network.first + row
    uses = rebuild.pending[old]
    before = np.int64(rebuild.literal_of[old])
    reference(rebuild.network, literal >> 1, uses, stack)
    dereference(rebuild.network, before >> 1, uses, stack)
    rebuild.literal_of[old] = literal


def finish(aig: AIG, rebuild: Rebuild) -> AIG:
    """The live gates of the network in place of those of ``aig``."""
    network = rebuild.network
    count = int(network.gates[0])
    roots = rebuild.literal_of[aig.roots >> 1] ^ (aig.roots & 1)
    rebuilt = aig.with_roots(roots, fanins=network.fanins[:count])
    alive = network.references[network.first : network.first + count] > 0
    return traverse.restrict(rebuilt, alive, np.ones(aig.num_registers, np.bool_))


@njit(cache=True)
def live_references(fanins, first, roots):
    """(nodes,) int32: how many roots, and gates that some root depends on, use each node."""
    references = np.zeros(first + fanins.shape[0], np.int32)
    for k in range(roots.shape[0]):
        references[np.int64(roots[k]) >> 1] += 1
    for i in range(fanins.shape[0] - 1, -1, -1):
        if references[first + i] > 0:
            references[np.int64(fanins[i, 0]) >> 1] += 1
            references[np.int64(fanins[i, 1]) >> 1] += 1
    return references
