"""Bit-parallel simulation: an AIG becomes a tape of gates, and an engine runs it over many lanes.

``gates`` says what a tape is, ``mapping`` covers the AIG with gates, ``schedule`` orders them, ``tape`` puts
these together. Of two engines ``native``, which says why, compiles the tape for the processor: ``microcode`` has
its single instructions, ``registers`` allots registers, ``x86`` encodes. ``interpreter`` is for all others.
``planes`` transposes codes, ``machine`` runs streams of them; ``nodes`` is the plain walk that yields every
node's value.
"""

from trilc.aig.simulation.nodes import evaluate, literal_values, simulate_nodes
from trilc.aig.simulation.simulator import Simulator

__all__ = ["Simulator", "evaluate", "literal_values", "simulate_nodes"]
