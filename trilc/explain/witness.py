"""Streams of tokens that answer a question, each replayed on the reference before it is believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trilc.explain.judge import bits_of, judged, number_of
from trilc.explain.language.syntax import ANYTHING, Bits, Depends, Formula, Index
from trilc.explain.subject import Flips, Subject, Trace
from trilc.explain.system import System
from trilc.prove.counterexample import ReplayError
from trilc.prove.search import Found


@dataclass(frozen=True, eq=False)
class Witness:
    """A stream, and another beside it where the answer is about two; what each did."""

    trace: Trace
    other: Trace | None = None
    flips: tuple[tuple[int, int], ...] = ()
    """State bits that were flipped in the other, each after so many tokens."""

    @property
    def tokens(self) -> tuple[int, ...]:
        """Of the first stream."""
        return self.trace.tokens

    @property
    def length(self) -> int:
        """How many these are."""
        return len(self.trace.tokens)


def of_formula(subject: Subject, system: System, formula: Formula, assuming: Formula, found: Found) -> Witness:
    """The stream up to the first moment at which a formula holds. Raises :class:`ReplayError` where it never does."""
    steps = found.steps[: len(found.steps) - system.lag]
    trace = subject.replay([_code(system, "tok", step) for step in steps])
    moments = judged(formula, trace)
    if True not in moments:
        raise ReplayError(f"a stream of {len(steps)} tokens was to show what was asked for, and does not")
    last = moments.index(True) + 1
    if assuming != ANYTHING and False in judged(assuming, trace)[:last]:
        raise ReplayError(f"a stream of {len(steps)} tokens was to be as assumed, and is not")
    return Witness(subject.replay(trace.tokens[:last]))


def of_dependence(subject: Subject, system: System, asked: Depends, found: Found) -> Witness:
    """Two streams after which what is seen differs, since one token does, or bits were flipped."""
    names = system.aig.input_names
    tokens = [_code(system, "tok", step) for step in found.steps]
    # inputs that nothing depends on any more are still inputs
    place = next(t for t, step in enumerate(found.steps) if step[names.index("mark")])
    flips: dict[int, list[int]] = {}
    other = list(tokens)
    if isinstance(asked.cause, Index):
        other[place] = _code(system, "other", found.steps[place])
    else:
        flips[place] = [bit for bit in asked.cause.indices if found.steps[place][names.index(f"flip[{bit}]")]]
    witness = _pair(subject, tokens, other, flips)
    now = len(tokens)
    if seen_in(asked.seen, witness.trace, now, asked.seen.back) == seen_in(
        asked.seen, witness.other, now, asked.seen.back
    ):
        raise ReplayError(f"two streams of {now} tokens were to show a difference, and show none")
    return witness


def seen_in(seen: Index | Bits, trace: Trace | None, moment: int, late: int = 0) -> int | list[int]:
    """What is seen; ``late`` where the moment is already the one that is looked back at."""
    assert trace is not None
    if isinstance(seen, Index):
        return number_of(seen, trace, moment + late)
    return bits_of(seen, trace, moment + late)


def _pair(subject: Subject, tokens: Sequence[int], other: Sequence[int], flips: Flips) -> Witness:
    flat = tuple((place, bit) for place, bits in flips.items() for bit in bits)
    return Witness(subject.replay(tokens), subject.replay(other, flips), flat)


def _code(system: System, kind: str, step: Sequence[int]) -> int:
    """The token that the inputs of a step are the bits of."""
    bits = [bit for name, bit in zip(system.aig.input_names, step, strict=True) if name.startswith(f"{kind}[")]
    return int(np.dot(bits, 1 << np.arange(len(bits))))


