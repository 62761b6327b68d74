"""Whether a statement holds at a moment of a trace: what it means, in plain Python, with no gate in it."""

from __future__ import annotations

from collections.abc import Callable
from operator import eq, ge, gt, le, lt, ne

from trilc.explain.language.syntax import (
    And,
    Bits,
    Compare,
    Constant,
    Count,
    Formula,
    Iff,
    Index,
    Match,
    Member,
    Not,
    Number,
    Once,
    Or,
    Same,
    Score,
    Word,
    age,
)
from trilc.explain.subject import Trace

COMPARED: dict[str, Callable[[int, int], bool]] = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


def holds(formula: Formula, trace: Trace, moment: int) -> bool:
    """Whether it holds after the ``moment``-th token, the first being 1; that must be at least its age."""
    match formula:
        case Constant(value):
            return value
        case Compare(operator, left, right):
            return COMPARED[operator](number_of(left, trace, moment), number_of(right, trace, moment))
        case Member(word, ids):
            return number_of(word, trace, moment) in ids
        case Match(bits, pattern):
            wanted = zip(bits_of(bits, trace, moment), pattern, strict=True)
            return all(bit is None or bit == value for value, bit in wanted)
        case Same(left, right):
            return bits_of(left, trace, moment) == bits_of(right, trace, moment)
        case Not(of):
            return not holds(of, trace, moment)
        case And(parts):
            return all(holds(part, trace, moment) for part in parts)
        case Or(parts):
            return any(holds(part, trace, moment) for part in parts)
        case Iff(one, other):
            return holds(one, trace, moment) == holds(other, trace, moment)
        case Once(of):
            return any(holds(of, trace, before) for before in range(age(of), moment + 1))


def judged(formula: Formula, trace: Trace) -> list[bool | None]:
    """For each token of a trace whether it holds then; None where not all exists that it speaks of."""
    young = age(formula)
    return [None if t < young else holds(formula, trace, t) for t in range(1, len(trace.tokens) + 1)]


def number_of(word: Word, trace: Trace, moment: int) -> int:
    """The number that stands for a word."""
    match word:
        case Number(value):
            return value
        case Index("tok", back, plus):
            return trace.tokens[moment - 1 - back] + plus
        case Index(_, back, plus):
            assert trace.said is not None
            return int(trace.said[moment - 1 - back]) + plus
        case Score(index, back, plus):
            assert trace.scores is not None
            return int(trace.scores[moment - 1 - back, index]) + plus
        case Count(bits, plus):
            return sum(bits_of(bits, trace, moment)) + plus


def bits_of(bits: Bits, trace: Trace, moment: int) -> list[int]:
    """State bits, 0 or 1."""
    found: list[int] = trace.states[moment - bits.back, list(bits.indices)].tolist()
    return found
