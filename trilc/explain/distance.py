"""How far a statement is from holding, for many runs at once: 0 where it holds, and the less the nearer to it.

The numbers that decide in a model are sums of weights: of a comparison it counts by how much it fails, of a state bit
how far its sum is from its threshold. A conjunction is as far as its parts together, a disjunction as far as its
nearest (quantitative semantics: Fainekos, Pappas 2009).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

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
from trilc.model import Head

Distances = NDArray[np.float32]
"""(lanes,) at least 0."""

FAR = np.float32(1e9)
"""Of what can never hold."""

OTHER = np.float32(8)
"""How far a number is that is no sum, where it is another than is wanted."""

OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


class Moments(Protocol):
    """What runs did in their last steps; ``back`` 0 is the last."""

    lanes: int

    def tokens(self, back: int) -> NDArray[np.int64]:
        """(lanes,) read."""

    def scores(self, back: int) -> NDArray[Any]:
        """(lanes, O) integer parts."""

    def sums(self, bits: Sequence[int], back: int) -> NDArray[Any]:
        """(lanes, bits) pre-activations: a bit is 1 where its own is not negative."""


def distance(formula: Formula, runs: Moments, head: Head | None, holds: bool = True) -> Distances:
    """How far from holding a statement is, or from not holding.

    Raises ``ValueError`` at :class:`Once`: of what held long ago the last steps know nothing.
    """
    match formula:
        case Constant(value):
            return np.full(runs.lanes, 0 if value == holds else FAR, np.float32)
        case Not(of):
            return distance(of, runs, head, not holds)
        case And(parts) | Or(parts):
            each = [distance(part, runs, head, holds) for part in parts]
            together = np.sum if isinstance(formula, And) == holds else np.min
            joined: Distances = together(each, axis=0)
            return joined
        case Iff(one, other):
            same = distance(one, runs, head) + distance(other, runs, head, holds)
            neither = distance(one, runs, head, False) + distance(other, runs, head, not holds)
            nearer: Distances = np.minimum(same, neither)
            return nearer
        case Match(bits, pattern):
            wanted = [(bit, value) for bit, value in zip(bits.indices, pattern, strict=True) if value is not None]
            sums = runs.sums([bit for bit, _ in wanted], bits.back)
            values = np.array([value for _, value in wanted], np.bool_)
            return _joined(_of_bits(sums, values if holds else ~values), holds)
        case Same(left, right):
            a, b = runs.sums(left.indices, left.back), runs.sums(right.indices, right.back)
            either = np.minimum(_flip(a), _flip(b))
            return _joined(np.where(((a >= 0) == (b >= 0)) == holds, np.float32(0), either), holds)
        case Member(word, ids):
            return _of_ids(word, [number - word.plus for number in ids], runs, head, holds)
        case Compare(operator, left, right):
            return _compared(operator if holds else OPPOSITE[operator], left, right, runs, head)
        case Once():
            raise ValueError("the last steps do not tell what once held")


def _compared(operator: str, left: Word, right: Word, runs: Moments, head: Head | None) -> Distances:
    if isinstance(left, Number):
        mirrored = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
        return _compared(mirrored.get(operator, operator), right, left, runs, head)
    if isinstance(left, Index) and isinstance(right, Number):
        number = right.value - left.plus
        if operator in ("=", "!="):
            return _of_ids(left, [number], runs, head, operator == "=")
        if left.kind == "out" and head is not None:
            end = min(number + (operator in ("<=", ">")), len(head.weight))
            return _of_ids(left, range(max(0, end)), runs, head, operator in ("<", "<="))
    if isinstance(left, Count) and isinstance(right, Number):
        return _counted(operator, runs.sums(left.bits.indices, left.bits.back), right.value - left.plus)
    more = _number(left, runs, head) - _number(right, runs, head)
    by: Distances
    match operator:
        case "=":
            by = np.abs(more)
        case "!=":
            by = np.where(more == 0, np.float32(1), np.float32(0))
        case "<" | "<=":
            by = np.maximum(more + (operator == "<"), 0)
        case _:
            by = np.maximum((operator == ">") - more, 0)
    known = isinstance(left, Index) or isinstance(right, Index)
    far: Distances = np.where(by > 0, OTHER, np.float32(0)) if known else by.astype(np.float32)
    return far


def _counted(operator: str, sums: NDArray[Any], number: int) -> Distances:
    """How far a count of bits is from a comparison: so many bits must flip, the nearest first."""
    if operator == "!=":
        same: Distances = (np.count_nonzero(sums >= 0, axis=1) == number).astype(np.float32)
        return same
    most = number - (operator == "<") if operator in ("<", "<=", "=") else sums.shape[1]
    least = number + (operator == ">") if operator in (">", ">=", "=") else 0
    if most < 0 or least > sums.shape[1]:
        return np.full(len(sums), FAR, np.float32)
    ones, flips = sums >= 0, _flip(sums)
    far = np.zeros(len(sums), np.float32)
    for bits, too_many in ((ones, ones.sum(axis=1) - most), (~ones, least - ones.sum(axis=1))):
        steps = int(too_many.max())
        if steps > 0:
            nearest = np.sort(np.where(bits, flips, FAR), axis=1)[:, :steps].cumsum(axis=1)
            wrong = too_many > 0
            far[wrong] += nearest[wrong, too_many[wrong] - 1]
    return far


def _of_ids(word: Index, ids: Sequence[int], runs: Moments, head: Head | None, holds: bool) -> Distances:
    """Of an index from being one of some, or none of them."""
    if word.kind == "tok":
        found = np.isin(runs.tokens(word.back), np.array(ids, np.int64))
        return np.where(found == holds, np.float32(0), OTHER)
    assert head is not None
    number = len(head.weight)
    chosen = np.zeros(number, np.bool_)
    chosen[[k for k in ids if 0 <= k < number]] = True
    if not holds:
        chosen = ~chosen
    if not chosen.any():
        return np.full(runs.lanes, FAR, np.float32)
    scores = runs.scores(word.back).astype(np.float32)
    best = np.min([_behind(scores, index, head) for index in np.flatnonzero(chosen).tolist()], axis=0)
    nearest: Distances = best
    return nearest


def _behind(scores: Distances, index: int, head: Head) -> Distances:
    """How far an output is from being chosen: by how much the first falls short, and a little for every other."""
    others = np.arange(len(head.weight))
    rank = head.fraction_rank
    tie = (rank > rank[index]) | ((rank == rank[index]) & (others < index))
    more = scores - scores[:, index, None] + tie
    more[:, index] = 0
    ahead = np.maximum(more, 0)
    far: Distances = ahead.max(axis=1) + np.float32(1 / 16) * ahead.sum(axis=1)
    return far


def _number(word: Word, runs: Moments, head: Head | None) -> Distances:
    value: NDArray[Any]
    match word:
        case Number(number):
            return np.full(runs.lanes, number, np.float32)
        case Score(index, back, plus):
            value = runs.scores(back)[:, index]
        case Count(Bits(indices, back), plus):
            value = np.count_nonzero(runs.sums(indices, back) >= 0, axis=1)
        case Index("tok", back, plus):
            value = runs.tokens(back)
        case Index(_, back, plus):
            assert head is not None
            scores = runs.scores(back)
            largest = scores == scores.max(axis=1, keepdims=True)
            value = np.argmax(np.where(largest, head.fraction_rank, -1), axis=1)
    return value.astype(np.float32) + np.float32(plus)


def _of_bits(sums: NDArray[Any], wanted: NDArray[np.bool_]) -> Distances:
    far: Distances = np.where((sums >= 0) == wanted, np.float32(0), _flip(sums))
    return far


def _flip(sums: NDArray[Any]) -> Distances:
    """How far bits are from being the other."""
    far: Distances = np.where(sums >= 0, sums + 1, -sums).astype(np.float32)
    return far


def _joined(each: Distances, together: bool) -> Distances:
    joined: Distances = each.sum(axis=1) if together else each.min(axis=1, initial=FAR)
    return joined
