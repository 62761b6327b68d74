"""Scores that are never the best, whatever the bits are: some mixture of the others is always ahead.

Think of a game: the score picks bits, its rivals one of themselves, and the score wants to lead. Where the rivals have
a mixed strategy that leaves it behind at all bits, it is never the best. Fictitious play (Brown 1951; Robinson 1951),
each side in turn picking its best answer to all that the other has picked so far, finds that strategy, or happens upon
bits with which the score is the best.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

MOST_ROUNDS = 1 << 10
MOST_WORK = 1 << 32
"""Weights that may be looked at in one round for every score."""


def beaten(weights: Integers, added: Integers, ranks: Integers) -> dict[int, Integers]:
    """The scores that are never the best, each with how often (O,) every rival counts in a mixture that is ahead.

    Scores are ``weights`` (O, H) times bits and ``added`` (O,); equal ones go by ``ranks`` (O,), the largest first, and
    then by their index, the first first. A score that is not decided in :data:`MOST_ROUNDS` rounds is left out.
    """
    scores = len(weights)
    if weights.size * scores > MOST_WORK:
        return {}
    peak = max((int(np.abs(row).sum()) + abs(int(b)) for row, b in zip(weights, added, strict=True)), default=0)
    rounds = min(MOST_ROUNDS, (1 << 61) // (scores * (2 * peak + 1) or 1))
    place = np.empty(scores, np.int64)
    place[np.lexsort((-np.arange(scores), ranks))] = np.arange(scores)
    mixtures = ((o, _mixture(scores * weights, scores * added + place, o, rounds)) for o in range(scores))
    return {o: mixture for o, mixture in mixtures if mixture is not None}


def _mixture(weights: Integers, added: Integers, o: int, rounds: int) -> Integers | None:
    """How often every rival counts; None where the score can be best, or rounds run out. No scores are ever equal."""
    chosen = np.zeros(len(weights), np.int64)
    bits = weights[o] > 0
    for _ in range(rounds):
        winner = int(np.argmax(weights[:, bits].sum(1) + added))
        if winner == o:
            return None
        chosen[winner] += 1
        lead, constant = chosen.sum() * weights[o] - chosen @ weights, chosen.sum() * added[o] - chosen @ added
        bits = lead > 0
        if lead[bits].sum() + constant <= 0:
            return chosen
    return None
