"""Windows: a gate, a cut below it, and what is computed from the leaves of that cut, with truth tables."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

LEAVES = 12
"""Leaves that a window's cut may have."""

INNER = 100
"""Gates between a window's root and its leaves."""

READERS = 32
"""Readers of a node that are looked at for the window."""


class Window(NamedTuple):
    """The nodes of a window: the constant, the leaves, the gates between them and the root, the root, and others.

    Every node is a function of the leaves; those that the root does not need to itself are *divisors*.
    """

    node: NDArray[np.uint32]
    """(places,) in topological order."""
    table: NDArray[np.uint64]
    """(places, 2^LEAVES / 64) each as a function of the leaves; with less leaves only the first words are used."""
    divisor: NDArray[np.bool_]
    """(places,) whether a node lives on when the root dies."""
    place: NDArray[np.int32]
    """(nodes of the graph,) where each is in the window, −1 for those outside."""


OUTSIDE, CONE = -1, -2
"""Places of nodes without a place: outside the window, and in it but not yet reached."""


def empty(nodes: int, cut: int, largest: int) -> Window:
    """Room for windows of a graph of ``nodes`` nodes that are no larger than a cone, or ``largest`` nodes."""
    places = max(1 + cut + INNER, largest)
    return Window(
        np.zeros(places, np.uint32),
        np.zeros((places, 1 << max(cut - 6, 0)), np.uint64),
        np.zeros(places, np.bool_),
        np.full(nodes, OUTSIDE, np.int32),
    )


@njit(cache=True)
def reconvergent_cut(graph, root, widest, window):
    """Grow a cut of up to ``widest`` leaves by reconvergence (Mishchenko, Brayton 2006); returns its size.

    Always the leaf that brings the fewest new ones becomes part of the cone. The leaves take the first places of
    the window after the constant; the gates of the cone are marked.
    """
    node, place = window.node, window.place
    node[0] = 0
    place[0] = 0
    place[root] = CONE
    size = 0
    following = np.int64(root)
    inner = 1
    while following >= 0:
        for side in range(2):
            x = np.int64(graph.fanins[following - graph.first, side]) >> 1
            if place[x] == OUTSIDE:
                size += 1
                node[size] = x
                place[x] = size
        following = np.int64(-1)
        fewest = 3
        for k in range(1, size + 1):
            x = np.int64(node[k])
            if x < graph.first:
                continue
            new = 0
            for side in range(2):
                if place[np.int64(graph.fanins[x - graph.first, side]) >> 1] == OUTSIDE:
                    new += 1
            if new < fewest or (new == fewest and x > following):
                following, fewest = x, new
        if size - 1 + fewest > widest or inner == INNER:
            break
        if following >= 0:
            inner += 1
            k = place[following]
            node[k] = node[size]
            place[node[k]] = k
            place[following] = CONE
            size -= 1
    return size


@njit(cache=True)
def open_window(graph, root, size, largest, window, stack):
    """Place the cone above the cut, then the divisors beside it, with their tables; returns the number of places.

    Divisors are added until there are ``largest`` nodes. The gates that die with the root must have no references
    at this time.
    """
    node, table, divisor, place = window
    words = 1 << max(size - 6, 0)
    for k in range(size + 1):
        divisor[k] = True
        set_source(table[k], k - 1, words)
    count = size + 1
    stack[0] = root
    depth = 1
    while depth > 0:
        x = np.int64(stack[depth - 1])
        a = np.int64(graph.fanins[x - graph.first, 0])
        b = np.int64(graph.fanins[x - graph.first, 1])
        if place[a >> 1] < 0:
            stack[depth] = a >> 1
            depth += 1
        elif place[b >> 1] < 0:
            stack[depth] = b >> 1
            depth += 1
        else:
            depth -= 1
            if place[x] < 0:
                _enter(window, count, x, a, b, words, graph.references[x] > 0)
                count += 1
    k = 0
    while k + 1 < count < largest:
        k += 1
        if not divisor[k]:
            continue
        edge = np.int64(graph.reader[node[k]])
        for _ in range(READERS):
            if edge == 0 or count >= largest:
                break
            row = (edge >> 1) - 1
            edge = np.int64(graph.next_reader[edge])
            x = graph.first + row
            if place[x] != OUTSIDE or graph.references[x] == 0:
                continue
            a, b = np.int64(graph.fanins[row, 0]), np.int64(graph.fanins[row, 1])
            left, right = place[a >> 1], place[b >> 1]
            if left >= 0 and right >= 0 and divisor[left] and divisor[right]:
                _enter(window, count, x, a, b, words, True)
                count += 1
    return count


@njit(cache=True)
def close_window(window, count):
    """Forget which nodes are in the window."""
    for k in range(count):
        window.place[window.node[k]] = OUTSIDE


@njit(cache=True)
def _enter(window, k, x, a, b, words, divisor):
    window.node[k] = x
    window.place[x] = k
    window.divisor[k] = divisor
    left, right = window.table[window.place[a >> 1]], window.table[window.place[b >> 1]]
    table = window.table[k]
    flip_left, flip_right = np.uint64(-(a & 1)), np.uint64(-(b & 1))
    for w in range(words):
        table[w] = (left[w] ^ flip_left) & (right[w] ^ flip_right)


@njit(cache=True)
def set_source(table, variable, words):
    """The table of a leaf; of the constant false for variable −1."""
    for w in range(words):
        if variable < 0:
            table[w] = 0
        elif variable < 6:
            # 0xAAAA…, 0xCCCC…, 0xF0F0… and so on
            run = np.uint64(1 << variable)
            table[w] = ~np.uint64(0) // ((np.uint64(1) << run) + np.uint64(1)) << run
        else:
            table[w] = np.uint64(-(w >> (variable - 6) & 1))
