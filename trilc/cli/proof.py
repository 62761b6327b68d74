"""The proof that comes with a compilation."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import click

from trilc.cli.verdicts import EXIT_CODES

if TYPE_CHECKING:
    from trilc.aig import AIG
    from trilc.cli.stages import Stages
    from trilc.model import Model


@dataclass(frozen=True)
class Proof:
    """What came of it."""

    answer: str
    how: str
    """How the netlist was shown to be equal, or why it was not."""
    seconds: float

    @property
    def line(self) -> str:
        """For people."""
        return f"{'proved equal to the model' if self.answer == 'equal' else 'not proved'}: {self.how}"


def proved(model: Model, netlist: AIG, seconds: float, stages: Stages) -> Proof:
    """Prove a netlist equal to its model, in at most so many seconds; without end, it must come out.

    Exits with the verdict's code, and one line, where the netlist differs, or must be proved and is not.
    """
    from trilc.prove.conformance import conforms
    from trilc.prove.equivalence import Answer

    start = time.perf_counter()
    stages.begin("proof")
    verdict = conforms(model, netlist, None if math.isinf(seconds) else seconds)
    taken = time.perf_counter() - start
    stages.end("proof", taken, None)
    if verdict.answer is Answer.EQUAL:
        return Proof("equal", verdict.how or "", round(taken, 2))
    if verdict.answer is Answer.DIFFERENT:
        _give_up(
            verdict.answer.value,
            f"the netlist differs from the model in {verdict.where}, which is a fault of trilc; nothing is written "
            "(trilc diff names the pass)",
        )
    reason = verdict.where or "it is undecided"
    if math.isinf(seconds):
        _give_up(verdict.answer.value, f"not proved equal to the model: {reason}; nothing is written")
    return Proof("unknown", reason, round(taken, 2))


def _give_up(answer: str, line: str) -> NoReturn:
    click.echo(f"trilc: {line}", err=True)
    click.get_current_context().exit(EXIT_CODES[answer])
