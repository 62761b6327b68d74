"""Graphs of millions of edges in the plane, and pictures of them.

``graph`` has the arrays, ``coarsen`` makes small graphs of large ones, ``repulsion`` is the force between all nodes,
``multilevel`` places them, ``colours`` says what belongs together, ``picture`` draws, ``png`` writes.
"""

from trilc.layout.graph import Graph, gate_graph, graph_of
from trilc.layout.multilevel import place
from trilc.layout.picture import draw

__all__ = ["Graph", "draw", "gate_graph", "graph_of", "place"]
