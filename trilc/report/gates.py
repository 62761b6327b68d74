"""The netlist, gate by gate, and where each gate lies in the plane."""

from __future__ import annotations

from typing import Any

import numpy as np

from trilc.aig.traverse import levels
from trilc.explain.modules.structure import Groups
from trilc.layout import gate_graph, graph_of, place
from trilc.layout.colours import owners
from trilc.report.packing import packed
from trilc.report.specimen import Specimen

MOST_GATES = 300_000
"""That a page has room for."""
SIDE = 65535
"""Places are whole numbers from 0 up to this."""


def gates(specimen: Specimen, modules: Groups) -> dict[str, Any] | None:
    """Fan-ins, roots, levels, and places by forces; None where there are more than :data:`MOST_GATES` gates.

    ``owner`` is the module of registers that a node works for, ``len(modules)`` for the outputs, −1 for several or
    none.
    """
    netlist = specimen.netlist
    if netlist.num_ands > MOST_GATES:
        return None
    where = place(graph_of(netlist.num_nodes, gate_graph(netlist))).astype(np.float64)
    shown = where[1:] if len(where) > 1 else where
    low, high = np.quantile(shown, [0.0005, 0.9995], axis=0)  # a few that lie far off would make all others small
    scale = SIDE / max(float((high - low).max()), 1e-9)
    middle = (low + high) / 2
    placed = np.clip(np.round((where - middle) * scale + SIDE / 2), 0, SIDE)
    return {
        "inputs": list(netlist.input_names),
        "registers": list(netlist.register_names),
        "outputs": list(netlist.output_names),
        "fanins": packed(netlist.fanins, "u4"),
        "next_state": packed(netlist.next_state, "u4"),
        "output_literals": packed(netlist.outputs, "u4"),
        "levels": packed(levels(netlist), "u2"),
        "owner": packed(np.maximum(owners(netlist, _modules_of_registers(specimen, modules)), -1), "i2"),
        "places": packed(placed, "u2"),
    }


def _modules_of_registers(specimen: Specimen, modules: Groups) -> np.ndarray[Any, np.dtype[np.int64]]:
    """(registers + 1,) the module of each register, and the number of the outputs' own."""
    netlist = specimen.netlist
    number = np.zeros(netlist.num_registers + 1, np.int64)
    for k, module in enumerate(modules):
        own = specimen.literals[list(module)]
        number[(own[own >= 2] >> 1) - 1 - netlist.num_inputs] = k
    number[-1] = len(modules)
    return number
