"""Undirected graphs as flat arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig import AIG


@dataclass(frozen=True, eq=False)
class Graph:
    """An undirected graph: the neighbours of node n are ``neighbour[first[n] : first[n + 1]]``."""

    first: NDArray[np.int64]
    """(nodes + 1,)"""
    neighbour: NDArray[np.int32]
    """(2 · edges,)"""
    weight: NDArray[np.float32]
    """(2 · edges,) how strongly each edge pulls."""
    mass: NDArray[np.float32]
    """(nodes,) how strongly each node pushes: the sum of its weights in the graph that all this began with."""

    @property
    def nodes(self) -> int:
        """How many."""
        return len(self.mass)


def graph_of(nodes: int, edges: NDArray[np.integer]) -> Graph:
    """The graph of (edges, 2) pairs of nodes, each of weight 1. Loops are left out; parallel edges stay."""
    ends = np.ascontiguousarray(edges, np.int32)
    ends = ends[ends[:, 0] != ends[:, 1]]
    degree = np.bincount(ends.ravel(), minlength=nodes)
    first = np.zeros(nodes + 1, np.int64)
    np.cumsum(degree, out=first[1:])
    neighbour = np.empty(2 * len(ends), np.int32)
    _fill(ends, first[:-1].copy(), neighbour)
    return Graph(first, neighbour, np.ones(2 * len(ends), np.float32), degree.astype(np.float32))


def gate_graph(aig: AIG) -> NDArray[np.int32]:
    """(edges, 2) the wires of a netlist: from fan-ins to gates, and from next states to registers.

    Node numbers are the netlist's; the constant has no wires.
    """
    gates = np.arange(aig.first_and, aig.num_nodes, dtype=np.int32)
    wires = np.empty((2 * aig.num_ands + aig.num_registers, 2), np.int32)
    for side in range(2):
        wires[side : 2 * aig.num_ands : 2, 0] = aig.fanins[:, side] >> 1
        wires[side : 2 * aig.num_ands : 2, 1] = gates
    wires[2 * aig.num_ands :, 0] = aig.next_state >> 1
    wires[2 * aig.num_ands :, 1] = aig.register_literals >> 1
    return wires[wires[:, 0] > 0]


@njit(cache=True, nogil=True)
def _fill(ends, place, neighbour):
    for e in range(ends.shape[0]):
        a, b = ends[e, 0], ends[e, 1]
        neighbour[place[a]] = b
        place[a] += 1
        neighbour[place[b]] = a
        place[b] += 1
