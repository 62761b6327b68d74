"""A statement as one literal over the bits of what it speaks of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from trilc.aig import FALSE, TRUE, Builder
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
)

T = TypeVar("T")


class Signals(Protocol):
    """Where the bits are that a statement speaks of."""

    def index(self, kind: str, back: int) -> list[int]:
        """The literals of ``tok`` or ``out``, the lowest first."""

    def score(self, index: int, back: int) -> list[int]:
        """The literals of a score in two's complement, the lowest first."""

    def bits(self, indices: Sequence[int], back: int) -> list[int]:
        """The literals of state bits."""

    def once(self, of: Formula) -> int:
        """The literal of what held at least once."""


def literal_of(formula: Formula, builder: Builder, signals: Signals) -> int:
    """The literal that says whether a statement holds now."""

    def of(formula: Formula) -> int:
        match formula:
            case Constant(value):
                return TRUE if value else FALSE
            case Compare(operator, left, right):
                return _compared(builder, operator, _word(builder, signals, left), _word(builder, signals, right))
            case Member(word, ids):
                bits = _word(builder, signals, word)
                return any_of(builder, [_compared(builder, "=", bits, constant(number)) for number in ids])
            case Match(bits, pattern):
                given = zip(signals.bits(bits.indices, bits.back), pattern, strict=True)
                return all_of(builder, [literal ^ 1 ^ bit for literal, bit in given if bit is not None])
            case Same(left, right):
                pairs = zip(
                    signals.bits(left.indices, left.back), signals.bits(right.indices, right.back), strict=True
                )
                return all_of(builder, [builder.xor(a, b) ^ 1 for a, b in pairs])
            case Not(inner):
                return of(inner) ^ 1
            case And(parts):
                return all_of(builder, [of(part) for part in parts])
            case Or(parts):
                return any_of(builder, [of(part) for part in parts])
            case Iff(one, other):
                return int(builder.xor(of(one), of(other))) ^ 1
            case Once(inner):
                return signals.once(inner)

    return of(formula)


def all_of(builder: Builder, literals: Sequence[int]) -> int:
    """Their conjunction, in a balanced tree."""
    return _tree(builder.and_, literals, TRUE)


def any_of(builder: Builder, literals: Sequence[int]) -> int:
    """Their disjunction, in a balanced tree."""
    return _tree(builder.or_, literals, FALSE)


def constant(number: int) -> list[int]:
    """The bits of a number in two's complement."""
    return [TRUE if number >> bit & 1 else FALSE for bit in range(number.bit_length() + 1)]


def _word(builder: Builder, signals: Signals, word: Word) -> list[int]:
    """The bits of a word in two's complement."""
    match word:
        case Number(value):
            return constant(value)
        case Index(kind, back, plus):
            bits = [*signals.index(kind, back), FALSE]
        case Score(index, back, plus):
            bits = signals.score(index, back)
        case Count(Bits(indices, back), plus):
            words = [[literal, FALSE] for literal in signals.bits(indices, back)]
            bits = _tree(lambda a, b: _sum(builder, a, b), words, [FALSE])
    return _sum(builder, bits, constant(plus)) if plus else bits


def _sum(builder: Builder, a: list[int], b: list[int]) -> list[int]:
    """The sum of numbers in two's complement, with a bit more."""
    a, b = _widened(a, b, 1)
    carry, total = FALSE, []
    for x, y in zip(a, b, strict=True):
        digit, carry = builder.full_adder(x, y, carry)
        total.append(digit)
    return total


def _compared(builder: Builder, operator: str, a: list[int], b: list[int]) -> int:
    if operator in (">", "<="):
        return _compared(builder, "<" if operator == ">" else ">=", b, a)
    a, b = _widened(a, b, 0)
    if operator in ("=", "!="):
        equal = all_of(builder, [builder.xor(x, y) ^ 1 for x, y in zip(a, b, strict=True)])
        return equal ^ (operator == "!=")
    less = FALSE
    for x, y in zip([*a[:-1], b[-1]], [*b[:-1], a[-1]], strict=True):  # signs weigh the other way
        less = int(builder.mux(builder.xor(x, y), y, less))
    return less ^ (operator == ">=")


def _widened(a: list[int], b: list[int], more: int) -> tuple[list[int], list[int]]:
    width = max(len(a), len(b)) + more
    return a + a[-1:] * (width - len(a)), b + b[-1:] * (width - len(b))


def _tree(join: Callable[[T, T], T], items: Sequence[T], nothing: T) -> T:
    row = list(items) or [nothing]
    while len(row) > 1:
        pairs = zip(row[::2], row[1::2], strict=False)
        row = [join(a, b) for a, b in pairs] + (row[-1:] if len(row) % 2 else [])
    return row[0]
