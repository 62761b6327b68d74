"""What is known of each state bit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trilc.explain.formula import Reading, Statement, formula, written
from trilc.explain.trace import flips
from trilc.model import Model
from trilc.report.packing import packed
from trilc.report.specimen import Specimen
from trilc.report.text import Text
from trilc.sat.invariants import implications

CONTEXTS = 12
"""Places in the text that are shown of a bit, evenly spread among those where it switches on."""
TRIGGERS = 8
"""Tokens that are listed."""
BRIEF = 5
"""Bits that a neuron may read to be written in and, or and not as well."""
MOST_PROVED = 4096
"""Registers among which implications are looked for."""


def cards(specimen: Specimen, text: Text) -> dict[str, Any]:
    """Activity of all bits on the text, what was proved of them, and a card for each.

    ``constants`` never change from reset on; ``settled`` bits have one value after every token, whatever the rest.
    """
    change = flips(text.states)
    pairs = _pairs(specimen)
    names = specimen.names
    neurons = [None if specimen.model is None else _formula(specimen.model, bit) for bit in range(len(names))]
    settled = [[bit, value] for bit, row in enumerate(neurons) if row and (value := _settled(row)) is not None]
    fixed = {bit for bit, _ in settled} | set(constants(pairs))
    free = ~np.isin(pairs >> 1, list(fixed)).any(axis=1)
    known = np.bincount(text.tokens, minlength=specimen.terms.vocabulary)
    return {
        "names": list(names),
        "reset": text.states[0].tolist(),
        "on": packed(text.states[1:].sum(0, dtype=np.int64), "u4"),
        "rises": packed((change > 0).sum(0), "u4"),
        "falls": packed((change < 0).sum(0), "u4"),
        "never_together": packed(pairs, "u2"),
        "constants": sorted(constants(pairs).items()),
        "settled": settled,
        "implications": int(free.sum()),
        "registers": packed(specimen.literals, "u4"),
        "votes": _votes(specimen),
        "cards": [
            {**_seen(text, change[:, bit], known), "formula": neurons[bit]} for bit in range(len(names))
        ],
    }


def constants(pairs: NDArray[np.int64]) -> dict[int, int]:
    """Bits that never change from reset on, and their values: pairs of the same literal twice."""
    return {literal >> 1: literal & 1 for literal, other in pairs.tolist() if literal == other}


def _settled(row: dict[str, Any]) -> int | None:
    """What a neuron is after every token, whatever the bits that it reads; None where that depends."""
    if max(row["needed"]) <= 0:
        return 1
    return 0 if min(row["needed"]) > row["total"] else None


def _pairs(specimen: Specimen) -> NDArray[np.int64]:
    """(pairs, 2) literals ``2·bit + complement`` of state bits that are never true together from reset on."""
    pairs = implications(specimen.netlist).astype(np.int64)
    own = enumerate(specimen.literals.tolist())
    bit_of = {literal >> 1: (bit, literal & 1) for bit, literal in own if literal >= 2}
    found = []
    for a, b in pairs.tolist():
        if a >> 1 in bit_of and b >> 1 in bit_of:
            (one, flip), (other, flop) = bit_of[a >> 1], bit_of[b >> 1]
            found.append((2 * one + (a & 1 ^ flip), 2 * other + (b & 1 ^ flop)))
    return np.array(found, np.int64).reshape(-1, 2)


def _seen(text: Text, change: NDArray[np.int8], known: NDArray[np.int64]) -> dict[str, Any]:
    """Where the text switches a bit on, and at which tokens: how often, of how many."""
    rises = np.flatnonzero(change > 0)
    chosen = rises[np.linspace(0, len(rises) - 1, min(CONTEXTS, len(rises))).astype(np.int64)] if len(rises) else rises
    at = np.bincount(text.tokens[rises], minlength=len(known))
    order = np.lexsort((np.arange(len(at)), -at))[:TRIGGERS]
    return {
        "contexts": (chosen + 1).tolist(),
        "triggers": [[int(token), int(at[token]), int(known[token])] for token in order if at[token]],
    }


def _formula(model: Model, bit: int) -> dict[str, Any] | None:
    """A neuron as a count: literals as [bit, whether of the state after the token, weight, negative for the
    complement], and what every token needs of them.
    """
    (row,) = formula(model, f"h[{bit}]")
    assert isinstance(row, Statement)
    (part,) = row.parts
    few = len(part.literals) <= BRIEF
    return {
        "literals": [
            [literal.bit.number, int(literal.bit.after), int(weight) if literal.positive else -int(weight)]
            for literal, weight in zip(part.literals, part.weights.tolist(), strict=True)
        ],
        "needed": part.needed.tolist(),
        "base": part.base,
        "total": part.total,
        "boolean": written([row], "boolean", Reading.of(model)) if few else None,
    }


def _votes(specimen: Specimen) -> dict[str, Any] | None:
    """(O, units) what each bit adds to each score: the head's weights."""
    model = specimen.model
    if model is None or model.head is None:
        return None
    weights = np.zeros((model.num_outputs, model.units), np.int64)
    weights[:, model.units - model.head.weight.shape[1] :] = model.head.weight
    return packed(weights, "i1")
