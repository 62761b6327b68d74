"""The minimal automaton, where that is small."""

from __future__ import annotations

from typing import Any

import numpy as np

from trilc.automata import explore, minimise, observation
from trilc.layout import graph_of, place
from trilc.report.packing import packed
from trilc.report.specimen import Specimen

LIMIT = 20_000
"""States of the net that are looked at."""
DRAWN = 200
"""States of an automaton that is shown."""


def automaton(specimen: Specimen) -> dict[str, Any] | None:
    """How many states are reached, how many of them differ, and the machine of those, with places to draw it.

    None for a netlist, and for a model that says nothing.
    """
    if specimen.model is None:
        return None
    reached = explore(observation(specimen.model), LIMIT)
    facts: dict[str, Any] = {
        "reached": reached.states, "complete": reached.complete, "depth": reached.depth, "minimal": None,
        "machine": None,
    }  # fmt: skip
    if not reached.complete:
        return facts
    machine, _ = minimise(reached.machine())
    facts["minimal"] = machine.states
    if machine.states <= DRAWN:
        ends = np.stack([np.repeat(np.arange(machine.states), machine.vocabulary), machine.delta.ravel()], 1)
        facts["machine"] = {
            "start": machine.start,
            "delta": machine.delta.tolist(),
            "output": machine.output.tolist(),
            "symbols": None if machine.symbols is None else list(machine.symbols),
            "places": packed(place(graph_of(machine.states, np.unique(np.sort(ends, axis=1), axis=0))), "f4"),
        }
    return facts
