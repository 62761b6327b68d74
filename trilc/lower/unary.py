"""Small thresholds in unary: sorted lists of literals, merged, where that takes fewer gates than adders.

What is left of a comparison in its upper columns is a threshold of a few literals. Eight of equal weight, say, are
sorted in two halves by ten gates each, and joined by seven; adders take thirty.
"""

from __future__ import annotations

from functools import cache

from trilc.aig.aig import FALSE, TRUE
from trilc.aig.builder import Builder
from trilc.aig.traverse import reachable

MOST_UNITS, MOST_LITERALS = 12, 32
"""Literals of the lowest weight that may be sorted, and literals of a comparison that is finished so."""


def pays(literals: tuple[int, ...], threshold: int) -> bool:
    """Whether it takes fewer gates to sort than to add another column, however the rest is done.

    ``literals[k]`` is the number of literals of weight ``2^k``, ``threshold`` is positive.
    """
    return _is_small(literals) and _unary_gates(literals, threshold) < _binary_gates(literals, threshold)


def _is_small(literals: tuple[int, ...]) -> bool:
    return literals[0] <= MOST_UNITS and sum(literals) <= MOST_LITERALS


@cache
def gates_of_threshold(literals: tuple[int, ...], threshold: int) -> int:
    """Gates of a comparison that shares none, in the cheapest way."""
    added = _binary_gates(literals, threshold)
    return min(added, _unary_gates(literals, threshold)) if _is_small(literals) else added


@cache
def _binary_gates(literals: tuple[int, ...], threshold: int) -> int:
    """Gates of adding up the lowest column, and of the cheaper way from there on."""
    columns = (threshold - 1).bit_length()
    if columns == 0:
        return max(0, sum(literals) - 1)
    count, one = literals[0], ((1 << columns) - threshold) & 1
    if count < 2:
        gates = 0
    elif count % 2 == 0:
        gates = 7 * (count - 2) // 2 + 1
    else:
        gates = 7 * (count - 3) // 2 + 4
    rest = literals[1:] or (0,)
    return gates + gates_of_threshold((rest[0] + (count + one) // 2, *rest[1:]), (threshold + 1) // 2)


@cache
def _unary_gates(literals: tuple[int, ...], threshold: int) -> int:
    trial = Builder()
    names = [[trial.input(f"{k}.{i}") for i in range(count)] for k, count in enumerate(literals)]
    heavy = [(x, 1 << k) for k, column in enumerate(names) if k for x in column]
    trial.output("", at_least(trial, names[0], heavy, threshold))
    aig = trial.build()
    return int(reachable(aig, aig.roots)[aig.first_and :].sum())


def at_least(builder: Builder, units: list[int], heavy: list[tuple[int, int]], threshold: int) -> int:
    """The literal ``Σ units + Σ weight · literal >= threshold`` over the pairs (literal, weight) of ``heavy``.

    The units are sorted in two halves by odd-even merging (Batcher 1968). Only what is needed is built for the
    last merge, where each sum of the two halves is an OR of products, and for the heavy literals.
    """
    half = len(units) // 2
    left, right = _sorted(builder, units[:half]), _sorted(builder, units[half:])

    @cache
    def reached(count: int, target: int) -> int:
        """Whether the units and the first ``count`` heavy literals reach a target."""
        if target <= 0:
            return TRUE
        if target > len(units) + sum(weight for _, weight in heavy[:count]):
            return FALSE
        if count:
            literal, weight = heavy[count - 1]
            product = builder.and_(literal, reached(count - 1, target - weight))
            return int(builder.or_(reached(count - 1, target), product))
        result = FALSE
        for i in range(max(0, target - len(right)), min(target, len(left)) + 1):
            j = target - i
            term = builder.and_(left[i - 1] if i else TRUE, right[j - 1] if j else TRUE)
            result = builder.or_(result, term)
        return result

    return reached(len(heavy), threshold)


def _sorted(builder: Builder, literals: list[int]) -> list[int]:
    """The literals in falling order: entry ``i`` says whether more than ``i`` are true."""
    if len(literals) < 2:
        return literals
    half = len(literals) // 2
    return _merged(builder, _sorted(builder, literals[:half]), _sorted(builder, literals[half:]))


def _merged(builder: Builder, a: list[int], b: list[int]) -> list[int]:
    """Two falling lists as one."""
    if not a or not b:
        return a or b
    if len(a) == len(b) == 1:
        return [builder.or_(a[0], b[0]), builder.and_(a[0], b[0])]
    odd, even = _merged(builder, a[0::2], b[0::2]), _merged(builder, a[1::2], b[1::2])
    merged = odd[:1]
    for low, high in zip(odd[1:], even, strict=False):
        merged += [builder.or_(low, high), builder.and_(low, high)]
    return merged + odd[1 + len(even) :] + even[max(len(odd) - 1, 0) :]
