"""The index of the best score: the largest, by integer part, then by fraction, then the lowest index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trilc.aig import FALSE, TRUE, Builder
from trilc.prove.specification.linear import Linear

Order = list[tuple[int, int]]


@dataclass(frozen=True)
class Contest:
    """Words whose largest, the first among equals, belongs to the best score."""

    words: list[Linear]
    """In the order in which ties are broken; from 0 to below 2^columns, whatever their literals are."""
    indices: list[int]
    columns: int


def plain(scores: list[Linear], fractions: list[int]) -> Contest:
    """The scores themselves, above their least value."""
    low = min(score.low for score in scores)
    order = sorted(range(len(scores)), key=lambda o: (-fractions[o], o))
    words = [scores[o] - Linear(low) for o in order]
    return Contest(words, order, max(word.high for word in words).bit_length())


def claimed(
    scores: list[Linear],
    fractions: list[int],
    words: dict[int, Linear],
    columns: int,
    beaten: Mapping[int, NDArray[np.int64]],
) -> Contest | None:
    """A contest of such words of some scores, if it can be seen to have the same winner.

    The words of scores must be what these have less one form that all have in common, divided by one number;
    remainders break ties. A score without a word must be never the best, as ``beaten`` says: at all bits it must be
    behind the rivals on the whole, each as often as it counts there.
    """
    if not words or any(word.low < 0 or word.high >= 1 << columns for word in words.values()):
        return None
    unit = _unit(scores, words)
    common = {o: scores[o] - word.times(unit) for o, word in words.items()}
    first = next(iter(common.values()))
    if any(form.weights != first.weights for form in common.values()):
        return None
    least = min(form.constant for form in common.values())
    remainders = {o: form.constant - least for o, form in common.items()}
    if max(remainders.values()) >= unit:
        return None
    for o in range(len(scores)):
        if o not in words and not (o in beaten and _is_behind(o, beaten[o].tolist(), scores, fractions)):
            return None
    order = sorted(words, key=lambda o: (-remainders[o], -fractions[o], o))
    return Contest([words[o] for o in order], order, columns)


def winner(builder: Builder, bits: list[list[int]], indices: list[int], width: int) -> list[int]:
    """The bits of the index of the largest word, of ``bits`` lowest first: the first of those among equals.

    From the top bit down a word stays in where it has the bit, or none that is in has it.
    """
    alive = [TRUE] * len(bits)
    for column in reversed(range(len(bits[0]))):
        having = [builder.and_(alive[k], word[column]) for k, word in enumerate(bits)]
        none = _any(builder, having) ^ 1
        alive = [builder.or_(having[k], builder.and_(alive[k], none)) for k in range(len(bits))]
    words = [[TRUE if index >> j & 1 else FALSE for j in range(width)] for index in indices]
    while len(words) > 1:
        for k in range(len(words) // 2):
            here, there = words[2 * k], words[2 * k + 1]
            words[k] = [int(builder.mux(alive[2 * k], x, y)) for x, y in zip(here, there, strict=True)]
            alive[k] = builder.or_(alive[2 * k], alive[2 * k + 1])
        odd = len(words) % 2
        words = words[: len(words) // 2] + words[len(words) - odd :]
        alive = alive[: len(alive) // 2] + alive[len(alive) - odd :]
    return words[0]


def _any(builder: Builder, literals: list[int]) -> int:
    while len(literals) > 1:
        pairs = zip(literals[::2], literals[1::2], strict=False)
        literals = [builder.or_(a, b) for a, b in pairs] + (literals[-1:] if len(literals) % 2 else [])
    return literals[0]


def _unit(scores: list[Linear], words: dict[int, Linear]) -> int:
    """What the words' differences are to be multiplied by, seen at the first that is not zero."""
    first, *others = words
    for other in others:
        difference = (words[other] - words[first]).weights
        if difference:
            literal, weight = next(iter(difference.items()))
            gap = (scores[other] - scores[first]).weights.get(literal, 0)
            return max(1, gap // weight)
    return 1


def _is_behind(o: int, rivals: list[int], scores: list[Linear], fractions: list[int]) -> bool:
    """Whether a score never leads its rivals on the whole, so that at all bits one of them leads it.

    Places among equals count as less than one together, so that no lead is 0.
    """
    if rivals[o] or min(rivals) < 0 or not any(rivals):
        return False
    order = sorted(range(len(scores)), key=lambda p: (fractions[p], -p))
    place = {p: k for k, p in enumerate(order)}
    lead = Linear()
    for p, often in enumerate(rivals):
        ahead = scores[p].times(len(scores)) - scores[o].times(len(scores)) - Linear(place[o] - place[p])
        lead = lead - ahead.times(often)
    return lead.high <= 0
