"""The fan-out of a gate, some levels far: what a change of the gate must pass through to be seen."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

LARGEST = 48
"""Gates that a fan-out window has at most, its root among them."""


class Fanout(NamedTuple):
    """A gate, its *root*, and readers of it, of theirs, and so on.

    Where a gate has readers beyond the window, it is an *end*: changes of the root count if they change an end.
    """

    node: NDArray[np.uint32]
    """(places,) in topological order, the root first."""
    end: NDArray[np.bool_]
    """(places,)"""
    spot: NDArray[np.int32]
    """(nodes of the graph,) the place of each in the window, −1 for those outside."""
    value: NDArray[np.uint64]
    """(places, words) scratch for the values when the root is another function."""


def empty(nodes: int, words: int) -> Fanout:
    """Room for the windows of a graph."""
    return Fanout(
        np.zeros(LARGEST, np.uint32), np.zeros(LARGEST, np.bool_), np.full(nodes, -1, np.int32),
        np.zeros((LARGEST, words), np.uint64),
    )  # fmt: skip


@njit(cache=True)
def open_fanout(graph, sinks, root, largest, fanout):
    """Find the window of a root, of up to ``largest`` places; returns their number.

    ``graph`` is a :class:`trilc.aig.editing.Editing` whose rows ``sinks[0] … sinks[1] - 1`` are its sinks.
    """
    node, end, spot, _ = fanout
    node[0] = root
    spot[root] = 0
    count = 1
    k = 0
    while k < count:
        x = np.int64(node[k])
        before = count
        end[k] = False
        edge = np.int64(graph.reader[x])
        while edge != 0:
            row = (edge >> 1) - 1
            edge = np.int64(graph.next_reader[edge])
            reader = graph.first + row
            if graph.references[reader] == 0 and not _is_sink(sinks, row):
                continue
            if _is_sink(sinks, row) or (spot[reader] < 0 and count == largest):
                end[k] = True
                break
            if spot[reader] < 0:
                node[count] = reader
                spot[reader] = count
                count += 1
        if end[k]:
            for j in range(before, count):
                spot[node[j]] = -1
            count = before
        k += 1
    _sort(graph, fanout, count)
    return count


@njit(cache=True)
def close_fanout(fanout, count):
    """Forget which nodes are in the window."""
    for k in range(count):
        fanout.spot[fanout.node[k]] = -1


@njit(cache=True, inline="always")
def _is_sink(sinks, row):
    return sinks[0] <= row < sinks[1]


@njit(cache=True)
def _sort(graph, fanout, count):
    """Bring the places into topological order; the window is small."""
    node, end, spot, _ = fanout
    done = 1
    while done < count:
        for k in range(done, count):
            row = np.int64(node[k]) - graph.first
            left = spot[np.int64(graph.fanins[row, 0]) >> 1]
            right = spot[np.int64(graph.fanins[row, 1]) >> 1]
            if left < done and right < done:
                node[k], node[done] = node[done], node[k]
                end[k], end[done] = end[done], end[k]
                spot[node[k]] = k
                spot[node[done]] = done
                done += 1
                break


@njit(cache=True)
def spread(graph, fanout, count, values):
    """Values of the window's gates in ``fanout.value``, where place 0 has another value than in ``values``."""
    node, _, spot, changed = fanout
    for k in range(1, count):
        row = np.int64(node[k]) - graph.first
        a, b = np.int64(graph.fanins[row, 0]), np.int64(graph.fanins[row, 1])
        i, j = spot[a >> 1], spot[b >> 1]
        flip_a, flip_b = np.uint64(0) - np.uint64(a & 1), np.uint64(0) - np.uint64(b & 1)
        for w in range(changed.shape[1]):
            left = changed[i, w] if i >= 0 else values[a >> 1, w]
            right = changed[j, w] if j >= 0 else values[b >> 1, w]
            changed[k, w] = (left ^ flip_a) & (right ^ flip_b)
