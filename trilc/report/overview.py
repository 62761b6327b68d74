"""What the machine is, in figures."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np

from passes import Size
from trilc.aig.traverse import levels
from trilc.describe import describe
from trilc.prove.conformance import conforms
from trilc.prove.equivalence import Answer
from trilc.report.packing import packed
from trilc.report.specimen import Specimen


def overview(specimen: Specimen, seconds: float) -> dict[str, Any]:
    """The machine's shape, its netlist's size, how gates lie by level, and whether the two were proved equal.

    The proof ends after so many seconds; with none it is not tried.
    """
    netlist = specimen.netlist
    depth = levels(netlist)[netlist.first_and :]
    return {
        "about": asdict(describe(specimen.source)),
        "size": asdict(Size.of(netlist)),
        "inputs": netlist.num_inputs,
        "outputs": netlist.num_outputs,
        "gates_by_level": packed(np.bincount(depth) if len(depth) else np.zeros(1, np.int64), "u4"),
        "proof": _proof(specimen, seconds),
    }


def _proof(specimen: Specimen, seconds: float) -> dict[str, Any] | None:
    """None for a netlist, which is what it is."""
    if specimen.model is None:
        return None
    if not seconds:
        return {"answer": "unknown", "how": "not tried"}
    verdict = conforms(specimen.model, specimen.netlist, None if math.isinf(seconds) else seconds)
    how = verdict.how if verdict.answer is Answer.EQUAL else verdict.where
    return {"answer": verdict.answer.value, "how": how or ""}
