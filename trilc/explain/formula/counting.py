"""Thresholds in and and or, by counting in halves: a totalizer.

A group of literals is split in two; at least ``k`` of it hold where at least ``i`` of one half do and ``k − i`` of
the other, for some ``i`` (Bailleux and Boufkhad 2003; with weights, over the sums that occur, Joshi, Martins and
Manquinho 2015). For ``n`` literals of one weight that is O(n²) terms, which are shared.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Protocol

from trilc.errors import InputError
from trilc.explain.formula.expression import FALSE, TRUE, Atom, Expression, Join, Read, all_of, any_of
from trilc.explain.formula.threshold import Literal, Statement, Threshold

MOST_SUMS = 4096
"""Different sums of one group."""

MOST_TERMS = 300_000
"""Terms of an expression."""


class Group(Protocol):
    """Something that adds to a sum."""

    sums: tuple[int, ...]
    """What it may add, ascending."""

    def at_least(self, sum_: int) -> Expression:
        """Whether it adds at least one of its sums."""


@dataclass(frozen=True, eq=False)
class Counted:
    """How the expression of a statement was made: what it is, and what its parts count."""

    statement: Statement
    expression: Expression
    reached: dict[Expression, tuple[Half, int]]
    """Groups of several literals, and the sums that they reach, where an expression says just that."""


@dataclass(eq=False)
class _One:
    """A literal with its weight."""

    literal: Literal
    weight: int
    sums: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.sums = (0, self.weight)
        self._atom = Atom(self.literal)

    def at_least(self, sum_: int) -> Expression:
        return self._atom if sum_ else TRUE


@dataclass(eq=False)
class _Token:
    """The token: what it adds, and which tokens do."""

    adds: dict[int, tuple[int, ...]]
    sums: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.sums = tuple(sorted(self.adds))
        self._found: dict[int, Expression] = {self.sums[0]: TRUE}

    def at_least(self, sum_: int) -> Expression:
        if sum_ not in self._found:
            tokens = sorted(token for adds, group in self.adds.items() if adds >= sum_ for token in group)
            self._found[sum_] = Read(tuple(tokens))
        return self._found[sum_]


@dataclass(eq=False)
class Half:
    """Two groups together."""

    left: Group
    right: Group
    literals: tuple[Literal, ...]
    weights: tuple[int, ...]
    counting: _Counting
    sums: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        sums = {a + b for a in self.left.sums for b in self.right.sums}
        if len(sums) > MOST_SUMS:
            raise InputError(
                f"{self.counting.name}: its weights have more than {MOST_SUMS} sums; the forms threshold and smt have "
                "no such limit"
            )
        self.sums = tuple(sorted(sums))
        self._found: dict[int, Expression] = {}

    def at_least(self, sum_: int) -> Expression:
        """Whether at least one of its sums is reached."""
        if sum_ not in self._found:
            self._found[sum_] = found = self.counting.of(self.left, self.right, sum_)
            if self.literals and isinstance(found, Join) and found.parts:
                self.counting.reached[found] = self, sum_
        return self._found[sum_]


class _Counting:
    """The expressions of one statement."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.reached: dict[Expression, tuple[Half, int]] = {}
        self._terms = 0

    def threshold(self, threshold: Threshold, tokens: tuple[int, ...]) -> Expression:
        """A threshold, the token being one of ``tokens``."""
        classes = threshold.classes(tokens)
        most = classes[-1][0]
        if classes[0][0] > threshold.total:
            return FALSE
        if most == 0:
            return TRUE
        literals = [
            _One(literal, weight)
            for literal, weight in zip(threshold.literals, threshold.weights.tolist(), strict=True)
        ]
        group: Group = self._group(literals) if literals else _Token({0: tokens})
        if len(classes) > 1:
            token = _Token({most - needed: ids for needed, ids in classes})
            group = Half(token, group, (), (), self)
        return reach(group, most)

    def of(self, left: Group, right: Group, sum_: int) -> Expression:
        """Whether two groups add at least so much together."""
        parts: list[Expression] = []
        last = None
        for given in left.sums:
            place = bisect_left(right.sums, sum_ - given)
            if place == len(right.sums) or place == last:
                continue
            last = place
            parts.append(all_of([left.at_least(given), reach(right, sum_ - given)]))
            self._terms += 1
            if place == 0:
                break
        if self._terms > MOST_TERMS:
            raise InputError(
                f"{self.name}: found more than {MOST_TERMS} terms; the forms threshold and smt have no such limit"
            )
        return any_of(parts)

    def _group(self, items: list[_One]) -> Group:
        if len(items) == 1:
            return items[0]
        middle = len(items) // 2
        literals = tuple(item.literal for item in items)
        weights = tuple(item.weight for item in items)
        return Half(self._group(items[:middle]), self._group(items[middle:]), literals, weights, self)


def reach(group: Group, sum_: int) -> Expression:
    """Whether a group adds at least so much, whatever the number."""
    place = bisect_left(group.sums, sum_)
    if place == len(group.sums):
        return FALSE
    return TRUE if place == 0 else group.at_least(group.sums[place])


def counted(statement: Statement, tokens: tuple[int, ...]) -> Counted:
    """A statement in and and or over literals, the token being one of ``tokens``.

    Raises :class:`InputError` where that takes more than :data:`MOST_TERMS` terms, or weights have too many sums.
    """
    counting = _Counting(statement.name)
    expression = all_of(counting.threshold(part, tokens) for part in statement.parts)
    return Counted(statement, expression, counting.reached)
