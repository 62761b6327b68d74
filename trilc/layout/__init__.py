"""Graphs of millions of edges in the plane, and pictures of them.

``graph`` has the arrays, ``coarsen`` makes small graphs of large ones, ``repulsion`` is the force between all nodes,
``relaxation`` moves them under it on a ``device``: the ``processor``, or an ``accelerator`` such as a GPU.
``multilevel`` places graphs, ``colours`` says what belongs together, ``picture`` draws, ``png`` writes.
"""

from trilc.layout.device import device_named
from trilc.layout.graph import Graph, gate_graph, graph_of
from trilc.layout.multilevel import place
from trilc.layout.picture import draw

__all__ = ["Graph", "device_named", "draw", "gate_graph", "graph_of", "place"]
