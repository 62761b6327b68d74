"""What the head's numbers decide alone: a difference of two scores has a range, which no solver sees in gates."""

from __future__ import annotations

import numpy as np

from trilc.explain.judge import COMPARED
from trilc.explain.language.syntax import And, Compare, Constant, Formula, Iff, Not, Number, Once, Or, Score
from trilc.model import Model


def settled(formula: Formula, model: Model) -> Formula:
    """The statement with comparisons of scores that come out the same in every state replaced by true or false."""
    match formula:
        case Compare(operator, Score() as left, Score() as right) if left.back == right.back:
            return _compared(formula, operator, _range(model, left.index, right.index), left.plus - right.plus)
        case Compare(operator, Score() as left, Number(value)):
            return _compared(formula, operator, _range(model, left.index, None), left.plus - value)
        case Not(of):
            return Not(settled(of, model))
        case Once(of):
            return formula
        case And(parts):
            return And(tuple(settled(part, model) for part in parts))
        case Or(parts):
            return Or(tuple(settled(part, model) for part in parts))
        case Iff(one, other):
            return Iff(settled(one, model), settled(other, model))
        case _:
            return formula


def _range(model: Model, index: int, other: int | None) -> tuple[int, int]:
    """The least and the largest that a score, or how much more than another it is, can be."""
    head = model.head
    assert head is not None
    weights, bias = head.weight[index].astype(np.int64), int(head.bias[index])
    if other is not None:
        weights, bias = weights - head.weight[other], bias - int(head.bias[other])
    low, high = int(weights[weights < 0].sum()), int(weights[weights > 0].sum())
    return (bias + low - high, bias + high - low) if model.signed else (bias + low, bias + high)


def _compared(formula: Formula, operator: str, limits: tuple[int, int], plus: int) -> Formula:
    """What a comparison of such a number and 0 comes to, where that is always the same."""
    low, high = limits[0] + plus, limits[1] + plus
    holds = COMPARED[operator]
    if operator in ("=", "!="):
        return Constant(operator == "!=") if low > 0 or high < 0 else formula
    return Constant(holds(low, 0)) if holds(low, 0) == holds(high, 0) else formula
