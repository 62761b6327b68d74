"""Flips in compiled netlists: each is to be found, with the shortest stream that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tests.mutation.work import Work, works
from tests.prove.faults import flipped, output_flipped, shortest_by_brute_force, swapped
from trilc.aig import AIG
from trilc.model import Model
from trilc.prove.equivalence import Answer
from trilc.prove.verification import verify

MOST_GATES = 800
"""In a netlist that brute force goes through."""


@dataclass(frozen=True)
class Flip:
    """A fault in a netlist, and how many steps show it: as found, and by brute force; None where nothing does."""

    work: str
    what: str
    found: int | None
    wanted: int | None
    shortest: bool

    @property
    def right(self) -> bool:
        """Whether it is found, by a stream that is the shortest and said to be."""
        return self.found == self.wanted and self.shortest == (self.found is not None)


def flips(each: int, seed: int) -> Iterator[tuple[Work, str, AIG]]:
    """Every output of every netlist flipped; and so many gates of each with a fan-in flipped, or read elsewhere."""
    rng = np.random.default_rng(seed)
    for work in works("lowering"):
        netlist = work.done()
        if netlist.num_ands > MOST_GATES or not netlist.num_ands:
            continue
        for which, name in enumerate(netlist.output_names):
            yield work, f"output {name}", output_flipped(netlist, which)
        for turn in range(each):
            row, side = int(rng.integers(netlist.num_ands)), int(rng.integers(2))
            faulty = swapped(netlist, row, side, rng) if turn % 2 else flipped(netlist, row, side)
            yield work, f"{'other' if turn % 2 else 'flipped'} fan-in {side} of gate {row}", faulty


def looked_for(work: Work, what: str, faulty: AIG) -> Flip:
    """What is found of a flip."""
    assert isinstance(work.source, Model)
    assert work.output is not None
    found = verify(work.source, faulty)
    steps = len(found.counterexample.steps) if found.counterexample else None
    assert found.answer is not Answer.UNKNOWN
    wanted = shortest_by_brute_force(work.source, faulty, work.output, most=200)
    return Flip(work.name, what, steps, wanted, found.shortest)
