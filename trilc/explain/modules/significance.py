"""Whether a modularity means something: against weights that are shuffled at the same density."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trilc.explain.modules.structure import communities, modularity

TRADES = 10
"""Trades for every bit, on average, in a shuffle."""


@dataclass(frozen=True)
class Significance:
    """A modularity beside those of shuffled weights."""

    modularity: float
    shuffled: tuple[float, ...]
    """Of each shuffle, with communities of its own."""
    z: float | None
    """Standard deviations above their mean; None where they do not vary."""
    p: float
    """(1 + shuffles that are as modular) ÷ (1 + shuffles)."""


def significance(depends: NDArray[np.bool_], shuffles: int, seed: int = 0) -> Significance:
    """Compare communities with those of ``shuffles`` graphs drawn at random, in which every bit keeps how many bits it
    reads and how many read it.
    """
    own = modularity(depends, communities(depends, seed))
    rng = np.random.default_rng(seed)
    others = []
    for _ in range(shuffles):
        other = shuffled(depends, rng)
        others.append(modularity(other, communities(other, seed)))
    spread = float(np.std(others, ddof=1)) if shuffles > 1 else 0.0
    z = (own - float(np.mean(others))) / spread if spread > 0 else None
    return Significance(own, tuple(others), z, (1 + sum(q >= own for q in others)) / (1 + shuffles))


def shuffled(depends: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.bool_]:
    """The same graph with its edges shuffled, all in- and out-degrees kept, the diagonal as it is.

    Trades between two rows at a time (the Curveball algorithm: Strona et al. 2014). Rows keep how many weights they
    have, so thresholds keep their meaning: shuffling dependences is shuffling the weights that matter.
    """
    result = depends.copy()
    for a, b in rng.integers(0, len(result), (TRADES * len(result), 2)).tolist():
        if a == b:
            continue
        differ = np.flatnonzero(result[a] ^ result[b])
        differ = differ[(differ != a) & (differ != b)]
        dealt = np.zeros(len(differ), np.bool_)
        dealt[rng.permutation(len(differ))[: int(result[a, differ].sum())]] = True
        result[a, differ], result[b, differ] = dealt, ~dealt
    return result
