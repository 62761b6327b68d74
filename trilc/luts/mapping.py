"""From gates to lookup tables."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numba import njit

from trilc.aig import AIG
from trilc.aig.traverse import reference_counts
from trilc.aig.word_tables import WIDEST
from trilc.errors import InputError
from trilc.luts.assemble import Luts, assemble
from trilc.luts.cuts import DEPTH, EXACT, FLOW, NARROW, NEVER, SLIM, Cuts, improve, require, select
from trilc.luts.network import LutNetwork

FLOWS = 3
"""Passes by area flow."""

HOTTEST, COOLEST = 1.5, 0.1
"""LUTs up to which chance decides, in the first and in the last round of annealing."""


def map(aig: AIG, k: int = 6, depth: bool = False, cuts: int = 8, rounds: int = 30) -> LutNetwork:
    """The graph as LUTs of up to ``k`` inputs: as few as are found, with ``depth`` on as few levels as are found.

    Priority cuts (Mishchenko, Cho, Chatterjee, Brayton 2007), ``cuts`` for each node: passes for area flow (with
    ``depth``, after two for levels), then for exact local area. Then ``rounds`` of annealing (Kirkpatrick, Gelatt,
    Vecchi 1983): the exact area of every cut is raised by chance, first by up to 1.5 LUTs, in the end by up to a
    tenth, which leaves local minima. Chance is a fixed function of cut and round: the same graph gives the same LUTs
    everywhere.

    Takes about ``37·cuts + 110`` bytes for each node at ``k = 6`` and time linear in the nodes, ``rounds`` and
    ``cuts²``. Raises :class:`InputError` for a ``k`` outside 2 … 6 and where a number of cuts or rounds makes no sense.
    """
    if not 2 <= k <= WIDEST:
        raise InputError(f"LUTs of {k} inputs; expected 2 to {WIDEST}")
    if not 2 <= cuts <= 200 or rounds < 0:
        raise InputError(f"{cuts} cuts and {rounds} rounds; expected 2 to 200 cuts and no negative number of rounds")
    found = min(_mappings(aig, k, depth, cuts, rounds), key=lambda luts: len(luts.widths))
    return LutNetwork(
        leaves=found.leaves,
        widths=found.widths,
        tables=found.tables,
        outputs=found.roots[: aig.num_outputs],
        next_state=found.roots[aig.num_outputs : aig.num_outputs + aig.num_registers],
        constraints=found.roots[aig.num_outputs + aig.num_registers :],
        input_names=aig.input_names,
        register_names=aig.register_names,
        output_names=aig.output_names,
        reset=aig.reset,
        metadata=aig.metadata,
        keep_registers=aig.keep_registers,
    )


def _mappings(aig: AIG, k: int, depth: bool, limit: int, rounds: int) -> Iterator[Luts]:
    """The mapping without annealing, and with it."""
    first, roots = aig.first_and, aig.roots >> 1
    uses = reference_counts(aig)
    # the two uses that most nodes of an exclusive or have end in one LUT
    cuts = Cuts.empty(aig.num_nodes, limit, k, np.where(uses > 2, uses, 1).astype(np.float64))
    levels = int(NEVER)
    if depth:
        improve(cuts, aig.fanins, first, DEPTH, SLIM, 0.0, 0)
        improve(cuts, aig.fanins, first, DEPTH, NARROW, 0.0, 0)
        levels = int(cuts.level[roots].max(initial=0))
    else:
        improve(cuts, aig.fanins, first, FLOW, NARROW, 0.0, 0)

    def again(measure: int, tie: int, temperature: float = 0.0, seed: int = 0) -> None:
        select(cuts, first, roots)
        cuts.sharing[:] = np.maximum(cuts.references, 1)
        if depth:
            require(cuts, first, roots, levels)
        improve(cuts, aig.fanins, first, measure, tie, temperature, seed)

    def settled() -> Luts:
        again(EXACT, SLIM)
        again(EXACT, NARROW)
        return _selected(aig, cuts)

    for _ in range(FLOWS):
        again(FLOW, NARROW)
    yield settled()
    for seed, temperature in enumerate(np.linspace(HOTTEST, COOLEST, rounds).tolist()):
        again(EXACT, SLIM, temperature, seed)
    if rounds:
        yield settled()


def _selected(aig: AIG, cuts: Cuts) -> Luts:
    """The LUTs of the best cuts that the roots need."""
    count = select(cuts, aig.first_and, aig.roots >> 1)
    number = np.zeros(aig.num_nodes, np.uint32)
    number[: aig.first_and] = np.arange(aig.first_and)
    k = cuts.leaf.shape[2]
    luts = Luts(
        np.zeros((count, k), np.uint32), np.zeros(count, np.uint8), np.zeros(count, np.uint64), np.zeros(0, np.uint32)
    )
    _extract(cuts, aig.first_and, number, luts)
    roots = 2 * number[aig.roots >> 1] | (aig.roots & 1)
    return assemble(luts._replace(roots=roots), aig.first_and)


@njit(cache=True)
def _extract(cuts, first, number, luts):
    count = 0
    for node in range(first, number.shape[0]):
        if cuts.references[node] == 0:
            continue
        number[node] = first + count
        luts.widths[count] = cuts.size[node, 0]
        luts.tables[count] = cuts.table[node, 0]
        for k in range(cuts.size[node, 0]):
            luts.leaves[count, k] = number[cuts.leaf[node, 0, k]]
        count += 1
