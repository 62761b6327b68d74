"""Walks over the whole graph: levels, reference counts, reachability, and cutting a graph down to what is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig.aig import AIG, Literals


def levels(aig: AIG) -> NDArray[np.int32]:
    """(nodes,) int32: gates on the longest path from an input or register to each node, itself included."""
    return np.asarray(node_levels(aig.fanins, aig.first_and))


def depth(aig: AIG) -> int:
    """Gates on the longest path from an input or register to an output, next state or constraint."""
    return int(levels(aig)[aig.roots >> 1].max(initial=0))


def required_levels(aig: AIG, target: int) -> NDArray[np.int32]:
    """(nodes,) int32: the level at which each node may come in a graph of ``target`` levels; dead ones at any."""
    required = np.full(aig.num_nodes, target, np.int32)
    _require(aig.fanins, aig.first_and, reachable(aig, aig.roots), required)
    return required


def reference_counts(aig: AIG) -> NDArray[np.int32]:
    """(nodes,) int32: how many gates and roots use each node."""
    counts = np.bincount(aig.fanins.ravel() >> 1, minlength=aig.num_nodes)
    counts += np.bincount(aig.roots >> 1, minlength=aig.num_nodes)
    return counts.astype(np.int32)


def reachable(aig: AIG, roots: Literals) -> NDArray[np.bool_]:
    """(nodes,) bool: the nodes in the transitive fan-in of ``roots``, registers being leaves."""
    marked = np.zeros(aig.num_nodes, np.bool_)
    marked[roots >> 1] = True
    _mark_fanins(aig.fanins, aig.first_and, marked)
    return marked


def observable(aig: AIG) -> NDArray[np.bool_]:
    """(nodes,) bool: the nodes that an output or a constraint can see, now or at any later step."""
    roots = np.concatenate([aig.outputs, aig.constraints, aig.next_state if aig.keep_registers else []])
    marked = reachable(aig, roots.astype(np.uint32))
    _mark_through_registers(aig.fanins, aig.next_state, 1 + aig.num_inputs, aig.first_and, marked)
    return marked


def restrict(aig: AIG, gates: NDArray[np.bool_], registers: NDArray[np.bool_], **changes: Any) -> AIG:
    """The graph with only the marked gates (ANDs,) and registers (registers,).

    What is kept may use only what is kept. ``changes`` replace further fields.
    """
    keep = np.concatenate([np.ones(1 + aig.num_inputs, np.bool_), registers, gates])
    number = np.cumsum(keep, dtype=np.int64) - 1
    renumber = renumbering(number.astype(np.uint32))
    names = tuple(name for name, kept in zip(aig.register_names, registers, strict=True) if kept)
    fields = {
        "fanins": renumber(aig.fanins[gates]),
        "register_names": names,
        "next_state": renumber(aig.next_state[registers]),
        "reset": aig.reset[registers],
        "outputs": renumber(aig.outputs),
        "constraints": renumber(aig.constraints),
    }
    return replace(aig, **{**fields, **changes})


def by_level(aig: AIG) -> AIG:
    """The same graph with its gates in the order of their levels, otherwise as they were.

    A pass that builds a new graph in this order has met every gate that lies no deeper than the present one.
    """
    order = np.argsort(levels(aig)[aig.first_and :], kind="stable")
    number = np.arange(aig.num_nodes, dtype=np.uint32)
    number[aig.first_and + order] = np.arange(aig.first_and, aig.num_nodes, dtype=np.uint32)
    renumber = renumbering(number)
    return aig.with_roots(renumber(aig.roots), fanins=np.sort(renumber(aig.fanins[order]), axis=1))


def renumbering(number: NDArray[np.uint32]) -> Any:
    """The function on literal arrays that sends node ``n`` to node ``number[n]``, keeping complements."""
    return lambda literals: 2 * number[literals >> 1] + (literals & 1)


@njit(cache=True)
def node_levels(fanins, first):
    """(first + ANDs,) int32: gates on the longest path to each node of a graph given by its arrays."""
    level = np.zeros(first + fanins.shape[0], np.int32)
    for i in range(fanins.shape[0]):
        level[first + i] = 1 + max(level[fanins[i, 0] >> 1], level[fanins[i, 1] >> 1])
    return level


@njit(cache=True)
def _require(fanins, first, alive, required):
    for i in range(fanins.shape[0] - 1, -1, -1):
        if alive[first + i]:
            for side in range(2):
                node = np.int64(fanins[i, side]) >> 1
                required[node] = min(required[node], required[first + i] - 1)


@njit(cache=True)
def _mark_fanins(fanins, first, marked):
    for i in range(fanins.shape[0] - 1, -1, -1):
        if marked[first + i]:
            marked[fanins[i, 0] >> 1] = True
            marked[fanins[i, 1] >> 1] = True


@njit(cache=True)
def _mark_through_registers(fanins, next_state, first_register, first, marked):
    stack = np.empty(marked.shape[0], np.uint32)
    depth = 0
    for register in range(first_register, first):
        if marked[register]:
            stack[depth] = register
            depth += 1
    while depth > 0:
        depth -= 1
        node = np.int64(stack[depth])
        gate = node >= first
        for side in range(2 if gate else 1):
            x = np.int64(fanins[node - first, side] if gate else next_state[node - first_register]) >> 1
            if not marked[x]:
                marked[x] = True
                if x >= first_register:
                    stack[depth] = x
                    depth += 1
