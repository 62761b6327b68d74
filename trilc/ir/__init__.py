"""Word-level intermediate representation: one step of the machine in bounded integers."""

from trilc.ir.evaluate import evaluate
from trilc.ir.graph import Graph, Output
from trilc.ir.simplify import simplify
from trilc.ir.text import dump, parse

__all__ = ["Graph", "Output", "dump", "evaluate", "parse", "simplify"]
