"""Bit-parallel simulation: an AIG becomes a tape of gates, and an interpreter runs it over many lanes.

``interpreter`` has the gates and the kernel, ``mapping`` covers the AIG with them, ``schedule`` orders them,
``tape`` puts the three together; ``planes`` transposes codes, ``machine`` runs streams of them. ``nodes`` is
the plain walk that yields every node's value.
"""

from trilc.aig.simulation.nodes import evaluate, literal_values, simulate_nodes
from trilc.aig.simulation.simulator import Simulator

__all__ = ["Simulator", "evaluate", "literal_values", "simulate_nodes"]
