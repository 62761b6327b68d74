"""Where the nodes of a graph go: coarse to fine, every level by forces."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.layout.coarsen import coarsen
from trilc.layout.graph import Graph
from trilc.layout.repulsion import Repulsion

FEWEST = 32
"""Nodes of the coarsest graph, about."""
ROUNDS = 200, 15
"""Steps on the coarsest level, and on the finest; between them they fall geometrically."""
DAMPING = 0.6
GRAVITY = 0.05
"""How strongly all is drawn to the middle, so that what is not connected does not drift away."""
WARM, COLD = 0.1, 0.002
"""How far a node may go in a step at first and at last, in widths of the picture."""


def place(graph: Graph, seed: int = 0, said: Callable[[str], None] = lambda _: None) -> NDArray[np.float32]:
    """(nodes, 2) places in the plane, the same for the same graph and seed.

    Edges pull in proportion to their length, nodes push in proportion to their degrees and to 1 ÷ distance (the edge
    repulsion of Noack 2009; ForceAtlas2, Jacomy et al. 2014): every step takes a node towards the middle of its
    neighbours plus the field there. In a graph of groups the same forces hold between groups, so a coarse layout is a
    good start for a finer one (Walshaw 2001). Time and memory are in proportion to the edges. ``said`` hears of levels.
    """
    levels, groups = [graph], []
    while levels[-1].nodes > FEWEST:
        smaller, group = coarsen(levels[-1])
        if smaller.nodes > 0.95 * levels[-1].nodes:
            break
        levels.append(smaller)
        groups.append(group)
    rng = np.random.default_rng(seed)
    where = rng.standard_normal((levels[-1].nodes, 2)).astype(np.float32)
    many, few = ROUNDS
    for depth in range(len(levels) - 1, -1, -1):
        level = levels[depth]
        said(f"level {depth}: {level.nodes:,} nodes")
        if depth < len(groups):
            jitter = rng.standard_normal((level.nodes, 2), np.float32)
            jitter *= np.float32(0.3) * where.std() / np.float32(max(1, levels[depth + 1].nodes) ** 0.5)
            where = where[groups[depth]] + jitter
        share = depth / max(1, len(levels) - 1)
        warmth = WARM * (COLD / WARM) ** (0.7 * (1 - share))
        _relax(level, where, round(few * (many / few) ** share), warmth)
    return where


def _relax(graph: Graph, where: NDArray[np.float32], rounds: int, warmth: float) -> None:
    """Move the nodes of one level, in place."""
    repulsion = Repulsion(graph.nodes)
    total = np.float32(float(graph.mass.sum()) or 1.0)
    for turn in range(rounds):
        where -= where.mean(axis=0)
        field = repulsion.field(where, graph.mass) / total
        field -= where * np.float32(GRAVITY / max(float(where.var()), 1e-12))
        reach = np.float32(warmth * (COLD / warmth) ** (turn / rounds) * max(float(np.ptp(where, axis=0).max()), 1e-6))
        moved = np.empty_like(where)
        _step(graph.first, graph.neighbour, graph.weight, graph.mass, where, field, reach, moved)
        where[:] = moved


@njit(cache=True, nogil=True)
def _step(first, neighbour, weight, mass, where, field, reach, moved):
    for n in range(where.shape[0]):
        x, y, pull = np.float32(0), np.float32(0), np.float32(0)
        for e in range(first[n], first[n + 1]):
            x += weight[e] * where[neighbour[e], 0]
            y += weight[e] * where[neighbour[e], 1]
            pull += weight[e]
        dx, dy = field[n, 0], field[n, 1]
        if pull > 0:  # less than the mass, which counts edges within a group as well
            dx = x / pull - where[n, 0] + dx * mass[n] / pull
            dy = y / pull - where[n, 1] + dy * mass[n] / pull
        dx *= np.float32(DAMPING)
        dy *= np.float32(DAMPING)
        far = np.sqrt(dx * dx + dy * dy)
        if far > reach:
            dx *= reach / far
            dy *= reach / far
        moved[n, 0] = where[n, 0] + dx
        moved[n, 1] = where[n, 1] + dy
