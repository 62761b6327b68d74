"""Whether a netlist is the model that it was compiled from, within a time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import wait

from trilc.aig import AIG
from trilc.errors import InputError
from trilc.model import Model
from trilc.prove.equivalence import Answer, Verdict
from trilc.prove.pair import pair
from trilc.prove.verification import CONFLICTS, Proof
from trilc.prove.worker import Ended, Worker

SMALL = 4096
"""Gates of a netlist that is proved at once, without a process of its own."""
LARGE = 1_000_000
"""Gates above which a proof within a time is not tried: making the specification alone would take longer."""


@dataclass(frozen=True)
class Conformance:
    """The proof from a model's specification to a netlist; a worker's task."""

    model: Model
    netlist: AIG
    conflicts: int

    def __call__(self) -> Iterator[Verdict]:
        """Prove; yields the verdict."""
        yield from Proof(pair(self.model, self.netlist).path, self.conflicts)()


def conforms(model: Model, netlist: AIG, seconds: float | None = None, conflicts: int = CONFLICTS) -> Verdict:
    """Prove a netlist of :func:`trilc.compile` equal to its model, in at most so many seconds.

    ``conflicts`` limits each question to a solver. What is unknown says in ``where`` what was tried, or what is left.
    """
    task = Conformance(model, netlist, conflicts)
    if netlist.num_ands <= SMALL:
        return next(task())
    if seconds is not None and netlist.num_ands > LARGE:
        return Verdict(Answer.UNKNOWN, f"not tried, for there are more than {LARGE:,} gates")
    end = None if seconds is None else time.monotonic() + seconds
    worker = Worker("proof")
    try:
        worker.give(task)
        left = None if end is None else max(0.0, end - time.monotonic())
        if not wait([worker.messages], left):
            return Verdict(Answer.UNKNOWN, f"not shown within {seconds:g} s")
        found = worker.receive()
    finally:
        worker.stop()
    if not isinstance(found, Ended):
        verdict: Verdict = found
        return verdict
    if found.refused is not None:
        raise InputError(found.refused)
    return Verdict(Answer.UNKNOWN, f"the proof stopped: {found.error}")

