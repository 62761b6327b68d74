"""A smaller graph of the same shape: neighbours become one node."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.layout.graph import Graph

MEMBERS = 4
"""Nodes that become one, at most."""


def coarsen(graph: Graph) -> tuple[Graph, NDArray[np.int32]]:
    """A graph of groups of neighbours, and (nodes,) the group of each node.

    Nodes of few neighbours come first; each joins the group of the neighbour that it hangs on most closely: the largest
    weight over mass, heavy edges in the manner of Walshaw (2001). Groups of up to :data:`MEMBERS`, not pairs, make
    stars small as well (Meyerhenke, Sanders, Schulz 2014). Nodes without neighbours stay alone.
    """
    order = np.argsort(np.diff(graph.first), kind="stable").astype(np.int32)
    group, count = _gather(graph.first, graph.neighbour, graph.weight, graph.mass, order)
    members = np.argsort(group, kind="stable").astype(np.int32)
    begin = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(group, minlength=count), out=begin[1:])
    first = np.zeros(count + 1, np.int64)
    neighbour, weight = np.empty_like(graph.neighbour), np.empty_like(graph.weight)
    end = _merge(graph.first, graph.neighbour, graph.weight, group, members, begin, first, neighbour, weight)
    mass = np.bincount(group, graph.mass, count).astype(np.float32)
    return Graph(first, neighbour[:end].copy(), weight[:end].copy(), mass), group


@njit(cache=True, nogil=True)
def _gather(first, neighbour, weight, mass, order):
    group = np.full(order.shape[0], np.int32(-1))
    size = np.zeros(order.shape[0], np.int32)
    count = 0
    for k in range(order.shape[0]):
        node = order[k]
        if group[node] >= 0:
            continue
        best = np.int64(-1)
        closest = 0.0
        for e in range(first[node], first[node + 1]):
            other = neighbour[e]
            if group[other] < 0 or size[group[other]] < MEMBERS:
                close = np.float64(weight[e]) / mass[other]
                if close > closest:
                    closest = close
                    best = other
        if best >= 0 and group[best] >= 0:
            group[node] = group[best]
        else:
            group[node] = count
            if best >= 0:
                group[best] = count
                size[count] = 1
            count += 1
        size[group[node]] += 1
    return group, count


@njit(cache=True, nogil=True)
def _merge(first, neighbour, weight, group, members, begin, into, new_neighbour, new_weight):
    """Add up parallel edges between groups; returns the length of the new arrays."""
    place = np.full(begin.shape[0], np.int64(-1))
    end = np.int64(0)
    for g in range(begin.shape[0] - 1):
        start = end
        for k in range(begin[g], begin[g + 1]):
            node = members[k]
            for e in range(first[node], first[node + 1]):
                other = group[neighbour[e]]
                if other == g:
                    continue
                if place[other] < start:
                    place[other] = end
                    new_neighbour[end] = other
                    new_weight[end] = weight[e]
                    end += 1
                else:
                    new_weight[place[other]] += weight[e]
        into[g + 1] = end
    return end
