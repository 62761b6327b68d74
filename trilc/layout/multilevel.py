"""Where the nodes of a graph go: coarse to fine, every level by forces."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from trilc.layout.coarsen import coarsen
from trilc.layout.device import Device
from trilc.layout.graph import Graph
from trilc.layout.processor import Processor
from trilc.layout.relaxation import COLD, relax

FEWEST = 32
"""Nodes of the coarsest graph, about."""
ROUNDS = 200, 15
"""Steps on the coarsest level, and on the finest; between them they fall geometrically."""
WARM = 0.1
"""How far a node may go in the first step, in widths of the picture."""

PROCESSOR = Processor()


def place(
    graph: Graph, seed: int = 0, said: Callable[[str], None] = lambda _: None, device: Device = PROCESSOR
) -> NDArray[np.float32]:
    """(nodes, 2) places in the plane, the same for the same graph and seed.

    Edges pull and nodes push (:func:`~trilc.layout.relaxation.relax`) so that what is densely connected lies together:
    the edge repulsion of Noack 2009; ForceAtlas2, Jacomy et al. 2014. In a graph of groups the same forces hold between
    groups, so a coarse layout is a good start for a finer one (Walshaw 2001). Time and memory are in proportion to the
    edges. ``said`` hears of levels. ``device`` computes the forces: the processor, or what
    :func:`~trilc.layout.device.device_named` gives; coarser graphs are always the processor's work.

    :raises InputError: the device's memory does not suffice.
    """
    levels, groups = [graph], []
    while levels[-1].nodes > FEWEST:
        smaller, group = coarsen(levels[-1])
        if smaller.nodes > 0.95 * levels[-1].nodes:
            break
        levels.append(smaller)
        groups.append(group)
    rng = np.random.default_rng(seed)
    many, few = ROUNDS
    with device.use():
        where = device.load(rng.standard_normal((levels[-1].nodes, 2)).astype(np.float32))
        for depth in range(len(levels) - 1, -1, -1):
            level = levels[depth]
            said(f"level {depth}: {level.nodes:,} nodes")
            if depth < len(groups):
                jitter = rng.standard_normal((level.nodes, 2), np.float32)
                spread = np.sqrt(np.float32(device.variance(where)))
                jitter *= np.float32(0.3) * spread / np.float32(max(1, levels[depth + 1].nodes) ** 0.5)
                where = where[device.load(groups[depth])] + device.load(jitter)
            share = depth / max(1, len(levels) - 1)
            warmth = WARM * (COLD / WARM) ** (0.7 * (1 - share))
            where = relax(level, where, round(few * (many / few) ** share), warmth, device)
        return device.fetch(where)
