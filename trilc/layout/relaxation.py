"""Steps of the nodes of one graph under the forces between them, on any device."""

from __future__ import annotations

from trilc.layout.device import Array, Device
from trilc.layout.graph import Graph
from trilc.layout.repulsion import Repulsion

DAMPING = 0.6
GRAVITY = 0.05
"""How strongly all is drawn to the middle, so that what is not connected does not drift away."""
COLD = 0.002
"""How far a node may go in the last step, in widths of the picture."""


def relax(graph: Graph, where: Array, rounds: int, warmth: float, device: Device) -> Array:
    """(nodes, 2) places after some rounds of steps from (nodes, 2) ``where``, which is overwritten.

    Edges pull in proportion to their length, nodes push in proportion to their degrees and to 1 ÷ distance: every step
    takes a node towards the middle of its neighbours plus the field there. ``warmth`` is how far it may go at first.
    """
    level = device.level(graph)
    repulsion = Repulsion(graph.nodes, device)
    total = float(graph.mass.sum()) or 1.0
    for turn in range(rounds):
        where -= where.mean(0)
        low, width = device.box(where)
        field = repulsion.field(level, where, low, width)
        field /= total
        field -= where * (GRAVITY / max(device.variance(where), 1e-12))
        reach = warmth * (COLD / warmth) ** (turn / rounds) * max(width, 1e-6)
        where = device.step(level, where, field, DAMPING, reach)
    return where
