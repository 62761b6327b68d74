"""Which bits talk to each other: proved dependences, what each does on the text, and modules."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trilc.aig.simulation import literal_values, simulate_nodes
from trilc.explain.modules import Structure, ablation, dependence, significance, structure
from trilc.explain.modules.structure import Groups
from trilc.layout import graph_of, place
from trilc.report.packing import packed
from trilc.report.specimen import Specimen
from trilc.report.text import Text

MOMENTS = 512
"""Of the text, evenly spread, at which bits are flipped."""
READ = 1000
"""Tokens of the text that the model reads with modules frozen, at most."""
SHUFFLES = 5
ROOM = 1 << 24
"""Words of values that are held at a time, where bits are flipped side by side."""
STRONGEST = 3
"""Wires into each bit that place it."""


@dataclass(frozen=True, eq=False)
class Wiring:
    """Among state bits."""

    depends: NDArray[np.bool_]
    """(units, units) whether bit i depends on bit j, in any state; what is not known counts."""
    unknown: NDArray[np.bool_]
    decided: dict[str, int]
    influence: NDArray[np.int64]
    """(units, units) at how many of the ``moments`` flipping bit j flips bit i one token later."""
    moments: int
    how: Structure

    @property
    def modules(self) -> Groups:
        """Bits by community."""
        return self.how.communities


def wiring(specimen: Specimen, text: Text) -> Wiring:
    """Prove who depends on whom, and count on the text how often that matters."""
    found = dependence(specimen.source)
    depends, unknown = found.depends, found.unknown
    if specimen.model is None:
        depends, unknown = (_of_bits(specimen, matrix) for matrix in (depends, unknown))
    influence, moments = _influence(specimen, text)
    return Wiring(depends, unknown, found.decided, influence, moments, structure(depends))


def wiring_facts(specimen: Specimen, text: Text, wires: Wiring) -> dict[str, Any]:
    """For the page: wires from bits to bits, the strongest into each bit first; modules and what they are worth."""
    into, of = np.nonzero(wires.depends)
    strength = wires.influence[into, of]
    order = np.lexsort((of, -strength, into))
    into, of, strength = into[order], of[order], strength[order]
    begin = np.searchsorted(into, into)
    strongest = np.arange(len(into)) - begin < STRONGEST
    where = place(graph_of(len(wires.depends), np.stack([of, into], 1)[strongest]))
    return {
        "from": packed(of, "u2"),
        "to": packed(into, "u2"),
        "strength": packed(strength, "u2"),
        "sign": packed(_signs(specimen)[into, of], "i1"),
        "moments": wires.moments,
        "unknown": int(wires.unknown.sum()),
        "decided": wires.decided,
        "places": packed(where, "f4"),
        "modules": [list(module) for module in wires.modules],
        "modularity": wires.how.modularity,
        "shuffled": _shuffled(wires),
        "components": len(wires.how.components),
        "largest_component": max(map(len, wires.how.components), default=0),
        "parts": len(wires.how.parts),
        "worth": _worth(specimen, text, wires),
    }


def _influence(specimen: Specimen, text: Text) -> tuple[NDArray[np.int64], int]:
    """Flip every bit in turn, at moments of the text in the lanes of words, and see what else flips."""
    count = min(MOMENTS, len(text.tokens))
    moments = np.linspace(0, len(text.tokens) - 1, count).astype(np.int64)
    netlist, units = specimen.netlist, specimen.terms.units
    own = specimen.literals
    registers = np.zeros((netlist.num_registers, count), np.uint8)
    is_register = own >= 2
    rows = (own[is_register] >> 1) - 1 - netlist.num_inputs
    registers[rows] = (text.states[moments].T[is_register]) ^ (own[is_register] & 1)[:, None].astype(np.uint8)
    codes = text.tokens[moments][None] >> np.arange(netlist.num_inputs)[:, None] & 1
    lanes = _words(np.concatenate([codes.astype(np.uint8), registers]))
    valid = _words(np.ones((1, count), np.uint8))
    following = np.array([netlist.next_state[(x >> 1) - 1 - netlist.num_inputs] if x >= 2 else 0 for x in own.tolist()])
    following = following.astype(np.uint32)
    plain = literal_values(simulate_nodes(netlist, lanes), following)
    found = np.zeros((units, units), np.int64)
    side_by_side = max(1, ROOM // (netlist.num_nodes * lanes.shape[1]))
    for begin in range(0, units, side_by_side):
        bits = range(begin, min(begin + side_by_side, units))
        flipped = np.tile(lanes, (1, len(bits)))
        for k, bit in enumerate(bits):
            if own[bit] >= 2:
                flipped[(own[bit] >> 1) - 1, k * lanes.shape[1] : (k + 1) * lanes.shape[1]] ^= ~np.uint64(0)
        values = literal_values(simulate_nodes(netlist, flipped), following)
        changed = (values.reshape(units, len(bits), -1) ^ plain[:, None]) & valid
        found[:, begin : begin + len(bits)] = np.bitwise_count(changed).sum(2, dtype=np.int64)
    return found, count


def _words(bits: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """(rows, lanes) bits as (rows, words), the last word filled up with zeros."""
    width = -(-bits.shape[1] // 64) * 64
    padded = np.zeros((bits.shape[0], width), np.uint8)
    padded[:, : bits.shape[1]] = bits
    return np.packbits(padded, axis=1, bitorder="little").view("<u8").astype(np.uint64)


def _of_bits(specimen: Specimen, registers: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The same of state bits; a constant depends on nothing."""
    own = specimen.literals
    rows = np.where(own >= 2, (own >> 1) - 1 - specimen.netlist.num_inputs, 0)
    held = own >= 2
    found: NDArray[np.bool_] = registers[np.ix_(rows, rows)] & held[:, None] & held
    return found


def _signs(specimen: Specimen) -> NDArray[np.int64]:
    """(units, units) the weights between bits of one layer; 0 where there is none, and in a netlist."""
    units = specimen.terms.units
    signs = np.zeros((units, units), np.int64)
    begin = 0
    for layer in specimen.model.layers if specimen.model else ():
        end = begin + layer.units
        signs[begin:end, begin:end] = np.sign(layer.recurrent)
        begin = end
    return signs


def _shuffled(wires: Wiring) -> dict[str, Any]:
    meant = significance(wires.depends, SHUFFLES)
    return {"modularity": list(meant.shuffled), "z": meant.z, "p": meant.p}


def _worth(specimen: Specimen, text: Text, wires: Wiring) -> dict[str, Any] | None:
    """What the model loses with each module held at what its bits mostly are."""
    model = specimen.model
    if model is None or model.head is None or len(text.tokens) < 2:
        return None
    tokens = text.tokens[:READ]
    whole, *frozen = ablation(model, wires.modules, tokens, "majority")
    return {"tokens": len(tokens), "whole": asdict(whole), "frozen": [asdict(effect) for effect in frozen]}
