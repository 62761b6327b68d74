"""What the provers say of a netlist that a faulty program has made: ours, in both its ways, and ABC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import TimeoutExpired

import numpy as np

from backends import write_aig
from tests.mutation.work import Work
from tests.oracles import abc
from trilc.aig import AIG, TRUE, UNKNOWN, Builder
from trilc.aig.copying import at, copy
from trilc.errors import InputError
from trilc.model import Model
from trilc.outputs import putting_out
from trilc.prove.equivalence import Answer
from trilc.prove.pair import pair
from trilc.prove.verification import Proof, verify

SECONDS, CONFLICTS = 60, 2000
"""That a verification may take, and each question of the proof alone."""


@dataclass(frozen=True)
class Opinion:
    """What our prover says."""

    verified: Answer | None
    """By :func:`trilc.verify`; None where it refuses to compare."""
    proved: Answer | None
    """By the proof alone, without the search among all states."""
    steps: int = 0
    """Of the counterexample, which was replayed …"""
    shortest: bool = False
    """… and of which it is said that nothing shorter is one."""

    @property
    def told_apart(self) -> bool:
        """Whether a difference is found, shortest as it must be, and the proof does not say otherwise."""
        return self.verified is Answer.DIFFERENT and self.shortest and self.proved is not Answer.EQUAL


def ours(work: Work, netlist: AIG, outputs: str | None = None) -> Opinion:
    """Verify a netlist against what it was made from."""
    try:
        found = verify(work.source, netlist, outputs=outputs, seconds=SECONDS)
        proved = next(iter(Proof(pair(work.source, netlist, outputs).path, CONFLICTS)())).answer
    except InputError:
        return Opinion(None, None)
    steps = len(found.counterexample.steps) if found.counterexample else 0
    return Opinion(found.answer, proved, steps, found.shortest)


def abcs(pairs: Sequence[tuple[Work, AIG, AIG]], directory: Path) -> list[bool | None]:
    """Whether each netlist equals the right one that comes before it; None where ABC leaves it open."""
    questions = []
    for number, (work, right, netlist) in enumerate(pairs):
        if (right.input_names, right.output_names) != (netlist.input_names, netlist.output_names):
            questions.append("")
            continue
        vocabulary = right.metadata.get("vocabulary")
        vocabulary = work.source.vocabulary if isinstance(work.source, Model) else vocabulary
        starts = [name for name, bit in zip(right.register_names, right.reset, strict=True) if bit == UNKNOWN]
        for side, aig in (("a", right), ("b", netlist)):
            write_aig(closed(aig, vocabulary, starts), directory / f"{side}{number}.aig")
        questions.append(f"dsec -n a{number}.aig b{number}.aig")
    asked = [question for question in questions if question]
    try:
        answers = iter(abc.verdicts(asked, directory, 60) if asked else [])
        return [next(answers) if question else False for question in questions]
    except (RuntimeError, TimeoutExpired):
        return [_alone(question, directory) if question else False for question in questions]


def _alone(question: str, directory: Path) -> bool | None:
    try:
        return abc.verdict(abc.run(question, 20, directory))
    except (RuntimeError, TimeoutExpired):
        return None


def views(work: Work, right: AIG, netlist: AIG) -> list[tuple[str | None, AIG, AIG]]:
    """The netlists as they are, and, where registers may be removed, putting out the whole state of the model."""
    found: list[tuple[str | None, AIG, AIG]] = [(None, right, netlist)]
    if isinstance(work.source, AIG) and "state" in right.metadata and right.metadata["output"] != "state":
        try:
            found.append(("state", putting_out(right, "state"), putting_out(netlist, "state")))
        except (InputError, KeyError):
            return found
    return found


def closed(aig: AIG, vocabulary: int | None, starts: Sequence[str]) -> AIG:
    """The machine as ABC can be asked about it: without constraints, and without unknown resets.

    Where there is a vocabulary, codes of no token act as 0; whether the constraints hold is one more output, and
    from the step on at which they do not all others are 0. A register that starts anyhow starts as an input.
    """
    b = Builder()
    tokens = [b.input(name) for name in aig.input_names]
    free = {name: b.input(f"start {name}") for name in starts}
    first, broken = b.register("first", 1), b.register("broken", 0)
    resets = list(zip(aig.register_names, aig.reset.tolist(), strict=True))
    registers = [b.register(name, int(reset == TRUE)) for name, reset in resets]
    b.set_next(first, 0)
    inputs = _below(b, tokens, vocabulary) if vocabulary else tokens
    read = [
        int(b.mux(first, free[name], register)) if reset == UNKNOWN and name in free else register
        for register, (name, reset) in zip(registers, resets, strict=True)
    ]
    nodes = copy(b, aig, np.array([0, *inputs, *read], np.uint32))
    held = broken ^ 1
    for literal in at(nodes, aig.constraints).tolist():
        held = int(b.and_(held, literal))
    b.set_next(broken, held ^ 1)
    for register, literal in zip(registers, at(nodes, aig.next_state).tolist(), strict=True):
        b.set_next(register, literal)
    for name, literal in zip(aig.output_names, at(nodes, aig.outputs).tolist(), strict=True):
        b.output(name, int(b.and_(literal, held)))
    b.output("held", held)
    return b.build()


def _below(b: Builder, bits: list[int], vocabulary: int) -> list[int]:
    """The bits of a code, or of 0 where it is that of no token."""
    inside = 0
    for code in range(vocabulary):
        this = 1
        for k, bit in enumerate(bits):
            this = int(b.and_(this, bit ^ 1 ^ (code >> k & 1)))
        inside = int(b.or_(inside, this))
    return [int(b.and_(bit, inside)) for bit in bits]
