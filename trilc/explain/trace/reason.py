"""Which inputs decided: parts of a state and the token that force a row to be what it is, whatever the rest.

For one threshold the smallest such set is had by weight: of literals that are as the outcome wants them, the
heaviest, until they suffice against what the rest, and the token where it is left out, can do at worst. For a
conjunction that holds, parts are left out one by one while every threshold still suffices, which is exact as well,
since what is left out only grows. For one that fails it takes a solver, since one part may fail or another: a
minimal unsatisfiable subset, by deletion from cores.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trilc.explain.formula.dimacs import clauses
from trilc.explain.formula.reading import Reading
from trilc.explain.formula.threshold import Bit, Statement, Threshold
from trilc.sat.solver import SatSolver

Bits = NDArray[np.uint8]


@dataclass(frozen=True)
class Reason:
    """What forces a row to hold, or to fail."""

    name: str
    value: bool
    """Whether it holds."""
    bits: tuple[tuple[Bit, int], ...]
    """Bits of the state and their values, in order."""
    token: bool
    """Whether the token is a part of it."""
    of: int
    """Bits that the row depends on."""
    fewest: bool
    """Whether no other reason has fewer parts; of this one, none can be left out in any case."""


def reason(statement: Statement, before: Bits, after: Bits, token: int, reading: Reading) -> Reason:
    """Why a statement holds, or fails, at one step: (units,) states before and after a token.

    ``reading`` says which tokens might have been read instead. None of the reason's parts can be left out; of the
    reasons for one threshold it has the fewest parts, and of several such, it is the one without the token.
    """
    value = bool(statement.holds(before, after, np.array(token)))
    if len(statement.parts) == 1:
        part = statement.parts[0] if value else statement.parts[0].complement()
        chosen, with_token = _heaviest(part, before, after, token, reading)
    elif value:
        chosen, with_token = _left(statement, before, after, token, reading)
    else:
        chosen, with_token = _unsatisfiable(statement, before, after, token, reading)
    named = tuple((bit, int((after if bit.after else before)[bit.number])) for bit in statement.bits if bit in chosen)
    return Reason(statement.name, value, named, with_token, len(statement.bits), len(statement.parts) == 1)


def _heaviest(part: Threshold, before: Bits, after: Bits, token: int, reading: Reading) -> tuple[set[Bit], bool]:
    """The fewest true literals that make a threshold hold, and whether the token is needed with them."""
    true = np.flatnonzero(part.true(before, after))
    order = true[np.argsort(-part.weights[true], kind="stable")]
    reached = np.concatenate([[0], np.cumsum(part.weights[order])])

    def fewest(needed: int) -> int:
        return int(np.searchsorted(reached, needed))

    with_token = fewest(int(part.needed[token]))
    without = fewest(int(part.needed[list(reading.tokens)].max()))
    count = without if without <= with_token + 1 and without < len(reached) else with_token
    return {part.literals[k].bit for k in order[:count].tolist()}, without != count


def _left(
    statement: Statement, before: Bits, after: Bits, token: int, reading: Reading
) -> tuple[set[Bit], bool]:
    """True literals of which none can be left out where all thresholds are to hold."""
    place = {bit: k for k, bit in enumerate(statement.bits)}
    gains = np.zeros((len(statement.parts), len(place)), np.int64)
    for row, part in zip(gains, statement.parts, strict=True):
        row[[place[literal.bit] for literal in part.literals]] = part.weights * part.true(before, after)
    slack = gains.sum(1) - np.array([part.needed[list(reading.tokens)].max() for part in statement.parts], np.int64)
    with_token = bool((slack < 0).any())
    if with_token:
        slack = gains.sum(1) - np.array([part.needed[token] for part in statement.parts])
    kept = set(place)
    # those first that serve the tight thresholds least
    use = (gains / (1 + slack[:, None])).sum(0)
    for k in np.argsort(use, kind="stable").tolist():
        if (slack >= gains[:, k]).all():
            slack -= gains[:, k]
            kept.remove(statement.bits[k])
    return kept, with_token


def _unsatisfiable(
    statement: Statement, before: Bits, after: Bits, token: int, reading: Reading
) -> tuple[set[Bit], bool]:
    """Bits, and perhaps the token, with which the statement can't hold; without one of them it can."""
    found = clauses([statement], reading)
    literals: dict[int, Bit | None] = {}
    if found.tokens:
        literals[found.tokens[token]] = None
    for bit, variable in found.bits.items():
        literals[variable if (after if bit.after else before)[bit.number] else -variable] = bit
    kept = list(literals)
    with SatSolver([*found.clauses, [found.rows[statement.name]]], "glucose4") as solver:
        for literal in literals:
            others = [other for other in kept if other != literal]
            if literal in kept and not solver.solve(others):
                core = set(solver.core())
                kept = [other for other in others if other in core]
    parts = [literals[literal] for literal in kept]
    return {part for part in parts if part is not None}, None in parts
