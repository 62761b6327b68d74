"""All states that can be reached, as one decision diagram: many more than can be listed, where they have structure."""

from trilc.automata.symbolic.diagram import Diagram
from trilc.automata.symbolic.invariant import inductive
from trilc.automata.symbolic.reached import SymbolicallyReached, reach_symbolic

__all__ = ["Diagram", "SymbolicallyReached", "inductive", "reach_symbolic"]
